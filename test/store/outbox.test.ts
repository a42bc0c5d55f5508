import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addNotice,
  hasPendingNotice,
  lockNotice,
  markNoticeWritten,
  noticesAbout,
  NOTICES_AN_HOUR,
  pendingNotices,
  suppressNotice,
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

function pending(): Promise<string[]> {
  return pendingNotices(fresh.db, { settledBefore: later(9999), limit: 100 });
}

test('a notice is pending until it is written, and written once', async () => {
  const { at, dedupeKey, ...rest } = notice();
  expect(await addNotice(fresh.db, { ...rest, at, dedupeKey })).toBe(true);
  expect(await pending()).toEqual([rest.id]);
  expect(await pendingNotices(fresh.db, { settledBefore: later(-1), limit: 9 })).toEqual([]);
  expect(await lockNotice(fresh.db, rest.id)).toEqual({ ...rest, createdAt: T0 });
  expect(await hasPendingNotice(fresh.db, about, 'held')).toBe(true);
  expect(await hasPendingNotice(fresh.db, about, 'delayed')).toBe(false);
  const answers = await Promise.all(
    [1, 2, 3].map(() => markNoticeWritten(fresh.db, rest.id, later(1))),
  );
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await pending()).toEqual([]);
  expect(await noticesAbout(fresh.db, about)).toEqual([
    { id: rest.id, kind: 'held', createdAt: T0, writtenAt: later(1) },
  ]);
  expect(await lockNotice(fresh.db, rest.id)).toBeNull();
  expect(await hasPendingNotice(fresh.db, about, 'held')).toBe(false);
});

test('suppressNotice() gives a notice up', async () => {
  const given = notice({ toAddress: 'cllr.d@merebrook.gov.uk' });
  await addNotice(fresh.db, given);
  await suppressNotice(fresh.db, given.id, 'message erased');
  expect(await pending()).toEqual([]);
  expect(await markNoticeWritten(fresh.db, given.id, later(1))).toBe(false);
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
  expect(await pending()).not.toContain(tooMany.id);
  expect(await markNoticeWritten(fresh.db, tooMany.id, later(101))).toBe(false);
  const failed = notice({ kind: 'undelivered', toAddress, at: later(100) });
  expect(await addNotice(fresh.db, failed)).toBe(true);
  expect(await addNotice(fresh.db, notice({ toAddress: 'other@merebrook.gov.uk' }))).toBe(true);
  expect(await addNotice(fresh.db, notice({ toAddress, at: later(3800) }))).toBe(true);
});
