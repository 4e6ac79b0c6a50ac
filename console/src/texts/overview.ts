import { compact, day, number, plural } from './format.ts';

export const overview = {
  title: 'Overview',
  contacts: 'Contacts',
  audiences: 'Audiences',
  added: 'New in 30 days',
  growth: {
    title: 'Growth',
    about: 'Contacts that are there now, by the day they were created',
    label: (first: number, last: number) => `From ${number(first)} to ${number(last)} contacts in 30 days`,
    axis: (value: number) => compact(value),
    day: (date: string) => day(new Date(`${date}T00:00:00`)),
    created: (count: number) => plural(count, { one: '# new contact', other: '# new contacts' }),
    total: (count: number) => plural(count, { one: '# contact', other: '# contacts' }),
    table: 'The same as a table',
    columns: { date: 'Day', created: 'New', total: 'Contacts' },
  },
  countries: {
    title: 'Countries',
    about: 'By the numbers of the contacts',
    other: (count: number) => plural(count, { one: '# other', other: '# others' }),
    unknown: (code: string) => `+${code}`,
  },
  imports: { title: 'Recent imports', all: 'All imports', none: 'Nothing has been imported yet.' },
  store: {
    title: 'Store',
    ready: 'Ready',
    notReady: 'Not ready',
    kinds: { sqlite: 'One file (SQLite)', postgres: 'PostgreSQL', citus: 'Citus cluster' },
    kind: 'Kept in',
    bytes: 'On the disk',
    version: 'Version of Muster',
  },
  empty: {
    title: 'Welcome to Muster',
    hint: 'Make an audience first: a list of contacts that are reached by SMS, WhatsApp or Viber. Then import a file into it.',
    hintRead: 'There are no audiences yet, and your key may only read.',
    action: 'Make an audience',
  },
};
