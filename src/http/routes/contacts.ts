import { documentId, listedEnd } from '../../core/contact-document.ts';
import { createContact, listContacts, type Place, updateContact, upsertContacts } from '../../core/contacts.ts';
import { contactTag } from '../../core/entity-tags.ts';
import { type Context, dataOf, type Handler, type JsonAnswer, readPath } from '../call.ts';
import { pageJson } from '../pagination.ts';

/** The handlers of the operations on contacts. */
export function contactRoutes({ store, numberRule }: Context) {
  const list: Handler = async (call) => {
    const place = readPath(call);
    const { page_size, page_token } = call.query;
    const { 'filter[search]': search, 'filter[tag]': tag } = call.query;
    const { documents, walk } = await listContacts(store, place, { page_size, page_token, search, tag });
    const url = `${call.origin}/v1/audiences/${place.audience_id}/contacts`;
    return {
      status: 200,
      json: pageJson(walk, documents, url, [
        ['filter[search]', search],
        ...[tag].flat().map((each): [string, unknown] => ['filter[tag]', each]),
      ]),
    };
  };

  const create: Handler = async (call) => {
    const place = readPath(call);
    const document = await createContact(store, place, dataOf(call.body), numberRule, call.terms);
    return single(document, place, call.origin, 201);
  };

  const upsert: Handler = async (call) => {
    const outcome = await upsertContacts(store, readPath(call), dataOf(call.body), numberRule, call.terms);
    return { status: 200, json: JSON.stringify({ data: outcome }) };
  };

  const get: Handler = async (call) => {
    const place = readPath(call);
    const document = await store.contacts.get(place.account_id, place.audience_id, place.contact_id);
    return single(document, place, call.origin);
  };

  const update: Handler = async (call) => {
    const place = readPath(call);
    const document = await updateContact(store, place, place.contact_id, dataOf(call.body), numberRule, call.terms);
    return single(document, place, call.origin);
  };

  const remove: Handler = async (call) => {
    const { account_id, audience_id, contact_id } = readPath(call);
    await store.contacts.delete(account_id, audience_id, contact_id, call.terms);
    return { status: 204, json: undefined };
  };

  const tags: Handler = async (call) => {
    const { account_id, audience_id } = readPath(call);
    return { status: 200, json: JSON.stringify({ data: await store.contacts.tags(account_id, audience_id) }) };
  };

  return {
    listContacts: list,
    listTags: tags,
    createContact: create,
    upsertContacts: upsert,
    getContact: get,
    updateContact: update,
    deleteContact: remove,
  };
}

/** Put together as text: the document and the ids in it are, and the origin is the one text that may need quoting. */
function single(document: string, place: Place, origin: string, status = 200): JsonAnswer {
  const { account_id, audience_id } = place;
  const begin = JSON.stringify(origin).slice(0, -1);
  const audience = `${begin}/v1/audiences/${audience_id}`;
  const links = `{"self":${audience}/contacts/${documentId(document)}","account":${begin}/v1/accounts/${account_id}","audience":${audience}"}`;
  const listed = document.slice(0, -1) + listedEnd(account_id, audience_id).slice(0, -1);
  return { status, json: `{"data":${listed},"links":${links}}}`, tag: contactTag(document) };
}
