const WIDTH = 24;
const REDRAW = 100;

export interface Progress {
  /** @param done the part that is done, from 0 to 1, or undefined when nobody knows. */
  update(done: number | undefined, text: string): void;
  /** Removes the bar from the terminal. */
  clear(): void;
}

/** A progress bar on standard error; nothing where that is no terminal. */
export function makeProgress(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { update() {}, clear() {} };
  const began = Date.now();
  let drawn = 0;
  return {
    update(done, text) {
      const now = Date.now();
      if (now - drawn < REDRAW) return;
      drawn = now;
      const bar = done === undefined ? '' : `${drawBar(done)} ${String(Math.floor(done * 100)).padStart(3)} %  `;
      const left = done === undefined || done < 0.01 ? '' : `  ${duration(((now - began) / done) * (1 - done))} left`;
      stderr.write(`\r\x1b[K${`${bar}${text}${left}`.slice(0, (stderr.columns || 80) - 1)}`);
    },
    clear() {
      if (drawn > 0) stderr.write('\r\x1b[K');
    },
  };
}

function drawBar(done: number): string {
  const full = Math.round(Math.min(1, done) * WIDTH);
  return '█'.repeat(full) + '░'.repeat(WIDTH - full);
}

/** A span of time for people: `3 s`, `2 min 5 s`, `1 h 10 min`. @param ms milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A number with thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
