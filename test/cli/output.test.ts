/** What scripts rely on: the very lines that come out of a pipe, and where nothing does. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { environmentOf, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { startServer } from '../support/server.ts';

/** Text in which every id is `ID1`, `ID2`, … in the order of appearance, and every date is `DATE`. */
function makeMask() {
  const ids = new Map<string, string>();
  return (text: string) =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        if (!ids.has(id)) ids.set(id, `ID${ids.size + 1}`);
        return ids.get(id)!;
      })
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
      .replace(/muster_[\w-]{32}/g, 'SECRET')
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'URL');
}

const CONTACT =
  '"number":"12025550150","first_name":"Søren","last_name":null,"timestamp":null,"date":null,"custom1":null,"custom2":null,"tags":["vip"],"create_date":"DATE","update_date":"DATE"';

describe('output in a pipe', async () => {
  const server = await startServer();
  const mask = makeMask();
  const ids: Record<string, string> = {};
  const file = join(makeDirectory(), 'rows.csv');
  writeFileSync(file, 'Phone,First name\n+12025550150,Søren\n12,Bo\n+12025550151,Ana\n');

  /** Commands in the order they are run in: what each prints, says and ends with. */
  const CALLS: {
    args: string[];
    input?: string;
    stdout: string;
    stderr?: string | RegExp;
    code?: number;
    keep?: string;
  }[] = [
    { args: ['audiences', 'list'], stdout: '' },
    { args: ['audiences', 'create', 'Spring sale', '--channel', 'viber'], stdout: 'ID1\n', keep: 'audience' },
    {
      args: ['audiences', 'get', 'spring SALE'],
      stdout:
        '{"id":"ID1","account_id":"ID2","name":"Spring sale","channel":"VIBER","contacts_count":0,"create_date":"DATE","update_date":"DATE","links":{"self":"URL/v1/audiences/ID1","account":"URL/v1/accounts/ID2","contacts":"URL/v1/audiences/ID1/contacts"}}\n',
    },
    {
      args: [
        'contacts',
        'create',
        '+1 (202) 555-0150',
        '--audience',
        'Spring sale',
        '--first-name',
        'Søren',
        '--tags',
        'vip',
      ],
      stdout: 'ID3\n',
      keep: 'contact',
    },
    {
      args: ['contacts', 'list', '--audience', 'Spring sale'],
      stdout: `{"id":"ID3",${CONTACT},"account_id":"ID2","audience_id":"ID1"}\n`,
    },
    {
      args: ['contacts', 'search', 'soren', '--audience', 'Spring sale', '--tag', 'vip'],
      stdout: `{"id":"ID3",${CONTACT},"account_id":"ID2","audience_id":"ID1"}\n`,
    },
    { args: ['contacts', 'list', '--audience', 'Spring sale', '--tag', 'vip', '--tag', 'press'], stdout: '' },
    {
      args: ['export', 'Spring sale', '--tag', 'press', '--format', 'ndjson'],
      stdout: '',
      stderr: '0 contacts\n',
    },
    { args: ['audiences', 'tags', 'Spring sale'], stdout: '{"tag":"vip","contacts_count":1}\n' },
    {
      args: ['audiences', 'tags', 'Spring sale', '--table'],
      stdout: 'TAG  CONTACTS\nvip         1\n',
    },
    {
      args: ['contacts', 'create', '12025550150', '--audience', 'Spring sale'],
      stdout: '',
      stderr: 'muster: Contact already exists (1360)\n',
      code: 1,
    },
    {
      args: [
        'contacts',
        'update',
        '001 202 555 0150',
        '--audience',
        'Spring sale',
        '--date',
        'May',
        '--tags',
        '',
        '--first-name',
        '',
      ],
      stdout: `{"id":"ID3",${CONTACT.replace('"Søren"', 'null').replace('"date":null', '"date":"May"').replace('"custom2":null', '"custom2":"May"').replace('"vip"', '')},"account_id":"ID2","audience_id":"ID1","links":{"self":"URL/v1/audiences/ID1/contacts/ID3","account":"URL/v1/accounts/ID2","audience":"URL/v1/audiences/ID1"}}\n`,
    },
    {
      args: ['contacts', 'bulk', file, '--audience', 'Spring sale'],
      stdout:
        '{"line":2,"status":"updated","id":"ID3","number":"12025550150"}\n' +
        `{"line":3,"status":"refused","errors":[{"code":1354,"message":"'number' is invalid"}]}\n` +
        '{"line":4,"status":"created","id":"ID4","number":"12025550151"}\n',
      stderr: '3 rows, 1 created, 1 updated, 1 refused\n',
      code: 3,
    },
    {
      args: ['contacts', 'bulk', '--audience', 'Spring sale', '--quiet', '--on-conflict', 'error'],
      input: '{"number":"+12025550151"}\nnonsense\n[1]\n{"number":"+12025550152","last_name":7}\n',
      stdout:
        `{"line":1,"status":"refused","errors":[{"code":1360,"message":"'number': Contact already exists","contact_id":"ID4"}]}\n` +
        '{"line":2,"status":"refused","errors":[{"code":1005,"message":"The line is not a JSON object"}]}\n' +
        '{"line":3,"status":"refused","errors":[{"code":1005,"message":"The line is not a JSON object"}]}\n' +
        `{"line":4,"status":"refused","errors":[{"code":9013,"message":"'last_name' must be a string or null"}]}\n`,
      stderr: '4 rows, 4 refused\n',
      code: 3,
    },
    { args: ['contacts', 'bulk', '--audience', 'Spring sale'], stdout: '', stderr: '0 rows\n', input: '' },
    {
      args: ['contacts', 'list', '--audience', 'Spring sale', '--limit', '1', '--table'],
      stdout:
        'ID                                    NUMBER        FIRST NAME  LAST NAME  TAGS  MADE\nID3  +12025550150  Søren                        DATE\n',
      stderr: '1 of 2 contacts: --limit N or --all shows more\n',
    },
    {
      args: ['contacts', 'list', '--audience', 'Spring sale', '--limit', '1'],
      stdout: `{"id":"ID3",${CONTACT.replace('"date":null', '"date":"May"').replace('"custom2":null', '"custom2":"May"').replace('"vip"', '')},"account_id":"ID2","audience_id":"ID1"}\n`,
      stderr: '1 of 2 contacts: --limit N or --all shows more\n',
    },
    {
      args: ['contacts', 'get', '+12025550151', '--audience', 'Spring sale', '--table'],
      stdout:
        'Id          ID4\nNumber      +12025550151\nFirst name  Ana\nLast name\nTimestamp\nDate\nTags\nMade        DATE\nChanged     DATE\n',
    },
    {
      args: ['contacts', 'delete', '+12025550151', '{contact}', '--audience', '{audience}'],
      stdout: '',
      stderr: '2 contacts are deleted\n',
    },
    {
      args: ['contacts', 'delete', '+12025550151', '--audience', 'Spring sale'],
      stdout: '',
      stderr: "muster: there is no contact +12025550151 in 'Spring sale'\n",
      code: 1,
    },
    {
      args: ['contacts', 'update', '{contact}', '--audience', 'Spring sale'],
      stdout: '',
      stderr: /^error: nothing to change/,
      code: 2,
    },
    {
      args: ['audiences', 'rename', '{audience}', 'Summer sale', '--table'],
      stdout: 'Id        ID1\nName      Summer sale\nChannel   VIBER\nContacts  0\nMade      DATE\nChanged   DATE\n',
    },
    {
      args: ['audiences', 'delete', 'Summer sale'],
      stdout: '',
      stderr: /^error: nobody can be asked here: --yes deletes without a question\n/,
      code: 2,
    },
    {
      args: ['audiences', 'delete', 'Summer sale', '--yes'],
      stdout: '',
      stderr: "Deleted the audience 'Summer sale' and its 0 contacts\n",
    },
    {
      args: ['audiences', 'get', '{audience}'],
      stdout: '',
      stderr: /^muster: there is no audience 'ID1': see muster audiences list\n$/,
      code: 1,
    },
    { args: ['accounts', 'list'], stdout: '{"id":"ID2","name":"default","create_date":"DATE"}\n' },
    {
      args: ['keys', 'create', '--name', 'job', '--scope', 'read'],
      stdout: 'SECRET\n',
      stderr: "Key ID5 of account 'default', scope read, without expiry. It is shown only now:\n",
    },
  ];
  for (const { args, input, stdout, stderr = '', code = 0, keep } of CALLS) {
    it(args.map((arg) => (arg === file ? 'FILE' : arg)).join(' '), async () => {
      const words = args.map((arg) => arg.replace(/\{(\w+)\}/, (_, name) => ids[name]!));
      const outcome = await runMuster(words, { env: environmentOf(server), input });
      if (keep !== undefined) ids[keep] = outcome.stdout.trim();
      assert.equal(mask(outcome.stdout), stdout);
      if (typeof stderr === 'string') assert.equal(mask(outcome.stderr), stderr);
      else assert.match(mask(outcome.stderr), stderr);
      assert.equal(outcome.code, code);
    });
  }
});
