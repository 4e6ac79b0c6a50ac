import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import type { Loose } from '../http/support.ts';
import { environmentOf, ROOT } from '../support/command-line.ts';
import { until } from '../support/contacts.ts';
import { environment, type Server, startServer } from '../support/server.ts';
import { codeOf, NO_TERMINAL, openMuster } from '../support/terminal.ts';
import { makeDesk, makeSample } from './import-support.ts';

const ROWS = 250_000;
const { text: LONG } = await makeSample('sample/main.ts', '--rows', String(ROWS));
const AWAY = /the server broke off|no answer from/;

describe('Ctrl-C', async () => {
  const server = await startServer();
  const desk = makeDesk(server);
  const long = desk.write('long.csv', LONG);

  it('while the file is sent: exit code 130, and nothing is left', async () => {
    const line = await lineTo(server, { after: 200_000, do: 'still' });
    const { code, stdout, stderr } = await desk.muster(['import', long, '--audience', 'Sent', '--create'], {
      env: { MUSTER_URL: line.url },
      onStart: (child) => void until(async () => line.isReached()).then(() => child.kill('SIGINT')),
    });
    assert.deepEqual([code, stdout], [130, '']);
    assert.match(stderr, /^muster: interrupted while the file was being sent: nothing of it is left on the server\n$/);
    await until(async () => (await desk.audience('Sent')) === undefined);
    assert.deepEqual(await desk.list('imports', 'list'), []);
  });

  it('while standard input is sent', async () => {
    const child = startMuster(server, 'import', '-', '--audience', 'Input', '--create');
    child.stdin!.write('number\n+12025550150\n');
    await until(async () => (await desk.audience('Input')) !== undefined);
    child.kill('SIGINT');
    assert.equal(await codeOf(child), 130);
    assert.equal(await desk.audience('Input'), undefined);
  });

  it('while a server that went away is waited for', async () => {
    await desk.muster(['audiences', 'create', 'Waited']);
    const line = await lineTo(server, { after: 200_000, do: 'close' });
    const { code, stdout, stderr } = await desk.muster(['import', long, '--audience', 'Waited'], {
      env: { MUSTER_URL: line.url },
      onStart: (child) => void until(async () => line.refused() > 1).then(() => child.kill('SIGINT')),
    });
    assert.deepEqual([code, stdout], [130, '']);
    assert.match(stderr, /^muster: interrupted while the file was being sent/);
  });

  it('while the import runs, without a terminal: cancels it and says what is done', async () => {
    const { code, stdout, stderr } = await desk.muster(
      ['import', long, '--audience', 'Cancelled', '--create', '--json'],
      {
        onStart: (child) => void whenCounted(server, 'Cancelled').then(() => child.kill('SIGINT')),
      },
    );
    const found = JSON.parse(stdout);
    assert.equal(code, 130);
    assert.equal(stderr, 'muster: the import was cancelled: what is done so far stays\n');
    assert.equal(found.status, 'cancelled');
    assert.ok(found.rows_done > 0 && found.rows_done < ROWS);
    assert.equal((await desk.audience('Cancelled')).contacts_count, found.created);
  });

  it('twice: the import goes on by itself', async () => {
    const outcome = await desk.muster(['import', long, '--audience', 'Left', '--create'], {
      onStart: (child) =>
        void whenCounted(server, 'Left').then(() => {
          // A stopped server cannot cancel before the second one comes.
          server.process.kill('SIGSTOP');
          child.kill('SIGINT');
          setTimeout(() => child.kill('SIGINT'), 200);
          child.once('exit', () => server.process.kill('SIGCONT'));
        }),
    });
    assert.deepEqual([outcome.code, outcome.stdout], [130, '']);
    const [, id = ''] = /muster imports show ([-0-9a-f]{36}) says how far it is/.exec(outcome.stderr) ?? [];
    const [found] = await desk.list('imports', 'list', '--audience', 'Left');
    assert.equal(found.id, id);
  });

  it('on a terminal: asks, and cancels at a y', { skip: NO_TERMINAL }, async () => {
    const terminal = openMuster(['import', long, '--audience', 'Asked', '--create'], { env: plainly(server) });
    await terminal.shows(/[1-9][\d,]* rows, [\d,]+\/s/);
    terminal.type('\x03');
    await terminal.shows(/Cancel the import\? What is done so far stays\. \[y\/N\] $/);
    terminal.type('y\n');
    await terminal.shows(/muster: the import was cancelled: what is counted above stays/);
    assert.equal(await terminal.ends(), 130);
    const [found] = await desk.list('imports', 'list', '--audience', 'Asked');
    assert.equal(found.status, 'cancelled');
  });

  it('on a terminal: goes on at anything else; a second one leaves the import to itself', {
    skip: NO_TERMINAL,
  }, async () => {
    const terminal = openMuster(['import', long, '--audience', 'Asked twice', '--create'], {
      env: environmentOf(server),
    });
    await terminal.shows(/[1-9][\d,]* rows, [\d,]+\/s/);
    terminal.type('\x03');
    await terminal.shows(/\[y\/N\] $/);
    terminal.type('\n');
    await terminal.shows(/[1-9][\d,]* rows, [\d,]+\/s/);
    terminal.type('\x03');
    await terminal.shows(/\[y\/N\] $/);
    terminal.type('\x03');
    const said = await terminal.shows(/The import goes on by itself: muster imports show ([-0-9a-f]{36}) says how far/);
    assert.equal(await terminal.ends(), 130);
    const cancelled = await desk.muster(['imports', 'cancel', said[1]!]);
    assert.equal(cancelled.code, 0);
    assert.match(cancelled.stderr, /^muster: the import was cancelled: what is counted above stays\n$/);
    const [found] = await desk.list('imports', 'show', said[1]!);
    assert.equal(found.status, 'cancelled');
  });

  it('on a terminal: an import that ends while it is asked ends as any other', { skip: NO_TERMINAL }, async () => {
    const some = desk.write('some.csv', LONG.split('\n', 50_001).join('\n'));
    const terminal = openMuster(['import', some, '--audience', 'Ended', '--create'], { env: plainly(server) });
    await terminal.shows(/[1-9][\d,]* rows, [\d,]+\/s/);
    terminal.type('\x03');
    await terminal.shows(/\[y\/N\] $/);
    await terminal.shows(/created +50,000/);
    assert.equal(await terminal.ends(), 0);
  });
});

describe('a progress bar', () => {
  it('is drawn on a terminal, for what is sent and what is done, and nowhere else', { skip: NO_TERMINAL }, async () => {
    const server = await startServer();
    const desk = makeDesk(server);
    const file = desk.write('contacts.csv', LONG.slice(0, 4_000_000));
    const terminal = openMuster(['import', file, '--audience', 'Bar', '--create'], { env: plainly(server) });
    await terminal.shows(/[█░]{24} +\d+ % {2}sending: \d+\.\d MB, \d+\.\d MB\/s/);
    await terminal.shows(/[█░]{24} +\d+ % {2}[\d,]+ rows, [\d,]+\/s/);
    await terminal.shows(/created +\d/);
    await terminal.ends();
    assert.equal((await desk.muster(['import', file, '--audience', 'Bar'])).stderr, '');
  });
});

describe('a server that goes away', async () => {
  it('while the import runs: it is waited for, and every row is there once', async () => {
    const server = await startServer({ env: { PORT: String(await freePort()) } });
    const desk = makeDesk(server);
    const long = desk.write('long.csv', LONG);
    let restarted: Promise<void> | undefined;
    const { code, stdout } = await desk.muster(['import', long, '--audience', 'Survivors', '--create', '--json'], {
      onStart: () =>
        void whenCounted(server, 'Survivors').then(() => {
          restarted = server.kill().then(() => server.restart());
        }),
    });
    assert.ok(restarted, 'the server was killed during the import');
    await restarted;
    const found = JSON.parse(stdout);
    assert.deepEqual([code, found.status, found.created], [0, 'completed', ROWS]);
    assert.equal((await desk.audience('Survivors')).contacts_count, ROWS);
  });
});

describe('a line that breaks', async () => {
  const server = await startServer();
  const desk = makeDesk(server);
  const short = desk.write('short.csv', LONG.slice(0, 2_000_000));
  const importsOf = (name: string) => desk.list('imports', 'list', '--audience', name);

  it('before all of a file is sent: the file is sent again', async () => {
    const line = await lineTo(server, { after: 200_000, do: 'cut' });
    const { code, stdout } = await desk.muster(['import', short, '--audience', 'Again', '--create', '--json'], {
      env: { MUSTER_URL: line.url },
    });
    const found = JSON.parse(stdout);
    assert.ok(line.isReached());
    assert.deepEqual([code, found.status], [3, 'completed'], 'its last row is cut off');
    assert.deepEqual(
      (await importsOf('Again')).map(({ id }) => id),
      [found.id],
    );
  });

  it('before all of standard input is sent: it says so, and nothing is left', async () => {
    const line = await lineTo(server, { after: 200_000, do: 'cut' });
    const outcome = await desk.muster(['import', '-', '--audience', 'Input', '--create'], {
      env: { MUSTER_URL: line.url },
      input: LONG,
    });
    assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, AWAY);
    assert.match(outcome.stderr, /nothing was imported: give the input once more\n$/);
    assert.equal(await desk.audience('Input'), undefined);
  });

  it('before it says that the file arrived: the file is sent again, and is there once', async () => {
    const line = await lineTo(server, { answer: /^HTTP\/1\.1 202 / });
    const outcome = await desk.muster(['import', short, '--audience', 'Twice', '--create', '--json'], {
      env: { MUSTER_URL: line.url },
    });
    assert.ok(line.isReached());
    const found = JSON.parse(outcome.stdout);
    assert.deepEqual([outcome.code, found.status], [3, 'completed'], 'its last row is cut off');
    assert.deepEqual(
      (await importsOf('Twice')).map(({ id }) => id),
      [found.id],
    );
  });

  it('before it says that standard input arrived: nothing is sent twice, and it says what to do', async () => {
    const line = await lineTo(server, { answer: /^HTTP\/1\.1 202 / });
    const outcome = await desk.muster(['import', '-', '--audience', 'Lost', '--create'], {
      env: { MUSTER_URL: line.url },
      input: 'number\n+12025550150\n',
    });
    assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
    assert.match(
      outcome.stderr,
      /nobody knows whether the file arrived: muster imports list --audience 'Lost' says it;/,
    );
    assert.equal((await importsOf('Lost')).length, 1);
  });

  it('before it says that an undo began: the undo is followed all the same', async () => {
    const { found } = await desk.importJson(short, '--audience', 'Undone', '--create');
    const line = await lineTo(server, { answer: /^HTTP\/1\.1 202 / });
    const { code, stdout } = await desk.muster(['import', '--undo', found.id, '--json'], {
      env: { MUSTER_URL: line.url },
    });
    assert.ok(line.isReached());
    assert.deepEqual([code, JSON.parse(stdout).status], [0, 'undone']);
    assert.equal((await desk.audience('Undone')).contacts_count, 0);
  });
});

interface Line {
  url: string;
  /** Whether there was the trouble. */
  isReached(): boolean;
  /** How many connections came when it was closed. */
  refused(): number;
}

type Trouble = { after: number; do: 'still' | 'cut' | 'close' } | { answer: RegExp };

/**
 * A line to the server with one connection that stands still, or breaks, when so many bytes were sent, or before an answer; or
 * which is closed to all from then on.
 */
async function lineTo(server: Server, trouble: Trouble): Promise<Line> {
  const { hostname, port } = new URL(server.url);
  const open = new Set<Socket>();
  let sent = 0;
  let isReached = false;
  let refused = 0;
  const isClosing = 'do' in trouble && trouble.do === 'close';
  const line = createServer((near) => {
    if (isReached && isClosing) {
      refused++;
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const cut = () => {
      isReached = true;
      near.destroy();
      far.destroy();
      if (isClosing) for (const socket of open) socket.destroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket
        .on('error', () => {})
        .once('close', () => {
          near.destroy();
          far.destroy();
        });
    }
    near.on('data', (chunk) => {
      sent += chunk.length;
      if (isReached || 'answer' in trouble || sent < trouble.after) far.write(chunk);
      else if (trouble.do === 'still') {
        isReached = true;
        near.pause();
      } else cut();
    });
    far.on('data', (chunk) => {
      if (!isReached && 'answer' in trouble && trouble.answer.test(chunk.toString('latin1'))) cut();
      else near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  after(() => {
    line.close();
    for (const socket of open) socket.destroy();
  });
  const { port: own } = line.address() as { port: number };
  return { url: `http://127.0.0.1:${own}`, isReached: () => isReached, refused: () => refused };
}

function startMuster(server: Server, ...args: string[]): ChildProcess {
  const env = environment(environmentOf(server));
  const child = spawn(process.execPath, [`${ROOT}bin/muster.js`, ...args], { env, cwd: ROOT });
  after(() => child.kill('SIGKILL'));
  return child;
}

/** The environment of a terminal without colours. */
function plainly(server: Server) {
  return { ...environmentOf(server), NO_COLOR: '1' };
}

/** Waits until an audience has contacts. */
async function whenCounted(server: Server, name: string): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${server.url}/v1/audiences`, { headers: { 'x-dexatel-key': server.key } });
    const { data } = (await answer.json()) as { data: Loose[] };
    return data.some((audience) => audience.name === name && audience.contacts_count > 0);
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
