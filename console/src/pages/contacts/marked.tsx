import type { ReactNode } from 'react';
import type { Span } from './highlight.ts';

/** A text with what was searched for marked. */
export function Marked({ text, spans }: { text: string; spans: Span[] }): ReactNode {
  if (spans.length === 0) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  return [...parts, text.slice(at)];
}
