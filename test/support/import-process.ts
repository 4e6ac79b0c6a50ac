/** A process of its own that works on an import in PostgreSQL until somebody ends it: URL IMPORT ROWS SIZE. */
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { numberOf } from './contacts.ts';
import { handOver, rowsOf } from './import-jobs.ts';

const [url, importId, count, size] = process.argv.slice(2) as [string, string, string, string];
const rows = rowsOf(Array.from({ length: Number(count) }, (_, n) => ({ number: numberOf(n) })));
const store = await openPostgresStore({ url, role: 'administration' });
await handOver(store, importId, rows, { size: Number(size) });
