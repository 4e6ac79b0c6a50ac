import { useEffect } from 'react';
import type * as phones from './phone.ts';
import { makeSignal } from './signal.ts';

type Phones = typeof phones;

const loaded = makeSignal<Phones | undefined>(undefined);
const known = new Map<string, phones.Phone>();
/** Numbers that are kept as they were read; with more it begins anew. */
const MOST = 20_000;

/** The numbering plans; undefined until they are here. */
export function usePhones(): Phones | undefined {
  useEffect(() => {
    if (loaded.get() === undefined)
      void import('./phone.ts').then(
        (module) => loaded.set(module),
        () => {},
      );
  }, []);
  return loaded.use();
}

/** A number in groups, with its country; until the plans are here as it is. */
export function phoneOf(digits: string, plans: Phones | undefined): phones.Phone {
  if (plans === undefined) return { text: `+${digits}`, country: undefined };
  let phone = known.get(digits);
  if (phone === undefined) {
    phone = plans.readPhone(digits);
    if (known.size >= MOST) known.clear();
    known.set(digits, phone);
  }
  return phone;
}
