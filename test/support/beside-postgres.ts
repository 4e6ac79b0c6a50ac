/**
 * Runs a command with TEST_DATABASE_URL: where it names no server, beside one that is there only meanwhile.
 * `npm run beside-postgres -- npm test`
 */
import { spawn } from 'node:child_process';
import { SERVER_URL } from './postgres.ts';
import { makeServer, NEEDS_PROGRAMS } from './postgres-server.ts';

const [command, ...args] = process.argv.slice(2);
if (command === undefined || (SERVER_URL === undefined && NEEDS_PROGRAMS)) {
  console.error(NEEDS_PROGRAMS || 'say which command to run');
  process.exit(2);
}
const server = SERVER_URL === undefined ? await makeServer() : undefined;
const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, TEST_DATABASE_URL: SERVER_URL ?? server!.url },
});
// Ctrl-C reaches the command as well, and the server is removed when that has ended.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill());
child.once('error', ({ message }) => console.error(message));
child.once('close', async (code) => {
  await server?.remove();
  process.exit(code ?? 1);
});
