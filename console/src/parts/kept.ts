import { makeSignal, type Signal } from './signal.ts';

/** A signal whose value this browser keeps. What cannot be read is as if it was never kept. */
export function makeKept<Value>(name: string, first: Value): Signal<Value> {
  const key = `muster:${name}`;
  const signal = makeSignal(read(key, first));
  return {
    ...signal,
    set(value) {
      signal.set(value);
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Full, or forbidden: then it lasts as long as the page.
      }
    },
  };
}

function read<Value>(key: string, first: Value): Value {
  try {
    const text = localStorage.getItem(key);
    return text === null ? first : (JSON.parse(text) as Value);
  } catch {
    return first;
  }
}
