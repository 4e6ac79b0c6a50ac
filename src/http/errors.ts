import { formatDate } from '../core/dates.ts';
import { ERRORS, type ErrorCode, failure, MusterError, type Problem } from '../core/errors.ts';

// What Fastify refuses before a handler runs, by its code.
const REFUSED_BY_FASTIFY: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 9006,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 9005,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 1005,
  // The client went away while it sent: nobody reads the answer, and nothing is wrong here.
  ECONNRESET: 1005,
  FST_ERR_BAD_URL: 9003,
  FST_ERR_MAX_PARAM_LENGTH: 9003,
};

/** Anything thrown, as problems of the catalogue; `isUnexpected` when the log must hear of it and the client must not. */
export function toMusterError(thrown: unknown): { error: MusterError; isUnexpected: boolean } {
  if (thrown instanceof MusterError) return { error: thrown, isUnexpected: false };
  const { code, statusCode } = thrown as { code?: string; statusCode?: number };
  const refused = statusCode === 429 ? 9008 : REFUSED_BY_FASTIFY[code ?? ''];
  if (refused !== undefined) return { error: failure(refused), isUnexpected: false };
  return { error: failure(9500), isUnexpected: true };
}

/** The status of an answer with several problems: what is wrong in the request itself goes before what it met. */
export function statusOf({ problems }: MusterError): number {
  const statuses = problems.map(({ code }) => ERRORS[code].status as number);
  return statuses.includes(400) ? 400 : statuses[0]!;
}

/** The error envelope. @param timestamp when the request was refused, in words that are given again. */
export function errorJson(
  { problems }: MusterError,
  method: string,
  path: string,
  timestamp: string = formatDate(),
): string {
  const errors = problems.map(({ code, message, ...more }: Problem) => ({
    timestamp,
    path,
    method,
    status: ERRORS[code].status,
    message,
    code,
    ...more,
  }));
  return JSON.stringify({ errors });
}
