/** Lines of JSON objects as contacts. */
import { nameFinder } from './column-spelling.ts';
import { type ExplicitMapping, isLastNameBeside, nameOrder, recogniseColumn } from './columns.ts';
import { CONTACT_FIELDS, type ContactField, ContactFileError, type FileLayout, type FileRow } from './contact-file.ts';
import { MAX_COLUMNS, MAX_ROW_LENGTH, type TableLimits } from './csv.ts';
import { REPLACEMENT } from './decode.ts';
import { splitName } from './full-name.ts';
import type { RowReader } from './table.ts';

export interface NdjsonOptions extends TableLimits {
  encoding: string;
  mapping?: ExplicitMapping;
  /** Whether the file is known to hold no broken character: U+FFFD is text then as any other. */
  isSound?: boolean;
}

/** What a member name stands for: the member it becomes, and how it ranks among the names of that field. */
interface Target {
  field: ContactField;
  member: string;
  rank: number;
}

/** What the caller says goes before everything else. */
const SAID_RANK = -2;

/** Names of the API itself, taken as they are; custom1 and custom2 are its newer names of timestamp and date. */
const OWN_NAMES = new Map<string, ContactField>([
  ...CONTACT_FIELDS.map((field): [string, ContactField] => [field, field]),
  ['custom1', 'timestamp'],
  ['custom2', 'date'],
]);

/** A line a script runner prints before the output it was asked for, as `> muster@0.1.0 sample`. */
export function isBannerLine(line: string): boolean {
  return line.startsWith('>');
}

/**
 * Reads one JSON object a line. The API's own members are taken as they are: null stays null, text stays text, even when it
 * is empty, and whatever else a value is, the server judges it. Members with another usual name of a field are taken for it
 * when the object has no better one; a full name is split when the object has neither first nor last name. Lines that are no JSON object are faults (1005); so are (9013) lines beyond the limits
 * and wanted text with characters that are not UTF-8. Blank lines and a script runner's banner are passed over.
 *
 * The layout lists the member names seen so far and is replaced when there are more.
 * @throws {ContactFileError} from `push` and `end`: the first objects have no member for the number.
 */
export function createNdjsonReader(options: NdjsonOptions): RowReader {
  const splitter = createLineSplitter(options.maxRowLength ?? MAX_ROW_LENGTH);
  const maxNames = options.maxColumns ?? MAX_COLUMNS;
  const targets = new Map<string, Target | undefined>();
  const findSaid = nameFinder(Object.entries(options.mapping ?? {}));
  let layout: FileLayout | undefined;
  let preambleLines = 0;
  let hasBegun = false;

  function take(lines: Line[], final: boolean): FileRow[] {
    const rows: FileRow[] = [];
    let objects = 0;
    for (const { line, text, isTooLong } of lines) {
      if (!hasBegun && (text === '' || isBannerLine(text))) {
        preambleLines++;
        continue;
      }
      if (text === '') continue;
      hasBegun = true;
      const row = isTooLong ? tooLong(line, text) : readLine(line, text);
      if (row.contact !== undefined) objects++;
      rows.push(row);
    }
    if (layout === undefined ? rows.length > 0 || final : layout.header.length < targets.size) {
      const described = describe();
      if (layout === undefined && objects > 0 && !described.mapping.some((each) => each.field === 'number')) {
        throw new ContactFileError(
          `No member holds phone numbers by its name. The members seen are: ${described.header.slice(0, 30).join(', ')}. ` +
            'Name the member "number", or say which one it is',
        );
      }
      layout = described;
    }
    return rows;
  }

  function readLine(line: number, text: string): FileRow {
    const cells = [text];
    const object = parseObject(text);
    if (object === undefined) return { line, cells, fault: { code: 1005, message: 'The line is not a JSON object' } };
    const contact: Record<string, unknown> = {};
    const ranks = new Map<string, number>();
    const names: Partial<Record<ContactField, string>> = {};
    const hasDamage = !options.isSound && text.includes(REPLACEMENT);
    for (const [name, value] of Object.entries(object)) {
      const target = targetOf(name);
      if (target === undefined || target.rank >= (ranks.get(target.member) ?? Infinity)) continue;
      if (hasDamage && JSON.stringify(value).includes(REPLACEMENT)) {
        const message = `The member "${name}" holds characters that are not UTF-8: save the file as UTF-8`;
        return { line, cells, fault: { code: 9013, message } };
      }
      ranks.set(target.member, target.rank);
      contact[target.member] = value;
      names[target.field] = name;
    }
    if (names.full_name !== undefined) settleName(contact, names, ranks);
    return { line, cells, contact };
  }

  function tooLong(line: number, text: string): FileRow {
    const message = `The line is longer than ${options.maxRowLength ?? MAX_ROW_LENGTH} characters`;
    return { line, cells: [text], fault: { code: 9013, message } };
  }

  function targetOf(name: string): Target | undefined {
    if (targets.has(name)) return targets.get(name);
    const target = findTarget(name, findSaid(name));
    // A file whose every line has names of its own must not grow the memory: so many are enough to be told of.
    if (targets.size < maxNames) targets.set(name, target);
    return target;
  }

  function describe(): FileLayout {
    const header = [...targets.keys()];
    const mapping = [...targets].flatMap(([name, target], column) =>
      target === undefined ? [] : [{ column, header: name, field: target.field }],
    );
    return {
      mapping,
      ignored: header.filter((name) => targets.get(name) === undefined),
      format: 'ndjson',
      encoding: options.encoding,
      separator: null,
      headerLine: null,
      preambleLines,
      header,
    };
  }

  return {
    push: (text) => take(splitter.push(text), false),
    end: () => take(splitter.end(), true),
    layout: () => layout,
  };
}

/** Puts a full name into its parts, where the object has none of its own. */
function settleName(
  contact: Record<string, unknown>,
  names: Partial<Record<ContactField, string>>,
  ranks: Map<string, number>,
): void {
  const { full_name: full, ...rest } = contact;
  delete contact.full_name;
  const name = names.full_name!;
  if (ranks.get('full_name') !== SAID_RANK) {
    if (names.last_name !== undefined) return;
    if (names.first_name !== undefined) {
      if (isLastNameBeside(name, names.first_name)) contact.last_name = full;
      return;
    }
  }
  // What is no text is left for the server to judge.
  const isText = typeof full === 'string' && full.trim() !== '';
  Object.assign(contact, isText ? splitName(full, nameOrder(name)) : { first_name: full, last_name: full }, rest);
}

function findTarget(name: string, field: ContactField | 'ignore' | undefined): Target | undefined {
  if (field === 'ignore') return undefined;
  if (field !== undefined) return { field, member: field, rank: SAID_RANK };
  const own = OWN_NAMES.get(name);
  if (own !== undefined) return { field: own, member: name, rank: -1 };
  const found = recogniseColumn(name);
  return found && { field: found.field, member: found.field, rank: found.rank };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.charCodeAt(0) !== 123) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Line {
  line: number;
  /** Without surrounding white space; of a line that is too long its beginning. */
  text: string;
  isTooLong?: boolean;
}

/** Cuts text at LF and CRLF; keeps the unfinished line alone, and of one that is too long only the beginning. */
function createLineSplitter(maxLength: number): { push(text: string): Line[]; end(): Line[] } {
  let text = '';
  let line = 1;
  let skipping = false;
  let tryAt = 0;

  function split(final: boolean): Line[] {
    const lines: Line[] = [];
    let position = 0;
    while (position < text.length) {
      const found = text.indexOf('\n', position);
      const lineEnd = found < 0 ? text.length : found;
      if (!skipping && lineEnd - position > maxLength) {
        lines.push({ line, text: text.slice(position, position + Math.min(200, maxLength)), isTooLong: true });
        skipping = true;
      }
      if (found < 0 && !final && !skipping) break;
      if (!skipping) lines.push({ line, text: text.slice(position, lineEnd).trim() });
      if (found >= 0) {
        skipping = false;
        line++;
      }
      position = lineEnd + 1;
    }
    text = text.slice(position);
    // As in the table parser: trying again only when the text has doubled keeps the work linear.
    tryAt = text.length * 2;
    return lines;
  }

  return {
    push(chunk) {
      text += chunk;
      return text.length < tryAt ? [] : split(false);
    },
    end: () => split(true),
  };
}
