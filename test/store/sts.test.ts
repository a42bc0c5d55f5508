import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStsLookup } from '../../src/delivery/mta-sts.ts';
import type { Resolver } from '../../src/delivery/resolve.ts';
import { stsPolicies } from '../../src/store/sts.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

const YEAR_MS = 31_557_600_000;
const T0 = Date.UTC(2027, 3, 1);
const ENFORCED = 'version: STSv1\r\nmode: enforce\r\nmx: mx.a.test\r\nmax_age: 9999999999\r\n';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

/** A process that knows only what the record knows, in a network that answers nothing. */
function afterRestart(now: number) {
  return createStsLookup({
    resolver: {
      txt: () => Promise.resolve({ kind: 'failed', cause: 'away' }),
    } as unknown as Resolver,
    fetcher: () => Promise.reject(new Error('Policy host is away')),
    store: stsPolicies(fresh.db),
    clock: () => now,
  });
}

test('a policy outlives the process that fetched it', async () => {
  const set = stsPolicies(fresh.db);
  await set.set('a.test', { text: ENFORCED, id: '7', fetchedAt: T0 });
  expect(await set.get('a.test')).toEqual({ text: ENFORCED, id: '7', fetchedAt: T0 });
  expect(await set.get('b.test')).toBeNull();
  expect(await afterRestart(T0 + 1000)('a.test')).toMatchObject({ kind: 'enforce', id: '7' });
});

test('no max_age makes a policy last longer than a year, nor does a clock that was wrong', async () => {
  await stsPolicies(fresh.db).set('a.test', { text: ENFORCED, id: '7', fetchedAt: T0 });
  expect(await afterRestart(T0 + YEAR_MS - 1)('a.test')).toMatchObject({ kind: 'enforce' });
  expect(await afterRestart(T0 + YEAR_MS)('a.test')).toMatchObject({ kind: 'failed' });
  expect(await afterRestart(T0 - YEAR_MS)('a.test')).toMatchObject({ kind: 'failed' });
});

test('an older policy never takes the place of a newer one', async () => {
  const store = stsPolicies(fresh.db);
  await store.set('c.test', { text: ENFORCED, id: '2', fetchedAt: T0 });
  await store.set('c.test', { text: 'old', id: '1', fetchedAt: T0 - 1 });
  expect(await store.get('c.test')).toMatchObject({ id: '2' });
});

test('what is over a year old is dropped when another is kept', async () => {
  const store = stsPolicies(fresh.db);
  await store.set('d.test', { text: ENFORCED, id: '1', fetchedAt: T0 - 2 * YEAR_MS });
  await store.set('e.test', { text: ENFORCED, id: '1', fetchedAt: T0 });
  expect(await store.get('d.test')).toBeNull();
});

test('a stored text that is no policy is fetched again', async () => {
  const store = stsPolicies(fresh.db);
  await store.set('f.test', { text: 'garbage', id: '1', fetchedAt: T0 });
  const lookup = createStsLookup({
    resolver: {
      txt: () => Promise.resolve({ kind: 'found', values: ['v=STSv1; id=1;'], secure: false }),
    } as unknown as Resolver,
    fetcher: () => Promise.resolve(ENFORCED),
    store,
    clock: () => T0 + 1,
  });
  expect(await lookup('f.test')).toMatchObject({ kind: 'enforce' });
  expect((await store.get('f.test'))?.text).toBe(ENFORCED);
});
