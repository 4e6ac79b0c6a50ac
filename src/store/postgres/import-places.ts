import { failure } from '../../core/errors.ts';
import { type Database, reading } from './database.ts';
import { idOrNobody } from './ids.ts';

const MOST = 10_000;

/** Knows the audience of an import, which every statement on it needs. */
export interface ImportPlaces {
  note(importId: string, audienceId: string): void;
  /** Undefined when there is no such import. */
  find(importId: string): Promise<string | undefined>;
  /** Raises 9020. */
  of(importId: string): Promise<string>;
}

export function makeImportPlaces({ query }: Database): ImportPlaces {
  const places = new Map<string, string>();

  function note(importId: string, audienceId: string): void {
    if (places.size >= MOST) places.clear();
    places.set(importId, audienceId);
  }

  async function find(importId: string): Promise<string | undefined> {
    const known = places.get(importId);
    if (known !== undefined) return known;
    const text = 'SELECT audience_id FROM imports WHERE id = $1';
    const [row] = await reading(() => query<{ audience_id: string }>(text, [idOrNobody(importId)]));
    if (row !== undefined) note(importId, row.audience_id);
    return row?.audience_id;
  }

  return {
    note,
    find,
    async of(importId) {
      const audienceId = await find(importId);
      if (audienceId === undefined) throw failure(9020);
      return audienceId;
    },
  };
}
