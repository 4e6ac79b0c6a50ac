/** `muster contacts edit`: one change of many contacts, done by the server as a whole, which can be taken back. */
import type { Command } from 'commander';
import type { ContactEdit, ContactSelection, Contacts, Muster } from '../../sdk/src/index.ts';
import { requireAudience } from './audiences.ts';
import { byTag, examples, inAudience, onServer, readTags } from './command.ts';
import { made } from './connection.ts';
import { idOf, readWanted } from './find-contact.ts';
import { followImport } from './follow-import.ts';
import { reportImport } from './import.ts';
import { confirm, isTerminal, takeInterrupts } from './interrupts.ts';
import { EXIT, print, say } from './output.ts';
import { count } from './progress.ts';

interface ChoiceOptions {
  search?: string;
  tag?: string[];
  all?: boolean;
}

interface EditOptions extends ChoiceOptions {
  audience: string;
  addTags?: string;
  removeTags?: string;
  delete?: boolean;
  yes?: boolean;
  detach?: boolean;
  json?: boolean;
}

/** Refused rows that are shown. */
const SHOWN = '10';

export function addEditCommand(group: Command): void {
  const command = group
    .command('edit')
    .description('tag or delete many contacts at once, which can be taken back')
    .argument('[contacts...]', 'ids or numbers');
  byTag(inAudience(command).option('--search <text>', 'those that a search finds'))
    .option('--all', 'all contacts of the audience')
    .option('--add-tags <tags>', 'give them these tags too, separated by commas')
    .option('--remove-tags <tags>', 'take these tags away, separated by commas')
    .option('--delete', 'delete them')
    .option('--yes', 'with --delete: do not ask; needed where nobody can be asked')
    .option('--detach', 'print the id, and do not wait')
    .option('--json', 'the edit as one JSON object')
    .addHelpText(
      'after',
      `${examples(
        "muster contacts edit --audience Customers --search 'ana petro' --add-tags vip,press",
        'muster contacts edit --audience Customers --tag spring --remove-tags spring',
        "muster contacts edit '+1 202 555 0150' '+1 202 555 0151' --audience Customers --add-tags vip",
        'muster contacts edit --audience Customers --tag old --delete',
      )}

The contacts are chosen when the edit begins. It is listed among the imports, and muster imports undo takes it back.`,
    );
  onServer(command, async (muster, options: EditOptions, ...names) => {
    const change = readChange(options);
    if (change === undefined) command.error('error: say one of --add-tags, --remove-tags and --delete');
    const isFiltered = options.search !== undefined || options.tag !== undefined;
    const choices = [names.length > 0, isFiltered, options.all === true].filter(Boolean);
    if (choices.length !== 1) command.error('error: name contacts, or choose by --search and --tag, or say --all');
    if (options.delete && !options.yes && !isTerminal()) {
      command.error('error: nobody can be asked here: --yes deletes without a question');
    }
    return editContacts(muster, names, change!, options);
  });
}

function readChange({ addTags, removeTags, delete: isDelete }: EditOptions): Omit<ContactEdit, 'select'> | undefined {
  const changes: Omit<ContactEdit, 'select'>[] = [];
  if (addTags !== undefined) changes.push({ action: 'add_tags', tags: readTags(addTags) });
  if (removeTags !== undefined) changes.push({ action: 'remove_tags', tags: readTags(removeTags) });
  if (isDelete) changes.push({ action: 'delete' });
  return changes.length === 1 ? changes[0] : undefined;
}

/** Begins an edit, follows it and prints what became of the contacts. Answers the exit code. */
async function editContacts(
  muster: Muster,
  names: string[],
  change: Omit<ContactEdit, 'select'>,
  options: EditOptions,
): Promise<number> {
  const wanted = names.map(readWanted);
  const audience = await requireAudience(muster, options.audience);
  const { contacts } = muster.audience(audience.id);
  const ids: string[] = [];
  for (const each of wanted) ids.push(await idOf(contacts, each, audience));
  const select: ContactSelection = ids.length > 0 ? { ids } : { search: options.search, tags: options.tag };
  if (change.action === 'delete' && !options.yes) {
    const chosen = await countOf(contacts, select);
    const what = `${count(chosen)} ${chosen === 1 ? 'contact' : 'contacts'} of '${audience.name}'`;
    if (!(await confirm(`Delete ${what}?`))) {
      say('Nothing was deleted');
      return EXIT.failed;
    }
  }
  const begun = await made(contacts.edit({ select, ...change }));
  if (options.detach) {
    print(options.json ? JSON.stringify(begun) : begun.id);
    say(`The edit goes on by itself: muster imports show ${begun.id} says how far it is`);
    return EXIT.done;
  }
  const interrupts = takeInterrupts();
  const found = await followImport(muster, begun, interrupts);
  return reportImport(muster, found, { json: options.json, show: SHOWN }, interrupts);
}

/** How many contacts are chosen now. */
async function countOf(contacts: Contacts, select: ContactSelection): Promise<number> {
  if ('ids' in select) return new Set(select.ids).size;
  return (await contacts.list({ ...select, page_size: 1 }).page()).total;
}
