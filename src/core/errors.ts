/**
 * The error catalogue (README, "Errors"): every code Muster answers with, its HTTP status and its message.
 * 13xx and 1xxx codes are those of the API Muster speaks; 1356-1358 are in use there and unpublished, so never used here.
 * Codes from 9000 are Muster's own. `{place}` stands for the member's path, as `data.contacts[3].number`.
 */
export const ERRORS = {
  1005: { status: 400, message: 'The body is not valid JSON' },
  1007: { status: 400, message: "'data' is required" },
  1301: { status: 404, message: 'Audience is not found' },
  1302: { status: 400, message: 'Invalid audience identifier' },
  1303: { status: 400, message: "'{place}' is required" },
  1304: { status: 400, message: "'{place}' is invalid" },
  1305: { status: 400, message: "'{place}' is too long" },
  1306: { status: 400, message: "'{place}' is missing" },
  1307: { status: 400, message: "'{place}' should be in: [SMS, WHATSAPP, VIBER]" },
  1308: { status: 400, message: "'{place}' must be at most [1000] items in length" },
  1309: { status: 409, message: 'Audience already exists' },
  1351: { status: 404, message: 'Contact is not found' },
  1352: { status: 400, message: 'Invalid contact identifier' },
  1353: { status: 400, message: "'{place}' is required" },
  1354: { status: 400, message: "'{place}' is invalid" },
  1355: { status: 400, message: "'{place}' is too long" },
  1359: { status: 400, message: "'{place}' must be at most [10] items in length" },
  1360: { status: 409, message: 'Contact already exists' },
  1361: { status: 400, message: 'First name is too long' },
  1362: { status: 400, message: 'Last name is too long' },
  1363: { status: 400, message: 'Timestamp value is too long' },
  1364: { status: 400, message: 'Date value is too long' },
  9001: { status: 401, message: 'API key is missing or unknown' },
  9002: { status: 403, message: "The key's scope does not allow this" },
  9003: { status: 404, message: 'No such path' },
  9004: { status: 405, message: 'Method is not allowed here' },
  9005: { status: 415, message: 'Unsupported media type: send application/json' },
  9006: { status: 413, message: 'The body is too large' },
  9007: { status: 403, message: 'X-Muster-CSRF is missing or not that of the session' },
  9008: { status: 429, message: 'Too many requests' },
  9009: { status: 412, message: 'It has changed since it was read' },
  9010: { status: 400, message: "'page_token' is invalid" },
  9011: { status: 400, message: "'page_size' must be a whole number from 1 to 1000" },
  9012: { status: 400, message: 'A filter is invalid' },
  9013: { status: 400, message: "'{place}' is of the wrong type or form" },
  9014: { status: 409, message: 'The Idempotency-Key was used for another request' },
  9020: { status: 404, message: 'Import is not found' },
  9021: { status: 400, message: 'Invalid import identifier' },
  9022: { status: 409, message: "The import's state does not allow this" },
  9023: { status: 400, message: 'The file cannot be read as contacts' },
  9024: { status: 409, message: 'The import would remove too many contacts' },
  9030: { status: 404, message: 'Key is not found' },
  9031: { status: 400, message: 'Invalid key identifier' },
  9032: { status: 409, message: 'A key cannot revoke itself' },
  9500: { status: 500, message: 'Internal error' },
  9503: { status: 503, message: 'Not ready, try again shortly' },
} as const satisfies Record<number, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One broken rule: its code, what to tell the client, and for 1360 the contact that exists already. */
export interface Problem {
  code: ErrorCode;
  message: string;
  contact_id?: string;
}

/**
 * A problem with the catalogue's message.
 * @param place path of the member at fault, as `data.number`; named in the message where the catalogue's text has no room for it
 *   only when it lies inside a list (`data.contacts[3].first_name`).
 * @param detail replaces the catalogue's message by a more helpful one.
 */
export function problem(code: ErrorCode, place?: string, detail?: string): Problem {
  const text: string = detail ?? ERRORS[code].message;
  if (place === undefined || text.includes('{place}'))
    return { code, message: text.replace('{place}', place ?? 'data') };
  return { code, message: place.includes('[') ? `'${place}': ${text}` : text };
}

/** What core and stores throw when a request cannot be done: all its broken rules, never an HTTP word. */
export class MusterError extends Error {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map((each) => `${each.code} ${each.message}`).join('; '));
    this.name = 'MusterError';
    this.problems = problems;
  }
}

/** The error for a single broken rule. */
export function failure(code: ErrorCode, place?: string, detail?: string): MusterError {
  return new MusterError([problem(code, place, detail)]);
}

/** Something the operator must mend before Muster can run: a wrong variable, a directory that cannot be written. */
export class SetupError extends Error {
  override name = 'SetupError';
}
