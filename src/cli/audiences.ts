/** `muster audiences`, and how every command finds the one it is about. */
import type { Command } from 'commander';
import { type Audience, type Channel, type Muster, NotFoundError, type SingleAudience } from '../../sdk/src/index.ts';
import { CHANNELS, nameKey } from '../core/audiences.ts';
import { SetupError } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import { examples, onServer, printing, suggesting } from './command.ts';
import { made } from './connection.ts';
import { addFigureCommands } from './figures.ts';
import { confirm, isTerminal } from './interrupts.ts';
import { type Column, EXIT, isForPrograms, type OutputOptions, print, printOne, printRows, say } from './output.ts';
import { count } from './progress.ts';

const PAGE_SIZE = 1000;

export function addAudienceCommands(program: Command): void {
  const group = program.command('audiences').description('the audiences on the server');
  onServer(
    printing(group.command('list').description('list the audiences')).addHelpText(
      'after',
      examples('muster audiences list', "muster audiences list --json | jq -r 'select(.contacts_count == 0).name'"),
    ),
    listAudiences,
  );
  onServer(
    group
      .command('create')
      .description('make an audience; prints its id')
      .argument('<name>')
      .addOption(suggesting('--channel <channel>', 'how its contacts are reached', CHANNELS).default('SMS'))
      .option('--json', 'the audience as one JSON object')
      .addHelpText('after', examples("muster audiences create 'Spring sale' --channel WHATSAPP")),
    async (muster, options: { channel: string; json?: boolean }, name) => {
      const audience = await createAudience(muster, name!, options.channel);
      print(options.json ? JSON.stringify(audience) : audience.id);
    },
  );
  onServer(
    printing(group.command('get').description('show an audience').argument('<audience>', 'name or id')).addHelpText(
      'after',
      examples('muster audiences get Customers', 'muster audiences get Customers --json | jq .contacts_count'),
    ),
    async (muster, options: OutputOptions, name) => {
      const { id } = await requireAudience(muster, name!);
      printOne(await muster.audiences.get(id), options, linesOf);
    },
  );
  onServer(
    printing(
      group
        .command('rename')
        .description('give an audience another name')
        .argument('<audience>', 'name or id')
        .argument('<name>', 'the new one'),
    ).addHelpText('after', examples("muster audiences rename 'Spring sale' 'Summer sale'")),
    async (muster, options: OutputOptions, name, newName) => {
      const { id } = await requireAudience(muster, name!);
      printOne(await muster.audiences.rename(id, newName!), options, linesOf);
    },
  );
  onServer(
    printing(
      group
        .command('tags')
        .description('the tags of its contacts, most used first, up to 1,000')
        .argument('<audience>', 'name or id'),
    ).addHelpText('after', examples('muster audiences tags Customers')),
    async (muster, options: OutputOptions, name) => {
      const { id } = await requireAudience(muster, name!);
      printRows(await muster.audience(id).tags(), options, [
        { name: 'TAG', of: ({ tag }) => tag },
        { name: 'CONTACTS', of: ({ contacts_count }) => count(contacts_count), isNumber: true },
      ]);
    },
  );
  addFigureCommands(group);
  const remove = group.command('delete').description('delete an audience and all of its contacts');
  onServer(
    remove
      .argument('<audience>', 'name or id')
      .option('--yes', 'do not ask; needed where nobody can be asked')
      .addHelpText('after', examples("muster audiences delete 'Spring sale'", 'muster audiences delete Old --yes')),
    async (muster, { yes }: { yes?: boolean }, name) => {
      if (!yes && !isTerminal()) remove.error('error: nobody can be asked here: --yes deletes without a question');
      const { id } = await requireAudience(muster, name!);
      const found = await muster.audiences.get(id);
      const what = `the audience '${found.name}' and its ${contactsText(found)}`;
      if (!yes && !(await confirm(`Delete ${what}? This cannot be undone.`))) {
        say('Nothing was deleted');
        return EXIT.failed;
      }
      await muster.audiences.delete(found.id);
      say(`Deleted ${what}`);
      return EXIT.done;
    },
  );
}

const COLUMNS: Column<Audience>[] = [
  { name: 'ID', of: ({ id }) => id, look: () => 'dim' },
  { name: 'NAME', of: ({ name }) => name },
  { name: 'CHANNEL', of: ({ channel }) => channel },
  { name: 'CONTACTS', of: ({ contacts_count }) => count(contacts_count), isNumber: true },
  { name: 'MADE', of: ({ create_date }) => create_date, look: () => 'dim' },
];

async function listAudiences(muster: Muster, options: OutputOptions): Promise<void> {
  const audiences = await muster.audiences.list({ page_size: PAGE_SIZE }).toArray();
  printRows(audiences, options, COLUMNS);
  if (audiences.length === 0 && !isForPrograms(options)) say('There is none yet: muster audiences create NAME');
}

/** Makes an audience. @param channel in any case; the server judges it. */
export function createAudience(muster: Muster, name: string, channel: string): Promise<SingleAudience> {
  return made(muster.audiences.create({ name, channel: channel as Channel }));
}

/** The audience of this name (in any case) or id. */
export async function findAudience(muster: Muster, nameOrId: string): Promise<Audience | undefined> {
  const id = readId(nameOrId.trim());
  if (id !== undefined) {
    try {
      return await muster.audiences.get(id);
    } catch (error) {
      // A name may look like an id.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  const name = nameKey(nameOrId.trim().normalize('NFC'));
  for await (const audience of muster.audiences.list({ page_size: PAGE_SIZE })) {
    if (nameKey(audience.name) === name) return audience;
  }
  return undefined;
}

/** As `findAudience`. Raises SetupError when there is none. */
export async function requireAudience(muster: Muster, nameOrId: string): Promise<Audience> {
  const audience = await findAudience(muster, nameOrId);
  if (audience === undefined) throw new SetupError(`there is no audience '${nameOrId}': see muster audiences list`);
  return audience;
}

function linesOf({ id, name, channel, contacts_count, create_date, update_date }: Audience): [string, string][] {
  return [
    ['Id', id],
    ['Name', name],
    ['Channel', channel],
    ['Contacts', count(contacts_count)],
    ['Made', create_date],
    ['Changed', update_date],
  ];
}

function contactsText({ contacts_count }: Audience): string {
  return `${count(contacts_count)} ${contacts_count === 1 ? 'contact' : 'contacts'}`;
}
