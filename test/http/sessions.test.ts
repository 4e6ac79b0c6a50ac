/** Signing in to the console: what a browser with a cookie may do, and what others may not make it do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  type Loose,
  makeAudience,
  makeClient,
  nextSecond,
  refused,
  type Send,
  succeeded,
} from './support.ts';

const server = await startServer({ env: { RATE_LIMIT: '0' } });
const owner = makeClient(server);
const stranger = makeClient(server, null);
const JSON_TYPE = { 'content-type': 'application/json' };

const makeKey = async (...args: string[]) =>
  (await server.muster('keys', 'create', '--account', 'default', ...args)).trim();
const keyCalled = async (name: string): Promise<Loose> =>
  (await server.muster('keys', 'list', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find((key) => key.name === name);

function signIn(key: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return stranger.send('POST', '/console/session', {
    body: JSON.stringify({ data: { key } }),
    headers: { ...JSON_TYPE, ...headers },
  });
}

/** The cookie of an answer, as a browser sends it back. */
function cookieOf(answer: Answer): string {
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

/** A browser that has signed in. */
async function browse(key = server.key) {
  const answer = await signIn(key);
  const { csrf_token } = succeeded(answer);
  const cookie = cookieOf(answer);
  const ask = (method: string, path: string, { body, headers = {} }: Send = {}) =>
    stranger.send(method, path, { body, headers: { cookie, ...headers } });
  return {
    cookie,
    csrf: csrf_token as string,
    ask,
    get: (path: string) => ask('GET', path),
    /** A write as the console's own pages make it. */
    write: (method: string, path: string, data?: unknown) =>
      ask(method, path, {
        body: data === undefined ? undefined : JSON.stringify({ data }),
        headers: { ...(data !== undefined && JSON_TYPE), 'x-muster-csrf': csrf_token },
      }),
  };
}

const AUDIENCE = () => ({ name: `Made by ${Math.random().toString(36).slice(2)}`, channel: 'SMS' });

describe('signing in', () => {
  it('gives a cookie that no script reads and no other site sends, and tells who one is', async () => {
    const answer = await signIn(server.key);
    assert.equal(answer.status, 200);
    const key = await keyCalled('first key');
    assert.deepEqual(answer.data, {
      account: { id: key.account_id, name: 'default' },
      key: { id: key.id, name: 'first key', prefix: key.prefix, scope: 'write', expire_date: null },
      csrf_token: answer.data.csrf_token,
    });
    assert.match(answer.data.csrf_token, /^[\w-]{43}$/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const [pair, ...attributes] = answer.headers.get('set-cookie')!.split('; ');
    assert.match(pair!, /^muster_session=[\w-]{43}$/);
    assert.deepEqual(attributes, ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${14 * 24 * 3600}`]);
    assert.ok(!answer.text.includes(pair!.split('=')[1]!), 'the token is in the cookie alone');
  });

  it('GET tells the same again, and keeps the cookie alive', async () => {
    const { cookie, csrf, get } = await browse();
    const answer = await get('/console/session');
    assert.equal(answer.status, 200);
    assert.equal(answer.data.csrf_token, csrf);
    assert.equal(cookieOf(answer), cookie);
  });

  it('takes a key with spaces around it, as it is pasted', async () => {
    succeeded(await signIn(` ${server.key}\n`));
  });

  const WRONG: [what: string, body: unknown, status: number, code: number][] = [
    ['a wrong key', { data: { key: 'muster_wrong-wrong-wrong' } }, 401, 9001],
    ['an empty key', { data: { key: '' } }, 401, 9001],
    ['no key', { data: {} }, 400, 9013],
    ['a key that is no text', { data: { key: 7 } }, 400, 9013],
    ['no data', {}, 400, 1007],
    ['no object', { data: 'key' }, 400, 9013],
  ];
  for (const [what, body, status, code] of WRONG) {
    it(`${what}: ${code}, and no cookie`, async () => {
      const answer = await stranger.send('POST', '/console/session', {
        body: JSON.stringify(body),
        headers: JSON_TYPE,
      });
      refused(answer, code);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('set-cookie'), null);
    });
  }

  it('what is no JSON: 1005, 9005, 9006', async () => {
    const send = (body: string, type = 'application/json') =>
      stranger.send('POST', '/console/session', { body, headers: { 'content-type': type } });
    refused(await send('{"data"'), 1005);
    refused(await send('key=x', 'application/x-www-form-urlencoded'), 9005);
    refused(await send(`{"data":{"key":"${'x'.repeat(20_000)}"}}`), 9006);
  });

  it('an expired key does not sign in', async () => {
    const key = await makeKey('--name', 'over');
    const { id } = await keyCalled('over');
    await server.muster('keys', 'rotate', id, '--keep', '0m');
    refused(await signIn(key), 9001);
  });

  it('from a page of another site: 9007, in any browser of today', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const answer = await signIn(server.key, { 'sec-fetch-site': site });
      refused(answer, 9007);
      assert.equal(answer.headers.get('set-cookie'), null);
    }
    succeeded(await signIn(server.key, { 'sec-fetch-site': 'same-origin' }));
  });

  it('again in the same browser: another session, and the one before is over', async () => {
    const before = await browse();
    const answer = await signIn(server.key, { cookie: before.cookie });
    assert.notEqual(cookieOf(answer), before.cookie);
    refused(await before.get('/v1/audiences'), 9001);
  });

  it('with a token that somebody else has put there: it does not become a session', async () => {
    const cookie = `muster_session=${'A'.repeat(43)}`;
    const answer = await signIn(server.key, { cookie });
    assert.notEqual(cookieOf(answer), cookie);
    refused(await stranger.send('GET', '/v1/audiences', { headers: { cookie } }), 9001);
  });

  it('a wrong key is answered late; when many are tried at once the rest are told to wait, and a good one comes in afterwards', async () => {
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 80 }, (_, n) => signIn(`muster_guess-number-${n}`)));
    assert.ok(performance.now() - began >= 999);
    const late = answers.filter(({ status }) => status === 429);
    assert.ok(late.length >= 20, `${late.length} were told to wait`);
    for (const answer of late) {
      refused(answer, 9008);
      assert.equal(answer.headers.get('retry-after'), '1');
    }
    assert.equal(answers.filter(({ status }) => status === 401).length, 80 - late.length);
    succeeded(await signIn(server.key));
  });
});

describe('a session', () => {
  it('reads and writes as its key does', async () => {
    const browser = await browse();
    const { id } = succeeded(await browser.write('POST', '/v1/audiences', AUDIENCE()));
    const path = `/v1/audiences/${id}`;
    const contact = succeeded(await browser.write('POST', `${path}/contacts`, { number: '12025550150' }));
    succeeded(await browser.write('PUT', `${path}/contacts/${contact.id}`, { first_name: 'Ana' }));
    assert.equal((await browser.get(`${path}/contacts`)).data[0].first_name, 'Ana');
    assert.equal((await browser.write('DELETE', `${path}/contacts/${contact.id}`)).status, 204);
    assert.equal((await browser.write('DELETE', path)).status, 204);
  });

  it('uploads a file', async () => {
    const browser = await browse();
    const { path } = await makeAudience(owner);
    const send = (headers: Record<string, string>) =>
      browser.ask('POST', `${path}/imports`, {
        body: 'number\n12025550150\n',
        headers: { 'content-type': 'text/csv', ...headers },
      });
    refused(await send({}), 9007);
    assert.equal((await send({ 'x-muster-csrf': browser.csrf })).status, 202);
  });

  it('of a read key may not write', async () => {
    const browser = await browse(await makeKey('--scope', 'read'));
    assert.equal((await browser.get('/console/session')).data.key.scope, 'read');
    assert.equal((await browser.get('/v1/audiences')).status, 200);
    refused(await browser.write('POST', '/v1/audiences', AUDIENCE()), 9002);
  });

  for (const [what, headers] of [
    ['no CSRF token', () => ({})],
    ['an empty one', () => ({ 'x-muster-csrf': '' })],
    ['a wrong one', () => ({ 'x-muster-csrf': 'A'.repeat(43) })],
    ['one that is the cookie', ({ cookie }) => ({ 'x-muster-csrf': cookie.split('=')[1]! })],
    ['one with a letter more', ({ csrf }) => ({ 'x-muster-csrf': `${csrf}A` })],
  ] as [string, (browser: { cookie: string; csrf: string }) => Record<string, string>][]) {
    it(`writes nothing with ${what}: 9007`, async () => {
      const browser = await browse();
      const { id, path } = await makeAudience(owner);
      const body = JSON.stringify({ data: AUDIENCE() });
      for (const [method, to] of [
        ['POST', '/v1/audiences'],
        ['PUT', path],
        ['DELETE', path],
      ]) {
        const answer = await browser.ask(method!, to!, {
          ...(method !== 'DELETE' && { body }),
          headers: { ...JSON_TYPE, ...headers(browser) },
        });
        assert.equal(answer.status, 403);
        refused(answer, 9007);
      }
      assert.equal((await owner.get(path)).data.id, id);
    });
  }

  it("does not write with another session's CSRF token", async () => {
    const [one, other] = [await browse(), await browse()];
    assert.notEqual(one.csrf, other.csrf);
    const headers = { ...JSON_TYPE, 'x-muster-csrf': other.csrf };
    refused(await one.ask('POST', '/v1/audiences', { body: JSON.stringify({ data: AUDIENCE() }), headers }), 9007);
  });

  it('needs no CSRF token where a key is sent as well, for the key wins; a wrong key is refused all the same', async () => {
    const reader = await browse(await makeKey('--scope', 'read'));
    const send = (key: string) =>
      reader.ask('POST', '/v1/audiences', {
        body: JSON.stringify({ data: AUDIENCE() }),
        headers: { ...JSON_TYPE, 'x-dexatel-key': key },
      });
    succeeded(await send(server.key));
    refused(await send('wrong-key-wrong-key'), 9001);
  });

  it('sees its own account alone, however often both ask the same', async () => {
    await server.muster('accounts', 'create', 'Others');
    const theirs = await browse(await makeKey('--account', 'Others'));
    const ours = await browse();
    const { path } = await makeAudience(owner);
    for (let time = 0; time < 4; time++) {
      assert.equal((await ours.get(path)).status, 200);
      refused(await theirs.get(path), 1301);
      assert.equal((await theirs.get('/v1/audiences')).body.pagination.total, 0);
      assert.notEqual((await ours.get('/v1/audiences')).body.pagination.total, 0);
    }
  });

  it('is read out of a header with other cookies, and out of no other', async () => {
    const { cookie } = await browse();
    const get = (text: string) => stranger.send('GET', '/v1/audiences', { headers: { cookie: text } });
    for (const good of [
      `a=b; ${cookie}`,
      `${cookie};x=y`,
      `theme="dark";  ${cookie} ; c`,
      `muster_session=; ${cookie}`,
    ]) {
      assert.equal((await get(good)).status, 200, good);
    }
    for (const bad of [
      cookie.replace('muster', 'Muster'),
      `x${cookie}`,
      cookie.slice(0, -1),
      `${cookie}x`,
      'muster_session',
    ]) {
      refused(await get(bad), 9001);
    }
    const [, token] = cookie.split('=');
    refused(await makeClient(server, token!).get('/v1/audiences'), 9001);
  });

  it('notes the use of its key', async () => {
    const browser = await browse(await makeKey('--name', 'browsed'));
    await browser.get('/v1/audiences');
    assert.match((await keyCalled('browsed')).last_use_date, /^\d{4}/);
  });
});

describe('the end of a session', () => {
  it('signing out ends it, and takes the cookie away', async () => {
    const browser = await browse();
    refused(await browser.ask('DELETE', '/console/session'), 9007);
    assert.equal((await browser.get('/v1/audiences')).status, 200);
    const answer = await browser.write('DELETE', '/console/session');
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get('set-cookie')!, /^muster_session=; .*Max-Age=0/);
    refused(await browser.get('/v1/audiences'), 9001);
    refused(await browser.get('/console/session'), 9001);
    assert.equal((await browser.write('DELETE', '/console/session')).status, 204, 'it is over already');
  });

  it('signing out in one browser leaves the others signed in', async () => {
    const [one, other] = [await browse(), await browse()];
    await one.write('DELETE', '/console/session');
    assert.equal((await other.get('/console/session')).status, 200);
  });

  it('comes with the end of its key, however often the same was asked before', async () => {
    const browser = await browse(await makeKey('--name', 'revoked'));
    for (let time = 0; time < 4; time++) assert.equal((await browser.get('/v1/audiences')).status, 200);
    await server.muster('keys', 'revoke', (await keyCalled('revoked')).id);
    refused(await browser.get('/v1/audiences'), 9001);
    refused(await browser.get('/console/session'), 9001);
  });

  it('comes when its key expires', async () => {
    const browser = await browse(await makeKey('--name', 'expiring'));
    await server.muster('keys', 'rotate', (await keyCalled('expiring')).id, '--keep', '1h');
    assert.equal((await browser.get('/v1/audiences')).status, 200);
    // The key made by the rotation has the same name; the older one is listed first.
    await server.muster('keys', 'rotate', (await keyCalled('expiring')).id, '--keep', '0m');
    refused(await browser.get('/v1/audiences'), 9001);
  });

  it('comes when it was not used for long; a use moves it', {
    skip: process.env.TEST_STORES === 'postgres',
  }, async () => {
    const [idle, used] = [await browse(), await browse()];
    const db = new DatabaseSync(join(server.directory, 'muster.db'), { timeout: 5000 });
    const soon = new Date(Date.now() + 1000).toISOString().slice(0, 19).replace('T', ' ');
    db.prepare("UPDATE sessions SET expire_date = ?, last_use_date = '2026-01-01 00:00:00'").run(soon);
    const ends = () => db.prepare('SELECT expire_date FROM sessions ORDER BY no DESC LIMIT 2').all() as Loose[];
    await used.get('/v1/audiences');
    while (ends()[0].expire_date === soon) await nextSecond();
    const inTwoWeeks = Date.parse(`${ends()[0].expire_date.replace(' ', 'T')}Z`) - Date.now();
    assert.ok(Math.abs(inTwoWeeks - 14 * 24 * 3_600_000) < 60_000);
    for (let second = 0; second < 3; second++) await nextSecond();
    refused(await idle.get('/v1/audiences'), 9001);
    assert.equal((await used.get('/v1/audiences')).status, 200);
    db.close();
  });

  it('is not brought about by a restart', async () => {
    const other = await startServer();
    const answer = await makeClient(other, null).send('POST', '/console/session', {
      body: JSON.stringify({ data: { key: other.key } }),
      headers: JSON_TYPE,
    });
    await other.kill();
    await other.restart();
    const again = await makeClient(other, null).send('GET', '/console/session', {
      headers: { cookie: cookieOf(answer) },
    });
    assert.deepEqual(again.data, answer.data);
    await other.stop();
  });
});

describe('a link that signs in', () => {
  const follow = (link: string, method = 'GET', headers: Record<string, string> = {}) =>
    fetch(link, { method, redirect: 'manual', headers });
  const makeLink = async (...args: string[]) =>
    (await server.muster('console', '--account', 'default', '--url', server.url, ...args)).trim();

  it('does so once, and leads to the console', async () => {
    const link = await makeLink();
    assert.ok(link.startsWith(`${server.url}/console/sign-in?token=`));
    const answer = await follow(link);
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/']);
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const session = await stranger.send('GET', '/console/session', { headers: { cookie } });
    assert.equal(session.data.key.name, 'first key');

    const again = await follow(link);
    assert.deepEqual([again.status, again.headers.get('location')], [303, '/?sign-in=expired']);
    assert.equal(again.headers.get('set-cookie'), null);
  });

  it('is not used up by those who only look, and ends the session there was', async () => {
    const link = await makeLink();
    assert.equal((await follow(link, 'HEAD')).status, 404);
    const before = await browse();
    assert.equal((await follow(link, 'GET', { cookie: before.cookie })).headers.get('location'), '/');
    refused(await before.get('/v1/audiences'), 9001);
  });

  it('of a key that was named, or the best there is', async () => {
    const secret = await makeKey('--name', 'for the link', '--scope', 'read');
    const answer = await follow(await makeLink('--key', secret.slice(0, 12)));
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const session = await stranger.send('GET', '/console/session', { headers: { cookie } });
    assert.deepEqual([session.data.key.name, session.data.key.scope], ['for the link', 'read']);
  });

  for (const query of ['', '?token=', '?token=x', '?token=x&token=y', '?link=x', '?token[]=x']) {
    it(`'${query}' signs nobody in`, async () => {
      const answer = await follow(`${server.url}/console/sign-in${query}`);
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/?sign-in=expired']);
      assert.equal(answer.headers.get('set-cookie'), null);
    });
  }
});

describe('where browsers come by HTTPS', () => {
  it('the cookie goes over HTTPS alone, and to this host alone', async () => {
    const secure = await startServer({ env: { PUBLIC_URL: 'https://contacts.example.com' } });
    const guest = makeClient(secure, null);
    const answer = await guest.send('POST', '/console/session', {
      body: JSON.stringify({ data: { key: secure.key } }),
      headers: JSON_TYPE,
    });
    const [pair, ...attributes] = answer.headers.get('set-cookie')!.split('; ');
    assert.match(pair!, /^__Host-muster_session=[\w-]{43}$/);
    assert.ok(attributes.includes('Secure') && attributes.includes('Path=/'));
    assert.equal((await guest.send('GET', '/v1/audiences', { headers: { cookie: pair! } })).status, 200);
    const plain = pair!.replace('__Host-', '');
    refused(await guest.send('GET', '/v1/audiences', { headers: { cookie: plain } }), 9001);
    const link = (await secure.muster('console', '--url', 'https://contacts.example.com/')).trim();
    assert.match(link, /^https:\/\/contacts\.example\.com\/console\/sign-in\?token=/);
    await secure.stop();
  });
});
