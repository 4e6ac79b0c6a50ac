/** Help: of every command of the tree, and for what is misspelt. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { makeProgram } from '../../src/cli/program.ts';
import { runMuster } from '../support/command-line.ts';

/** Every command, by its name in full. */
function commandsOf(command: Command, name = 'muster'): [name: string, command: Command][] {
  return [[name, command], ...command.commands.flatMap((each) => commandsOf(each, `${name} ${each.name()}`))];
}

const COMMANDS = commandsOf(makeProgram());

function helpOf(command: Command): string {
  let help = '';
  const writeOut = (text: string) => {
    help += text;
  };
  command.configureOutput({ writeOut }).outputHelp();
  return help;
}

describe('help', () => {
  for (const [name, command] of COMMANDS) {
    it(name, () => {
      const help = helpOf(command);
      assert.ok(help.startsWith(`Usage: ${name}`), help);
      assert.match(command.description(), /\S{3}/);
      for (const { long, description } of command.options)
        assert.notEqual(description, '', `${name} ${long} says nothing`);
      if (command.commands.length > 0 && name !== 'muster') return;
      assert.match(help, /\nExamples:\n( {2}\S.*\n)+/);
      for (const [, example] of help.matchAll(/^ {2}(?:export \w+=\$\()?(muster .*)$/gm)) areKnown(example!);
      assert.ok(
        help.split('\n').every((line) => line.length <= 120),
        'lines fit a terminal',
      );
    });
  }

  /** The commands and options of an example exist. */
  function areKnown(example: string): void {
    const own = example.split(/ [|<>&] /)[0]!;
    const words = own.replace(/'[^']*'|"[^"]*"/g, 'text').split(' ');
    const known = COMMANDS.filter(([name]) => words.join(' ').startsWith(name)).at(-1)!;
    const options = [...known[1].options, ...COMMANDS[0]![1].options].map(({ long }) => long);
    for (const [option] of own.matchAll(/--[a-z-]+/g)) assert.ok(options.includes(option), `${example}: ${option}`);
    assert.ok(known[1].commands.length === 0, `${example}: no such command`);
  }
});

describe('what is misspelt', () => {
  const WRONG: [args: string[], says: string][] = [
    [['exprt', 'x'], '(Did you mean export?)'],
    [['contacts', 'serch', 'x'], '(Did you mean search?)'],
    [['contacts', 'list', '--audence', 'x'], '(Did you mean --audience?)'],
    [['imports', 'list', '--jsno'], '(Did you mean --json?)'],
    [['--no-colour', 'doctor'], '(Did you mean --no-color?)'],
  ];
  for (const [args, says] of WRONG) {
    it(args.join(' '), async () => {
      const { code, stdout, stderr } = await runMuster(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^error: unknown (command|option) '/);
      assert.ok(stderr.includes(says), stderr);
      assert.match(stderr, /\(muster[a-z ]* --help shows what there is\)\n$/);
    });
  }
});
