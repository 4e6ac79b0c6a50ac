import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

let isPlain = false;

/** Leaves colours away from now on, whatever the terminal can. */
export function useNoColour(): void {
  isPlain = true;
}

/** Text in a style where the stream is a terminal that shows it, and nobody asked for none (`NO_COLOR`, `--no-color`). */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return isPlain || text === '' ? text : styleText(style, text, { stream });
}
