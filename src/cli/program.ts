/** Every command on one page. */
import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addAccountCommands } from './accounts.ts';
import { addAudienceCommands } from './audiences.ts';
import { examples } from './command.ts';
import { addCompletionCommand } from './completion.ts';
import { addConsoleCommand } from './console.ts';
import { addContactCommands } from './contacts.ts';
import { addCopyCommand } from './copy.ts';
import { addExportCommand } from './export.ts';
import { addOverviewCommand } from './figures.ts';
import { addImportCommands } from './import-commands.ts';
import { addKeyCommands } from './keys.ts';
import { addLoginCommands } from './login.ts';
import { addMaintenanceCommands } from './maintenance.ts';
import { paint, useNoColour } from './style.ts';

/** The whole command, ready to be run or to be looked at. */
export function makeProgram(): Command {
  const program = new Command('muster')
    .description('The contact store for messaging.')
    .version(manifest.version)
    .option('--no-color', 'no colours; the variable NO_COLOR says the same')
    .on('option:no-color', useNoColour)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, paint('red', 'error:', process.stderr))),
    })
    .configureHelp({ styleTitle: (title) => paint('bold', title), styleCommandText: (text) => paint('cyan', text) })
    .exitOverride()
    .addHelpText(
      'after',
      `
Accounts, keys and everything under "The store" work on the store itself (MUSTER_DATA, or DATABASE_URL). Audiences,
contacts and files go through a server (MUSTER_URL, MUSTER_KEY, or muster login).
${examples(
  'muster serve',
  'muster import contacts.csv --audience Customers --create',
  "muster contacts search 'ana petro' --audience Customers",
)}

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some rows were refused, 130 interrupted.`,
    );
  program.commandsGroup('Contacts:');
  addAudienceCommands(program);
  addContactCommands(program);
  addImportCommands(program);
  addExportCommand(program);
  addOverviewCommand(program);
  program.commandsGroup('The store:');
  program
    .command('serve')
    .description('run the server, as npm start does')
    .addHelpText('after', examples('muster serve', 'PORT=8231 MUSTER_DATA=/var/lib/muster muster serve'))
    .action(async () => {
      const { serve } = await import('../server.ts');
      await serve();
    });
  addAccountCommands(program);
  addKeyCommands(program);
  addConsoleCommand(program);
  addMaintenanceCommands(program);
  addCopyCommand(program);
  program.commandsGroup('This terminal:');
  addLoginCommands(program);
  program.helpCommand('help [command]', 'show what a command does, and examples');
  addCompletionCommand(program);
  sayWhereHelpIs(program, 'muster');
  return program;
}

function sayWhereHelpIs(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help shows what there is)`);
  for (const each of command.commands) sayWhereHelpIs(each, `${name} ${each.name()}`);
}
