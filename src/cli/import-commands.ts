/** `muster import` and `muster imports`, as they are typed. */
import { type Command, Option } from 'commander';
import { CHANNELS } from '../core/audiences.ts';
import { IMPORT_EMPTY, IMPORT_FORMATS, IMPORT_ON_CONFLICT } from '../core/imports.ts';
import { collect, examples, listing, onServer, suggesting } from './command.ts';
import { type ImportOptions, importFile, type ReportOptions } from './import.ts';
import * as imports from './imports.ts';

/** Adds what has to do with imports to the program. */
export function addImportCommands(program: Command): void {
  addImport(program);
  const group = program
    .command('imports')
    .description('the imports on the server: those that run, and those of the last days');
  onServer(
    listing(
      group
        .command('list')
        .description('list the imports, newest first')
        .option('--audience <name or id>', 'only those of one audience'),
      'imports',
    ).addHelpText('after', examples('muster imports list', 'muster imports list --audience Customers --all --json')),
    imports.listImports,
  );
  const byId = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument('<id>')
      .addHelpText('after', examples(`muster imports ${name} 019ab1c2-…`));
  onServer<ReportOptions>(
    reporting(byId('show', 'show an import: how far it is, or what became of its rows')),
    (muster, options, id) => imports.showImport(muster, id!, options),
  );
  onServer<ReportOptions>(
    reporting(byId('run', 'run an import that was tried with --dry-run, with the same file')),
    (muster, options, id) => imports.runImport(muster, id!, options),
  );
  onServer<ReportOptions>(
    reporting(byId('cancel', 'stop an import; what is done so far stays')),
    (muster, options, id) => imports.cancelImport(muster, id!, options),
  );
  onServer<{ json?: boolean }>(
    byId('undo', 'take back what an import changed').option('--json', 'the import as one JSON object'),
    (muster, options, id) => imports.undoImport(muster, id!, options),
  );
}

function addImport(program: Command): void {
  const command = program
    .command('import')
    .description(
      'send a file of contacts to an audience: CSV, TSV or NDJSON, gzipped or not, or .xlsx; - is standard input',
    )
    .argument('[file]')
    .option('--audience <name or id>', 'where the contacts go')
    .option('--create', 'make the audience when there is none of this name')
    .addOption(suggesting('--channel <channel>', 'of an audience that is made', CHANNELS).default('SMS'))
    .option('--dry-run', 'only say what would become of every row, and change nothing')
    .option('--map <Header=field>', "which column is which field, or 'ignore'; repeatable", collect)
    .option('--default-country <country>', 'of numbers without one: two letters, as GB')
    .addOption(
      new Option('--on-conflict <what>', 'what to do with a number that is there already (default: update)').choices(
        IMPORT_ON_CONFLICT,
      ),
    )
    .addOption(
      new Option('--empty <what>', 'what an empty cell does to what is there already (default: keep)').choices(
        IMPORT_EMPTY,
      ),
    )
    .option('--tags <tags>', 'for every contact of the file, separated by commas')
    .option('--replace', 'remove the contacts that the file does not hold')
    .option('--max-removals <count or part>', 'with --replace: change nothing when it would remove more (default: 10%)')
    .addOption(
      new Option('--format <format>', 'of the file, when neither its name nor its content tells').choices(
        IMPORT_FORMATS,
      ),
    )
    .option('--encoding <encoding>', 'of the file, when it is not found out, as windows-1251')
    .option('--name <text>', "what to call the import (default: the file's name)")
    .option('--detach', 'print the id when the file is on the server, and do not wait')
    .option('--undo <id>', 'instead of a file: take back what an import changed');
  reporting(command).addHelpText(
    'after',
    `${examples(
      'muster import contacts.csv --audience Customers --create',
      'muster import contacts.xlsx --audience Customers --default-country GB --dry-run',
      "muster import crm.csv --audience Customers --map 'Cell=number' --map 'Notes=ignore' --refused refused.csv",
      'muster import all.csv.gz --audience Customers --replace --max-removals 5%',
      'zcat contacts.csv.gz | muster import - --audience Customers',
    )}

Ctrl-C while the file is sent leaves nothing behind. Later it asks on a terminal whether to cancel the import, and
elsewhere cancels it; what is done so far stays. A second Ctrl-C lets the import go on without the command.`,
  );
  onServer<ImportOptions & { undo?: string }>(command, async (muster, options, file) => {
    if (options.undo !== undefined) {
      if (file !== undefined) command.error('error: give a file or --undo, not both');
      return imports.undoImport(muster, options.undo, options);
    }
    if (file === undefined) command.error("error: missing required argument 'file'");
    if (options.audience === undefined) command.error("error: required option '--audience <name or id>' not specified");
    if (options.maxRemovals !== undefined && !options.replace) {
      command.error("error: option '--max-removals <count or part>' goes with --replace");
    }
    return importFile(muster, file!, options);
  });
}

/** The options of a command that tells how an import ended. */
function reporting(command: Command): Command {
  return command
    .option('--refused <file>', 'write the refused rows there, with their reasons, to be corrected and imported')
    .option('--show <count>', 'how many refused rows to show', '10')
    .option('--json', 'the import as one JSON object');
}
