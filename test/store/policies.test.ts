import { afterAll, beforeAll, expect, test } from 'vitest';
import { activatePolicy, activePolicy } from '../../src/store/policies.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

test('activePolicy() is the one activated last, though it be an earlier one', async () => {
  expect(await activePolicy(fresh.db)).toBeNull();
  const one = { version: '1', files: { 'rules/a.yaml': 'id: a\n' }, at: later(1), by: 'ict:3' };
  const two = { version: '2', files: {}, at: later(2), by: 'ict:3' };
  await activatePolicy(fresh.db, one);
  await activatePolicy(fresh.db, two);
  expect((await activePolicy(fresh.db))?.version).toBe('2');
  expect(await activePolicy(fresh.db, '2')).toBeNull();
  await activatePolicy(fresh.db, { ...one, at: later(3) });
  expect(await activePolicy(fresh.db, '2')).toEqual({
    version: '1',
    files: one.files,
    activatedAt: later(3),
    activatedBy: 'ict:3',
  });
  expect(await fresh.db`select data from audit order by id`).toEqual([
    { data: { version: '1' } },
    { data: { version: '2' } },
    { data: { version: '1' } },
  ]);
});
