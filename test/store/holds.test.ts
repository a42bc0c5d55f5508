import { afterAll, beforeAll, expect, test } from 'vitest';
import { addHold, liftHold, listHolds, type NewHold } from '../../src/store/holds.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later, T0 } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

let count = 0;

function hold(change: Partial<NewHold> = {}): NewHold {
  count += 1;
  return {
    id: `hold-${count}`,
    council: 'merebrook',
    kind: 'foi',
    reference: 'FOI 2026/17',
    actors: [],
    queueIds: [],
    receivedFrom: null,
    receivedUntil: null,
    requestReceivedOn: '2026-10-30',
    reviewOn: '2027-01-01',
    reason: 'Request for mail on Mill Lane',
    setBy: 'foi:1',
    setAt: later(count),
    ...change,
  };
}

test('addHold() keeps the hold, with addresses as keys', async () => {
  const set = hold({ actors: ['Cllr.A@MEREBROOK.gov.uk'], receivedFrom: T0 });
  expect(await addHold(fresh.db, set)).toEqual([]);
  expect(await listHolds(fresh.db, { lifted: false })).toEqual([
    {
      ...set,
      actors: ['cllr.a@merebrook.gov.uk'],
      liftedAt: null,
      liftedBy: null,
      liftedReason: null,
    },
  ]);
});

test('addHold() names what was erased in its scope since the request came in', async () => {
  const erase = (queueId: string, erasedAt: string, receivedAt = T0) => fresh.db`
    insert into tombstones
      (queue_id, council, sha256, received_at, erased_at, retention_class, rules)
    values (${queueId}, 'merebrook', ${Buffer.alloc(32)}, ${receivedAt}, ${erasedAt}, 'kept',
      '{}')`;
  await erase('before', '2026-10-29T23:00:00Z');
  await erase('since', '2026-10-30T02:00:00Z');
  await erase('out-of-scope', '2026-10-30T02:00:00Z', later(50));
  expect(await addHold(fresh.db, hold({ receivedUntil: later(50) }))).toEqual(['since']);
  expect(await addHold(fresh.db, hold({ queueIds: ['before'] }))).toEqual([]);
  expect(await addHold(fresh.db, hold({ council: 'elsewhere' }))).toEqual([]);
});

test('liftHold() keeps the history and lifts once', async () => {
  const set = hold();
  await addHold(fresh.db, set);
  const lifting = { id: set.id, by: 'foi:2', reason: 'Answered', at: later(60) };
  expect(await liftHold(fresh.db, lifting)).toBe(true);
  expect(await liftHold(fresh.db, lifting)).toBe(false);
  const ids = async (lifted: boolean) =>
    (await listHolds(fresh.db, { lifted })).map((found) => found.id);
  expect(await ids(false)).not.toContain(set.id);
  expect(await ids(true)).toContain(set.id);
  const events = await fresh.db`select event, actor from audit where data->>'hold' = ${set.id}
    order by id`;
  expect(events).toEqual([
    { event: 'hold-set', actor: 'foi:1' },
    { event: 'hold-lifted', actor: 'foi:2' },
  ]);
});

test.each(['investigation', 'police'] as const)('a %s hold needs a second person', async (kind) => {
  const set = hold({ kind });
  await addHold(fresh.db, set);
  const lifting = { id: set.id, reason: 'Over', at: later(60) };
  await expect(liftHold(fresh.db, { ...lifting, by: 'foi:1' })).rejects.toThrow('somebody else');
  expect(await liftHold(fresh.db, { ...lifting, by: 'mo:1' })).toBe(true);
});

test.each([
  'delete from legal_holds',
  'truncate legal_holds',
  `update legal_holds set council = 'elsewhere'`,
  `update legal_holds set lifted_at = null where lifted_at is not null`,
])('the record refuses: %s', async (statement) => {
  const set = hold();
  await addHold(fresh.db, set);
  await liftHold(fresh.db, { id: set.id, by: 'x', reason: 'y', at: T0 });
  await expect(fresh.db.unsafe(statement)).rejects.toThrow(/never changed|append-only/);
});
