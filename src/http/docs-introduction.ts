/** What a reader of the documentation page knows before the first operation. */
import { MAX_CONTACTS } from '../core/contact-fields.ts';
import { MAX_NUMBER_LENGTH } from '../core/number.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../core/paging.ts';
import { MAX_SEARCH } from '../core/search-text.ts';
import { MAX_BODY } from './app.ts';
import { block, type Html, html, json } from './docs-html.ts';
import { errorLink } from './docs-members.ts';
import { MAX_IDEMPOTENCY_KEY } from './idempotency.ts';
import { Pagination } from './list-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';
import { Errors } from './schemas.ts';

export interface Chapter {
  id: string;
  title: string;
  text: Html;
}

const thousands = (count: number) => count.toLocaleString('en');
const exampleOf = (schema: object) => (schema as JsonSchema).examples?.[0];

const FIRST_CALL = `export MUSTER_URL=http://127.0.0.1:8080
export MUSTER_KEY=muster_…

curl "$MUSTER_URL/v1/audiences" \\
  -H "X-Dexatel-Key: $MUSTER_KEY"`;

const NEXT_PAGE = `curl -G "$MUSTER_URL/v1/audiences" \\
  -H "X-Dexatel-Key: $MUSTER_KEY" \\
  -d page_size=${DEFAULT_PAGE_SIZE} -d page_token=…`;

const CONDITIONAL = `curl -X PUT "$MUSTER_URL/v1/audiences/$AUDIENCE/contacts/$CONTACT" \\
  -H "X-Dexatel-Key: $MUSTER_KEY" \\
  -H 'Content-Type: application/json' \\
  -H 'If-Match: "NmT1yW0fZb2gk3mUuxZQeA"' \\
  -d '{"data": {"first_name": "Ana"}}'`;

const ONCE = `curl "$MUSTER_URL/v1/audiences/$AUDIENCE/contacts" \\
  -H "X-Dexatel-Key: $MUSTER_KEY" \\
  -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: f3b0a7d2c4e811f0' \\
  -d '{"data": {"number": "+1 (202) 555-0150"}}'`;

/** The introduction of the page, chapter by chapter. */
export function introduction(): Chapter[] {
  return [
    {
      id: 'start',
      title: 'Start',
      text: html`
        <p>Muster keeps audiences of phone contacts for messaging over SMS, WhatsApp and Viber. It speaks the audiences
        and contacts API of Dexatel: a client written for that API works unchanged when its base URL points here.</p>
        <p>Everything is below <code>/v1</code> of the server that shows you this page. Every call carries a key, in the
        header <code>X-Dexatel-Key</code> or as <code>Authorization: Bearer</code>. The server prints its first key once,
        when it starts for the first time. A key sees one account, and its scope is <code>read</code> or
        <code>write</code>. The examples take address and key from two variables:</p>
        ${block('First call', FIRST_CALL)}`,
    },
    {
      id: 'conventions',
      title: 'Requests and answers',
      text: html`
        <ul>
          <li>JSON in, JSON out: <code>Content-Type: application/json</code>, UTF-8, at most ${MAX_BODY / 1024 ** 2} MiB.</li>
          <li>One resource travels as <code>{"data": {…}}</code>, a list as
            <code>{"data": […], "pagination": {…}}</code>.</li>
          <li>200 read or changed, 201 created, 204 deleted with no body.</li>
          <li>Ids are UUIDs in lower case; they sort by creation. Upper case in a path is fine.</li>
          <li>Dates are UTC, <code>yyyy-MM-dd HH:mm:ss</code>.</li>
          <li>Text is trimmed and kept in Unicode NFC. Lengths count Unicode code points.</li>
          <li>In a change an absent member keeps its value, and <code>null</code> clears it. Answers always hold every
            member, <code>null</code> when it is empty.</li>
          <li>Members and query parameters that Muster does not know are ignored.</li>
          <li>Every answer has an <code>X-Request-Id</code>, which the server's log knows the request by.</li>
        </ul>`,
    },
    {
      id: 'numbers',
      title: 'Phone numbers',
      text: html`
        <p>A number is stored and returned as E.164 digits without the plus: <code>12025550150</code>. Sent it may be with
        or without <code>+</code>, with a leading <code>00</code>, with spaces, dots, dashes, slashes and brackets, in
        digits of any script, in up to ${MAX_NUMBER_LENGTH} characters: <code>+1 (202) 555-0150</code> is the same contact.
        It must be a valid number of some country's plan (else ${errorLink(1354)}), and an audience holds it once
        (${errorLink(1360)}).</p>`,
    },
    {
      id: 'pages',
      title: 'Pages',
      text: html`
        <p>Lists come in pages of <code>page_size</code> items: 1 to ${thousands(MAX_PAGE_SIZE)}, ${DEFAULT_PAGE_SIZE} when
        nothing is said, oldest first. Follow <code>links.next</code> until it is <code>null</code>. A walk returns
        everything that exists throughout exactly once, whatever changes meanwhile, and deep pages cost no more than the
        first.</p>
        ${block('Example of a pagination', json({ pagination: exampleOf(Pagination) }))}
        <p><code>number</code> is the page, <code>size</code> the items it holds, <code>total</code> all that match. Links
        are absolute URLs. A <code>page_token</code> never expires, and is good for the list, filter and page size it was
        made with (else ${errorLink(9010)}):</p>
        ${block('Next page', NEXT_PAGE)}
        <p><code>page_token=last</code> is the last page of any list. From there follow <code>links.previous</code> for what is
        newest first.</p>`,
    },
    {
      id: 'search',
      title: 'Search',
      text: html`
        <p><code>filter[search]</code> finds contacts by <code>number</code>, <code>first_name</code> and
        <code>last_name</code>, in up to ${MAX_SEARCH} characters.</p>
        <ul>
          <li>Case, accents and variants of letters do not matter: <code>lukasz</code> finds <i lang="pl">Łukasz</i>,
            <code>soren</code> finds <i lang="da">Søren</i>.</li>
          <li>Every word must be found, each in any of the three: <code>ana petro</code> finds Anahit Petrosyan.</li>
          <li>A word of three or more characters is found anywhere, a shorter one at the start of a word or number.</li>
          <li>What looks like a phone number is one word, without its signs: <code>+1 (202) 555</code> finds
            <code>12025550150</code>.</li>
          <li>Signs such as <code>%</code>, <code>*</code> and quotes are ordinary characters.</li>
        </ul>`,
    },
    {
      id: 'changes',
      title: 'Changes that meet',
      text: html`
        <p>A contact or audience alone comes with an <code>ETag</code>, which is another one as soon as anything of it has
        changed. Sent back as <code>If-Match</code> with a change or a deletion it says: only if nobody was faster. Else the
        answer is ${errorLink(9009)}, and nothing was changed:</p>
        ${block('Change what was read', CONDITIONAL)}
        <p><code>If-Match</code> takes several tags, and <code>*</code> for whatever is there. An audience's tag has two parts:
        what can be changed of it, and how many contacts it has. <code>If-Match</code> looks at the first part alone, so that
        an audience can be renamed while contacts come and go. <code>If-None-Match</code> with a read looks at all of it,
        and is answered 304, without a body, when the caller has it already.</p>`,
    },
    {
      id: 'repeats',
      title: 'Sending a write again',
      text: html`
        <p>When the answer to a write is lost nobody knows whether it was carried out. With an <code>Idempotency-Key</code>, 1 to
        ${MAX_IDEMPOTENCY_KEY} visible ASCII characters chosen at random for the one request, it can be sent again until an answer
        comes: it takes effect once.</p>
        ${block('Create once', ONCE)}
        <p>What became of the first is kept for 24 hours, in the transaction that did it. The same request again, byte for byte, with
        the same key waits for a first one that is under way, is given the first answer, byte for byte, with
        <code>Idempotent-Replayed: true</code>, and does nothing. Another request with the key, or another
        <code>If-Match</code>, is ${errorLink(9014)}. Every POST, PUT and DELETE takes a key, and the answer repeats it; only the making of API keys, whose
        secrets are stored nowhere, their end, and previews do not. Keys belong
        to the account, whichever API key they come with.</p>
        <p>Kept are successes, and refusals with 409 and 412: what was in the way may be gone when the repeat comes. After any other
        answer nothing was changed, and the key may be used again. A repeat of an upload sends its file again, by whose content it
        is told, and gets the import that the first one made.</p>`,
    },
    {
      id: 'refusals',
      title: 'When a request is refused',
      text: html`
        <p>The answer lists every broken rule, each with a code. In a list of contacts the message names the place:
        <code>'data.contacts[3].number' is invalid</code>. Nothing of a refused request is stored; a bulk call refuses rows
        one by one.</p>
        ${block('Example of an error', json(exampleOf(Errors)))}
        <p>Another account's audience or contact is answered like one that does not exist. ${errorLink(9008)} and
        ${errorLink(9503)} come with <code>Retry-After</code>: wait so many seconds and send the request again. All codes are
        in the <a href="#errors">catalogue</a>.</p>`,
    },
    {
      id: 'many',
      title: 'Many contacts at once',
      text: html`
        <p>Send up to ${thousands(MAX_CONTACTS)} contacts in one <a href="#upsertContacts">bulk call</a>. It creates or
        updates them by their number, tells what became of each row, and can be repeated without harm.</p>`,
    },
  ];
}
