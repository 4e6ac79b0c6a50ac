import { number, plural } from './format.ts';

const rows = (count: number) => plural(count, { one: '# row', other: '# rows' });
const people = (count: number) => plural(count, { one: '# contact', other: '# contacts' });

export const paste = {
  title: 'Paste contacts',
  about: 'Copy rows in a spreadsheet and paste them here. One contact a row, the number in one of the columns.',
  label: 'Rows',
  placeholder: '+44 7912 345678\tAna\tPetrosyan\n+1 202 555 0150\tSøren\tBerg',
  tooMany: (most: number) => `At most ${number(most)} rows can be pasted. Import a file for more.`,
  preview: (count: number) => `${rows(count)} found`,
  header: 'The first row has the names of the columns',
  column: (place: number) => `Column ${place}`,
  fieldOf: (column: string) => `What ${column} is`,
  fields: {
    number: 'Number',
    first_name: 'First name',
    last_name: 'Last name',
    tags: 'Tags',
    timestamp: 'Timestamp',
    date: 'Date',
    ignore: 'Leave out',
  },
  more: (count: number) => `and ${rows(count)} more`,
  tags: 'Tag all of them',
  tagsPlaceholder: 'Type a tag, press Enter',
  noNumber: 'Say which column holds the numbers.',
  existing: 'Contacts whose number is there already are updated with what the rows say.',
  submit: (count: number) => `Add ${people(count)}`,
  adding: (done: number, total: number) => `${number(done)} of ${number(total)}`,
  done: 'Done',
  again: 'Paste more',
  counts: {
    created: (count: number) => `${people(count)} added`,
    updated: (count: number) => `${number(count)} updated`,
    unchanged: (count: number) => `${number(count)} were there already`,
    refused: (count: number) => `${rows(count)} refused`,
  },
  refused: {
    title: 'Refused rows',
    hint: 'Everything else is stored. Mend these and paste them again.',
    row: 'Row',
    value: 'As pasted',
    reason: 'Why',
    copy: 'Copy these rows',
    copied: 'Copied',
  },
  stopped: (done: number) => `It broke off after ${rows(done)}. What was added is stored; pasting again adds the rest.`,
};
