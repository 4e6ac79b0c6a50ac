/** The cookie of a session (RFC 6265). Nothing but the server can read it, and no other site can make a browser send it. */
import type { IncomingHttpHeaders } from 'node:http';

const NAME = 'muster_session';
/** Browsers take a cookie of this name over HTTPS alone, and from this very host: no other can put one in its place. */
const SECURE_NAME = `__Host-${NAME}`;

const nameOf = (isSecure: boolean) => (isSecure ? SECURE_NAME : NAME);

/** The session's token that a request brings. @param isSecure whether browsers come by HTTPS. */
export function tokenIn({ cookie }: IncomingHttpHeaders, isSecure: boolean): string | undefined {
  if (cookie === undefined) return undefined;
  const begin = `${nameOf(isSecure)}=`;
  for (const pair of cookie.split(';')) {
    const text = pair.trim();
    if (text.startsWith(begin) && text.length > begin.length) return text.slice(begin.length);
  }
  return undefined;
}

/** What gives a browser the token, until it is closed or for so many milliseconds. */
export function setCookie(token: string, isSecure: boolean, lifetime: number): string {
  const attributes = `; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(lifetime / 1000)}`;
  return `${nameOf(isSecure)}=${token}${attributes}${isSecure ? '; Secure' : ''}`;
}

/** What takes it away again. */
export function clearCookie(isSecure: boolean): string {
  return setCookie('', isSecure, 0);
}
