/**
 * `npm run bench [-- --rows 1000000] [--quick]`: the budgets, measured against a limit in the same run, as a table on the
 * terminal and in bench/RESULTS.md. `--store postgres` measures the PostgreSQL store beside the embedded one, in the empty
 * database that DATABASE_URL names; `--console` what somebody waits for in a browser. Absolute figures drift between machines and days; the ratios hold.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { options } from './options.ts';
import { lines, round } from './report.ts';

const MACHINE = `Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()})`;

const EMBEDDED = {
  name: 'SQLite',
  flags: '',
  file: 'RESULTS.md',
  about: `The limit server is a bare \`node:http\` server that sends the same bytes from memory; the plain loop inserts rows made
beforehand into the same schema, in transactions of 1,000.`,
};
const POSTGRES = {
  name: 'PostgreSQL',
  flags: ' -- --store postgres',
  file: 'RESULTS-POSTGRES.md',
  about: 'Both stores hold the same contacts, on the same machine; medians of one question after the other.',
};
const CONSOLE = {
  name: 'SQLite',
  flags: ' -- --console',
  file: 'RESULTS-CONSOLE.md',
  about:
    'A headless Chromium on the same machine as the server, both on its cores. A key counts until the frame that shows its rows.',
};

if (options.isConsole) await measureBrowser();
else if (options.store === 'postgres') await measurePostgresStore();
else await import('./embedded.ts');
// A quick look is not what the checked-in figures should rest on.
if (!options.isQuick) writeResults();
process.exitCode = lines.every((line) => line.isKept) ? 0 : 1;

async function measureBrowser(): Promise<void> {
  const { measureConsole } = await import('./console.ts');
  await measureConsole(options.rows);
}

async function measurePostgresStore(): Promise<void> {
  const { measurePostgres } = await import('./postgres.ts');
  const url = process.env.DATABASE_URL;
  if (url === undefined) throw new Error('DATABASE_URL must name an empty database');
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  try {
    await measurePostgres(directory, options.rows, url);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writeResults(): void {
  const rows = lines.map(
    ({ what, measured, budget, isKept }) => `| ${what} | ${measured} | ${budget} | ${isKept ? 'kept' : 'missed'} |`,
  );
  const { name, flags, file, about } = options.isConsole ? CONSOLE : options.store === 'postgres' ? POSTGRES : EMBEDDED;
  const command = `npm run bench${flags}`;
  const text = `# Results

\`${command}\`, ${round(options.rows)} contacts, ${new Date().toISOString().slice(0, 10)}: ${MACHINE}, ${name} store.
${about}

| What | Measured | Budget | |
|---|---|---|---|
${rows.join('\n')}
`;
  writeFileSync(new URL(file, import.meta.url), text);
}
