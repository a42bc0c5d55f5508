import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closeCaseIfDone,
  listCases,
  loadCase,
  openCase,
  recordCaseAction,
  type CaseKind,
} from '../../src/store/cases.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventsOf, given, later, newCase, newRecipient, recipientIds } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

let cases = 0;

async function opened(kind: CaseKind = 'hold', council = 'merebrook') {
  const queueId = await given(fresh.db, {
    council,
    recipients: [
      newRecipient('a@x.test'),
      newRecipient('b@x.test'),
      newRecipient('cllr.a@merebrook.gov.uk', { route: 'inward' }),
    ],
  });
  const [a = 0, b = 0, inward = 0] = await recipientIds(fresh.db, queueId);
  const [gate, status] = kind === 'hold' ? ['hold', 'held'] : ['divert', 'diverted'];
  await fresh.db`update recipients set status = ${status ?? ''}, gate = ${gate ?? ''}
    where id = ${a}`;
  await fresh.db`update recipients set status = 'delivered', gate = 'release' where id = ${b}`;
  await fresh.db`update recipients set status = ${kind === 'hold' ? 'delivered' : 'deferred'}
    where id = ${inward}`;
  cases += 1;
  const id = `case-${cases}`;
  const role = 'monitoring-officer';
  const first = await openCase(
    fresh.db,
    newCase({ id, queueId, kind, role, council, at: later(cases) }),
  );
  expect(first).toBe(true);
  return { id, queueId, a, b, inward };
}

async function set(id: number, status: string): Promise<void> {
  await fresh.db`update recipients set status = ${status} where id = ${id}`;
}

test('openCase() opens one case of a kind for a message', async () => {
  const { id, queueId } = await opened();
  expect(await openCase(fresh.db, newCase({ id: 'other', queueId }))).toBe(false);
  expect(await loadCase(fresh.db, id)).toMatchObject({
    id,
    queueId,
    council: 'merebrook',
    role: 'monitoring-officer',
    reason: 'Looks political',
    closedAt: null,
    waiting: 1,
    actions: [],
  });
  expect(await loadCase(fresh.db, 'other')).toBeNull();
  expect(await eventsOf(fresh.db, queueId)).toEqual(['reception', 'case-opened']);
});

test('a held case is done when nothing waits and what was released has arrived', async () => {
  const { id, queueId, a } = await opened();
  expect(await closeCaseIfDone(fresh.db, queueId, later(9))).toBe(false);
  await set(a, 'queued');
  expect(await closeCaseIfDone(fresh.db, queueId, later(9))).toBe(false);
  await set(a, 'delivered');
  expect(await closeCaseIfDone(fresh.db, queueId, later(9))).toBe(true);
  expect(await closeCaseIfDone(fresh.db, queueId, later(10))).toBe(false);
  expect(await loadCase(fresh.db, id)).toMatchObject({ closedAt: later(9), waiting: 0 });
});

test('a diverted case is done when the inward copy has arrived', async () => {
  const { id, queueId, inward } = await opened('divert');
  expect((await loadCase(fresh.db, id))?.waiting).toBe(1);
  expect(await closeCaseIfDone(fresh.db, queueId, later(9))).toBe(false);
  await set(inward, 'delivered');
  expect(await closeCaseIfDone(fresh.db, queueId, later(9))).toBe(true);
});

test('recordCaseAction() keeps the reason out of the audit trail', async () => {
  const { id, queueId, a } = await opened();
  const done = { action: 'release' as const, recipientIds: [a], officer: 'officer:7' };
  await recordCaseAction(fresh.db, { ...done, caseId: id, reason: 'Known to Bob', at: later(3) });
  expect((await loadCase(fresh.db, id))?.actions).toMatchObject([
    { ...done, reason: 'Known to Bob', at: later(3), state: 'done' },
  ]);
  const rows = await fresh.db`select actor, data from audit
    where queue_id = ${queueId} and event = 'case-action'`;
  expect(rows).toEqual([
    { actor: 'officer:7', data: { case: id, action: 'release', recipients: [a] } },
  ]);
});

test('listCases() lists open cases of a council, oldest first', async () => {
  const one = await opened('hold', 'listed');
  const two = await opened('divert', 'listed');
  await set(two.inward, 'delivered');
  await closeCaseIfDone(fresh.db, two.queueId, later(99));
  const ids = async (open: boolean) =>
    (await listCases(fresh.db, { open, council: 'listed' })).map((found) => found.id);
  expect(await ids(true)).toEqual([one.id]);
  expect(await ids(false)).toEqual([one.id, two.id]);
  expect((await listCases(fresh.db, { open: true, council: null })).length).toBeGreaterThan(1);
});
