/** `muster contacts`: those of an audience, one by one. */
import type { Command } from 'commander';
import type { Contact, ContactChange, Muster } from '../../sdk/src/index.ts';
import { requireAudience } from './audiences.ts';
import { addBulkCommand } from './bulk.ts';
import { byTag, examples, inAudience, listing, onServer, printing, readTags } from './command.ts';
import { made } from './connection.ts';
import { addEditCommand } from './edit.ts';
import { findContact, idOf, readWanted } from './find-contact.ts';
import { type ListOptions, printList, readLimit } from './lists.ts';
import { type Column, type OutputOptions, print, printOne, say } from './output.ts';
import { count } from './progress.ts';

interface InAudience extends OutputOptions {
  audience: string;
}

interface FilterOptions extends ListOptions, InAudience {
  tag?: string[];
}

interface FieldOptions {
  firstName?: string;
  lastName?: string;
  timestamp?: string;
  date?: string;
  tags?: string;
}

const PAGE_SIZE = 1000;

export function addContactCommands(program: Command): void {
  const group = program.command('contacts').description('the contacts of an audience');
  onServer(
    listing(
      byTag(inAudience(group.command('list').description('list contacts, oldest first'))),
      'contacts',
    ).addHelpText(
      'after',
      examples(
        'muster contacts list --audience Customers --tag vip',
        'muster contacts list --audience Customers --all > all.ndjson',
      ),
    ),
    (muster, options: FilterOptions) => listContacts(muster, undefined, options),
  );
  onServer(
    listing(
      byTag(inAudience(group.command('search').description('find contacts by number and name').argument('<text>'))),
      'contacts',
    ).addHelpText(
      'after',
      examples(
        "muster contacts search 'ana petro' --audience Customers",
        "muster contacts search '+1 202' --audience Customers --json",
      ),
    ),
    (muster, options: FilterOptions, text) => listContacts(muster, text, options),
  );
  onServer(
    printing(
      inAudience(group.command('get').description('show a contact').argument('<contact>', 'id or number')),
    ).addHelpText('after', examples("muster contacts get '+1 202 555 0150' --audience Customers")),
    async (muster, options: InAudience, contact) => {
      const { contacts, id } = await findContact(muster, options.audience, contact!);
      printOne(await contacts.get(id), options, linesOf);
    },
  );
  onServer(
    withFields(inAudience(group.command('create').description('make a contact; prints its id').argument('<number>')))
      .option('--json', 'the contact as one JSON object')
      .addHelpText(
        'after',
        examples("muster contacts create '+1 (202) 555-0150' --audience Customers --first-name Søren --tags vip,press"),
      ),
    async (muster, { audience, json, ...fields }: InAudience & FieldOptions, number) => {
      const { id } = await requireAudience(muster, audience);
      const { contacts } = muster.audience(id);
      const contact = await made(contacts.create({ number: number!, ...readFields(fields) }));
      print(json ? JSON.stringify(contact) : contact.id);
    },
  );
  const update = group.command('update').description('change what is given of a contact; an empty text clears');
  onServer(
    printing(
      withFields(inAudience(update.argument('<contact>', 'id or number'))).option(
        '--number <number>',
        'another number',
      ),
    ).addHelpText(
      'after',
      examples(
        "muster contacts update '+1 202 555 0150' --audience Customers --last-name Berg",
        "muster contacts update '+1 202 555 0150' --audience Customers --tags '' --first-name ''",
      ),
    ),
    async (muster, { audience, number, ...fields }: InAudience & FieldOptions & { number?: string }, contact) => {
      const change = { ...(number !== undefined && { number }), ...readFields(fields) };
      if (Object.keys(change).length === 0) update.error('error: nothing to change: see the options');
      const { contacts, id } = await findContact(muster, audience, contact!);
      printOne(await contacts.update(id, change), fields as OutputOptions, linesOf);
    },
  );
  onServer(
    inAudience(
      group.command('delete').description('delete contacts').argument('<contacts...>', 'ids or numbers'),
    ).addHelpText('after', examples("muster contacts delete '+1 202 555 0150' --audience Customers")),
    (muster, { audience }: InAudience, ...wanted) => deleteContacts(muster, audience, wanted),
  );
  addEditCommand(group);
  addBulkCommand(group);
}

function withFields(command: Command): Command {
  return command
    .option('--first-name <text>', 'up to 32 characters')
    .option('--last-name <text>', 'up to 32 characters')
    .option('--timestamp <text>', 'free text for personalising messages, up to 32 characters')
    .option('--date <text>', 'free text for personalising messages, up to 70 characters')
    .option('--tags <tags>', 'all of its tags, separated by commas');
}

function readFields({ firstName, lastName, timestamp, date, tags }: FieldOptions): ContactChange {
  const said: ContactChange = { first_name: firstName, last_name: lastName, timestamp, date };
  if (tags !== undefined) said.tags = readTags(tags);
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** Deletes contacts. All are looked for before the first one is gone. */
async function deleteContacts(muster: Muster, nameOrId: string, texts: string[]): Promise<void> {
  const wanted = texts.map(readWanted);
  const audience = await requireAudience(muster, nameOrId);
  const { contacts } = muster.audience(audience.id);
  const ids = [];
  for (const each of wanted) ids.push((await contacts.get(await idOf(contacts, each, audience))).id);
  for (const id of ids) await contacts.delete(id);
  say(ids.length === 1 ? 'The contact is deleted' : `${count(ids.length)} contacts are deleted`);
}

/** Prints the contacts of an audience, all or those that a search finds. */
async function listContacts(muster: Muster, search: string | undefined, options: FilterOptions): Promise<void> {
  const limit = readLimit(options);
  const audience = await requireAudience(muster, options.audience);
  const list = muster.audience(audience.id).contacts.list({
    search,
    tags: options.tag,
    page_size: Math.min(limit, PAGE_SIZE),
  });
  await printList(list, limit, options, COLUMNS, 'contacts');
}

const COLUMNS: Column<Contact>[] = [
  { name: 'ID', of: ({ id }) => id, look: () => 'dim' },
  { name: 'NUMBER', of: ({ number }) => `+${number}` },
  { name: 'FIRST NAME', of: ({ first_name }) => first_name ?? '' },
  { name: 'LAST NAME', of: ({ last_name }) => last_name ?? '' },
  { name: 'TAGS', of: ({ tags }) => tags.join(', '), look: () => 'cyan' },
  { name: 'MADE', of: ({ create_date }) => create_date, look: () => 'dim' },
];

function linesOf(contact: Contact): [string, string | null][] {
  return [
    ['Id', contact.id],
    ['Number', `+${contact.number}`],
    ['First name', contact.first_name],
    ['Last name', contact.last_name],
    ['Timestamp', contact.timestamp],
    ['Date', contact.date],
    ['Tags', contact.tags.join(', ')],
    ['Made', contact.create_date],
    ['Changed', contact.update_date],
  ];
}
