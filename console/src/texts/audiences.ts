import { plural } from './format.ts';

export const audiences = {
  title: 'Audiences',
  contacts: (count: number) => plural(count, { one: '# contact', other: '# contacts' }),
};
