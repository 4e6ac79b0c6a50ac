import { makeKey } from './core/keys.ts';
import type { Store } from './core/store.ts';

/** What the first start made: the secret is there to be shown this once; absent when the operator chose it. */
export interface FirstKey {
  account: string;
  keyId: string;
  secret: string | undefined;
}

/**
 * Gives a store without any key its first account (when it has none) and a `write` key, so that somebody can come in.
 * Answers undefined when there are keys already.
 * @param chosen the key to take instead of a random one.
 */
export async function makeFirstKey(store: Store, chosen: string | undefined): Promise<FirstKey | undefined> {
  const { secret, key } = makeKey({ name: 'first key', scope: 'write', expire_date: null }, chosen);
  const made = await store.keys.createFirst('default', key);
  return made && { account: made.account.name, keyId: made.key.id, secret: chosen === undefined ? secret : undefined };
}
