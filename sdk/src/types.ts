/** What travels: accounts, audiences, contacts and calls with many of them, spelled as on the wire. */

/** A moment in UTC, as `2026-03-01 13:00:00`. */
export type MusterDate = string;

/** What the contacts of an audience are reached by. */
export type Channel = 'SMS' | 'WHATSAPP' | 'VIBER';

export interface Account {
  id: string;
  /** Given by the operator. */
  name: string;
  create_date: MusterDate;
}

/** An audience in a list. */
export interface Audience {
  /** Ids sort by creation. */
  id: string;
  account_id: string;
  /** Unique in its account, compared without case. */
  name: string;
  channel: Channel;
  /** How many contacts it holds. */
  contacts_count: number;
  create_date: MusterDate;
  /** When it was last renamed. */
  update_date: MusterDate;
}

/** An audience with absolute URLs of what belongs to it. */
export interface SingleAudience extends Audience {
  links: { self: string; account: string; contacts: string };
}

export interface AudienceInput {
  /** 1 to 45 characters: letters of any script, digits, `-`, `_` and single spaces between them. */
  name: string;
  channel: Channel;
  /** Its first contacts, up to 1,000: all of them are stored, or none. */
  contacts?: ContactInput[];
}

/** A contact in a list. Texts are `null` when there are none. */
export interface Contact {
  /** Ids sort by creation. */
  id: string;
  /** E.164 digits without the plus; unique in its audience. */
  number: string;
  first_name: string | null;
  last_name: string | null;
  /** Free text for personalising messages, up to 32 characters. */
  timestamp: string | null;
  /** Free text for personalising messages, up to 70 characters. */
  date: string | null;
  /** `timestamp`, by its newer name. */
  custom1: string | null;
  /** `date`, by its newer name. */
  custom2: string | null;
  /** In the order given. */
  tags: string[];
  create_date: MusterDate;
  /** When something of it last really changed. */
  update_date: MusterDate;
  account_id: string;
  audience_id: string;
}

/** A contact with absolute URLs of what it belongs to. */
export interface SingleContact extends Contact {
  links: { self: string; account: string; audience: string };
}

/** A contact to create. `null` and empty text mean none. */
export interface ContactInput {
  /** In international form, in any usual spelling: `+1 (202) 555-0150`, `0012025550150`. */
  number: string;
  /** Up to 32 characters. */
  first_name?: string | null;
  /** Up to 32 characters. */
  last_name?: string | null;
  /** Free text, up to 32 characters. */
  timestamp?: string | null;
  /** Free text, up to 70 characters. */
  date?: string | null;
  /** `timestamp`, by its newer name; given together, the two must agree. */
  custom1?: string | null;
  /** `date`, by its newer name; given together, the two must agree. */
  custom2?: string | null;
  /** Up to 10 labels of up to 32 characters. A repeat is dropped. */
  tags?: string[] | null;
}

/** What to change of a contact: what is absent keeps its value, `null` clears it. */
export type ContactChange = Partial<ContactInput>;

/** What to do with a number that the audience has already: change the members given, leave it, or refuse the row. */
export type OnConflict = 'update' | 'skip' | 'error';

/** A rule that a row breaks. */
export interface RowError {
  /** See the catalogue of errors in the server's documents. */
  code: number;
  /** For people; names the member at fault. */
  message: string;
  /** With 1360: the contact that has the number. */
  contact_id?: string;
}

/** A broken rule of a request. */
export interface ErrorDetail extends RowError {
  timestamp: MusterDate;
  path: string;
  method: string;
  status: number;
}

/** A row of many that was accepted. */
export interface AcceptedRow {
  /** Its place among the rows, from 0. */
  index: number;
  status: 'created' | 'updated' | 'unchanged' | 'skipped';
  /** The contact's id. */
  id: string;
  /** E.164 digits. */
  number: string;
}

/** A row of many that breaks a rule: nothing of it was stored. */
export interface RefusedRow {
  /** Its place among the rows, from 0. */
  index: number;
  status: 'refused';
  errors: RowError[];
}

export type BulkResult = AcceptedRow | RefusedRow;

/** What became of the rows of a bulk call. The five counts add up to the rows. */
export interface BulkOutcome {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  /** One for every row, in the order sent. */
  results: BulkResult[];
}
