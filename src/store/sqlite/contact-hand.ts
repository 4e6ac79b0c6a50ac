import type { Contact } from '../../core/contact-document.ts';
import type { ContactDetails, ContactInput } from '../../core/contact-fields.ts';

/** An audience as the writer holds it between transactions. */
export interface WriterAudience {
  no: number;
  accountId: string;
  count: number;
  sequence: number;
  /** The id made last in the audience: the next one sorts behind it. */
  lastId: string | undefined;
}

/** A contact's row, with what imports left on it. */
export interface MetContact {
  no: number;
  document: string;
  revision: number;
  import_no: number | null;
  import_line: number | null;
  import_changed: number | null;
}

/** What an import leaves on the contacts it meets. */
export interface ImportMark {
  import: number;
  line: number;
}

/** What the writer can do with contacts, for those operations that live in files of their own. */
export interface ContactHand {
  makeId(after?: string): string;
  /** Raises 1301. */
  audienceOf(accountId: string, audienceId: string): WriterAudience;
  /** The lowest row number the audience's contacts can have, and the highest they have had. */
  firstNo(audience: WriterAudience): number;
  lastNo(audience: WriterAudience): number;
  metByNumber(audience: WriterAudience, number: string): MetContact | undefined;
  metByNo(no: number): MetContact | undefined;
  /** Its row number. */
  insert(audience: WriterAudience, input: ContactInput, mark: ImportMark): number;
  change(contact: { no: number }, before: ContactDetails, after: Contact, mark: ImportMark): void;
  mark(contact: { no: number }, mark: ImportMark): void;
  /** Gives a contact its former members and revision back. */
  restore(contact: MetContact, former: Contact, revision: number): void;
  remove(audience: WriterAudience, no: number): void;
  /** Puts a removed contact back in its place; not when its number has another contact now. Whether it did. */
  putBack(audience: WriterAudience, no: number, revision: number, former: Contact): boolean;
}
