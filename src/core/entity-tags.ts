/**
 * Entity tags (RFC 9110, section 8.8.3) of contacts and audiences, and what a client may ask of them. A tag is made of what it
 * stands for: the same on every store and every server, it needs no column, and what is changed back has its old tag again.
 */
import { hash } from 'node:crypto';
import { failure } from './errors.ts';
import type { Audience } from './store.ts';

/** Tags as a client lists them, quotes and `W/` included; `*` stands for whatever there is. */
export type TagList = '*' | string[];

/** What must hold of the thing that a write is about. */
export interface Precondition {
  /** It has one of these tags. A weak one is none of them: only strong tags tell what was read byte by byte. */
  match?: TagList | undefined;
  /** It has none of these. */
  noneMatch?: TagList | undefined;
}

/** Characters of a digest in a tag: 132 bits. */
const LENGTH = 22;
/** Between what can be changed of an audience and its count. */
const SEPARATOR = '.';

const digest = (text: string) => hash('sha256', text, 'base64url').slice(0, LENGTH);

/** The tag of a contact, from its document: it moves with every member. */
export function contactTag(document: string): string {
  return `"${digest(document)}"`;
}

/**
 * The tag of an audience: of what can be changed of it, and of how many contacts it has. Who reads it again learns of both. Who
 * renames or deletes it is held to the first part alone: else nobody could while contacts come and go.
 */
export function audienceTag({ id, name, update_date, contacts_count }: Audience): string {
  return `"${digest(`${id} ${update_date} ${name}`)}${SEPARATOR}${contacts_count.toString(36)}"`;
}

/** Whether a tag is in the list by the weak comparison, which caches are answered by. */
export function isListed(tag: string, list: TagList): boolean {
  return list === '*' || list.some((each) => each === tag || each === `W/${tag}`);
}

/** Raises 9009 unless the contact with this document is as the precondition wants it. */
export function requireContact(document: string, precondition: Precondition | undefined): void {
  if (precondition !== undefined) check(contactTag(document), precondition, (tag) => tag);
}

/** Raises 9009 unless the audience is as the precondition wants it, its count aside. */
export function requireAudience(audience: Audience, precondition: Precondition | undefined): void {
  if (precondition !== undefined) check(audienceTag(audience), precondition, withoutCount);
}

function check(tag: string, { match, noneMatch }: Precondition, part: (tag: string) => string): void {
  const own = part(tag);
  const isMatched = match === undefined || match === '*' || match.some((each) => part(each) === own);
  const isRefused = noneMatch !== undefined && isListed(own, noneMatch === '*' ? '*' : noneMatch.map(part));
  if (!isMatched || isRefused) throw failure(9009);
}

function withoutCount(tag: string): string {
  const end = tag.lastIndexOf(SEPARATOR);
  return end < 0 ? tag : `${tag.slice(0, end)}"`;
}
