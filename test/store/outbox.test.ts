import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addNotice,
  markNoticeWritten,
  NOTICES_AN_HOUR,
  pendingNotices,
  type NewNotice,
} from '../../src/store/outbox.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, later, queueId, T0 } from './fixtures.ts';

let fresh: FreshDatabase;
let about: string;
beforeAll(async () => {
  fresh = await freshDatabase();
  about = await given(fresh.db);
});
afterAll(() => fresh.drop());

function notice(change: Partial<NewNotice> = {}): NewNotice {
  return {
    id: queueId(),
    kind: 'held',
    queueId: about,
    council: 'merebrook',
    toAddress: 'cllr.a@merebrook.gov.uk',
    data: { clause: '4.1' },
    dedupeKey: null,
    at: T0,
    ...change,
  };
}

test('a notice is pending until it is written, and written once', async () => {
  const { at, dedupeKey, ...rest } = notice();
  expect(await addNotice(fresh.db, { ...rest, at, dedupeKey })).toBe(true);
  expect(await pendingNotices(fresh.db, 10)).toEqual([{ ...rest, createdAt: T0 }]);
  const answers = await Promise.all(
    [1, 2, 3].map(() => markNoticeWritten(fresh.db, rest.id, later(1))),
  );
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await pendingNotices(fresh.db, 10)).toEqual([]);
});

test('addNotice() makes one notice of two with the same dedupe key or the same id', async () => {
  const dedupeKey = 'diverted cllr.b 2026-11-02';
  const first = notice({ dedupeKey, toAddress: 'cllr.b@merebrook.gov.uk' });
  expect(await addNotice(fresh.db, first)).toBe(true);
  expect(await addNotice(fresh.db, { ...first, id: queueId() })).toBe(false);
  expect(await addNotice(fresh.db, { ...first, dedupeKey: null })).toBe(false);
});

test('addNotice() records but does not write what exceeds the share of an hour', async () => {
  const toAddress = 'cllr.c@merebrook.gov.uk';
  for (let count = 0; count < NOTICES_AN_HOUR; count += 1) {
    expect(await addNotice(fresh.db, notice({ toAddress, at: later(count) }))).toBe(true);
  }
  const tooMany = notice({ toAddress, at: later(100) });
  expect(await addNotice(fresh.db, tooMany)).toBe(false);
  const pending = await pendingNotices(fresh.db, 100);
  expect(pending.map((row) => row.id)).not.toContain(tooMany.id);
  expect(await markNoticeWritten(fresh.db, tooMany.id, later(101))).toBe(false);
  expect(await addNotice(fresh.db, notice({ toAddress: 'other@merebrook.gov.uk' }))).toBe(true);
  expect(await addNotice(fresh.db, notice({ toAddress, at: later(3600) }))).toBe(true);
});
