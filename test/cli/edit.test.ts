import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentOf } from '../support/command-line.ts';
import { startServer } from '../support/server.ts';
import { NO_TERMINAL, openMuster } from '../support/terminal.ts';
import { makeDesk } from './import-support.ts';

const FILE = `number,first_name,tags
+12025550150,Ana,old
+12025550151,Bea,"old,vip"
+447912345678,Cy,
`;

describe('muster contacts edit', async () => {
  const server = await startServer();
  const { muster, write, importJson, contacts, list } = makeDesk(server);
  const file = write('people.csv', FILE);
  let audiences = 0;

  /** An audience with Ana, Bea and Cy. */
  async function makeAudience(): Promise<string> {
    const name = `Audience ${++audiences}`;
    await importJson(file, '--audience', name, '--create');
    return name;
  }

  const edit = (audience: string, ...args: string[]) =>
    muster(['contacts', 'edit', '--audience', audience, ...args, '--json']);
  const tagsOf = async (audience: string) =>
    Object.fromEntries((await contacts(audience)).map(({ first_name, tags }) => [first_name, tags.join(' ')]));

  const EDITS: { what: string; args: string[]; left: Record<string, string>; counts: Record<string, number> }[] = [
    {
      what: 'tags for those that a search finds',
      args: ['--search', '+1 202', '--add-tags', 'vip, press,'],
      left: { Ana: 'old vip press', Bea: 'old vip press', Cy: '' },
      counts: { updated: 2, removed: 0 },
    },
    {
      what: 'tags for one that is named by its number',
      args: ['+1 (202) 555-0151', '--add-tags', 'press'],
      left: { Ana: 'old', Bea: 'old vip press', Cy: '' },
      counts: { updated: 1, removed: 0 },
    },
    {
      what: 'no tag any more for those that carry two',
      args: ['--tag', 'old', '--tag', 'vip', '--remove-tags', 'old'],
      left: { Ana: 'old', Bea: 'vip', Cy: '' },
      counts: { updated: 1, removed: 0 },
    },
    {
      what: 'all, of whom some have the tag already',
      args: ['--all', '--add-tags', 'old'],
      left: { Ana: 'old', Bea: 'old vip', Cy: 'old' },
      counts: { updated: 1, unchanged: 2 },
    },
    { what: 'deleted', args: ['--tag', 'old', '--delete', '--yes'], left: { Cy: '' }, counts: { removed: 2 } },
  ];

  for (const { what, args, left, counts } of EDITS) {
    it(`${what}; and taken back`, async () => {
      const audience = await makeAudience();
      const before = await tagsOf(audience);
      const { code, stdout, stderr } = await edit(audience, ...args);
      assert.equal(code, 0, stderr);
      const found = JSON.parse(stdout);
      for (const [fate, count] of Object.entries(counts)) assert.equal(found[fate], count, fate);
      assert.deepEqual(await tagsOf(audience), left);
      assert.equal((await muster(['imports', 'undo', found.id])).code, 0);
      assert.deepEqual(await tagsOf(audience), before);
    });
  }

  it('says what became of the contacts, and how it is taken back', async () => {
    const audience = await makeAudience();
    const { code, stdout } = await muster([...'contacts edit --all --add-tags press --audience'.split(' '), audience]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^Contacts {3}3 in .*\n +updated +3\n +unchanged +0\n +skipped +0\n +refused +0\nEdit {7}([-0-9a-f]{36})\n +to take it back: +muster imports undo \1 /,
    );
    const listed = await muster(['imports', 'list', '--audience', audience, '--table']);
    assert.match(listed.stdout, / add tags: press +completed +3 /);
  });

  it('shows who was refused: exit code 3', async () => {
    const audience = await makeAudience();
    const tags = Array.from({ length: 9 }, (_, at) => `t${at}`).join();
    const { code, stdout } = await muster(['contacts', 'edit', '--all', '--add-tags', tags, '--audience', audience]);
    assert.equal(code, 3);
    assert.match(stdout, /refused +1\n/);
    assert.match(stdout, /First refused contacts\n {2}\+12025550151 With these tags .* \(1359\)\n/);
  });

  it('--detach: the id at once', async () => {
    const audience = await makeAudience();
    const { code, stdout } = await muster([
      ...'contacts edit --all --add-tags x --detach --audience'.split(' '),
      audience,
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^[-0-9a-f]{36}\n$/);
  });

  const WRONG: [what: string, args: string[], code: number, message: RegExp][] = [
    ['no choice', ['--add-tags', 'x'], 2, /name contacts, or choose by --search and --tag, or say --all/],
    ['two choices', ['--all', '--tag', 'old', '--add-tags', 'x'], 2, /name contacts, or choose by/],
    ['no change', ['--all'], 2, /say one of --add-tags, --remove-tags and --delete/],
    ['two changes', ['--all', '--add-tags', 'x', '--delete'], 2, /say one of --add-tags/],
    ['a deletion that nobody can be asked about', ['--all', '--delete'], 2, /--yes deletes without a question/],
    ['no tag', ['--all', '--add-tags', ' '], 1, /\(9013\)/],
    ['an empty search', ['--search', '', '--delete', '--yes'], 1, /is empty, which every contact matches.* \(9013\)/],
    ['a number that nobody has', ['+12025550199', '--add-tags', 'x'], 1, /there is no contact \+12025550199/],
    ['what is neither', ['Ana', '--add-tags', 'x'], 1, /'Ana' is no contact id and no number/],
  ];

  it('what is wrong changes nothing', async () => {
    const audience = await makeAudience();
    for (const [what, args, code, message] of WRONG) {
      const outcome = await edit(audience, ...args);
      assert.deepEqual([outcome.code, outcome.stdout], [code, ''], what);
      assert.match(outcome.stderr, message, what);
    }
    assert.deepEqual(await tagsOf(audience), { Ana: 'old', Bea: 'old vip', Cy: '' });
    assert.equal((await list('imports', 'list', '--audience', audience)).length, 1);
  });

  it('a deletion asks on a terminal how many are meant', { skip: NO_TERMINAL }, async () => {
    const audience = await makeAudience();
    for (const [answer, left] of [
      ['n\n', ['Ana', 'Bea', 'Cy']],
      ['y\n', ['Cy']],
    ] as const) {
      const terminal = openMuster(['contacts', 'edit', '--audience', audience, '--tag', 'old', '--delete'], {
        env: environmentOf(server),
      });
      await terminal.shows(/Delete 2 contacts of 'Audience \d+'\? \[y\/N\] $/);
      terminal.type(answer);
      assert.equal(await terminal.ends(), answer === 'y\n' ? 0 : 1);
      assert.deepEqual(Object.keys(await tagsOf(audience)), left);
    }
  });

  it('figures: of the account, by day, and by country', async () => {
    const audience = await makeAudience();
    const [overview] = await list('overview');
    assert.equal(overview!.audiences_count, audiences);
    const { stdout } = await muster(['overview', '--table']);
    assert.match(stdout, /^Audiences +\d+\nContacts +\d+\nNew in 30 days +\d+\nCountries +US \d+, GB \d+\nStore +/);
    const days = await list('audiences', 'growth', audience, '--days', '2');
    assert.deepEqual(
      days.map(({ created, contacts_count }) => [created, contacts_count]),
      [
        [0, 0],
        [3, 3],
      ],
    );
    assert.deepEqual(await list('audiences', 'countries', audience), [
      { calling_code: '1', country: 'US', contacts_count: 2 },
      { calling_code: '44', country: 'GB', contacts_count: 1 },
    ]);
    const table = await muster(['audiences', 'countries', audience, '--table']);
    assert.match(table.stdout, /^COUNTRY +CODE +CONTACTS\nUS +\+1 +2\nGB +\+44 +1\n$/);
    const wrong = await muster(['audiences', 'growth', audience, '--days', 'many']);
    assert.deepEqual([wrong.code, wrong.stderr], [1, "muster: --days is 'many', but must be a whole number\n"]);
  });
});
