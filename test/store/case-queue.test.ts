import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  countQueue,
  queueFacets,
  queuePage,
  type CaseScope,
  type QueueFilter,
} from '../../src/store/case-queue.ts';
import { indexCase, lexemesOf, wordsQuery } from '../../src/store/case-words.ts';
import { claimCase, markRead, setUrgent } from '../../src/store/case-work.ts';
import {
  closeCaseIfDone,
  openCase,
  recordCaseAction,
  type NewCase,
} from '../../src/store/cases.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, later, newCase, newRecipient } from './fixtures.ts';

let fresh: FreshDatabase;
let council = '';
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());
// Each test has a council of its own, so that none sees another's cases.
beforeEach(() => {
  council = `c${randomBytes(4).toString('hex')}`;
});

const NOW = later(10_000);
const KEY = Buffer.alloc(32, 7);

function scope(change: Partial<CaseScope> = {}): CaseScope {
  return {
    officer: 'helen',
    matters: [{ council, areas: ['political'], queues: [] }],
    contentMatters: [{ council, areas: ['political'], queues: [] }],
    ownAddresses: [],
    sealsPrivileged: true,
    ...change,
  };
}

interface Held extends Partial<NewCase> {
  subject?: string;
  to?: string[];
}

async function held(id: string, { subject, to = ['ann@x.test'], ...change }: Held = {}) {
  const queueId = await given(fresh.db, {
    council,
    ...(subject !== undefined && { subject }),
    recipients: to.map((address) => newRecipient(address)),
  });
  await fresh.db`update recipients set status = 'held', gate = 'hold' where queue_id = ${queueId}`;
  await openCase(fresh.db, newCase({ id: `${council}-${id}`, queueId, council, ...change }));
  return { id: `${council}-${id}`, queueId };
}

async function page(
  filter: Partial<QueueFilter> = {},
  more: { limit?: number; after?: string; scope?: CaseScope } = {},
) {
  const { limit = 50, after } = more;
  const found = await queuePage(fresh.db, {
    scope: more.scope ?? scope(),
    filter: { state: 'decide', ...filter },
    at: NOW,
    limit,
    after,
  });
  return { ...found, ids: found.rows.map(({ id }) => id.slice(council.length + 1)) };
}

describe('queuePage()', () => {
  it('puts first what is overdue, then what is urgent, then what is due soonest, then the oldest', async () => {
    await held('old', { at: later(1) });
    await held('new', { at: later(2) });
    await held('due-late', { dueAt: later(90_000) });
    await held('due-soon', { dueAt: later(20_000) });
    await held('overdue', { dueAt: later(9000) });
    await held('more-overdue', { dueAt: later(8000) });
    const urgent = await held('urgent', { dueAt: later(99_000) });
    await setUrgent(fresh.db, { caseId: urgent.id, officer: 'x', at: NOW, reason: 'A grant' });
    const { ids, rows } = await page();
    expect(ids).toEqual([
      'more-overdue',
      'overdue',
      'urgent',
      'due-soon',
      'due-late',
      'old',
      'new',
    ]);
    expect(rows.map(({ isOverdue }) => isOverdue).slice(0, 3)).toEqual([true, true, false]);
  });

  it('pages by key: every case once, in the same order, whatever is decided meanwhile', async () => {
    const all: string[] = [];
    for (let n = 0; n < 23; n += 1) {
      await held(`n${n}`, { at: later(n % 5), dueAt: n % 3 ? later(5000 * (n % 7)) : null });
    }
    const whole = (await page()).ids;
    let after: string | undefined;
    for (;;) {
      const part = await page({}, { limit: 5, ...(after && { after }) });
      all.push(...part.ids);
      // What stands on an earlier page may leave the queue.
      const gone = part.rows[0];
      await fresh.db`update recipients set status = 'delivered'
        where queue_id = ${gone?.queueId ?? ''}`;
      if (part.next === null) break;
      after = part.next;
    }
    expect(all).toEqual(whole);
    expect((await page({}, { after: 'bm9uc2Vuc2U' })).ids).toHaveLength(18);
  });

  it('lists what the officer may list: by area or queue, at the officer’s councils', async () => {
    await held('political');
    await held('ict', { areas: ['security'], queues: ['ict'] });
    await held('election-team', { returningOfficers: true });
    const ids = async (areas: string[], queues: string[], where = council) =>
      (await page({}, { scope: scope({ matters: [{ council: where, areas, queues }] }) })).ids;
    expect(await ids(['political'], [])).toEqual(['political']);
    expect(await ids([], ['ict'])).toEqual(['ict']);
    expect(await ids(['returning-officer-mail'], [])).toEqual(['election-team']);
    expect(await ids(['political'], ['ict'], 'elsewhere')).toEqual([]);
    expect((await page({}, { scope: scope({ matters: [] }) })).ids).toEqual([]);
  });

  it('leaves out mail to which the officer is a party', async () => {
    await held('about-me', { parties: ['helen@merebrook.gov.uk'] });
    await held('other', { parties: ['ann@x.test'] });
    const own = scope({ ownAddresses: ['helen@merebrook.gov.uk'] });
    expect((await page({}, { scope: own })).ids).toEqual(['other']);
    expect((await countQueue(fresh.db, own, NOW)).waiting).toBe(1);
  });

  it('finds parts of words in subjects and addresses, literally, and all of several', async () => {
    await held('potholes', { subject: 'Potholes in Mill Lane', to: ['ann.ashdown@x.test'] });
    await held('percent', { subject: '100% grant', to: ['bob@x.test'] });
    const ids = async (words: string) => (await page({ words })).ids;
    expect(await ids('otho')).toEqual(['potholes']);
    expect(await ids('MILL ashd')).toEqual(['potholes']);
    expect(await ids('mill bob')).toEqual([]);
    expect(await ids('0% g')).toEqual(['percent']);
    expect(await ids('_')).toEqual([]);
    // The sender is no part of it: that would be a search by person.
    expect(await ids('cllr.a@merebrook')).toEqual([]);
  });

  it('finds words of held content only with a query for it, until the case closes', async () => {
    const { id, queueId } = await held('leaflet', { subject: 'Thursday' });
    await indexCase(fresh.db, id, lexemesOf(['Please vote Labour! Café'], KEY));
    const ids = async (words: string, key: Buffer | null = KEY) =>
      (await page({ words, contentQuery: key && wordsQuery(words, key) })).ids;
    expect(await ids('labour vote')).toEqual(['leaflet']);
    expect(await ids('lab')).toEqual(['leaflet']);
    expect(await ids('cafe')).toEqual(['leaflet']);
    expect(await ids('labours')).toEqual([]);
    expect(await ids('labour', null)).toEqual([]);
    // Who may list it and not look into it finds it by recipient, never by what it says.
    const listing = { scope: scope({ contentMatters: [] }) };
    const blind = async (words: string) =>
      (await page({ words, contentQuery: wordsQuery(words, KEY) }, listing)).ids;
    expect(await blind('labour')).toEqual([]);
    expect(await blind('thursday')).toEqual([]);
    expect(await blind('ann@')).toEqual(['leaflet']);
    expect(await ids('labour', Buffer.alloc(32, 8))).toEqual([]);
    const [row] = await fresh.db<{ words: string }[]>`
      select words::text from case_words where case_id = ${id}`;
    expect(row?.words).not.toMatch(/labour|vote/i);
    await fresh.db`update recipients set status = 'delivered' where queue_id = ${queueId}`;
    await closeCaseIfDone(fresh.db, queueId, NOW);
    expect(await fresh.db`select 1 from case_words where case_id = ${id}`).toHaveLength(0);
  });

  it('filters by facet, and counts what each would leave', async () => {
    await held('a', { domains: ['x.test', 'y.test'], marking: 'OFFICIAL' });
    await held('b', { domains: ['x.test'], rule: 'chain-letter', section: '6' });
    expect((await page({ domain: 'x.test', rule: 'chain-letter' })).ids).toEqual(['b']);
    expect((await page({ clause: 'Protocol 4' })).ids).toEqual(['a']);
    const filter = { state: 'decide' as const };
    const facets = await queueFacets(fresh.db, { scope: scope(), filter, at: NOW });
    expect(facets).toMatchObject({
      domain: [
        { value: 'x.test', count: 2 },
        { value: 'y.test', count: 1 },
      ],
      marking: [{ value: 'OFFICIAL', count: 1 }],
      assignee: [{ value: 'nobody', count: 2 }],
      age: [{ value: 'today', count: 2 }],
    });
  });

  it('shows what changed since the officer looked as unread, to that officer alone', async () => {
    const { id } = await held('a');
    const unread = async (officer: string) =>
      (await page({ unread: true }, { scope: scope({ officer }) })).ids;
    expect(await unread('helen')).toEqual(['a']);
    await markRead(fresh.db, { caseIds: [id], officer: 'helen', at: NOW, read: true });
    expect(await unread('helen')).toEqual([]);
    expect(await unread('omar')).toEqual(['a']);
    const note = { action: 'note' as const, recipientIds: [], officer: 'omar', reason: 'Look' };
    await recordCaseAction(fresh.db, { ...note, caseId: id, at: later(20_000) });
    expect(await unread('helen')).toEqual(['a']);
    await markRead(fresh.db, { caseIds: [id], officer: 'helen', at: NOW, read: true });
    await markRead(fresh.db, { caseIds: [id], officer: 'helen', at: NOW, read: false });
    expect(await unread('helen')).toEqual(['a']);
  });

  it('tells apart what waits, what is under way and stuck, and what is closed', async () => {
    const waits = await held('waits');
    const stuck = await held('stuck');
    const done = await held('done');
    await claimCase(fresh.db, { caseId: waits.id, officer: 'helen', at: NOW, minutes: 5 });
    await fresh.db`update recipients set status = 'deferred' where queue_id = ${stuck.queueId}`;
    await fresh.db`update recipients set status = 'delivered' where queue_id = ${done.queueId}`;
    await closeCaseIfDone(fresh.db, done.queueId, NOW);
    expect((await page()).ids).toEqual(['waits']);
    const underWay = await page({ state: 'under-way' });
    expect(underWay.rows.map(({ stuck: count }) => count)).toEqual([1]);
    expect((await page({ state: 'closed' })).ids).toEqual(['done']);
    expect((await page({ assignee: 'helen' })).ids).toEqual(['waits']);
    expect(await countQueue(fresh.db, scope(), NOW)).toEqual({
      waiting: 1,
      overdue: 0,
      urgent: 0,
      unread: 1,
    });
  });
});
