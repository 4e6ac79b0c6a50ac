import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDate } from '../../../src/core/dates.ts';
import type { NewSession } from '../../../src/core/store.ts';
import { NOBODY } from '../../support/contacts.ts';
import { DATE, describeStores, newKey, same, type Under, UUID } from '../../support/contract.ts';

const LATER = '2031-01-01 00:00:00';
const OVER = '2001-01-01 00:00:00';

async function makeKey({ store }: Under, expire_date: string | null = null) {
  const { id } = await store.accounts.create('Sessions');
  return store.keys.create(newKey(id, { expire_date }));
}

/** A session or link to make, with a hash unlike every other. */
function sessionOf(keyId: string, expire_date = LATER): NewSession {
  return { key_id: keyId, hash: newKey(keyId).hash, expire_date };
}

describeStores('sessions', (under) => {
  test('a session is found by its hash with its key, and by no other', async () => {
    const key = await makeKey(under);
    const asked = sessionOf(key.id);
    const session = await under.store.sessions.create(asked);
    assert.ok(session);
    const { id, create_date, last_use_date } = session;
    assert.match(id, UUID);
    assert.match(create_date, DATE);
    same(session, { id, key_id: key.id, create_date, last_use_date, expire_date: LATER });
    same(await under.store.sessions.find(asked.hash), { session, key });
    assert.equal(await under.store.sessions.find(sessionOf(key.id).hash), undefined);
    assert.equal(await under.store.sessions.find(asked.hash.subarray(0, 31)), undefined);
    assert.equal(await under.store.keys.find(asked.hash), undefined, 'it is no key');
  });

  test('a session that is over, or whose key has expired, is found all the same: who asks decides', async () => {
    const key = await makeKey(under, OVER);
    const asked = sessionOf(key.id);
    const session = await under.store.sessions.create(asked);
    await under.store.sessions.touch(session!.id, OVER);
    const found = await under.store.sessions.find(asked.hash);
    same([found?.session.expire_date, found?.key], [OVER, key]);
  });

  test('a session that is over is let go of when another one, or a link, is made', async () => {
    const key = await makeKey(under);
    const make = [
      () => under.store.sessions.create(sessionOf(key.id)),
      () => under.store.sessions.createLink(sessionOf(key.id)),
    ];
    for (const makeAnother of make) {
      const asked = sessionOf(key.id, OVER);
      await under.store.sessions.create(asked);
      assert.ok(await under.store.sessions.find(asked.hash));
      await makeAnother();
      assert.equal(await under.store.sessions.find(asked.hash), undefined);
    }
  });

  test('there is none without a key', async () => {
    const asked = sessionOf(NOBODY);
    assert.equal(await under.store.sessions.create(asked), undefined);
    assert.equal(await under.store.sessions.find(asked.hash), undefined);
    assert.equal(await under.store.sessions.createLink(sessionOf(NOBODY)), false);
  });

  test('a use is noted on the session that was used alone, and moves its end', async () => {
    const key = await makeKey(under);
    const [one, other] = [sessionOf(key.id), sessionOf(key.id)];
    const used = await under.store.sessions.create(one);
    const idle = await under.store.sessions.create(other);
    await under.store.sessions.touch(used!.id, '2032-02-02 00:00:00');
    await under.store.sessions.touch(NOBODY, LATER);
    const found = (await under.store.sessions.find(one.hash))!.session;
    same({ ...found, last_use_date: '' }, { ...used, last_use_date: '', expire_date: '2032-02-02 00:00:00' });
    assert.ok(found.last_use_date >= used!.last_use_date);
    same((await under.store.sessions.find(other.hash))!.session, idle);
  });

  test('ending one ends that one, and what is over cannot be ended again', async () => {
    const key = await makeKey(under);
    const [one, other] = [sessionOf(key.id), sessionOf(key.id)];
    await under.store.sessions.create(one);
    await under.store.sessions.create(other);
    await under.store.sessions.end(one.hash);
    await under.store.sessions.end(one.hash);
    assert.equal(await under.store.sessions.find(one.hash), undefined);
    assert.ok(await under.store.sessions.find(other.hash));
  });

  test("revoking a key ends its sessions and links, and nobody else's", async () => {
    const [key, kept] = [await makeKey(under), await makeKey(under)];
    const asked = [sessionOf(key.id), sessionOf(key.id), sessionOf(kept.id)] as const;
    for (const each of asked) await under.store.sessions.create(each);
    const link = sessionOf(key.id);
    await under.store.sessions.createLink(link);
    await under.store.keys.revoke(key.id);
    const left = await Promise.all(asked.map(({ hash }) => under.store.sessions.find(hash)));
    const owners = left.map((found) => found?.key.id);
    assert.deepEqual(owners, [undefined, undefined, kept.id]);
    assert.equal(await under.store.sessions.redeemLink(link.hash, sessionOf(key.id)), undefined);
  });

  test('a rotated key keeps its sessions for as long as it lives on', async () => {
    const key = await makeKey(under);
    const asked = sessionOf(key.id);
    await under.store.sessions.create(asked);
    await under.store.keys.rotate(key.id, newKey(key.account_id), '2030-06-01 00:00:00');
    assert.equal((await under.store.sessions.find(asked.hash))?.key.expire_date, '2030-06-01 00:00:00');
  });

  test('a link makes one session, once', async () => {
    const key = await makeKey(under);
    const link = sessionOf(key.id);
    assert.equal(await under.store.sessions.createLink(link), true);
    assert.equal(await under.store.sessions.find(link.hash), undefined, 'it is no session');
    const tries = [1, 2, 3, 4].map(() => sessionOf(key.id));
    const made = await Promise.all(tries.map((each) => under.store.sessions.redeemLink(link.hash, each)));
    const good = made.filter((session) => session !== undefined);
    assert.equal(good.length, 1, 'of several that follow it at once one comes in');
    assert.equal(good[0]!.key_id, key.id);
    const found = await Promise.all(tries.map(({ hash }) => under.store.sessions.find(hash)));
    const sessions = found.filter((each) => each !== undefined).map(({ session }) => session);
    same(sessions, good);
    assert.equal(await under.store.sessions.redeemLink(link.hash, sessionOf(key.id)), undefined);
  });

  test('a link that has expired, or that nobody made, makes none', async () => {
    const key = await makeKey(under);
    const link = sessionOf(key.id, OVER);
    await under.store.sessions.createLink(link);
    const session = sessionOf(key.id);
    assert.equal(await under.store.sessions.redeemLink(link.hash, session), undefined);
    assert.equal(await under.store.sessions.redeemLink(sessionOf(key.id).hash, session), undefined);
    assert.equal(await under.store.sessions.find(session.hash), undefined);
  });

  test('sessions live through a restart, and every process knows them', async () => {
    const key = await makeKey(under);
    const asked = sessionOf(key.id);
    const session = await under.store.sessions.create(asked);
    const beside = await under.openBeside();
    same((await beside.sessions.find(asked.hash))?.session, session);
    if (beside !== under.store) await beside.close();
    await under.reopen();
    same((await under.store.sessions.find(asked.hash))?.session, session);
    assert.ok(session!.create_date <= formatDate());
  });
});
