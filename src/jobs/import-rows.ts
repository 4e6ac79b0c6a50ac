/** Rows of a file as rows of an import: numbers mended, every rule of a contact's fields checked, every refusal worded. */
import { readContact } from '../core/contact-fields.ts';
import type { ErrorCode, Problem } from '../core/errors.ts';
import type { ImportRow, Refusal } from '../core/import-job.ts';
import { type CountryCode, mendNumber, numberReasonText } from '../core/mend-number.ts';
import type { NumberRule } from '../core/number.ts';
import { type FileWords, shortCells } from '../core/verdicts.ts';
import type { FileRow } from '../files/contact-file.ts';

export interface RowRules {
  rule: NumberRule;
  country: CountryCode | undefined;
}

/** What a broken rule of a field is called in a verdict. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  1005: 'not_json',
  1359: 'too_many_tags',
  1361: 'first_name_too_long',
  1362: 'last_name_too_long',
  1363: 'timestamp_too_long',
  1364: 'date_too_long',
};

/** Judges a row by itself. Nothing of it depends on the audience: that is the store's to say. */
export function readRow(row: FileRow, { rule, country }: RowRules): { row: ImportRow; words: FileWords } {
  const { line, cells } = row;
  const refused = (refusal: Refusal) => ({
    row: { line, refusal },
    words: { line, number: null, cells, refusal, mended: [] },
  });
  if (row.fault !== undefined) {
    const { code, message } = row.fault;
    return refused({ code, reason: REASONS[code] ?? 'unreadable_row', message });
  }
  const { contact } = row;
  const mended: string[] = [];
  let number: string | undefined;
  if (typeof contact.number === 'string') {
    const found = mendNumber(contact.number, { rule, country });
    if (!('number' in found)) {
      return refused({ code: found.code, reason: found.reason, message: numberReasonText(found.reason) });
    }
    ({ number } = found);
    if (found.mended !== undefined) mended.push(...found.mended);
    // It is not judged a second time.
    contact.number = undefined;
  }
  const problems: Problem[] = [];
  const change = readContact(contact, 'row', number === undefined, rule, problems);
  if (problems.length > 0) {
    const [{ code }] = problems as [Problem];
    const message = problems.map((each) => each.message.replaceAll("'row.", "'")).join('; ');
    return refused({ code, reason: REASONS[code] ?? (code === 1353 ? 'empty' : 'wrong_form'), message });
  }
  number ??= change.number!;
  // A row with tags can still be refused, for too many of them.
  const kept = change.tags === undefined ? shortCells(cells) : cells;
  return {
    row: { line, contact: Object.assign(change, { number }) },
    words: { line, number, cells: kept, refusal: null, mended },
  };
}
