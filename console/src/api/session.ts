/** The browser's session: a cookie that scripts cannot see, and what the server says of it. */
import { AuthenticationError, ConnectionError, MusterError } from 'muster-sdk';

export interface Session {
  account: { id: string; name: string };
  key: { id: string; name: string; prefix: string; scope: 'read' | 'write'; expire_date: string | null };
  /** What writes must carry, so that no other site can make them. */
  csrf_token: string;
}

/** Undefined when nobody is signed in. Raises ConnectionError when the server does not answer. */
export async function readSession(): Promise<Session | undefined> {
  const answer = await call('GET');
  if (answer.status === 401) return undefined;
  return (await read(answer)).data;
}

/** Raises AuthenticationError for a key that is unknown, revoked or expired. */
export async function signIn(key: string): Promise<void> {
  const answer = await call('POST', { data: { key } });
  if (answer.status === 401) throw new AuthenticationError('the key is unknown');
  if (!answer.ok) await read(answer);
}

export async function signOut(csrfToken: string): Promise<void> {
  const answer = await call('DELETE', undefined, csrfToken);
  // One that has ended by itself is over too.
  if (!answer.ok && answer.status !== 401) await read(answer);
}

async function call(method: string, body?: object, csrfToken?: string): Promise<Response> {
  const headers = new Headers();
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (csrfToken !== undefined) headers.set('x-muster-csrf', csrfToken);
  try {
    return await fetch('/console/session', { method, headers, body: body && JSON.stringify(body) });
  } catch (error) {
    throw new ConnectionError('the server does not answer', false, error);
  }
}

async function read(answer: Response): Promise<{ data: Session }> {
  if (answer.ok) return answer.json();
  if (answer.status >= 502) throw new ConnectionError(`the server answered ${answer.status}`, false);
  throw new MusterError(`the server answered ${answer.status}`);
}
