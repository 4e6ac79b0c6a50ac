/** What commands have in common. */
import { type Command, Option } from 'commander';
import type { Muster } from '../../sdk/src/index.ts';
import { connect, type ServerOptions } from './connection.ts';

/**
 * Gives a command the options of a server and runs it with a client. @param run is given the arguments and may answer an exit
 * code.
 */
export function onServer<Options>(
  command: Command,
  run: (muster: Muster, options: Options, ...args: string[]) => Promise<unknown>,
): Command {
  return command
    .option('--url <url>', 'the server, instead of MUSTER_URL')
    .option('--key <key>', 'the API key, instead of MUSTER_KEY')
    .action(async () => {
      const { url, key, ...options } = command.opts<ServerOptions & Options>();
      const code = await run(connect({ url, key }), options as Options, ...command.args);
      if (typeof code === 'number') process.exitCode = code;
    });
}

/** Gives a command the audience that it works in. */
export function inAudience(command: Command): Command {
  // An option that is misspelt is to be told of as that, and not as missing: commander looks for missing ones first.
  return command.option('--audience <name or id>', 'the audience they are in (required)').hook('preAction', () => {
    if (command.getOptionValue('audience') !== undefined) return;
    command.error("error: required option '--audience <name or id>' not specified");
  });
}

/** Gives a command the choice of contacts by their tags, as the option `tag`. */
export function byTag(command: Command): Command {
  return command.option('--tag <tag>', 'only those that carry this tag; repeatable: all of them', collect);
}

/** For an option that may be said several times: all that was said. */
export function collect(value: string, values: string[] = []): string[] {
  return [...values, value];
}

/** Reads tags that are separated by commas; an empty text is none. */
export function readTags(text: string): string[] {
  return text.split(',').filter((tag) => tag.trim() !== '');
}

/** Gives a command that prints data the choice of its form. */
export function printing(command: Command): Command {
  return command
    .option('--json', 'JSON lines; also without this where the output is no terminal')
    .option('--table', 'a table, also where the output is no terminal');
}

/** As `printing`, of a list that may be long. */
export function listing(command: Command, items: string): Command {
  return printing(command.option('--limit <count>', `most ${items} to show (default: 50)`).option('--all', 'show all'));
}

/** An option whose usual values are told, and completed, though what takes them may know more. */
export function suggesting(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...values];
  return option;
}

/** Lines for the end of a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
