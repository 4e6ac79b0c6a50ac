import { type ContactInput, LIMITS } from 'muster-sdk';
import { muster } from '../../../api/client.ts';
import type { PasteField } from './read-rows.ts';

export interface PasteRow extends ContactInput {
  /** As it was pasted. */
  cells: string[];
  /** From 1, the header among them. */
  place: number;
}

export interface Refusal {
  row: PasteRow;
  reasons: string[];
}

export interface Outcome {
  created: number;
  updated: number;
  unchanged: number;
  refused: Refusal[];
  /** What ended it before its end. */
  failure: unknown;
  done: number;
}

/** Contacts out of pasted cells. An empty cell says nothing. */
export function rowsOf(
  rows: string[][],
  isHeaded: boolean,
  fields: (PasteField | undefined)[],
  tags: string[],
): PasteRow[] {
  return rows.slice(isHeaded ? 1 : 0).map((cells, index) => {
    const row: PasteRow = { number: '', cells, place: index + (isHeaded ? 2 : 1) };
    const own: string[] = [];
    for (const [place, field] of fields.entries()) {
      const text = cells[place]?.replace(/^'(?=[+\d])/, '') ?? '';
      if (field === undefined || text === '') continue;
      if (field === 'tags')
        own.push(
          ...text
            .split(/[,;]/)
            .map((tag) => tag.trim())
            .filter(Boolean),
        );
      else row[field] = text;
    }
    const all = [...new Set([...own, ...tags])];
    return all.length > 0 ? { ...row, tags: all } : row;
  });
}

/** Adds the rows, 1,000 in a call. Those that break rules are refused alone. */
export async function runPaste(
  audienceId: string,
  rows: PasteRow[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome: Outcome = { created: 0, updated: 0, unchanged: 0, refused: [], failure: undefined, done: 0 };
  const { contacts } = muster.audience(audienceId);
  try {
    for (let from = 0; from < rows.length; from += LIMITS.contacts) {
      const batch = rows.slice(from, from + LIMITS.contacts);
      const sent = batch.map(({ cells, place, ...contact }) => contact);
      const { created, updated, unchanged, results } = await contacts.bulk(sent, {}, { signal });
      outcome.created += created;
      outcome.updated += updated;
      outcome.unchanged += unchanged;
      for (const result of results) {
        if (result.status !== 'refused') continue;
        const reasons = result.errors.map(({ message }) =>
          message.replace(/'data\.contacts\[\d+\]\.?(\w*)'/, '$1').trim(),
        );
        outcome.refused.push({ row: batch[result.index]!, reasons });
      }
      outcome.done += batch.length;
      onProgress(outcome.done);
    }
  } catch (failure) {
    outcome.failure = failure;
  }
  return outcome;
}
