/** Rows as a spreadsheet puts them on the clipboard, or as a text file has them. */

export type PasteField = 'number' | 'first_name' | 'last_name' | 'tags' | 'timestamp' | 'date';

/** The cells of pasted text. Cells are split at tabs; where there are none, at semicolons or commas. */
export function readRows(text: string): string[][] {
  const separator = text.includes('\t') ? '\t' : text.includes(';') ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((each) => each !== '')) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') {
      isQuoted = true;
      cell = '';
    } else if (character === separator) endCell();
    else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  endRow();
  return rows;
}

const NAMES: [field: PasteField, names: RegExp][] = [
  ['number', /^(?:mobile|cell|phone|tel|telephone|whats ?app|viber|number|msisdn|handy|rufnummer)/i],
  ['first_name', /^(?:first|given|vorname|name$)/i],
  ['last_name', /^(?:last|family|surname|nachname)/i],
  ['tags', /^(?:tags?|labels?|groups?)$/i],
  ['timestamp', /^(?:timestamp|custom ?1)$/i],
  ['date', /^(?:date|custom ?2)$/i],
];

/** Whether a text looks as a number does: seven digits or more, and nothing but what stands between them. */
export function looksLikeNumber(text: string): boolean {
  return /^'?[\s(]*\+?[\d\s().\-/]+$/.test(text) && text.replace(/\D/g, '').length >= 7;
}

/** Whether the first row names the columns: it holds no number, and a later one does. */
export function hasHeader(rows: string[][]): boolean {
  const [first, ...rest] = rows;
  return first !== undefined && !first.some(looksLikeNumber) && rest.some((row) => row.some(looksLikeNumber));
}

/** What each column seems to be: by its name, else the first one of numbers, then first and last names. */
export function guessFields(rows: string[][], isHeaded: boolean): (PasteField | undefined)[] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const body = isHeaded ? rows.slice(1) : rows;
  const fields: (PasteField | undefined)[] = Array.from({ length: width });
  if (isHeaded) {
    for (const [field, names] of NAMES) {
      const place = rows[0]!.findIndex((name, index) => fields[index] === undefined && names.test(name));
      if (place >= 0) fields[place] = field;
    }
  }
  if (!fields.includes('number')) {
    const numbers = (place: number) => body.filter((row) => looksLikeNumber(row[place] ?? '')).length;
    const places = fields.map((_, place) => place).filter((place) => fields[place] === undefined);
    const best = places.sort((a, b) => numbers(b) - numbers(a))[0];
    if (best !== undefined && numbers(best) > 0) fields[best] = 'number';
  }
  if (!isHeaded) {
    const names: PasteField[] = ['first_name', 'last_name'];
    for (const [place, field] of fields.entries()) {
      if (field === undefined && body.some((row) => /\p{L}/u.test(row[place] ?? ''))) fields[place] = names.shift();
    }
  }
  return fields;
}
