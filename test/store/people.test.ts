import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '../../src/store/connect.ts';
import {
  findLogin,
  importPeople,
  listPeople,
  loadDirectory,
  peopleVersion,
  setSuspended,
  type ImportedPerson,
} from '../../src/store/people.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { T0 } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

function person(address: string, change: Partial<ImportedPerson> = {}): ImportedPerson {
  return {
    id: randomUUID(),
    council: 'merebrook',
    name: 'Ann Abbot',
    class: 'member',
    addresses: [address],
    delegateOf: [],
    personalAddresses: [],
    ward: 'Mill',
    group: null,
    officeFrom: '2023-05-09',
    officeUntil: null,
    suspended: null,
    passwordHash: null,
    ...change,
  };
}

test('importPeople() keeps everything, and the directory finds people by any address', async () => {
  const imported = person('ann@merebrook.gov.uk', {
    addresses: ['ann@merebrook.gov.uk', 'cllr.ann@merebrook.gov.uk'],
    delegateOf: ['mayor@merebrook.gov.uk'],
    personalAddresses: ['ann@home.test'],
    group: 'Independents',
  });
  await importPeople(fresh.db, [imported]);
  const { passwordHash, ...expected } = imported;
  expect(passwordHash).toBeNull();
  const directory = await loadDirectory(fresh.db);
  expect(directory.byAddress('Cllr.Ann@MEREBROOK.gov.uk')).toEqual(expected);
  expect(directory.byAddress('ann@home.test')).toBeNull();
  expect(directory.of('merebrook')).toEqual([expected]);
  expect(directory.of('elsewhere')).toEqual([]);
});

test('importPeople() updates by id, gives addresses free, and keeps the password', async () => {
  const before = person('bo@merebrook.gov.uk', { passwordHash: 'scrypt$1' });
  await importPeople(fresh.db, [before]);
  const after = { ...before, addresses: ['bob@merebrook.gov.uk'], passwordHash: null, ward: 'Lea' };
  await importPeople(fresh.db, [after, person('bo@merebrook.gov.uk', { name: 'Bo Other' })]);
  expect(await findLogin(fresh.db, 'bob@merebrook.gov.uk')).toMatchObject({
    person: { id: before.id, ward: 'Lea' },
    passwordHash: 'scrypt$1',
  });
  expect(await findLogin(fresh.db, 'bo@merebrook.gov.uk')).toBeNull();
});

test('importPeople() refuses one address for two people and changes nothing', async () => {
  const one = person('shared@merebrook.gov.uk');
  const two = person('shared@merebrook.gov.uk', { name: 'Two' });
  await expect(importPeople(fresh.db, [one, two])).rejects.toThrow('address in common');
  await importPeople(fresh.db, [one]);
  await expect(transaction(fresh.db, (tx) => importPeople(tx, [two]))).rejects.toThrow(
    `People "${one.id}" and "${two.id}"`,
  );
  expect((await listPeople(fresh.db)).map(({ id }) => id)).not.toContain(two.id);
});

test('importPeople() imports two thousand people, and none', async () => {
  const many = Array.from({ length: 2000 }, (_, n) =>
    person(`p${n}@large.gov.uk`, { council: 'large' }),
  );
  await importPeople(fresh.db, many);
  await importPeople(fresh.db, []);
  expect(await listPeople(fresh.db, 'large')).toHaveLength(2000);
});

test('setSuspended() suspends and lifts, and an import does neither lift nor forget', async () => {
  const imported = person('dee@merebrook.gov.uk');
  await importPeople(fresh.db, [imported]);
  const change = { personId: imported.id, reason: 'Account taken over', by: 'ict:3', at: T0 };
  expect(await setSuspended(fresh.db, change)).toBe(true);
  await importPeople(fresh.db, [imported]);
  const suspended = (await loadDirectory(fresh.db)).byAddress('dee@merebrook.gov.uk')?.suspended;
  expect(suspended).toBe('Account taken over');
  expect(await setSuspended(fresh.db, { ...change, reason: null })).toBe(true);
  expect((await loadDirectory(fresh.db)).byAddress('dee@merebrook.gov.uk')?.suspended).toBeNull();
  expect(await setSuspended(fresh.db, { ...change, personId: randomUUID() })).toBe(false);
  const events = await fresh.db`select event from audit where data->>'person' = ${imported.id}
    order by id`;
  expect(events).toEqual([{ event: 'suspension' }, { event: 'suspension-lifted' }]);
});

test('peopleVersion() changes with every change, and only then', async () => {
  const one = person('vic@merebrook.gov.uk');
  const versions = [await peopleVersion(fresh.db)];
  await importPeople(fresh.db, [one]);
  versions.push(await peopleVersion(fresh.db));
  await setSuspended(fresh.db, { personId: one.id, reason: 'Left', by: 'ict', at: T0 });
  versions.push(await peopleVersion(fresh.db));
  expect(new Set(versions).size).toBe(3);
  expect(await peopleVersion(fresh.db)).toBe(versions[2]);
});

test('findLogin() knows nobody by an address that is nobody’s', async () => {
  expect(await findLogin(fresh.db, "x' or true --@merebrook.gov.uk")).toBeNull();
});
