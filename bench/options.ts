import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    quick: { type: 'boolean', default: false },
    store: { type: 'string', default: 'sqlite' },
    console: { type: 'boolean', default: false },
  },
});

/** What the command line says. */
export const options = {
  rows: Number(values.rows),
  isQuick: values.quick,
  store: values.store,
  isConsole: values.console,
};
