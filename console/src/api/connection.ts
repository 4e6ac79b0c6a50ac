/** Whether the server can be reached. Anything that fails to reach it reports here; from then on it is asked until it answers. */
import { makeSignal } from '../parts/signal.ts';

export type Connection = 'ok' | 'gone' | 'offline';

export const connection = makeSignal<Connection>('ok');

/** Milliseconds between two questions while the server is away; the first ones come sooner. */
const LONGEST_PAUSE = 4_000;
/** How often a page that is looked at asks whether the server is still there. */
const HEARTBEAT = 15_000;

const backListeners = new Set<() => void>();
let isAsking = false;

/** Told whenever the server answers again. */
export function onBack(listener: () => void): () => void {
  backListeners.add(listener);
  return () => backListeners.delete(listener);
}

/** The server was not reached, or is not ready. */
export function reportGone(): void {
  connection.set(navigator.onLine ? 'gone' : 'offline');
  if (!isAsking) void askUntilBack();
}

async function askUntilBack(): Promise<void> {
  isAsking = true;
  for (let pause = 400; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    connection.set(navigator.onLine ? 'gone' : 'offline');
    if (await isReady()) break;
  }
  isAsking = false;
  connection.set('ok');
  for (const listener of backListeners) listener();
}

async function isReady(): Promise<boolean> {
  try {
    const answer = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(5_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Begins to notice by itself when the server goes away, or the network. */
export function watchConnection(): void {
  window.addEventListener('offline', reportGone);
  setInterval(async () => {
    if (document.visibilityState === 'visible' && !isAsking && !(await isReady())) reportGone();
  }, HEARTBEAT);
}
