import { MusterError, type Problem, problem } from './errors.ts';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a request's `data`; when it has none that is a problem, 1007 or 9013. */
export function readMembers(data: unknown, problems: Problem[]): Record<string, unknown> {
  if (isObject(data)) return data;
  const isMissing = data === undefined || data === null;
  problems.push(isMissing ? problem(1007) : problem(9013, 'data', `'{place}' must be an object`));
  return {};
}

/**
 * Ends a request that broke rules. What the path names comes first: `exists` raises the 404 of an audience or contact
 * that is not there, and only then are the broken rules told.
 */
export async function refuse(problems: Problem[], exists?: Promise<unknown>): Promise<never> {
  await exists;
  throw new MusterError(problems);
}
