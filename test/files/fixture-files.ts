/** The folder of small files as people have them: each beside what an import makes of it, as `NAME.expected.json`. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';

const FOLDER = new URL('../fixtures/files/', import.meta.url);

/** What an import of a file says, and, of some, what reading it gives before any rule of a contact is looked at. */
export interface ExpectedFile {
  /** Options of the import, as in its query; the mapping as an object. */
  options?: Record<string, unknown>;
  /** Why it fails as a whole; then there is nothing else. */
  error?: string;
  format?: string;
  encoding?: string;
  mapping?: Record<string, string>;
  ignored_columns?: string[];
  /** In the file's order; a contact's members where they are not empty. */
  verdicts?: Record<string, unknown>[];
  read?: { layout: Record<string, unknown>; rows: ReadRow[] };
}

export interface ReadRow {
  line: number;
  contact?: Record<string, unknown>;
  code?: number;
  says?: string;
}

export interface Fixture {
  /** Its folder and name, as `headers/brevo.csv`. */
  title: string;
  /** Its name alone. */
  name: string;
  bytes: Buffer;
  expected: ExpectedFile;
}

/** All of them, sorted. A file without an expectation makes it throw. */
export function fixtureFiles(): Fixture[] {
  return listFiles()
    .filter((path) => !path.endsWith('.json'))
    .map((title) => ({
      title,
      name: basename(title),
      bytes: readFileSync(new URL(title, FOLDER)),
      expected: JSON.parse(readFileSync(new URL(expectationOf(title), FOLDER), 'utf8')),
    }));
}

/** Expectations whose file is gone. */
export function lostExpectations(): string[] {
  const files = listFiles();
  const wanted = new Set(files.filter((path) => !path.endsWith('.json')).map(expectationOf));
  return files.filter((path) => path.endsWith('.json') && !wanted.has(path));
}

function expectationOf(path: string): string {
  return `${path.slice(0, -extname(path).length)}.expected.json`;
}

function listFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\/[^/.][^/]*\.\w+$/.test(path))
    .sort();
}
