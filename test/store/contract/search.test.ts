import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { searchNeedles } from '../../../src/core/search-text.ts';
import type { Audience } from '../../../src/core/store.ts';
import { allContacts, contactsOf, FROM_START, makeAudience, numberOf } from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';

describeStores('search', (under) => {
  const { create, update } = under;
  // name → first and last name; numbers are 12025550000 and on, in this order, but for the last two.
  const PEOPLE: Record<string, [first: string | null, last: string | null, number?: string]> = {
    anahit: ['Anahit', 'Petrosyan'],
    ana: ['Ana', null],
    diana: ['Diana', 'Prince'],
    lukasz: ['Łukasz', 'Żółć'],
    soren: ['Søren', 'Ångström'],
    strasse: ['Straße', 'Weiß'],
    obrien: ["Siobhán O'Brien", 'Anne-Marie'],
    percent: ['100% sure', '50%'],
    under: ['snake_case', 'a_b_c'],
    quoted: ['Joe "the" Boss', '"quoted"'],
    star: ['star*fish', '***'],
    and: ['AND', 'NEAR (OR NOT)'],
    plain: ['sandy', 'nearby'],
    brackets: ['(x)', '^{name}:'],
    russian: ['Анна', 'Ковалёва'],
    greek: ['Σωκράτης', 'ΟΔΥΣΣΕΥΣ'],
    armenian: ['Անահիտ', 'Պետրոսյան'],
    georgian: ['ნინო', 'ბერიძე'],
    hebrew: ['שָׁלוֹם', 'כהן'],
    arabic: ['محمد', 'العلي'],
    hindi: ['प्रिया', 'शर्मा'],
    thai: ['สมชาย', 'ใจดี'],
    chinese: ['王小明', null],
    astral: ['𠮷野家', '🎉 party'],
    japanese: ['タロウ', 'やまだ'],
    korean: ['김철수', null],
    turkish: ['Işıl', 'İnan'],
    wide: ['Ｗｉｄｅ', 'ﬁnal'],
    spaces: ['  two   words ', '\u00a0no\u00a0break'],
    moscow: ['Phone', null, '79161234567'],
    paris: ['Phone', null, '33612345678'],
  };
  const ROWS: [typed: string, found: string[]][] = [
    ['ana', ['anahit', 'ana', 'diana']],
    ['ANA', ['anahit', 'ana', 'diana']],
    ['an', ['anahit', 'ana', 'soren', 'obrien', 'and']],
    ['a', ['anahit', 'ana', 'soren', 'obrien', 'under', 'and']],
    ['ana petro', ['anahit']],
    ['petro ana', ['anahit']],
    ['petro an ahi syan', ['anahit']],
    ['ana prince', ['diana']],
    ['ana nobody', []],
    ['anapetro', []],
    ['anahitpetrosyan', []],
    ['n', ['and', 'plain', 'brackets', 'spaces']],
    ['lukasz', ['lukasz']],
    ['ŁUKASZ', ['lukasz']],
    ['zolc', ['lukasz']],
    ['zo', ['lukasz']],
    ['soren', ['soren']],
    ['sören', ['soren']],
    ['angstrom', ['soren']],
    ['strasse', ['strasse']],
    ['STRASSE', ['strasse']],
    ['straße', ['strasse']],
    ['weiss', ['strasse']],
    ['siobhan', ['obrien']],
    ["o'brien", ['obrien']],
    ["'", []],
    ["'''", []],
    ["' OR 1=1 --", []],
    ['marie', ['obrien']],
    ['m', ['obrien']],
    ['anne-marie', ['obrien']],
    ['%', []],
    ['00%', ['percent']],
    ['100%', ['percent']],
    ['50%', ['percent']],
    ['5%', []],
    ['%%%', []],
    ['_', []],
    ['___', []],
    ['a_b', ['under']],
    ['a%b', []],
    ['e_c', ['under']],
    ['snake case', ['under']],
    ['"', ['quoted']],
    ['"the"', ['quoted']],
    ['"""', []],
    ['"quoted"', ['quoted']],
    ['the"x', []],
    ['*', ['star']],
    ['***', ['star']],
    ['star*', ['star']],
    ['sta*', []],
    ['ana*', []],
    ['*fish', ['star']],
    ['AND', ['and', 'plain']],
    ['ana AND diana', []],
    ['ana OR diana', []],
    ['NEAR', ['and', 'plain']],
    ['NEAR(', []],
    ['NEAR (', ['and']],
    ['(or', ['and']],
    ['not)', ['and']],
    ['(x)', ['brackets']],
    ['(', ['and', 'brackets']],
    [')', []],
    ['^{n', ['brackets']],
    ['name}:', ['brackets']],
    ['text:ana', []],
    ['-ana', []],
    ['+ana', []],
    ['анна', ['russian']],
    ['ковалева', ['russian']],
    ['КОВАЛЁВА', ['russian']],
    ['ко', ['russian']],
    ['σωκρατης', ['greek']],
    ['ΣΩΚΡΆΤΗΣ', ['greek']],
    ['οδυσσευς', ['greek']],
    ['οδυσσευσ', ['greek']],
    ['անահիտ', ['armenian']],
    ['ՊԵՏՐՈՍ', ['armenian']],
    ['ნინ', ['georgian']],
    ['שלום', ['hebrew']],
    ['שָׁלוֹם', ['hebrew']],
    ['كهن', []],
    ['محم', ['arabic']],
    ['علي', ['arabic']],
    ['प्रिया', ['hindi']],
    ['สมช', ['thai']],
    ['王', ['chinese']],
    ['王小', ['chinese']],
    ['小明', []],
    ['王小明', ['chinese']],
    ['𠮷', ['astral']],
    ['𠮷野家', ['astral']],
    ['野家', []],
    ['🎉', ['astral']],
    ['タロウ', ['japanese']],
    ['まだ', []],
    ['김', ['korean']],
    ['김철수', ['korean']],
    ['isil', ['turkish']],
    ['IŞIL', ['turkish']],
    ['inan', ['turkish']],
    ['wide', ['wide']],
    ['final', ['wide']],
    ['ﬁnal', ['wide']],
    ['two words', ['spaces']],
    ['no break', ['spaces']],
    ['nobreak', []],
    ['+7 (916) 123-45-67', ['moscow']],
    ['007916', ['moscow']],
    ['7', ['moscow']],
    ['79', ['moscow']],
    ['916', ['moscow']],
    ['91', []],
    ['33', ['paris']],
    ['4567', ['moscow', 'paris']],
    ['79161234567', ['moscow']],
    ['791612345678', []],
    ['4567 phone', ['moscow', 'paris']],
    ['phone 3', ['paris']],
    ['+', []],
    ['...', []],
    ['x'.repeat(100), []],
  ];

  const numbers = new Map<string, string>();
  let audience: Audience;
  before(async () => {
    const rows = Object.entries(PEOPLE).map(([name, [first_name, last_name, number]], index) => {
      numbers.set(number ?? numberOf(index), name);
      return { number: number ?? numberOf(index), first_name, last_name };
    });
    // The same people in audiences made before and behind: not one of them may be found or counted.
    const left = await makeAudience(under.store);
    audience = await makeAudience(under.store);
    const right = await makeAudience(under.store);
    for (const each of [left, audience, right]) {
      await under.store.contacts.upsert(each.account_id, each.id, rows, 'update');
    }
  });

  const find = async (typed: string): Promise<{ names: string[]; total: number | undefined }> => {
    const query = { ...FROM_START, needles: searchNeedles(typed), count: true };
    const page = await under.store.contacts.page(audience.account_id, audience.id, query);
    return { names: contactsOf(page).map(({ number }) => numbers.get(number)!), total: page.total };
  };
  for (const [typed, found] of ROWS) {
    test(`${typed.length > 40 ? `${typed.slice(0, 40)}…` : typed} finds ${found.join(', ') || 'nobody'}`, async () => {
      same(await find(typed), { names: found, total: found.length });
    });
  }

  test('what is empty filters nothing', async () => {
    assert.equal((await find('  ')).total, Object.keys(PEOPLE).length);
  });

  test('a change is found at once, and what was there no more', async () => {
    const own = await makeAudience(under.store);
    const search = async (typed: string) =>
      (await allContacts(under.store, own, searchNeedles(typed))).map((contact) => contact.number);
    const contact = await create(own, { number: numberOf(1), first_name: 'Maria', last_name: 'Curie' });
    await create(own, { number: numberOf(2), first_name: 'Pierre', last_name: 'Curie' });
    await update(own, contact.id, { last_name: 'Skłodowska' });
    same(await search('curie'), [numberOf(2)]);
    same(await search('maria sklodowska'), [numberOf(1)]);
    await update(own, contact.id, { number: '33612345678' });
    same(await search(numberOf(1)), []);
    same(await search('336'), ['33612345678']);
    await update(own, contact.id, { first_name: null, date: 'curie', timestamp: 'curie', tags: ['curie'] });
    same(await search('maria'), []);
    same(await search('curie'), [numberOf(2)]);
    await under.store.contacts.delete(own.account_id, own.id, contact.id);
    same(await search('sklodowska'), []);
    const rows = [
      { number: numberOf(2), first_name: 'Irène' },
      { number: numberOf(3), last_name: 'Joliot' },
    ];
    await under.store.contacts.upsert(own.account_id, own.id, rows, 'update');
    same(await search('irene'), [numberOf(2)]);
    same(await search('pierre'), []);
    same(await search('joliot'), [numberOf(3)]);
  });

  test('writes to one contact that arrive together leave it found by what it is then, and by nothing else', async () => {
    const own = await makeAudience(under.store);
    const { id } = await create(own, { number: numberOf(1), first_name: 'Zero' });
    await Promise.all([
      ...['First', 'Second', 'Zero', 'Fourth'].map((first_name) => update(own, id, { first_name })),
      // It comes too late when the upsert has made the contact.
      create(own, { number: numberOf(2), first_name: 'Fresh' }).catch(() => {}),
      under.store.contacts.upsert(own.account_id, own.id, [{ number: numberOf(2), first_name: 'Later' }], 'update'),
    ]);
    const contacts = await allContacts(under.store, own);
    assert.equal(contacts.length, 2);
    for (const name of ['First', 'Second', 'Zero', 'Fourth', 'Fresh', 'Later']) {
      const found = await allContacts(under.store, own, searchNeedles(name));
      same(
        found,
        contacts.filter(({ first_name }) => first_name === name),
        name,
      );
    }
  });
});
