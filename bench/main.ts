/**
 * `npm run bench [-- --rows 1000000] [--quick]`: the budgets, measured against a limit in the same run, as a table on the
 * terminal and in bench/RESULTS.md. `--store postgres` measures the PostgreSQL store beside the embedded one, in the empty
 * database that DATABASE_URL names. Absolute figures drift between machines and days; the ratios hold.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { options } from './options.ts';
import { lines, round } from './report.ts';

const MACHINE = `Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()})`;

if (options.store === 'postgres') await measurePostgresStore();
else await import('./embedded.ts');
// A quick look is not what the checked-in figures should rest on.
if (!options.isQuick) writeResults();
process.exitCode = lines.every((line) => line.isKept) ? 0 : 1;

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
  const isPostgres = options.store === 'postgres';
  const about = isPostgres
    ? 'Both stores hold the same contacts, on the same machine; medians of one question after the other.'
    : `The limit server is a bare \`node:http\` server that sends the same bytes from memory; the plain loop inserts rows made
beforehand into the same schema, in transactions of 1,000.`;
  const command = `npm run bench${isPostgres ? ' -- --store postgres' : ''}`;
  const text = `# Results

\`${command}\`, ${round(options.rows)} contacts, ${new Date().toISOString().slice(0, 10)}: ${MACHINE}, ${isPostgres ? 'PostgreSQL' : 'SQLite'} store.
${about}

| What | Measured | Budget | |
|---|---|---|---|
${rows.join('\n')}
`;
  writeFileSync(new URL(isPostgres ? 'RESULTS-POSTGRES.md' : 'RESULTS.md', import.meta.url), text);
}
