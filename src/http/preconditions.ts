/** Conditional requests (RFC 9110, section 13): what a client says with entity tags of what it has read. */
import type { IncomingHttpHeaders } from 'node:http';
import { isListed, type Precondition, type TagList } from '../core/entity-tags.ts';
import { MusterError, type Problem, problem } from '../core/errors.ts';

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const TAGS = new RegExp(`^(?:\\s*,)*\\s*${TAG}(?:\\s*,(?:\\s*${TAG})?)*\\s*$`);
const EACH_TAG = new RegExp(TAG, 'g');

/** The tags of `If-Match` or `If-None-Match`; undefined when they are in no form that could be read. */
function readTags(header: string): TagList | undefined {
  if (header.trim() === '*') return '*';
  return TAGS.test(header) ? header.match(EACH_TAG)! : undefined;
}

/** The precondition of a write, if it has one. Raises 9013: one that cannot be read must not pass for none. */
export function readPrecondition(headers: IncomingHttpHeaders): Precondition | undefined {
  const given = { match: headers['if-match'], noneMatch: headers['if-none-match'] };
  if (given.match === undefined && given.noneMatch === undefined) return undefined;
  const problems: Problem[] = [];
  const read = (name: string, header: string | undefined): TagList | undefined => {
    const tags = header === undefined ? undefined : readTags(header);
    if (header !== undefined && tags === undefined) {
      problems.push(problem(9013, name, "'{place}' must be * or ETags as they were answered, in their quotes"));
    }
    return tags;
  };
  const precondition = { match: read('If-Match', given.match), noneMatch: read('If-None-Match', given.noneMatch) };
  if (problems.length > 0) throw new MusterError(problems);
  return precondition;
}

/** Whether the client of a read has what carries this tag already. What cannot be read of its tags is passed over. */
export function isUnchanged(headers: IncomingHttpHeaders, tag: string | undefined): boolean {
  const header = headers['if-none-match'];
  if (header === undefined || tag === undefined) return false;
  const tags = readTags(header);
  return tags !== undefined && isListed(tag, tags);
}
