import { pino } from 'pino';
import type { ServerConfig } from './config.ts';

/** The server's log: readable on a terminal, JSON lines otherwise. */
export async function makeLog(level: ServerConfig['logLevel']) {
  // `error.message` and stack of anything logged as err; requests and keys are never logged whole.
  const options = { level, base: undefined };
  if (!process.stdout.isTTY) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime });
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', sync: true }));
}
