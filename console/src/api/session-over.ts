import { makeSignal } from '../parts/signal.ts';

/** Whether the server has refused the session of a page that is in use. */
export const isSessionOver = makeSignal(false);
