/** `muster overview`, and the figures of an audience. */
import type { Command } from 'commander';
import type { CountryCount, GrowthDay, Muster, Overview } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { requireAudience } from './audiences.ts';
import { examples, onServer, printing } from './command.ts';
import type { Column } from './output.ts';
import { type OutputOptions, printOne, printRows } from './output.ts';
import { count } from './progress.ts';

/** Countries in the overview; the others are counted. */
const SHOWN_COUNTRIES = 5;

export function addOverviewCommand(program: Command): void {
  onServer(
    printing(
      program.command('overview').description('the account at a glance: its size, growth, countries and store'),
    ).addHelpText('after', examples('muster overview', 'muster overview --json | jq .contacts_count')),
    async (muster, options: OutputOptions) => printOne(await muster.overview(), options, linesOf),
  );
}

/** Adds to `muster audiences` what it says of one in figures. */
export function addFigureCommands(group: Command): void {
  onServer(
    printing(
      group
        .command('growth')
        .description('how many contacts there were each day, of those that are there now')
        .argument('<audience>', 'name or id')
        .option('--days <count>', 'today among them, up to 366', '30'),
    ).addHelpText('after', examples('muster audiences growth Customers --days 7')),
    showGrowth,
  );
  onServer(
    printing(
      group
        .command('countries')
        .description('the countries of its numbers, most contacts first')
        .argument('<audience>', 'name or id'),
    ).addHelpText('after', examples('muster audiences countries Customers')),
    async (muster, options: OutputOptions, name) => {
      const { id } = await requireAudience(muster, name!);
      printRows(await muster.audience(id).countries(), options, COUNTRY_COLUMNS);
    },
  );
}

async function showGrowth(muster: Muster, options: OutputOptions & { days: string }, name?: string): Promise<void> {
  // The server judges how many are too many.
  const days = Number(options.days);
  if (!Number.isInteger(days)) throw new SetupError(`--days is '${options.days}', but must be a whole number`);
  const { id } = await requireAudience(muster, name!);
  printRows(await muster.audience(id).growth({ days }), options, GROWTH_COLUMNS);
}

const GROWTH_COLUMNS: Column<GrowthDay>[] = [
  { name: 'DAY', of: ({ date }) => date },
  { name: 'CREATED', of: ({ created }) => count(created), isNumber: true },
  { name: 'CONTACTS', of: ({ contacts_count }) => count(contacts_count), isNumber: true },
];

const COUNTRY_COLUMNS: Column<CountryCount>[] = [
  { name: 'COUNTRY', of: ({ country }) => country ?? '' },
  { name: 'CODE', of: ({ calling_code }) => `+${calling_code}` },
  { name: 'CONTACTS', of: ({ contacts_count }) => count(contacts_count), isNumber: true },
];

function linesOf({ audiences_count, contacts_count, growth, countries, store }: Overview): [string, string][] {
  const created = growth.reduce((sum, day) => sum + day.created, 0);
  const shown = countries.slice(0, SHOWN_COUNTRIES);
  const rest = countries.length - shown.length;
  const names = shown.map((each) => `${each.country ?? `+${each.calling_code}`} ${count(each.contacts_count)}`);
  return [
    ['Audiences', count(audiences_count)],
    ['Contacts', count(contacts_count)],
    [`New in ${growth.length} days`, count(created)],
    ['Countries', [...names, ...(rest > 0 ? [`${count(rest)} more`] : [])].join(', ')],
    ['Store', [store.kind, store.ready ? 'ready' : 'not ready', sizeOf(store.bytes)].filter(Boolean).join(', ')],
    ['Server', store.version],
  ];
}

function sizeOf(bytes: number | null): string {
  if (bytes === null) return '';
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
