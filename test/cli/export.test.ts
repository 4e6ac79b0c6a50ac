import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fill, makeAudience, makeClient, numberOf } from '../http/support.ts';
import { environmentOf, runMuster } from '../support/command-line.ts';
import { until } from '../support/contacts.ts';
import { makeDirectory } from '../support/directory.ts';
import { startServer } from '../support/server.ts';

describe('muster export', async () => {
  const server = await startServer();
  const client = makeClient(server);
  const env = environmentOf(server);
  const directory = makeDirectory();
  const inDirectory = (name: string) => join(directory, name);
  const { id } = await makeAudience(client, [
    { number: '12025550100', first_name: 'Ana', last_name: '=1\n2' },
    { number: '12025550101', first_name: 'Eva', tags: ['"quoted"\r\n'] },
    { number: '12025550102', first_name: 'Anaïs' },
  ]);
  const muster = (...args: string[]) => runMuster(['export', id, ...args], { env });
  const exported = async (query: string) => {
    const path = `/v1/audiences/${id}/contacts/export?${query}`;
    return (await fetch(server.url + path, { headers: { 'x-dexatel-key': server.key } })).text();
  };

  it('prints CSV, as the API sends it, and says how many', async () => {
    const { code, stdout, stderr } = await muster();
    assert.deepEqual([code, stderr], [0, '3 contacts\n']);
    // The mark at the beginning is taken away by what reads the text here and there.
    assert.equal(stdout.replace(/^\uFEFF/, ''), (await exported('format=csv')).replace(/^\uFEFF/, ''));
  });

  it('--search: what the search finds', async () => {
    const { code, stdout, stderr } = await muster('--search', 'ana', '--format', 'ndjson');
    assert.deepEqual([code, stderr], [0, '2 contacts\n']);
    assert.equal(stdout, await exported('format=ndjson&filter[search]=ana'));
  });

  const FILES: [args: string[], begin: string, said: string][] = [
    [['--output', 'a.csv'], '\uFEFFnumber,', '3 contacts in a.csv'],
    [['--output', 'a.NDJSON'], '{"id":', '3 contacts in a.NDJSON'],
    [['--output', 'a.jsonl'], '{"id":', '3 contacts in a.jsonl'],
    [['--output', 'a.xlsx'], 'PK', 'kB in a.xlsx'],
    [['--output', 'a.txt', '--format', 'ndjson'], '{"id":', '3 contacts in a.txt'],
    [['--output', 'a.csv', '--format', 'xlsx'], 'PK', 'kB in a.csv'],
  ];
  for (const [[option, name, ...more], begin, said] of FILES) {
    it([option, name, ...more].join(' '), async () => {
      const file = inDirectory(name!);
      const { code, stdout, stderr } = await muster(option!, file, ...more);
      assert.deepEqual([code, stdout], [0, '']);
      assert.ok(stderr.replace(directory, '').replace('/', '').endsWith(`${said}\n`), stderr);
      assert.ok(readFileSync(file, 'utf8').startsWith(begin));
      assert.equal(statSync(file).mode & 0o777, 0o600, 'for its owner alone');
    });
  }

  it('--output - is standard output', async () => {
    const { code, stdout } = await muster('--output', '-', '--format', 'ndjson');
    assert.deepEqual([code, stdout], [0, await exported('format=ndjson')]);
  });

  it('a newer file takes the place of an older one', async () => {
    const file = inDirectory('twice.csv');
    writeFileSync(file, 'old');
    assert.equal((await muster('--output', file)).code, 0);
    assert.match(readFileSync(file, 'utf8'), /^\uFEFFnumber,/);
  });

  it('--output to what is no file writes there', async () => {
    assert.equal((await muster('--output', '/dev/null')).code, 0);
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });

  mkdirSync(inDirectory('folder'));
  const FAILURES: [args: string[], message: RegExp][] = [
    [['nobody'], /^muster: there is no audience 'nobody': see muster audiences list\n$/],
    [[id, '--format', 'pdf'], /^muster: --format is 'pdf', but must be csv, ndjson or xlsx\n$/],
    [[id, '--search', 'a'.repeat(101)], /^muster: 'filter\[search\]' must be at most 100 characters \(9012\)\n$/],
    [[id, '--output', inDirectory('folder')], /^muster: .*folder is a directory: name a file\n$/],
    [[id, '--output', inDirectory('no/such.csv')], /^muster: .*such\.csv cannot be written \(ENOENT\)\n$/],
  ];
  for (const [args, message] of FAILURES) {
    it(`exit code 1: ${args.map((arg) => arg.replace(directory, '').slice(0, 40)).join(' ')}`, async () => {
      const { code, stdout, stderr } = await runMuster(['export', ...args], { env });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
    });
  }

  it('without an audience: wrong usage', async () => {
    assert.equal((await runMuster(['export'], { env })).code, 2);
  });

  describe('when the connection breaks', async () => {
    const large = await makeAudience(client);
    const rows = Array.from({ length: 8000 }, (_, n) => ({
      number: numberOf(n),
      tags: Array.from({ length: 10 }, () => randomBytes(24).toString('base64')),
    }));
    await fill(client, large.path, rows);

    /** A line to the server that is cut, or stands still, when so many bytes of answers have come. */
    async function lineOf(bytes: number, then: 'cut' | 'still'): Promise<{ url: string; isReached(): boolean }> {
      const { hostname, port } = new URL(server.url);
      let come = 0;
      const open = new Set<Socket>();
      const line = createServer((near) => {
        const far = connect(Number(port), hostname);
        for (const socket of [near, far]) {
          open.add(socket);
          socket
            .on('error', () => {})
            .once('close', () => {
              near.destroy();
              far.destroy();
            });
        }
        near.pipe(far);
        far.on('data', (chunk) => {
          come += chunk.length;
          if (come < bytes) near.write(chunk);
          else if (then === 'cut') near.end();
          else far.pause();
        });
      });
      await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
      after(() => {
        line.close();
        for (const socket of open) socket.destroy();
      });
      const address = line.address() as { port: number };
      return { url: `http://127.0.0.1:${address.port}`, isReached: () => come >= bytes };
    }

    for (const format of ['csv', 'ndjson', 'xlsx']) {
      it(`${format}: exit code 1, no file, and an older one as it was`, async () => {
        const { url } = await lineOf(500_000, 'cut');
        const folder = inDirectory(`cut-${format}`);
        mkdirSync(folder);
        const fresh = join(folder, `fresh.${format}`);
        const old = join(folder, `old.${format}`);
        writeFileSync(old, 'old');
        const first = await runMuster(['export', large.id, '--output', fresh, '--url', url], { env });
        assert.equal(first.code, 1);
        assert.match(
          first.stderr,
          /^muster: the server broke off after .*fresh\.\w+ was not written: the same command/,
        );
        const { url: second } = await lineOf(500_000, 'cut');
        assert.equal((await runMuster(['export', large.id, '--output', old, '--url', second], { env })).code, 1);
        assert.deepEqual(readdirSync(folder), [`old.${format}`]);
        assert.equal(readFileSync(old, 'utf8'), 'old');
      });
    }

    it('on standard output: exit code 1, and a word of it', async () => {
      const { url } = await lineOf(500_000, 'cut');
      const { code, stdout, stderr } = await runMuster(['export', large.id, '--url', url], { env });
      assert.equal(code, 1);
      assert.ok(stdout.length > 100_000);
      assert.match(stderr, /^muster: the server broke off after [\d,]+ of 8,000 contacts, what was printed is not all/);
    });

    it('Ctrl-C: exit code 130, and no file', async () => {
      const { url, isReached } = await lineOf(500_000, 'still');
      const file = inDirectory('interrupted.csv');
      const { code, stderr } = await runMuster(['export', large.id, '--output', file, '--url', url], {
        env,
        onStart: (child) => {
          until(async () => isReached() && existsSync(`${file}.partial`)).then(() => child.kill('SIGINT'));
        },
      });
      assert.equal(code, 130);
      assert.match(stderr, /interrupted: .*interrupted\.csv was not written/);
      assert.deepEqual(
        readdirSync(directory).filter((name) => name.startsWith('interrupted')),
        [],
      );
    });
  });
});
