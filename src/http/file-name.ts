/** The name of a file in the header Content-Disposition (RFC 6266), as it comes and as it goes. */
import { isUtf8 } from 'node:buffer';

const EXTENDED = /(?:^|;)\s*filename\*\s*=\s*utf-8'[\w-]*'([^\s;"]+)/i;
const PLAIN = /(?:^|;)\s*filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]+))/i;

/** The file's name without its directories; null when the header names none. */
export function readFileName(header: string | undefined): string | null {
  if (header === undefined) return null;
  const extended = decodePercent(EXTENDED.exec(header)?.[1]);
  if (extended !== undefined) return baseName(extended);
  const [, quoted, token] = PLAIN.exec(header) ?? [];
  const name = quoted?.replace(/\\(["\\])/g, '$1') ?? token;
  return name === undefined ? null : baseName(asSent(name));
}

/** The name behind the last slash of either kind; null when nothing is left. */
export function baseName(path: string): string | null {
  const name = path.replace(/^.*[/\\]/s, '');
  return name === '' ? null : name;
}

/** A header that has the answer kept as a file of this name. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const extended = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`;
}

/** Node reads headers as Latin-1; clients write names in UTF-8. */
function asSent(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : text;
}

function decodePercent(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
