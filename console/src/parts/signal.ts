import { useSyncExternalStore } from 'react';

/** A value outside of React that components can follow. */
export interface Signal<Value> {
  get(): Value;
  set(value: Value): void;
  /** The value as of this render; the component is rendered again when it changes. */
  use(): Value;
}

export function makeSignal<Value>(first: Value): Signal<Value> {
  let value = first;
  const listeners = new Set<() => void>();
  const get = () => value;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    use: () => useSyncExternalStore(subscribe, get),
  };
}
