import type { Command } from 'commander';
import { readClientConfig } from '../config.ts';
import { type ApiClient, makeApiClient } from './api-client.ts';

/**
 * Gives a command the options of a server and runs it with a client. @param run is given the first argument and may
 * answer an exit code.
 */
export function onServer<Options>(
  command: Command,
  run: (client: ApiClient, options: Options, argument?: string) => Promise<unknown>,
): void {
  command
    .option('--url <url>', 'the server, instead of MUSTER_URL')
    .option('--key <key>', 'the API key, instead of MUSTER_KEY')
    .action(async () => {
      const { url, key, ...options } = command.opts();
      const config = readClientConfig({ url, key });
      const code = await run(makeApiClient(config.url, config.key), options as Options, command.args[0]);
      if (typeof code === 'number') process.exitCode = code;
    });
}

/** Lines for the end of a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
