import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addNote,
  assignCase,
  claimCase,
  dropView,
  escalateCase,
  recordView,
  savedViews,
  saveView,
  setUrgent,
  unclaimCase,
} from '../../src/store/case-work.ts';
import { loadCase, openCase } from '../../src/store/cases.ts';
import { transaction } from '../../src/store/connect.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventsOf, given, later, newCase, queueId } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function opened(): Promise<{ caseId: string; queueId: string }> {
  const id = await given(fresh.db);
  const caseId = queueId();
  await openCase(fresh.db, newCase({ id: caseId, queueId: id }));
  return { caseId, queueId: id };
}

const at = later(100);

describe('claimCase()', () => {
  it('gives the case to one of two officers who take it at once, and tells the other who', async () => {
    const { caseId } = await opened();
    const claims = ['helen', 'omar'].map((officer) =>
      transaction(fresh.db, (tx) => claimCase(tx, { caseId, officer, at, minutes: 20 })),
    );
    const results = await Promise.all(claims);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'taken']);
    const winner = (await loadCase(fresh.db, caseId))?.claimedBy;
    expect(results.find(({ kind }) => kind === 'taken')).toMatchObject({ by: winner });
  });

  it('is renewed by its holder, runs out, and is given back by its holder alone', async () => {
    const { caseId } = await opened();
    const claim = (officer: string, seconds: number) =>
      claimCase(fresh.db, { caseId, officer, at: later(seconds), minutes: 1 });
    await claim('helen', 0);
    expect(await claim('helen', 30)).toEqual({ kind: 'claimed', until: later(90) });
    expect(await claim('omar', 89)).toMatchObject({ kind: 'taken', by: 'helen' });
    expect(await claim('omar', 90)).toEqual({ kind: 'claimed', until: later(150) });
    expect(await unclaimCase(fresh.db, { caseId, officer: 'helen', at })).toBe(false);
    expect(await unclaimCase(fresh.db, { caseId, officer: 'omar', at })).toBe(true);
    const { actions, lookedAt } = (await loadCase(fresh.db, caseId))!;
    expect(actions.map(({ action, officer }) => `${officer} ${action}`)).toEqual([
      'helen claim',
      'omar claim',
      'omar unclaim',
    ]);
    expect(lookedAt).toEqual(later(0));
  });

  it('says that a case is closed or unknown', async () => {
    const { caseId } = await opened();
    await fresh.db`update cases set closed_at = ${at} where id = ${caseId}`;
    const claim = { officer: 'helen', at, minutes: 1 };
    expect(await claimCase(fresh.db, { ...claim, caseId })).toEqual({ kind: 'closed' });
    expect(await claimCase(fresh.db, { ...claim, caseId: 'x' })).toEqual({ kind: 'no-such-case' });
  });
});

describe('work on a case', () => {
  it('leaves its words out of the audit trail', async () => {
    const { caseId, queueId: id } = await opened();
    const change = { caseId, officer: 'helen', at, reason: 'zebra' };
    expect(await setUrgent(fresh.db, change)).toBe(true);
    expect(await setUrgent(fresh.db, change)).toBe(false);
    expect(await setUrgent(fresh.db, { ...change, reason: null })).toBe(true);
    expect(await assignCase(fresh.db, { ...change, to: 'omar' })).toBe(true);
    expect(await escalateCase(fresh.db, { ...change, role: 'ict' })).toBe(true);
    expect(await escalateCase(fresh.db, { ...change, role: 'ict' })).toBe(false);
    expect(await addNote(fresh.db, change)).toBe(true);
    const found = await loadCase(fresh.db, caseId);
    expect(found).toMatchObject({ role: 'ict', assignedTo: null, claimedBy: null, urgentAt: null });
    expect(await eventsOf(fresh.db, id)).toEqual([
      'reception',
      'case-opened',
      ...Array.from({ length: 5 }, () => 'case-action'),
    ]);
    const rows = await fresh.db`select data::text from audit where queue_id = ${id}`;
    expect(JSON.stringify(rows)).not.toContain('zebra');
  });

  it('is done once for one form, however often the form is sent', async () => {
    const { caseId } = await opened();
    const requestId = '4f7f2f0e-32f2-4a55-9b2d-2f7c1f0f6f5a';
    const change = { caseId, officer: 'helen', at, reason: 'Rang her', requestId };
    expect(await addNote(fresh.db, change)).toBe(true);
    expect(await addNote(fresh.db, change)).toBe(false);
    expect((await loadCase(fresh.db, caseId))?.actions).toHaveLength(1);
  });
});

it('recordView() makes every look at content a row of the trail', async () => {
  const { caseId, queueId: id } = await opened();
  const view = { caseId, queueId: id, officer: 'helen', what: 'text', reason: 'to-decide' };
  await recordView(fresh.db, { ...view, investigation: null, at });
  const second = { ...view, what: 'attachment:2', investigation: 'INV1' };
  await recordView(fresh.db, { ...second, at: later(200) });
  const rows = await fresh.db`select actor, data from audit
    where queue_id = ${id} and event = 'content-viewed' order by id`;
  expect(rows).toEqual([
    { actor: 'helen', data: { case: caseId, what: 'text', reason: 'to-decide' } },
    {
      actor: 'helen',
      data: { case: caseId, what: 'attachment:2', reason: 'to-decide', investigation: 'INV1' },
    },
  ]);
  expect((await loadCase(fresh.db, caseId))?.lookedAt).toEqual(at);
});

it('saved views are each officer’s own, one of a name', async () => {
  const view = { officer: 'helen', name: 'Elections', at };
  await saveView(fresh.db, { ...view, query: { rule: 'political-content' } });
  await saveView(fresh.db, { ...view, query: { age: 'older' } });
  const [kept] = await savedViews(fresh.db, 'helen');
  expect(kept).toMatchObject({ name: 'Elections', query: { age: 'older' } });
  expect(await savedViews(fresh.db, 'omar')).toEqual([]);
  expect(await dropView(fresh.db, 'omar', kept!.id)).toBe(false);
  expect(await dropView(fresh.db, 'helen', kept!.id)).toBe(true);
});

it('an officer has fifty saved views, and may still change one of them', async () => {
  const save = (name: string, age: string) =>
    saveView(fresh.db, { officer: 'ben', name, query: { age }, at });
  for (let n = 1; n <= 50; n += 1) expect(await save(`View ${n}`, 'today')).toBe(true);
  expect(await save('View 51', 'today')).toBe(false);
  expect(await save('View 50', 'older')).toBe(true);
  const kept = await savedViews(fresh.db, 'ben');
  expect(kept).toHaveLength(50);
  expect(kept.find(({ name }) => name === 'View 50')?.query).toEqual({ age: 'older' });
});
