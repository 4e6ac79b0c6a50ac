import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { NOBODY } from '../http/support.ts';
import { startServer } from '../support/server.ts';
import { makeDesk } from './import-support.ts';

describe('muster imports', async () => {
  const desk = makeDesk(await startServer());
  const { muster, write, importJson, contacts, list, pathOf } = desk;
  const file = write('contacts.csv', 'number,first_name\n+12025550150,Ana\nnobody,Bea\n');
  const first = (await importJson(file, '--audience', 'One', '--create')).found;
  const tried = (await importJson(file, '--audience', 'One', '--dry-run')).found;
  const other = (await importJson(file, '--audience', 'Two', '--create')).found;

  it('list: newest first, of all audiences or of one', async () => {
    const ids = async (...args: string[]) => (await list('imports', 'list', ...args)).map(({ id }) => id);
    assert.deepEqual(await ids(), [other.id, tried.id, first.id]);
    assert.deepEqual(await ids('--audience', 'one'), [tried.id, first.id]);
    assert.deepEqual(await ids('--limit', '1'), [other.id]);
    const { stdout, stderr } = await muster(['imports', 'list', '--limit', '2', '--table']);
    assert.match(stdout, /^ID +NAME +STATUS +ROWS +CREATED +UPDATED +REFUSED +MADE\n/);
    assert.match(stdout, /contacts\.csv +completed +2 +1 +0 +1 .*\n.* tried /);
    assert.equal(stderr, '2 of 3 imports: --limit N or --all shows more\n');
  });

  it('show: what became of the rows, as the import itself said it; --refused writes them', async () => {
    const { code, stdout } = await muster(['imports', 'show', first.id]);
    assert.equal(code, 0);
    assert.match(stdout, /created +1\n/);
    assert.match(stdout, /line 3: "nobody" Letters/);
    const [shown] = await list('imports', 'show', first.id, '--refused', pathOf('refused.csv'));
    assert.deepEqual(shown.first_refused, first.first_refused);
    assert.match(readFileSync(pathOf('refused.csv'), 'utf8'), /\r\nnobody,Bea,Letters/);
  });

  it('run: a dry run in earnest, with the same file; only once', async () => {
    const dry = await muster(['import', write('more.csv', 'number\n+12025550151\n'), '--audience', 'One', '--dry-run']);
    const [, id = ''] = /to run it: +muster imports run ([-0-9a-f]{36})/.exec(dry.stdout) ?? [];
    assert.equal((await contacts('One')).length, 1);
    const { code, stdout } = await muster(['imports', 'run', id]);
    assert.equal(code, 0);
    assert.match(stdout, /created +1\n/);
    assert.equal((await contacts('One')).length, 2);
    const again = await muster(['imports', 'run', id]);
    assert.deepEqual([again.code, again.stdout], [1, '']);
    assert.match(again.stderr, /^muster: Only a dry run that is completed can be run \(9022\)\n$/);
  });

  it('cancel: of what is over it says so', async () => {
    const { code, stderr } = await muster(['imports', 'cancel', first.id]);
    assert.equal(code, 1);
    assert.match(stderr, /^muster: The import is completed: there is nothing to cancel \(9022\)\n$/);
  });

  for (const command of [
    ['import', '--undo'],
    ['imports', 'undo'],
  ]) {
    it(`${command.join(' ')}: takes back what an import changed, and leaves what was changed since`, async () => {
      const into = command.join(' ').replaceAll('-', '');
      await importJson(
        write('before.csv', 'number,first_name\n+12025550150,Old\n+12025550151,Old\n'),
        '--audience',
        into,
        '--create',
      );
      const text = 'number,first_name\n+12025550150,New\n+12025550151,New\n+12025550152,New\n';
      const { found } = await importJson(write('new.csv', text), '--audience', into);
      await importJson(write('since.csv', 'number,first_name\n+12025550151,Since\n'), '--audience', into);
      const { code, stdout } = await muster([...command, found.id]);
      assert.deepEqual(
        [code, stdout],
        [0, 'Undone     1 contact deleted, 1 restored, 1 left alone: they were changed after the import\n'],
      );
      assert.deepEqual(
        (await contacts(into)).map(({ first_name }) => first_name),
        ['Old', 'Since'],
      );
      const again = await muster([...command, found.id]);
      assert.deepEqual([again.code, again.stdout], [1, '']);
      assert.match(again.stderr, /^muster: The import is undone already \(9022\)\n$/);
      const [shown] = await list('imports', 'show', found.id);
      assert.deepEqual([shown.status, shown.undo], ['undone', { deleted: 1, restored: 1, left_alone: 1 }]);
    });
  }

  it('--undo --json: the import as the API gives it', async () => {
    const [{ status, undo }] = await list('import', '--undo', other.id);
    assert.deepEqual([status, undo], ['undone', { deleted: 1, restored: 0, left_alone: 0 }]);
  });

  const WRONG: [args: string[], says: RegExp][] = [
    [['imports', 'show', 'first'], /^muster: 'first' is no import id: muster imports list shows them\n$/],
    [['imports', 'cancel', NOBODY], /^muster: there is no import 0{8}-.*: see muster imports list\n$/],
    [['import', '--undo', NOBODY], /^muster: there is no import/],
    [['imports', 'list', '--audience', 'Nobody'], /^muster: there is no audience 'Nobody'/],
    [['imports', 'list', '--limit', '0'], /^muster: --limit is '0'/],
  ];
  for (const [args, says] of WRONG) {
    it(`exit code 1: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await muster(args);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
    });
  }

  it('an import is gone with its audience, and so are its refused rows', async () => {
    const { found } = await importJson(write('gone.csv', 'number\nnobody\n'), '--audience', 'Gone', '--create');
    const { id } = await desk.audience('Gone');
    const headers = { 'x-dexatel-key': desk.server.key };
    await fetch(`${desk.server.url}/v1/audiences/${id}`, { method: 'DELETE', headers });
    const { code, stderr } = await muster(['imports', 'show', found.id, '--refused', pathOf('gone-refused.csv')]);
    assert.equal(code, 1);
    assert.match(stderr, /there is no import/);
    assert.equal(existsSync(pathOf('gone-refused.csv')), false);
  });
});
