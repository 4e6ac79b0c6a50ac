/** `muster import`: a file goes up, becomes an import on the server, and is followed to its end. */
import type { Audience, Import, ImportSettings, Muster } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { COLUMN_FIELDS } from '../core/imports.ts';
import { createAudience, findAudience } from './audiences.ts';
import { LostAnswerError } from './connection.ts';
import { followImport } from './follow-import.ts';
import { importsOf, readRefusedRows } from './import-api.ts';
import { exitCodeOf, nounOf, printNextSteps, printSummary } from './import-summary.ts';
import { type Interrupts, takeInterrupts } from './interrupts.ts';
import { complain, EXIT, print, say } from './output.ts';
import { count } from './progress.ts';
import { saveFile } from './save-file.ts';
import { openSource } from './source.ts';
import { uploadFile } from './upload.ts';

/** How the end of an import is told. */
export interface ReportOptions {
  json?: boolean;
  show: string;
  /** Where to write the refused rows. */
  refused?: string;
}

export interface ImportOptions extends ReportOptions {
  audience: string;
  create?: boolean;
  channel: string;
  map?: string[];
  onConflict?: ImportSettings['on_conflict'];
  empty?: ImportSettings['empty'];
  replace?: boolean;
  maxRemovals?: string;
  defaultCountry?: string;
  tags?: string;
  name?: string;
  encoding?: string;
  format?: ImportSettings['format'];
  dryRun?: boolean;
  detach?: boolean;
}

/**
 * Sends a file's contacts to an audience as an import, follows it and prints what became of every row. An audience that was made
 * for it goes away again when nothing came into it. Answers the exit code.
 */
export async function importFile(muster: Muster, file: string, options: ImportOptions): Promise<number> {
  const source = openSource(file);
  const settings = readSettings(options, source.name);
  readCount(options.show);
  const existing = await findAudience(muster, options.audience);
  if (existing === undefined && !options.create) {
    throw new SetupError(`there is no audience '${options.audience}': --create makes it`);
  }
  const interrupts = takeInterrupts();
  const audience = existing ?? (await createAudience(muster, options.audience, options.channel));
  const tidyUp = async () => existing === undefined && removeIfEmpty(muster, audience);

  let begun: Import | undefined;
  try {
    begun = await uploadFile(muster.audience(audience.id).imports, source, settings, interrupts);
  } catch (error) {
    if (!(error instanceof LostAnswerError)) {
      await tidyUp();
      throw error;
    }
    throw new LostAnswerError(
      `${error.message}, so that nobody knows whether the file arrived: muster imports list --audience '${audience.name}' says it; if it is not there, the same command sends it again`,
    );
  }
  if (begun === undefined) {
    await tidyUp();
    complain('interrupted while the file was being sent: nothing of it is left on the server');
    return EXIT.interrupted;
  }
  if (options.detach) {
    print(options.json ? JSON.stringify(begun) : begun.id);
    say(`The import goes on by itself: muster imports show ${begun.id} says how far it is`);
    return EXIT.done;
  }
  const found = await followImport(muster, begun, interrupts);
  const isWithdrawn = existing === undefined && (found.dry_run || found.status !== 'completed');
  const code = await reportImport(muster, found, options, interrupts, isWithdrawn);
  if (isWithdrawn && (await tidyUp()) && found.dry_run) {
    say(`The audience '${audience.name}' was there for the dry run only`);
  }
  return code;
}

/**
 * Prints an import that is over, writes its refused rows where that was asked for, and answers the exit code.
 * @param isLast whether the import may be gone after this, so that nothing can be done with it.
 */
export async function reportImport(
  muster: Muster,
  found: Import,
  options: ReportOptions,
  interrupts?: Interrupts,
  isLast = false,
): Promise<number> {
  const shown = readCount(options.show);
  const first_refused = await readRefusedRows(muster, found, shown);
  if (options.json) print(JSON.stringify({ ...found, first_refused }));
  else if (found.rows_done > 0 || found.status !== 'failed') printSummary(found, first_refused);
  // The file's own Ctrl-C removes what was begun.
  interrupts?.end();
  const isSaved = options.refused !== undefined && (await saveRefused(muster, found, options.refused));
  const hasChanged = found.created + found.updated + found.removed > 0;
  if (!options.json && !(isLast && (found.dry_run || !hasChanged))) {
    printNextSteps(found, isSaved ? found.refused : first_refused.length);
  }
  if (found.status === 'failed') {
    const { message, code } = found.error!;
    const hint = /\bcolumn\b/i.test(message) ? ": --map 'Header=number' says what a column holds" : '';
    complain(`the ${nounOf(found)} failed: ${message} (${code})${hint}`);
  }
  if (found.status === 'cancelled') {
    const what = hasChanged && found.phase !== 'rehearse' ? 'what is counted above stays' : 'nothing was changed';
    complain(`the ${nounOf(found)} was cancelled: ${options.json ? 'what is done so far stays' : what}`);
  }
  return found.status === 'cancelled' && (interrupts?.count ?? 0) > 0 ? EXIT.interrupted : exitCodeOf(found);
}

async function saveRefused(muster: Muster, found: Import, file: string): Promise<boolean> {
  if (found.refused === 0) {
    say(`No row was refused: ${file} is not written`);
    return false;
  }
  // Asked for when the file is open: an answer that nobody reads keeps the process waiting.
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* await importsOf(muster, found).refused(found.id);
  }

  await saveFile(bytes(), file);
  const rows = found.refused === 1 ? 'row' : 'rows';
  say(`${count(found.refused)} refused ${rows} in ${file}: correct them there and import that file`);
  return true;
}

/** Removes an audience that was made for an import and got nothing; whether it is gone. */
async function removeIfEmpty(muster: Muster, { id, name }: Audience): Promise<boolean> {
  try {
    if ((await muster.audiences.get(id)).contacts_count > 0) return false;
    await muster.audiences.delete(id);
    return true;
  } catch (error) {
    complain(`the audience '${name}' was made and could not be removed: ${(error as Error).message}`);
    return false;
  }
}

/** The options as the API takes them; the server judges them. */
function readSettings(options: ImportOptions, fileName: string | undefined): ImportSettings {
  return {
    file_name: fileName,
    name: options.name,
    dry_run: options.dryRun,
    mode: options.replace ? 'replace' : undefined,
    max_removals: options.maxRemovals,
    on_conflict: options.onConflict,
    empty: options.empty,
    default_country: options.defaultCountry,
    tags: options.tags?.split(','),
    mapping: readMapping(options.map),
    encoding: options.encoding,
    format: options.format,
  };
}

function readMapping(pairs: string[] = []): Record<string, string> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      const field = pair.slice(at + 1).trim();
      if (at < 1 || !COLUMN_FIELDS.includes(field)) {
        throw new SetupError(
          `--map is '${pair}', but must be 'Header=field' with a field of: ${COLUMN_FIELDS.join(', ')}`,
        );
      }
      return [pair.slice(0, at).trim(), field];
    }),
  );
}

function readCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new SetupError(`--show is '${text}', but must be a whole number`);
  return Number(text);
}
