import { failure } from '../../core/errors.ts';
import { readId } from '../../core/ids.ts';
import type { Context, Handler } from '../call.ts';

/** The handler that `links.account` leads to. Raises 9003 for any account but the key's own. */
export function accountRoutes({ store }: Context) {
  const get: Handler = async ({ key, params }) => {
    const account =
      readId(params.account_id!) === key.account_id ? await store.accounts.get(key.account_id) : undefined;
    if (account === undefined) throw failure(9003);
    return { status: 200, json: JSON.stringify({ data: account }) };
  };
  return { getAccount: get };
}
