import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOBODY } from '../../support/contacts.ts';
import { DATE, describeStores, newKey, same, UUID } from '../../support/contract.ts';

describeStores('keys', (under) => {
  test('the first key is made once, however many ask at once, and the account that it needs', async () => {
    const ask = () => {
      const { account_id, ...asked } = newKey(NOBODY);
      return under.store.keys.createFirst('First', asked);
    };
    const made = (await Promise.all(Array.from({ length: 20 }, ask))).filter((each) => each !== undefined);
    assert.equal(made.length, 1);
    const { account, key } = made[0]!;
    same(await under.store.accounts.list(), [account]);
    assert.equal(account.name, 'First');
    same(await under.store.keys.list(account.id), [key]);

    await under.store.accounts.create('Second');
    await under.store.keys.revoke(key.id);
    same((await ask())?.account, account);
    assert.equal(await ask(), undefined);
    assert.equal((await under.store.accounts.list()).length, 2);
  });

  test('a key is found by its hash, and by no other', async () => {
    const { id: account_id } = await under.store.accounts.create('Keys');
    const asked = newKey(account_id, { name: 'Reader', scope: 'read', expire_date: '2030-01-01 00:00:00' });
    const key = await under.store.keys.create(asked);
    const { hash, ...shown } = asked;
    const { id, create_date } = key;
    assert.match(id, UUID);
    assert.match(create_date, DATE);
    same(key, { id, create_date, last_use_date: null, ...shown });
    same(await under.store.keys.find(hash), key);
    assert.equal(await under.store.keys.find(newKey(account_id).hash), undefined);
    assert.equal(await under.store.keys.find(hash.subarray(0, 31)), undefined);
  });

  test('a key that has expired is found all the same: who asks decides', async () => {
    const { id } = await under.store.accounts.create('Keys');
    const asked = newKey(id, { expire_date: '2001-01-01 00:00:00' });
    const key = await under.store.keys.create(asked);
    same(await under.store.keys.find(asked.hash), key);
  });

  test('keys are listed in the order of making, of one account or of all', async () => {
    const { id: mine } = await under.store.accounts.create('Keys');
    const { id: other } = await under.store.accounts.create('Keys');
    const one = await under.store.keys.create(newKey(mine));
    const two = await under.store.keys.create(newKey(other));
    const three = await under.store.keys.create(newKey(mine));
    same(await under.store.keys.list(mine), [one, three]);
    same((await under.store.keys.list()).slice(-3), [one, two, three]);
    same(await under.store.keys.list(NOBODY), []);
  });

  test('a key of no account, or with a hash that is there, is not made', async () => {
    const { id } = await under.store.accounts.create('Keys');
    const asked = newKey(id);
    const key = await under.store.keys.create(asked);
    const orphan = newKey(NOBODY);
    await assert.rejects(under.store.keys.create(orphan));
    await assert.rejects(under.store.keys.create({ ...asked, name: 'Again' }));
    assert.equal(await under.store.keys.find(orphan.hash), undefined);
    same(await under.store.keys.list(id), [key]);
  });

  test('a use is noted on the key that was used alone', async () => {
    const { id } = await under.store.accounts.create('Keys');
    const used = await under.store.keys.create(newKey(id));
    const idle = await under.store.keys.create(newKey(id));
    await under.store.keys.touch(used.id);
    await under.store.keys.touch(NOBODY);
    const [after, other] = await under.store.keys.list(id);
    assert.match(after?.last_use_date ?? 'never', DATE);
    same({ ...after, last_use_date: null }, used);
    same(other, idle);
  });

  test('a revoked key is gone, and is revoked once', async () => {
    const { id } = await under.store.accounts.create('Keys');
    const asked = newKey(id);
    const key = await under.store.keys.create(asked);
    const other = await under.store.keys.create(newKey(id));
    assert.equal(await under.store.keys.revoke(key.id), true);
    assert.equal(await under.store.keys.find(asked.hash), undefined);
    same(await under.store.keys.list(id), [other]);
    assert.equal(await under.store.keys.revoke(key.id), false);
    assert.equal(await under.store.keys.revoke(NOBODY), false);
  });

  test("a key is not revoked in another account's name", async () => {
    const { id } = await under.store.accounts.create('Keys');
    const { id: other } = await under.store.accounts.create('Keys');
    const asked = newKey(id);
    const key = await under.store.keys.create(asked);
    assert.equal(await under.store.keys.revoke(key.id, other), false);
    assert.equal(await under.store.keys.revoke(key.id, NOBODY), false);
    same(await under.store.keys.find(asked.hash), key);
    assert.equal(await under.store.keys.revoke(key.id, id), true);
    assert.equal(await under.store.keys.find(asked.hash), undefined);
  });

  const EXPIRES: { title: string; expire_date: string | null; becomes: string }[] = [
    { title: 'never', expire_date: null, becomes: '2030-06-01 00:00:00' },
    { title: 'later', expire_date: '2031-01-01 00:00:00', becomes: '2030-06-01 00:00:00' },
    { title: 'sooner', expire_date: '2030-01-01 00:00:00', becomes: '2030-01-01 00:00:00' },
  ];
  for (const { title, expire_date, becomes } of EXPIRES) {
    test(`rotating a key that expires ${title} makes a new one and lets the old one live no longer than said`, async () => {
      const { id } = await under.store.accounts.create('Keys');
      const asked = newKey(id, { expire_date });
      const old = await under.store.keys.create(asked);
      const next = newKey(id, { name: 'Next' });
      const made = await under.store.keys.rotate(old.id, next, '2030-06-01 00:00:00');
      same(await under.store.keys.find(asked.hash), { ...old, expire_date: becomes });
      assert.equal(made?.name, 'Next');
      same(await under.store.keys.find(next.hash), made);
    });
  }

  test('rotating a key that is not there makes none', async () => {
    const { id } = await under.store.accounts.create('Keys');
    assert.equal(await under.store.keys.rotate(NOBODY, newKey(id), '2030-06-01 00:00:00'), undefined);
    same(await under.store.keys.list(id), []);
  });

  test('rotating to a key that cannot be made leaves the old one as it was', async () => {
    const { id } = await under.store.accounts.create('Keys');
    const old = await under.store.keys.create(newKey(id));
    const taken = newKey(id);
    const other = await under.store.keys.create(taken);
    await assert.rejects(under.store.keys.rotate(old.id, { ...newKey(id), hash: taken.hash }, '2030-06-01 00:00:00'));
    same(await under.store.keys.list(id), [old, other]);
  });
});
