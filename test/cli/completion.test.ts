/** Completion in the real shells, where they are installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { isThere, NO_TERMINAL, openTerminal } from '../support/terminal.ts';

const directory = makeDirectory();
mkdirSync(join(directory, 'refused'));
writeFileSync(join(directory, 'refused/rows.csv'), '');
const scriptFor = async (shell: string) => {
  const { code, stdout, stderr } = await runMuster(['completion', shell]);
  assert.deepEqual([code, stderr], [0, '']);
  const file = join(directory, shell);
  writeFileSync(file, stdout);
  return file;
};
const whyNot = (shell: string) => (isThere(shell, '--version') ? NO_TERMINAL : `${shell} is not installed`);

/** What is typed, and what the line is when the tabulator was pressed. */
const LINES: [typed: string, line: string][] = [
  ['muster aud', 'muster audiences '],
  ['muster contacts sea', 'muster contacts search '],
  ['muster imports ca', 'muster imports cancel '],
  ['muster contacts list --audience imports --lim', 'muster contacts list --audience imports --limit '],
  ['muster import --on-conflict sk', 'muster import --on-conflict skip '],
  ['muster audiences create x --channel VI', 'muster audiences create x --channel VIBER '],
  ['muster keys create --no-co', 'muster keys create --no-color '],
  ['muster completion zs', 'muster completion zsh '],
  [`muster import ${directory}/refused/ro`, `muster import ${directory}/refused/rows.csv `],
  [`muster import --refused ${directory}/refused/ro`, `muster import --refused ${directory}/refused/rows.csv `],
];

/** The candidates for what is typed. */
const CANDIDATES: [typed: string, candidates: string[]][] = [
  ['muster keys ', ['create', 'list', 'revoke', 'rotate']],
  ['muster import --format ', ['csv', 'ndjson', 'tsv', 'xlsx']],
  ['muster doctor --', ['--help', '--json', '--no-color']],
  ['muster audiences list --limit imports keys ', ['--help', '--json', '--key', '--no-color', '--table', '--url']],
];

/** How a shell begins without anybody's settings, and how it is made to show the line that is being typed at Ctrl-G. */
const SHELLS = [
  {
    shell: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    prepare: `bind -x '"\\C-g": echo "<$READLINE_LINE>"'`,
  },
  {
    shell: 'zsh',
    args: ['-f', '-i'],
    prepare: `show() { print -r -- "<$BUFFER>" > /dev/tty }; zle -N show; bindkey '^G' show; autoload -U compinit; compinit -u -D`,
  },
];

for (const { shell, args, prepare } of SHELLS) {
  it(`${shell} completes what is typed`, { skip: whyNot(shell) }, async () => {
    const file = await scriptFor(shell);
    const terminal = openTerminal([shell, ...args], { columns: 200, env: { HOME: directory, PS1: 'ready> ' } });
    await terminal.shows(/ready> /);
    terminal.type(`${prepare}; source ${file}; echo lo''aded\n`);
    await terminal.shows(/loaded.*ready> /s);
    for (const [typed, line] of LINES) {
      // What was typed goes at Ctrl-U.
      terminal.type(`${typed}\t\x07`);
      const [, shown] = await terminal.shows(/<(.*)>/);
      assert.equal(shown, line);
      terminal.type('\x15');
    }
  });
}

describe('bash', () => {
  it('names the candidates', { skip: isThere('bash', '--version') ? false : 'bash is not installed' }, async () => {
    const file = await scriptFor('bash');
    for (const [typed, candidates] of CANDIDATES) {
      const words = typed.split(' ');
      const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const found = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).trim().split('\n');
      assert.deepEqual(found.sort(), candidates, typed);
    }
  });
});

describe('fish', () => {
  it('completes what is typed', { skip: isThere('fish', '--version') ? false : 'fish is not installed' }, async () => {
    const file = await scriptFor('fish');
    const complete = (typed: string) =>
      execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C ${JSON.stringify(typed)}`], {
        encoding: 'utf8',
        env: { ...process.env, HOME: directory },
      })
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]!);
    for (const [typed, candidates] of CANDIDATES.slice(0, 3)) {
      const found = complete(typed).filter((each) => !/^-\w$/.test(each));
      assert.deepEqual(found.sort(), candidates, typed);
    }
    for (const [typed, line] of LINES) {
      assert.deepEqual(complete(typed), [line.trimEnd().split(' ').at(-1)], typed);
    }
  });
});

it('a shell that is not known is wrong usage', async () => {
  const { code, stdout, stderr } = await runMuster(['completion', 'tcsh']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});
