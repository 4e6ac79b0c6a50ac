import { hash } from 'node:crypto';

/** A place in a walk: items of `size` from `position` on, which is the id of the item before (or, backwards, behind) them. */
export interface PagePlace {
  direction: 'after' | 'before';
  position: string;
  /** The page's number, from 1. */
  number: number;
  size: number;
  /** The exact count of all that matched on the walk's first page. */
  total: number;
}

const TEXT = /^([ab])(\d{1,15})\.(\d{1,4})\.(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const CHECK_LENGTH = 12;

/**
 * An opaque page token. It never expires: it holds all it needs.
 * @param scope what the walk is about, collection and filter; the token is good for that alone.
 */
export function packPageToken(place: PagePlace, scope: string): string {
  const text = `${place.direction[0]}${place.number}.${place.size}.${place.total}.${place.position}`;
  return sealed(text, scope);
}

/** The place a token holds; undefined when it is broken or of another scope. */
export function unpackPageToken(token: string, scope: string): PagePlace | undefined {
  const text = Buffer.from(token.slice(0, -CHECK_LENGTH), 'base64url').toString('latin1');
  const parts = TEXT.exec(text);
  if (parts === null || token !== sealed(text, scope)) return undefined;
  const [, direction, number, size, total, position] = parts;
  return {
    direction: direction === 'a' ? 'after' : 'before',
    number: Number(number),
    size: Number(size),
    total: Number(total),
    position: position!,
  };
}

function sealed(text: string, scope: string): string {
  return (
    Buffer.from(text, 'latin1').toString('base64url') +
    hash('sha256', `${text}\n${scope}`, 'base64url').slice(0, CHECK_LENGTH)
  );
}
