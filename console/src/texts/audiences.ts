import { LIMITS } from 'muster-sdk';
import { number, plural } from './format.ts';

const contacts = (count: number) => plural(count, { one: '# contact', other: '# contacts' });

export const audiences = {
  title: 'Audiences',
  contacts,
  summary: (count: number, total: number) =>
    `${plural(count, { one: '# audience', other: '# audiences' })}, ${contacts(total)}`,
  create: 'New audience',
  find: 'Find an audience',
  noneFound: (text: string) => `No audience is called “${text}”.`,
  columns: {
    name: 'Name',
    channel: 'Channel',
    contacts: 'Contacts',
    growth: 'Last 30 days',
    created: 'Created',
    actions: 'Actions',
  },
  growth: (created: number) => (created === 0 ? 'No new ones' : `+${number(created)}`),
  growthLabel: (first: number, last: number) => `From ${contacts(first)} to ${number(last)} in 30 days`,
  actionsOf: (name: string) => `Actions for ${name}`,
  open: 'Open',
  import: 'Import a file',
  empty: {
    title: 'No audiences yet',
    hint: 'An audience is a list of contacts that are reached by one channel. Create one, then import a file into it or add contacts by hand.',
    hintRead:
      'An audience is a list of contacts that are reached by one channel. Your key may only read, so somebody else has to create one.',
  },
  form: {
    createTitle: 'New audience',
    renameTitle: 'Rename audience',
    name: 'Name',
    namePlaceholder: 'Spring newsletter',
    channel: 'Channel',
    channelHint: 'How its contacts are reached. It cannot be changed later.',
    required: 'Enter a name.',
    tooLong: `At most ${LIMITS.audience_name} characters.`,
    characters: 'Only letters, digits, “-”, “_” and single spaces between words.',
    taken: 'There is an audience of this name already.',
    create: 'Create audience',
    rename: 'Rename',
  },
  remove: {
    title: 'Delete audience',
    what: (count: number) => `${contacts(count)} will be deleted with it`,
    whatNone: 'It holds no contacts',
    hint: 'Its imports go too. This cannot be undone.',
    confirm: (name: string) => `Type “${name}” to confirm`,
    submit: (count: number) => (count === 0 ? 'Delete audience' : `Delete audience and ${contacts(count)}`),
  },
  done: {
    created: (name: string) => `“${name}” is created`,
    renamed: (name: string) => `It is called “${name}” now`,
    removed: (name: string) => `“${name}” is deleted`,
  },
};
