/**
 * What a correct import makes of a sample file, judged by other means than the maker's and Muster's own: csv-parse reads the
 * table, libphonenumber the numbers, and the rules of a contact's fields are written out once more.
 */
import { parse } from 'csv-parse/sync';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Expected, SampleFormat } from '../../sample/make-contacts.ts';

export interface Judgement extends Expected {
  /** The different numbers, as E.164 with the plus. */
  numbers: Set<string>;
}

type Cells = Partial<Record<'number' | 'first_name' | 'last_name' | 'timestamp' | 'date' | 'tags', string>>;

const HEADERS: Record<keyof Cells, string[]> = {
  number: 'number,Phone,Handynummer,Phone 1 - Value,Téléphone portable,MOBILE_NUMBER,MSISDN,Номер телефона'.split(','),
  first_name: 'first_name,First Name,Vorname,Prénom,FIRSTNAME,Имя'.split(','),
  last_name: 'last_name,Surname,Last Name,Nachname,Nom,LASTNAME,Фамилия'.split(','),
  timestamp: 'timestamp,Timestamp,CUSTOM1,Время'.split(','),
  date: 'date,Date,Datum,CUSTOM2,Дата'.split(','),
  tags: 'tags,TAGS,Labels,Schlagwörter,Étiquettes'.split(','),
};
const LIMITS = [
  ['first_name', 32, 1361],
  ['last_name', 32, 1362],
  ['timestamp', 32, 1363],
  ['date', 70, 1364],
] as const;

export function judge(text: string, format: SampleFormat): Judgement {
  const judgement: Judgement = { rows: 0, created: 0, duplicates: 0, refused: {}, numbers: new Set() };
  for (const row of format === 'ndjson' ? readLines(text) : readTable(text)) {
    judgement.rows++;
    const verdict = typeof row === 'number' ? row : judgeRow(row);
    if (typeof verdict === 'number') {
      judgement.refused[verdict] = (judgement.refused[verdict] ?? 0) + 1;
    } else if (judgement.numbers.has(verdict)) {
      judgement.duplicates++;
    } else {
      judgement.created++;
      judgement.numbers.add(verdict);
    }
  }
  return judgement;
}

/** The rows of a table, or the code for those that cannot be one. */
function* readTable(text: string): Generator<Cells | number> {
  const header = text.split(/\r?\n/).find((line) => HEADERS.number.some((name) => line.includes(name)))!;
  const delimiter = ['\t', ';', ','].find((each) => header.includes(each))!;
  const options = { delimiter, bom: true, relax_column_count: true, skip_empty_lines: true };
  const table: string[][] = parse(text, options);
  const at = table.findIndex((cells) => cells.some((cell) => HEADERS.number.includes(cell.trim())));
  const columns = table[at]!.map((name) =>
    (Object.keys(HEADERS) as (keyof Cells)[]).find((field) => HEADERS[field].includes(name.trim())),
  );
  for (const cells of table.slice(at + 1)) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (cells.length > columns.length) yield 9013;
    else yield Object.fromEntries(cells.map((cell, index) => [columns[index], cell]));
  }
}

function* readLines(text: string): Generator<Cells | number> {
  for (const line of text.replace('\uFEFF', '').split('\n')) {
    if (line.trim() === '') continue;
    let object: Record<string, unknown>;
    try {
      object = JSON.parse(line);
    } catch {
      yield 1005;
      continue;
    }
    if (Array.isArray(object)) {
      yield 1005;
      continue;
    }
    const number = object.phone ?? object.number;
    if (typeof number !== 'string') yield 9013;
    else {
      const { firstName, lastName, first_name = firstName, last_name = lastName } = object;
      const { custom1, custom2, timestamp = custom1, date = custom2, tags } = object;
      const texts = { number, first_name, last_name, timestamp, date, tags: tags && (tags as string[]).join(';') };
      yield Object.fromEntries(Object.entries(texts).filter(([, value]) => typeof value === 'string')) as Cells;
    }
  }
}

/** The number of a row that is accepted, or the code of its one broken rule. */
function judgeRow(cells: Cells): string | number {
  const codes: number[] = LIMITS.filter(([field, max]) => [...(cells[field] ?? '').trim()].length > max).map(
    ([, , code]) => code,
  );
  if ((cells.tags ?? '').split(/[;,]/).length > 10) codes.push(1359);
  const number = judgeNumber(cells.number ?? '');
  if (typeof number === 'number') codes.push(number);
  if (codes.length > 1) throw new Error(`A sample row must break one rule at most: ${JSON.stringify(cells)}`);
  return codes[0] ?? number;
}

function judgeNumber(text: string): string | number {
  const shown = text.replace(/[\u202A-\u202C]/g, '').trim();
  if (shown === '') return 1353;
  if ([...text.trim()].length > 45) return 1355;
  const plain = shown
    .normalize('NFKC')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/^\((\+\d+)\)/, '$1')
    .replace(/^00/, '+');
  const phone = parsePhoneNumberFromString(plain.startsWith('+') ? plain : `+${plain}`, { extract: false });
  return phone?.isValid() && phone.ext === undefined ? phone.number : 1354;
}
