/** `muster completion`: scripts for shells, made from the command tree, so that a key press costs no process. */
import { Argument, type Command } from 'commander';
import { examples } from './command.ts';
import { scriptForBash } from './completion-bash.ts';
import { scriptForFish } from './completion-fish.ts';
import type { Level } from './completion-level.ts';
import { scriptForZsh } from './completion-zsh.ts';
import { print } from './output.ts';

const SHELLS = { bash: scriptForBash, zsh: scriptForZsh, fish: scriptForFish };

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      examples(
        'echo \'eval "$(muster completion bash)"\' >> ~/.bashrc',
        'echo \'eval "$(muster completion zsh)"\' >> ~/.zshrc     # behind compinit',
        'muster completion fish > ~/.config/fish/completions/muster.fish',
      ),
    )
    .action((shell: keyof typeof SHELLS) => print(SHELLS[shell](levelsOf(program))));
}

/** The tree of a program, level by level. */
function levelsOf(program: Command): Level[] {
  const help = program.createHelp();
  const global = program.options.filter(({ long }) => long !== '--version');

  function levels(command: Command, path: string[]): Level[] {
    const options = [...help.visibleOptions(command), ...(command === program ? [] : global)];
    return [
      {
        path,
        commands: command.commands.map((each) => ({ name: each.name(), about: each.description() })),
        options: options.map(({ long, description, required, optional, argChoices, flags }) => ({
          flag: long!,
          about: description,
          takesValue: required || optional,
          choices: argChoices ?? [],
          takesFile: /<file>/.test(flags),
        })),
        choices: command.registeredArguments[0]?.argChoices ?? [],
        takesFiles: command.registeredArguments.some((argument) => argument.name() === 'file'),
      },
      ...command.commands.flatMap((each) => levels(each, [...path, each.name()])),
    ];
  }

  return levels(program, []);
}
