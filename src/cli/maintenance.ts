/** `muster backup`, `migrate` and `doctor`: the care of a store. */
import type { Command } from 'commander';
import { readStoreConfig } from '../config.ts';
import { openStore, placeOf } from '../store/open.ts';
import { examples } from './command.ts';
import { EXIT, print, say } from './output.ts';
import { count, makeProgress } from './progress.ts';
import { withStore } from './store-access.ts';

export function addMaintenanceCommands(program: Command): void {
  program
    .command('backup')
    .description('copy the running store to a new file')
    .argument('<file>')
    .addHelpText('after', examples('muster backup "backups/muster-$(date +%F).db"'))
    .action(backUpStore);
  program
    .command('migrate')
    .description('bring the store to the newest schema, which a start does too')
    .option('--distribute', 'spread it over the machines of a Citus cluster')
    .addHelpText('after', examples('muster migrate'))
    .action(migrateStore);
  program
    .command('doctor')
    .description('check the store: integrity, counters, search index; exit code 1 when something is wrong')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('muster doctor', 'muster doctor --json | jq .findings'))
    .action(async (options: { json?: boolean }) => {
      if (!(await checkStore(options))) process.exitCode = EXIT.failed;
    });
}

/** Brings the store to the newest schema, and spreads it over the machines of a Citus cluster when that is asked for. */
async function migrateStore({ distribute = false }: { distribute?: boolean }): Promise<void> {
  const config = readStoreConfig();
  const isDistributed = config.isDistributed || distribute;
  await (await openStore({ ...config, isDistributed, role: 'administration' })).close();
  say(`${placeOf(config)} is up to date${isDistributed ? ', and spread over the cluster' : ''}`);
}

function backUpStore(file: string): Promise<void> {
  return withStore(false, async (store) => {
    await store.backup(file);
    say(`The store is copied to ${file}. To use the copy: name it muster.db in an empty MUSTER_DATA directory.`);
  });
}

/** Answers whether the store is sound. */
async function checkStore(options: { json?: boolean }): Promise<boolean> {
  let isSound = true;
  await withStore(false, async (store) => {
    const progress = makeProgress();
    let contacts = 0;
    const findings = await store.check((done, of) => {
      contacts = of;
      progress.update(of === 0 ? 1 : done / of, `${count(done)} of ${count(of)} contacts`);
    });
    progress.clear();
    isSound = findings.length === 0;
    if (options.json) print(JSON.stringify({ sound: isSound, contacts, findings }));
    else if (isSound) print(`The store is sound: integrity, counters and search index of ${count(contacts)} contacts.`);
    else for (const { what, where } of findings) print(where === undefined ? what : `${where}: ${what}`);
  });
  return isSound;
}
