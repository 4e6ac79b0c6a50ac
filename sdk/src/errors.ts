import type { Import } from './import-types.ts';
import type { ErrorDetail } from './types.ts';

interface MusterErrorOptions extends ErrorOptions {
  isOutcomeUnknown?: boolean;
}

/** What an answer that is no success said. */
export interface ErrorAnswer {
  status: number;
  errors: ErrorDetail[];
  requestId?: string | undefined;
  /** Seconds that the server asks to wait. */
  retryAfter?: number | undefined;
}

/**
 * Every error that this package raises, but for misuse (TypeError) and what an aborted signal gives as its reason.
 *
 * @example
 * try {
 *   await audience.contacts.create({ number: '12' });
 * } catch (error) {
 *   if (error instanceof ValidationError) console.log(error.code, error.errors[0].message);
 * }
 */
export class MusterError extends Error {
  override name = 'MusterError';
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The first error's code; the whole catalogue stands in the server's documents. */
  readonly code: number | undefined;
  /** All broken rules, not the first alone. Empty when the answer did not come from the API itself. */
  readonly errors: readonly ErrorDetail[];
  /** The answer's `X-Request-Id`, under which the server's log has it. */
  readonly requestId: string | undefined;
  /** Whether what was asked for may have been done all the same: the line broke, or a proxy got no answer. */
  readonly isOutcomeUnknown: boolean;

  constructor(message: string, answer?: ErrorAnswer, { isOutcomeUnknown, ...options }: MusterErrorOptions = {}) {
    super(message, options);
    this.status = answer?.status;
    this.errors = answer?.errors ?? [];
    this.code = this.errors[0]?.code;
    this.requestId = answer?.requestId;
    this.isOutcomeUnknown = isOutcomeUnknown ?? [408, 502, 504].includes(answer?.status ?? 0);
  }
}

/** What answers is no server of this API: a page, a redirect. */
export class ProtocolError extends MusterError {
  override name = 'ProtocolError';
}

/** 401: the key is missing, unknown, revoked or expired. */
export class AuthenticationError extends MusterError {
  override name = 'AuthenticationError';
}

/** 403: the key's scope does not allow this. */
export class PermissionError extends MusterError {
  override name = 'PermissionError';
}

/** 404: there is no such thing, or it is another account's. */
export class NotFoundError extends MusterError {
  override name = 'NotFoundError';
}

/** 409: what exists, or the state it is in, does not allow this. */
export class ConflictError extends MusterError {
  override name = 'ConflictError';
}

/** 409 (1360): a contact with this number exists. */
export class DuplicateContactError extends ConflictError {
  override name = 'DuplicateContactError';
  /** The contact that has the number, where the server says it: Muster does. */
  readonly contactId: string | undefined;

  constructor(message: string, answer: ErrorAnswer) {
    super(message, answer);
    this.contactId = answer.errors.find(isDuplicate)?.contact_id;
  }
}

/** 409 (9014): the idempotency key was given to another request before. Nothing was changed. */
export class IdempotencyKeyReusedError extends ConflictError {
  override name = 'IdempotencyKeyReusedError';
}

/** 412: it has changed since it was read. */
export class PreconditionFailedError extends MusterError {
  override name = 'PreconditionFailedError';
}

/** Any other 4xx: the request breaks rules. `errors` has them all. */
export class ValidationError extends MusterError {
  override name = 'ValidationError';
}

/** 429, after all retries: more requests than the server allows. Nothing was changed. */
export class RateLimitError extends MusterError {
  override name = 'RateLimitError';
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(message: string, answer: ErrorAnswer) {
    super(message, answer);
    this.retryAfter = answer.retryAfter;
  }
}

/** 5xx: the server's own fault, which its log tells under `requestId`. */
export class ServerError extends MusterError {
  override name = 'ServerError';
}

/** 502, 503 or 504, after all retries: the server is not ready. After 503 nothing was changed. */
export class UnavailableError extends ServerError {
  override name = 'UnavailableError';
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(message: string, answer: ErrorAnswer) {
    super(message, answer);
    this.retryAfter = answer.retryAfter;
  }
}

/** No whole answer came, after all retries that are safe. */
export class ConnectionError extends MusterError {
  override name = 'ConnectionError';

  /** @param isOutcomeUnknown false when nobody was reached at all. */
  constructor(message: string, isOutcomeUnknown: boolean, cause?: unknown) {
    super(message, undefined, { isOutcomeUnknown, cause });
  }
}

/** No answer came in time. */
export class TimeoutError extends ConnectionError {
  override name = 'TimeoutError';
}

/** An import that was waited for failed. */
export class ImportFailedError extends MusterError {
  override name = 'ImportFailedError';
  /** The import, with the reason as its `error`. */
  readonly import: Import;

  constructor(failed: Import) {
    const { code, message } = failed.error ?? { code: 0, message: 'the import failed' };
    super(`${message} (${code})`);
    this.import = failed;
  }
}

/** Of a deletion that was done before. */
export function isGone(error: unknown): boolean {
  return error instanceof NotFoundError;
}

const isDuplicate = ({ code }: ErrorDetail): boolean => code === 1360;

/** The error that an answer stands for. */
export function errorOf(answer: ErrorAnswer): MusterError {
  const { status, errors } = answer;
  const told = errors.map(({ message, code }) => `${message} (${code})`).join('; ');
  return new (classOf(status, errors))(told || `the server answered ${status}`, answer);
}

function classOf(status: number, errors: ErrorDetail[]): new (message: string, answer: ErrorAnswer) => MusterError {
  if (status === 401) return AuthenticationError;
  if (status === 403) return PermissionError;
  if (status === 404) return NotFoundError;
  if (status === 409 && errors.some(({ code }) => code === 9014)) return IdempotencyKeyReusedError;
  if (status === 409) return errors.some(isDuplicate) ? DuplicateContactError : ConflictError;
  if (status === 412) return PreconditionFailedError;
  if (status === 429) return RateLimitError;
  if (status >= 502 && status <= 504) return UnavailableError;
  if (status >= 500) return ServerError;
  return status >= 400 ? ValidationError : MusterError;
}
