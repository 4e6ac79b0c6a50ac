import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOBODY } from '../../support/contacts.ts';
import { DATE, describeStores, same, UUID } from '../../support/contract.ts';

describeStores('accounts', (under) => {
  test('one that is made is got and listed, in the order of making', async () => {
    const one = await under.store.accounts.create('Ünü & Co');
    const two = await under.store.accounts.create('Ünü & Co');
    assert.match(one.id, UUID);
    assert.match(one.create_date, DATE);
    same(Object.keys(one), ['id', 'name', 'create_date']);
    assert.equal(one.name, 'Ünü & Co');
    same(await under.store.accounts.get(one.id), one);
    same((await under.store.accounts.list()).slice(-2), [one, two]);
  });

  test('one that is not there is undefined', async () => {
    assert.equal(await under.store.accounts.get(NOBODY), undefined);
    assert.equal(await under.store.accounts.get('no id at all'), undefined);
  });
});
