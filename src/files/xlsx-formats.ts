/** How numbers look in a spreadsheet: number formats (ECMA-376 part 1, 18.8.30 and 18.8.31), as far as people tell by them. */
import { readWholeXml } from './xlsx-xml.ts';

/** What a format makes of numbers: dates, times, or digits with something between them. Undefined: digits alone. */
export type NumberFormat =
  | { kind: 'date' | 'time' | 'datetime' | 'elapsed' }
  | { kind: 'digits'; mask: Mask }
  | undefined;

/** A digit's place or a text between the digits, from the left. */
type Mask = { isDigit: boolean; text: string }[];

const MAX_BYTES = 64 * 1024 * 1024;
/** Excel has 65,490 cell formats, and format codes of 255 characters. */
const MAX_FORMATS = 100_000;
const MAX_CODE = 255;

/**
 * The formats of a spreadsheet's styles: a cell names its own by number.
 * @throws ContactFileError when the part is damaged.
 */
export async function readFormats(chunks: AsyncIterable<Uint8Array>, name: string): Promise<NumberFormat[]> {
  const codes = new Map<number, NumberFormat>();
  const formats: NumberFormat[] = [];
  /** The list we are in: styles hold elements of the same names elsewhere, which no cell refers to. */
  let list = '';
  let element = '';
  let id = 0;
  let code = '';
  await readWholeXml(chunks, name, MAX_BYTES, {
    open(tag) {
      if (tag === 'numFmts' || tag === 'cellXfs') list = tag;
      element = (list === 'numFmts' && tag === 'numFmt') || (list === 'cellXfs' && tag === 'xf') ? tag : '';
      if (element !== '') {
        id = 0;
        code = '';
      }
    },
    attribute(attribute, value) {
      if (element === '') return;
      if (attribute === 'numFmtId') id = Number(value);
      else if (attribute === 'formatCode') code = value;
    },
    close(tag) {
      if (tag === list) list = '';
      if (list === 'numFmts' && tag === 'numFmt' && codes.size < MAX_FORMATS) codes.set(id, formatOf(code));
      if (list === 'cellXfs' && tag === 'xf' && formats.length < MAX_FORMATS) {
        formats.push(codes.has(id) ? codes.get(id) : builtIn(id));
      }
      // What follows inside the element has no attributes of interest.
      element = '';
    },
  });
  return formats;
}

/** The formats that have a number instead of a code; those of East Asian Excel too. */
function builtIn(id: number): NumberFormat {
  if (id === 22) return { kind: 'datetime' };
  if (id === 46) return { kind: 'elapsed' };
  if ((id >= 18 && id <= 21) || id === 32 || id === 33 || id === 45 || id === 47) return { kind: 'time' };
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return { kind: 'date' };
  return undefined;
}

/** What a format code makes of a number that is not negative. */
export function formatOf(code: string): NumberFormat {
  if (code.length > MAX_CODE || /^(general|standard)$/i.test(code)) return undefined;
  const isElapsed = /\[(h+|m+|s+)\]/i.test(code.replace(/"[^"]*"?|\\./g, ''));
  const first = code.replace(/"[^"]*"?|\\.|[_*].|\[[^\]]*\]?/g, '').split(';', 1)[0]!;
  const isHalfDay = /am\/pm|a\/p/i.test(first);
  const letters = first.replace(/am\/pm|a\/p/gi, '');
  const hasTime = isHalfDay || /[hs]/i.test(letters);
  // `m` is minutes beside hours or seconds, and months elsewhere.
  const hasDate = /[yd]/i.test(letters) || (!hasTime && !isElapsed && /m/i.test(letters));
  if (hasDate) return { kind: hasTime || isElapsed ? 'datetime' : 'date' };
  if (isElapsed) return { kind: 'elapsed' };
  if (hasTime) return { kind: 'time' };
  const mask = maskOf(code);
  return mask && { kind: 'digits', mask };
}

/**
 * The mask of a code that only sets digits apart, fills them up with zeros or puts a plus before them, as people format
 * phone numbers: `0000000000`, `+0`, `000\ 0000`. Undefined for every other code, and for digits alone.
 */
function maskOf(code: string): Mask | undefined {
  const mask: Mask = [];
  const tokens = /"([^"]*)"|\\(.)|\[\$?-?[0-9a-f]*\]|([0#])|([-+() :])|(;)|./giy;
  for (const [token, quoted, escaped, digit, sign, isOver] of code.matchAll(tokens)) {
    if (isOver !== undefined) break;
    const text = quoted ?? escaped ?? sign;
    if (digit !== undefined) mask.push({ isDigit: true, text: digit });
    else if (text !== undefined) mask.push({ isDigit: false, text });
    else if (!token.startsWith('[')) return undefined;
  }
  const digits = mask.filter(({ isDigit }) => isDigit);
  if (digits.length === 0) return undefined;
  const changes = mask.length > digits.length || digits.filter(({ text }) => text === '0').length > 1;
  return changes ? mask : undefined;
}

/** The text of a numeric cell as a person sees it, with all its digits, dates as `yyyy-MM-dd` and times as `HH:mm:ss`. */
export function numberText(text: string, format: NumberFormat, is1904: boolean): string {
  if (format === undefined) return plainText(text);
  const value = Number(text);
  if (format.kind !== 'digits') return dateText(value, format.kind, is1904) ?? plainText(text);
  return Number.isSafeInteger(value) && value >= 0 ? fill(format.mask, String(value)) : plainText(text);
}

/** A number in plain decimal notation: whole numbers in full digits, others in the 15 digits that spreadsheets have. */
export function plainText(text: string): string {
  if (isWholeNumber(text)) return text;
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (trimmed === '' || !Number.isFinite(value)) return trimmed;
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 53) return String(value);
  const shortest = String(Number(value.toPrecision(15)));
  return shortest.includes('e') ? withoutExponent(shortest) : shortest;
}

/** Whether a text is a whole number as it would be written: most numbers are, and need no more work. */
function isWholeNumber(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57 || (i === 0 && code === 48 && text.length > 1)) return false;
  }
  return text.length > 0;
}

function withoutExponent(text: string): string {
  const [, sign, whole, fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(text)!;
  const digits = whole! + fraction;
  const power = Number(exponent);
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  return sign + digits.padEnd(power + 1, '0');
}

/** Digits into their places, from the right; those that have no place stand before the first. */
function fill(mask: Mask, digits: string): string {
  let left = digits.length;
  let result = '';
  const first = mask.findIndex(({ isDigit }) => isDigit);
  for (let i = mask.length - 1; i >= 0; i--) {
    const { isDigit, text } = mask[i]!;
    if (!isDigit) result = text + result;
    else if (i === first && left > 0) {
      result = digits.slice(0, left) + result;
      left = 0;
    } else if (left > 0) result = digits[--left]! + result;
    else if (text === '0') result = `0${result}`;
  }
  return result;
}

const DAY = 86_400;
/** 31 December 9999: there are no dates behind it. */
const LAST_DAY = 2_958_465;
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);

/**
 * The date of a serial number: days since the epoch, times as fractions. Nothing is lost: a date that has a time says it,
 * whatever its format shows. Undefined for numbers that no date has.
 */
function dateText(serial: number, kind: 'date' | 'time' | 'datetime' | 'elapsed', is1904: boolean): string | undefined {
  if (!(serial >= 0 && serial <= LAST_DAY)) return undefined;
  const total = Math.round(serial * DAY);
  const seconds = total % DAY;
  const day = (total - seconds) / DAY;
  if (kind === 'elapsed') return timeText(total);
  const hasDay = kind === 'time' ? serial >= 1 : day > 0 || is1904;
  if (!hasDay) return kind === 'date' && seconds === 0 ? undefined : timeText(seconds);
  const date = dayText(day, is1904);
  return kind === 'date' && seconds === 0 ? date : `${date} ${timeText(seconds)}`;
}

function dayText(day: number, is1904: boolean): string {
  // Excel takes 1900 for a leap year: its day 60 does not exist, and the days before it are one off.
  if (!is1904 && day === 60) return '1900-02-29';
  const epoch = is1904 ? EPOCH_1904 : EPOCH_1900;
  const shift = !is1904 && day < 60 ? 1 : 0;
  return new Date(epoch + (day + shift) * DAY * 1000).toISOString().slice(0, 10);
}

function timeText(total: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** The text of a cell that holds a date in words (ISO 8601, in strict files), in the form of `numberText`. */
export function isoDateText(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d)?T?(?:(\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z?)?$/.exec(text.trim());
  if (match === null) return text.trim();
  const [, date, minutes, seconds = ':00'] = match;
  const time = minutes && minutes + seconds;
  if (time === undefined || (date !== undefined && time === '00:00:00')) return date ?? text.trim();
  return date === undefined ? time : `${date} ${time}`;
}
