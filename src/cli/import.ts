/** `muster import`: a file goes up, becomes an import on the server, and is followed to its end. */
import { SetupError } from '../core/errors.ts';
import { COLUMN_FIELDS } from '../core/imports.ts';
import { type ApiAudience, type ApiClient, findAudience } from './api-client.ts';
import { createAudience } from './contacts.ts';
import { followImport } from './follow-import.ts';
import { type ApiImport, readRefusedRows, refusedPath } from './import-api.ts';
import { exitCodeOf, printNextSteps, printSummary } from './import-summary.ts';
import { type Interrupts, takeInterrupts } from './interrupts.ts';
import { EXIT, print } from './output.ts';
import { count } from './progress.ts';
import { askSurely } from './retry.ts';
import { saveFile } from './save-file.ts';
import { LostAnswerError, openSource, uploadFile } from './upload.ts';

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
  onConflict?: string;
  empty?: string;
  replace?: boolean;
  maxRemovals?: string;
  defaultCountry?: string;
  tags?: string;
  name?: string;
  encoding?: string;
  format?: string;
  dryRun?: boolean;
  detach?: boolean;
}

/**
 * Sends a file's contacts to an audience as an import, follows it and prints what became of every row. An audience that was made
 * for it goes away again when nothing came into it. Answers the exit code.
 */
export async function importFile(client: ApiClient, file: string, options: ImportOptions): Promise<number> {
  const source = openSource(file);
  const query = readQuery(options, source.name);
  readCount(options.show);
  const existing = await findAudience(client, options.audience);
  if (existing === undefined && !options.create) {
    throw new SetupError(`there is no audience '${options.audience}': --create makes it`);
  }
  const interrupts = takeInterrupts();
  const audience = existing ?? (await createAudience(client, options.audience, options));
  const tidyUp = async () => existing === undefined && removeIfEmpty(client, audience);

  let begun: ApiImport | undefined;
  try {
    begun = await uploadFile(client, source, `/v1/audiences/${audience.id}/imports?${query}`, interrupts);
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
    console.error('muster: interrupted while the file was being sent: nothing of it is left on the server');
    return EXIT.interrupted;
  }
  if (options.detach) {
    print(options.json ? JSON.stringify(begun) : begun.id);
    console.error(`The import goes on by itself: muster imports show ${begun.id} says how far it is`);
    return EXIT.done;
  }
  const found = await followImport(client, begun, interrupts);
  const isWithdrawn = existing === undefined && (found.dry_run || found.status !== 'completed');
  const code = await reportImport(client, found, options, interrupts, isWithdrawn);
  if (isWithdrawn && (await tidyUp()) && found.dry_run) {
    console.error(`The audience '${audience.name}' was there for the dry run only`);
  }
  return code;
}

/**
 * Prints an import that is over, writes its refused rows where that was asked for, and answers the exit code.
 * @param isLast whether the import may be gone after this, so that nothing can be done with it.
 */
export async function reportImport(
  client: ApiClient,
  found: ApiImport,
  options: ReportOptions,
  interrupts?: Interrupts,
  isLast = false,
): Promise<number> {
  const shown = readCount(options.show);
  const first_refused = await askSurely(() => readRefusedRows(client, found, shown));
  if (options.json) print(JSON.stringify({ ...found, first_refused }));
  else if (found.rows_done > 0 || found.status !== 'failed') printSummary(found, first_refused);
  // The file's own Ctrl-C removes what was begun.
  interrupts?.end();
  const isSaved = options.refused !== undefined && (await saveRefused(client, found, options.refused));
  const hasChanged = found.created + found.updated + found.removed > 0;
  if (!options.json && !(isLast && (found.dry_run || !hasChanged))) {
    printNextSteps(found, isSaved ? found.refused : first_refused.length);
  }
  if (found.status === 'failed') {
    const { message, code } = found.error!;
    const hint = /\bcolumn\b/i.test(message) ? ": --map 'Header=number' says what a column holds" : '';
    console.error(`muster: the import failed: ${message} (${code})${hint}`);
  }
  if (found.status === 'cancelled') {
    const what = hasChanged && found.phase !== 'rehearse' ? 'what is counted above stays' : 'nothing was changed';
    console.error(`muster: the import was cancelled: ${options.json ? 'what is done so far stays' : what}`);
  }
  return found.status === 'cancelled' && (interrupts?.count ?? 0) > 0 ? EXIT.interrupted : exitCodeOf(found);
}

async function saveRefused(client: ApiClient, found: ApiImport, file: string): Promise<boolean> {
  if (found.refused === 0) {
    console.error(`No row was refused: ${file} is not written`);
    return false;
  }
  await saveFile(client.stream(refusedPath(found)), file);
  const rows = found.refused === 1 ? 'row' : 'rows';
  console.error(`${count(found.refused)} refused ${rows} in ${file}: correct them there and import that file`);
  return true;
}

/** Removes an audience that was made for an import and got nothing; whether it is gone. */
async function removeIfEmpty(client: ApiClient, { id, name }: ApiAudience): Promise<boolean> {
  try {
    const { data } = await client.get<{ data: ApiAudience }>(`/v1/audiences/${id}`);
    if (data.contacts_count > 0) return false;
    await client.delete(`/v1/audiences/${id}`);
    return true;
  } catch (error) {
    console.error(`muster: the audience '${name}' was made and could not be removed: ${(error as Error).message}`);
    return false;
  }
}

/** The options as the API takes them. */
function readQuery(options: ImportOptions, fileName: string | undefined): URLSearchParams {
  const mapping = readMapping(options.map);
  const said: Record<string, string | undefined> = {
    file_name: fileName,
    name: options.name,
    dry_run: options.dryRun ? 'true' : undefined,
    mode: options.replace ? 'replace' : undefined,
    max_removals: options.maxRemovals,
    on_conflict: options.onConflict,
    empty: options.empty,
    default_country: options.defaultCountry,
    tags: options.tags,
    mapping: mapping === undefined ? undefined : JSON.stringify(mapping),
    encoding: options.encoding,
    format: options.format,
  };
  return new URLSearchParams(Object.entries(said).filter((pair): pair is [string, string] => pair[1] !== undefined));
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
