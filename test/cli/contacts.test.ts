import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentOf, runMuster } from '../support/command-line.ts';
import { startServer } from '../support/server.ts';

describe('muster contacts and audiences', async () => {
  const server = await startServer();
  const muster = (...args: string[]) => runMuster(args, { env: environmentOf(server) });
  await muster('audiences', 'create', 'Kunden 1', '--channel', 'whatsapp');
  const rows = Array.from({ length: 1200 }, (_, index) => `+1202555${String(index).padStart(4, '0')},Ana${index},佐藤`);
  await runMuster(['import', '-', '--audience', 'kunden 1'], {
    env: environmentOf(server),
    input: `number,first_name,last_name\n${rows.join('\n')}\n+972502345678,דנה,כהן\n`,
  });
  const id: string = JSON.parse(
    (await muster('contacts', 'list', '--audience', 'Kunden 1', '--json', '--limit', '1')).stdout,
  ).id;

  it('audiences list', async () => {
    const { code, stdout } = await muster('audiences', 'list', '--table');
    assert.equal(code, 0);
    assert.match(stdout, /^ID +NAME +CHANNEL +CONTACTS +MADE\n[0-9a-f-]{36} +Kunden 1 +WHATSAPP +1,201 +20/);
  });

  it('contacts list: 50 by default, in creation order, and how many there are', async () => {
    const { code, stdout, stderr } = await muster('contacts', 'list', '--audience', 'KUNDEN 1', '--table');
    const lines = stdout.trimEnd().split('\n');
    assert.equal(code, 0);
    assert.equal(lines.length, 51);
    assert.match(lines[0]!, /^ID +NUMBER +FIRST NAME +LAST NAME +TAGS +MADE$/);
    assert.match(lines[1]!, /\+12025550000 +Ana0 +佐藤 /);
    assert.equal(stderr, '50 of 1,201 contacts: --limit N or --all shows more\n');
  });

  it('contacts list --all --json: every one once, as JSON lines, over several pages', async () => {
    const { stdout } = await muster('contacts', 'list', '--audience', 'Kunden 1', '--all', '--json');
    const numbers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).number);
    assert.deepEqual([numbers.length, new Set(numbers).size], [1201, 1201]);
  });

  it('contacts search: what the API finds', async () => {
    const { stdout, stderr } = await muster('contacts', 'search', 'ana119', '--audience', 'Kunden 1', '--json');
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).first_name);
    assert.deepEqual(names, ['Ana119', ...Array.from({ length: 10 }, (_, index) => `Ana119${index}`)]);
    assert.equal(stderr, '');
    const none = await muster('contacts', 'search', 'nobody', '--audience', 'Kunden 1', '--table');
    assert.deepEqual([none.code, none.stderr], [0, '0 of 0 contacts\n']);
  });

  it('contacts get', async () => {
    const { stdout } = await muster('contacts', 'get', id, '--audience', 'Kunden 1', '--json');
    assert.equal(JSON.parse(stdout).number, '12025550000');
    const other = await muster(
      'contacts',
      'get',
      `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`,
      '--audience',
      'Kunden 1',
    );
    assert.deepEqual([other.code, other.stderr], [1, 'muster: Contact is not found (1351)\n']);
  });

  it('right-to-left names are isolated, so that the columns stay', async () => {
    const { stdout } = await muster('contacts', 'search', 'דנה', '--audience', 'Kunden 1', '--table');
    assert.ok(stdout.includes('\u2068דנה\u2069'));
  });

  it('a reader that has seen enough is no error', async () => {
    const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const outcome = runMuster(['contacts', 'list', '--audience', 'Kunden 1', '--all', '--json'], {
        env: environmentOf(server),
        onStart: (child) => child.stdout!.once('data', () => child.stdout!.destroy()),
      });
      outcome.then(resolve, () => resolve({ code: 0, stderr: '' }));
    });
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('every command explains itself', async () => {
    const commands = ['serve', 'accounts', 'keys', 'backup', 'doctor', 'audiences', 'contacts', 'import'];
    const { code, stdout } = await muster('--help');
    assert.equal(code, 0);
    for (const command of commands) {
      assert.match(stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
      const help = await muster(command, '--help');
      assert.deepEqual([help.code, help.stderr], [0, '']);
      assert.match(help.stdout, new RegExp(`^Usage: muster ${command}`));
    }
    assert.match((await muster('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
