/** `muster backup`, `restore`, `migrate` and `doctor`: the care of a store. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readStoreConfig } from '../config.ts';
import { openStore, placeOf, restoreStore } from '../store/open.ts';
import { examples } from './command.ts';
import { complain, EXIT, print, say } from './output.ts';
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
    .command('restore')
    .description('put a backup into the directory MUSTER_DATA, which must be empty; all of it is checked first')
    .argument('<file>', 'one that muster backup has written')
    .addHelpText('after', examples('MUSTER_DATA=/var/lib/muster muster restore backups/muster-2026-11-25.db'))
    .action(async (file: string) => {
      if (!(await restoreBackup(file))) process.exitCode = EXIT.failed;
    });
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
    say(`The store is copied to ${file}. To use the copy: muster restore.`);
  });
}

/** Answers whether it is restored. */
async function restoreBackup(file: string): Promise<boolean> {
  const config = readStoreConfig();
  const progress = makeProgress();
  let contacts = 0;
  const findings = await restoreStore(config, file, (what, done, of) => {
    if (what === 'contacts') contacts = of;
    const text =
      what === 'bytes'
        ? `${megabytes(done)} of ${megabytes(of)} MB copied`
        : `${count(done)} of ${count(of)} contacts checked`;
    progress.update(of === 0 ? 1 : done / of, text);
  }).finally(() => progress.clear());
  for (const { what, where } of findings) complain(where === undefined ? what : `${where}: ${what}`);
  if (findings.length > 0) complain(`${file} is not sound, and nothing is restored: take another backup`);
  else say(`${file} is restored to ${resolve(config.data)}, with ${count(contacts)} contacts: start Muster on it.`);
  return findings.length === 0;
}

function megabytes(bytes: number): string {
  return count(Math.ceil(bytes / 1e6));
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
