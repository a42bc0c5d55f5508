import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  listKeys,
  saveKey,
  setKeyState,
  trustedAddresses,
  trustedKeys,
  type NewKey,
} from '../../src/store/keys.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later, T0 } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

function key(fingerprint: string, addresses: string[], change: Partial<NewKey> = {}): NewKey {
  return {
    fingerprint,
    addresses,
    armored: `armoured ${fingerprint}`,
    source: 'import',
    expiresAt: null,
    addedAt: T0,
    ...change,
  };
}

function set(fingerprint: string, state: 'trusted' | 'revoked' | 'candidate', seconds = 0) {
  return setKeyState(fresh.db, { fingerprint, state, by: 'ict:3', at: later(seconds) });
}

test('trustedKeys() gives only keys that an officer trusts', async () => {
  await saveKey(fresh.db, key('A1', ['a@x.test', 'b@x.test']));
  const find = () => trustedKeys(fresh.db, ['a@x.test', 'c@x.test'], T0);
  expect(await find()).toEqual(new Map());
  expect(await set('A1', 'trusted')).toBe(true);
  expect(await find()).toEqual(new Map([['a@x.test', 'armoured A1']]));
  expect(await trustedAddresses(fresh.db, ['b@x.test', 'c@x.test'], T0)).toEqual(
    new Set(['b@x.test']),
  );
  await set('A1', 'revoked');
  expect(await find()).toEqual(new Map());
  expect(await trustedKeys(fresh.db, [], T0)).toEqual(new Map());
});

test('trustedKeys() gives no key that has expired, and the newest trust of several', async () => {
  await saveKey(fresh.db, key('B1', ['old@x.test'], { expiresAt: later(10) }));
  await saveKey(fresh.db, key('B2', ['old@x.test']));
  await set('B2', 'trusted', 1);
  await set('B1', 'trusted', 2);
  const at = async (seconds: number) =>
    (await trustedKeys(fresh.db, ['old@x.test'], later(seconds))).get('old@x.test');
  expect(await at(9)).toBe('armoured B1');
  expect(await at(10)).toBe('armoured B2');
});

test('saveKey() of a trusted key renews it without widening what it is for', async () => {
  await saveKey(fresh.db, key('C1', ['c@x.test']));
  await set('C1', 'trusted');
  await saveKey(fresh.db, key('C1', ['c@x.test', 'victim@x.test'], { armored: 'renewed' }));
  expect(await trustedKeys(fresh.db, ['c@x.test', 'victim@x.test'], T0)).toEqual(
    new Map([['c@x.test', 'renewed']]),
  );
});

test('a revoked key stays revoked', async () => {
  await saveKey(fresh.db, key('D1', ['d@x.test']));
  await set('D1', 'revoked');
  expect(await set('D1', 'trusted')).toBe(false);
  await saveKey(fresh.db, key('D1', ['d@x.test']));
  const found = (await listKeys(fresh.db)).find(({ fingerprint }) => fingerprint === 'D1');
  expect(found).toEqual({
    ...key('D1', ['d@x.test']),
    state: 'revoked',
    trustedBy: null,
    trustedAt: null,
  });
  expect(await set('unknown', 'trusted')).toBe(false);
});
