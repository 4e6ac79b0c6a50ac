import { createAudience, listAudiences, renameAudience } from '../../core/audiences.ts';
import { audienceTag } from '../../core/entity-tags.ts';
import type { Audience } from '../../core/store.ts';
import { type Context, dataOf, type Handler, type JsonAnswer, readPath } from '../call.ts';
import { pageJson } from '../pagination.ts';

/** The handlers of the operations on audiences. */
export function audienceRoutes({ store, numberRule }: Context) {
  const list: Handler = async ({ key, query, origin }) => {
    const { page_size, page_token } = query;
    const channel = query['filter[channel]'];
    const { items, walk } = await listAudiences(store, key.account_id, { page_size, page_token, channel });
    const json = items.map((audience) => JSON.stringify(shown(audience))).join(',');
    return { status: 200, json: pageJson(walk, json, `${origin}/v1/audiences`, [['filter[channel]', channel]]) };
  };

  const create: Handler = async (call) => {
    const audience = await createAudience(store, call.key.account_id, dataOf(call.body), numberRule, call.terms);
    return single(audience, call.origin, 201);
  };

  const get: Handler = async (call) => {
    const { account_id, audience_id } = readPath(call);
    return single(await store.audiences.get(account_id, audience_id), call.origin);
  };

  const rename: Handler = async (call) => {
    const { account_id, audience_id } = readPath(call);
    const audience = await renameAudience(store, account_id, audience_id, dataOf(call.body), call.terms);
    return single(audience, call.origin);
  };

  const remove: Handler = async (call) => {
    const { account_id, audience_id } = readPath(call);
    await store.audiences.delete(account_id, audience_id, call.terms);
    return { status: 204, json: undefined };
  };

  return {
    listAudiences: list,
    createAudience: create,
    getAudience: get,
    renameAudience: rename,
    deleteAudience: remove,
  };
}

/** The members in one order, whichever store they come from. */
function shown({ id, account_id, name, channel, contacts_count, create_date, update_date }: Audience): Audience {
  return { id, account_id, name, channel, contacts_count, create_date, update_date };
}

function single(audience: Audience, origin: string, status = 200): JsonAnswer {
  const self = `${origin}/v1/audiences/${audience.id}`;
  const links = { self, account: `${origin}/v1/accounts/${audience.account_id}`, contacts: `${self}/contacts` };
  return { status, json: JSON.stringify({ data: { ...shown(audience), links } }), tag: audienceTag(audience) };
}
