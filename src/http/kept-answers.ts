import type { Store } from '../core/store.ts';

/** All that is kept, questions and answers, in bytes or characters; a full store of answers is emptied. */
const MAX_KEPT = 8 * 1024 * 1024;
const MAX_ANSWER = 256 * 1024;
/** Up to this many characters a text leaves in one write together with its head; longer ones are cheaper as bytes. */
const SHORT = 4096;

/**
 * Answers to reads, kept as bytes for as long as nothing at all was written: the store's version tells, exactly. Whoever asks
 * the same again between two writes (a console, a poll, many readers of a first page) is answered from memory.
 */
export function makeKeptAnswers(store: Store) {
  const kept = new Map<string, string | Buffer>();
  let version: number | undefined;
  let bytes = 0;

  function forget(now: number | undefined): void {
    kept.clear();
    bytes = 0;
    version = now;
  }

  /** The answer to a question, made now or kept. @param question all that the answer depends on beside the store. */
  return async function answerTo(question: string, make: () => Promise<string>): Promise<string | Buffer> {
    const before = store.version();
    if (before === undefined) return toBody(await make());
    if (before !== version) forget(before);
    const known = kept.get(question);
    if (known !== undefined) return known;
    const answer = toBody(await make());
    // What was written while the answer was made may be in it or not: only a quiet moment's answer is kept.
    if (answer.length > MAX_ANSWER || version !== before || store.version() !== before) return answer;
    const size = question.length + answer.length;
    if (bytes + size > MAX_KEPT) forget(before);
    kept.set(question, answer);
    bytes += size;
    return answer;
  };
}

/** JSON text in the form that costs least to send. */
export function toBody(json: string): string | Buffer {
  return json.length <= SHORT ? json : Buffer.from(json);
}
