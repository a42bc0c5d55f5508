import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOfficer,
  askSender,
  releaseBySender,
  withdrawMessage,
} from '../../src/pipeline/ask-sender.ts';
import { reviewRoad } from '../../src/pipeline/case-clock.ts';
import { processMessage } from '../../src/pipeline/process.ts';
import {
  decideCase,
  undoDecision,
  type DecisionAction,
  type ReviewRequest,
} from '../../src/pipeline/review.ts';
import { ScannerUnavailable } from '../../src/scan/clamd.ts';
import { previousCases, timelineOf } from '../../src/store/case-history.ts';
import { queuePage } from '../../src/store/case-queue.ts';
import { wordsQuery } from '../../src/store/case-words.ts';
import { claimCase } from '../../src/store/case-work.ts';
import { listCases, loadCase } from '../../src/store/cases.ts';
import { mail, MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';

let world: TestWorld;
let gate: HandCranked;

beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});
afterEach(() => {
  for (const part of Object.keys(gate.instead)) Reflect.deleteProperty(gate.instead, part);
  gate.forget();
});

const TEXT =
  'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA';

let sent = 0;

/** A leaflet that waits for the Monitoring Officer. */
async function held(to = ['ann@plain.example', 'ben@plain.example']) {
  sent += 1;
  const raw = mail({ to: to.join(', '), subject: `Thursday ${sent}`, text: `${TEXT} (${sent})` });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  gate.forget();
  await processMessage(gate.road, queueId);
  await gate.work();
  const cases = await listCases(gate.road.db, { open: true, council: null });
  const { id } = cases.find((each) => each.queueId === queueId)!;
  return { caseId: id, queueId, raw };
}

function decide(caseId: string, action: DecisionAction, change: Partial<ReviewRequest> = {}) {
  const request = { caseId, recipients: [], officer: 'helen', reason: 'Because', ...change };
  return decideCase(reviewRoad(gate.road), action, request);
}

/** What the council's own mail system was given since the test began to count. */
async function noticesOf(queueId: string, kind: string) {
  return gate.road.db<{ writtenAt: Date | null; suppressed: string | null }[]>`
    select written_at, suppressed from outbox where queue_id = ${queueId} and kind = ${kind}`;
}

describe('a case, from its first moment', () => {
  it('knows its rule and clause, who may list it, and by when it is to be decided', async () => {
    const { caseId } = await held();
    // Sunday: the four working hours of the first look begin on Monday at half past eight.
    expect(await loadCase(gate.road.db, caseId)).toMatchObject({
      council: 'merebrook',
      role: 'monitoring-officer',
      rule: 'political-content',
      actorAddress: MEMBER,
      firstLookDue: new Date('2026-11-23T12:30:00Z'),
      dueAt: new Date('2026-11-23T17:00:00Z'),
      escalateTo: 'monitoring-officer',
    });
  });

  it('is found by words of its content where those may be searched', async () => {
    const { caseId } = await held();
    const ask = (contentQuery: string | null) =>
      queuePage(gate.road.db, {
        scope: {
          officer: 'helen',
          matters: [{ council: 'merebrook', areas: ['political'], queues: [] }],
          contentMatters: [{ council: 'merebrook', areas: ['political'], queues: [] }],
          ownAddresses: [],
          sealsPrivileged: true,
        },
        filter: { state: 'decide', words: 'promoted agent', contentQuery },
        at: gate.road.clock(),
        limit: 50,
      });
    const { searchKey } = gate.road;
    const { rows } = await ask(wordsQuery('promoted agent', searchKey));
    expect(rows.map(({ id }) => id)).toContain(caseId);
    expect((await ask(null)).rows).toEqual([]);
  });
});

describe('decideCase()', () => {
  it('lets one recipient go and refuses the other, each with a notice of its own', async () => {
    const { caseId, queueId, raw } = await held();
    expect(await decide(caseId, 'release', { recipients: ['ANN@plain.example'] })).toMatchObject({
      kind: 'done',
      recipients: 1,
    });
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'held']);
    const arrived = world.plain.messages().find(({ data }) => data.toString().endsWith(raw));
    expect(arrived).toMatchObject({ mailFrom: MEMBER, rcptTo: ['ann@plain.example'] });
    const [, ben] = (await gate.message(queueId)).recipients;
    expect((await decide(caseId, 'reject', { recipients: [ben!.id] })).kind).toBe('done');
    expect((await loadCase(gate.road.db, caseId))?.closedAt).toBeNull();
    gate.pass(11);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'rejected']);
    expect((await noticesOf(queueId, 'refused'))[0]?.writtenAt).not.toBeNull();
    expect((await loadCase(gate.road.db, caseId))?.closedAt).not.toBeNull();
  });

  it('tells whoever comes second who decided, what and when; nothing goes twice', async () => {
    const { caseId, queueId } = await held();
    const results = await Promise.all([
      decide(caseId, 'release'),
      decide(caseId, 'release'),
      decide(caseId, 'reject', { officer: 'omar' }),
    ]);
    expect(results.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const losers = results.filter(({ kind }) => kind === 'decided-before');
    const [winner] = (await loadCase(gate.road.db, caseId))!.actions;
    expect(losers).toHaveLength(2);
    for (const loser of losers) {
      expect(loser).toMatchObject({ by: winner!.officer, action: winner!.action, at: winner!.at });
    }
    await gate.sweep();
    expect(new Set(await gate.statuses(queueId)).size).toBe(1);
  });

  it('leaves alone what another officer works on', async () => {
    const { caseId, queueId } = await held();
    const at = gate.road.clock();
    await claimCase(gate.road.db, { caseId, officer: 'omar', at, minutes: 20 });
    expect(await decide(caseId, 'release')).toMatchObject({ kind: 'claimed', by: 'omar' });
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
    expect((await decide(caseId, 'release', { officer: 'omar' })).kind).toBe('done');
  });

  it('raises protection and never lowers it', async () => {
    const { caseId, queueId } = await held(['cy@plain.example']);
    expect((await decide(caseId, 'release-encrypted')).kind).toBe('done');
    await gate.sweep();
    const { recipients } = await gate.message(queueId);
    // The server offers no encryption and there is no key: it waits, and nothing was sent.
    expect(recipients).toMatchObject([{ protection: 'required', status: 'deferred' }]);
    expect(world.plain.messages().some(({ rcptTo }) => rcptTo.includes('cy@plain.example'))).toBe(
      false,
    );
    expect((await loadCase(gate.road.db, caseId))?.closedAt).toBeNull();
  });

  it('needs the same decision by two officers where that is asked for', async () => {
    const { caseId, queueId } = await held();
    await gate.road.db`update cases set four_eyes = true where id = ${caseId}`;
    expect((await decide(caseId, 'reject')).kind).toBe('proposed');
    expect((await decide(caseId, 'reject')).kind).toBe('proposed');
    // Another decision takes the place of the first, and carries nothing.
    expect((await decide(caseId, 'release', { officer: 'omar' })).kind).toBe('proposed');
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
    expect((await decide(caseId, 'release')).kind).toBe('done');
    const { actions } = (await loadCase(gate.road.db, caseId))!;
    expect(actions.map(({ state, proposedBy }) => [state, proposedBy])).toEqual([
      ['replaced', null],
      ['replaced', null],
      ['replaced', null],
      ['done', 'omar'],
    ]);
  });

  it('lets nothing go that the scanner finds, or that it cannot be asked about', async () => {
    const { caseId, queueId } = await held();
    const answers = {
      infected: () => Promise.resolve({ kind: 'found', signature: 'Eicar-Test' } as const),
      unavailable: () => Promise.reject(new ScannerUnavailable('away')),
    };
    const version = () => Promise.resolve('test');
    for (const verdict of ['infected', 'unavailable'] as const) {
      gate.instead.scanner = { scan: answers[verdict], version };
      expect(await decide(caseId, 'release')).toEqual({ kind: 'not-clean', verdict });
    }
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
    const { events } = await timelineOf(gate.road.db, queueId);
    expect(events.filter(({ event }) => event === 'release-stopped')).toHaveLength(2);
    gate.instead.scanner = { scan: () => Promise.resolve({ kind: 'clean' }), version };
    expect((await decide(caseId, 'release')).kind).toBe('done');
  });

  it('says that a case or a recipient is unknown', async () => {
    const { caseId } = await held();
    expect(await decide('nothing', 'release')).toEqual({ kind: 'no-such-case' });
    expect(await decide(caseId, 'release', { recipients: ['x@y.test'] })).toMatchObject({
      kind: 'no-such-recipient',
    });
  });
});

describe('undoDecision()', () => {
  it('takes a refusal back in time, and the sender never hears of it', async () => {
    const { caseId, queueId } = await held();
    await decide(caseId, 'reject');
    expect(await undoDecision(reviewRoad(gate.road), { caseId, officer: 'omar' })).toEqual({
      kind: 'undone',
      recipients: 2,
    });
    gate.pass(30);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
    expect(await noticesOf(queueId, 'refused')).toEqual([
      { writtenAt: null, suppressed: 'taken back' },
    ]);
    expect((await decide(caseId, 'release')).kind).toBe('done');
  });

  it('comes too late once the time is over', async () => {
    const { caseId, queueId } = await held();
    await decide(caseId, 'reject');
    gate.pass(11);
    const undo = { caseId, officer: 'helen' };
    expect(await undoDecision(reviewRoad(gate.road), undo)).toEqual({ kind: 'too-late' });
    expect(await gate.statuses(queueId)).toEqual(['rejected', 'rejected']);
  });
});

describe('the sender', () => {
  it('is asked once, answers, and the officer sees it', async () => {
    const { caseId, queueId } = await held();
    const question = { caseId, officer: 'helen', question: 'Is this for the whole ward?' };
    const road = reviewRoad(gate.road);
    expect(await askSender(road, question)).toEqual({ kind: 'asked' });
    expect((await askSender(road, question)).kind).toBe('asked-before');
    gate.pass(1);
    await gate.sweep();
    const told = world.inward.messages().map(({ data }) => data.toString());
    const asked = told.filter((data) => data.includes('Is this for the whole ward?'));
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain('vote Labour');
    expect(await answerOfficer(road, { queueId, text: 'Only for Ann.' })).toBe(true);
    const found = (await loadCase(gate.road.db, caseId))!;
    expect(found.askedAt).toBeNull();
    expect(found.actions.at(-1)).toMatchObject({ action: 'answer', reason: 'Only for Ann.' });
  });

  it('takes a held message back, and it goes nowhere', async () => {
    const { caseId, queueId } = await held();
    expect(await withdrawMessage(reviewRoad(gate.road), { queueId })).toBe(2);
    expect(await withdrawMessage(reviewRoad(gate.road), { queueId })).toBe(0);
    expect(await gate.statuses(queueId)).toEqual(['withdrawn', 'withdrawn']);
    expect(await decide(caseId, 'release')).toMatchObject({ kind: 'decided-before', by: 'sender' });
  });

  it('ends a cooling-off, and only once its time has come', async () => {
    const { caseId, queueId } = await held();
    expect(await releaseBySender(reviewRoad(gate.road), { queueId })).toBe(0);
    const at = new Date(gate.road.clock().getTime() + 15 * 60_000);
    await gate.road.db`update cases set sender_may_release_at = ${at} where id = ${caseId}`;
    expect(await releaseBySender(reviewRoad(gate.road), { queueId })).toBe(0);
    gate.pass(15);
    expect(await releaseBySender(reviewRoad(gate.road), { queueId })).toBe(2);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'delivered']);
  });
});

describe('the clock', () => {
  const alertsOf = (caseId: string) => gate.road.db<{ kind: string; role: string }[]>`
    select kind, role from officer_alerts where case_id = ${caseId} order by kind, role`;

  it('tells of an overdue case once, with its id and nothing of the message', async () => {
    const { caseId, queueId } = await held();
    const policy = gate.road.policy();
    const council = policy.councils.get('merebrook')!;
    const { settings } = council;
    const alertsTo = { 'monitoring-officer': 'mo@merebrook.gov.uk' };
    const casework = { ...settings.casework, alertsTo };
    gate.instead.policy = () => ({
      ...policy,
      councils: new Map([['merebrook', { ...council, settings: { ...settings, casework } }]]),
    });
    const due = new Date(gate.road.clock().getTime() + 60_000);
    await gate.road.db`update cases set due_at = ${due} where id = ${caseId}`;
    await gate.sweep();
    expect(await alertsOf(caseId)).toEqual([]);
    gate.pass(1);
    await gate.sweep();
    await gate.sweep();
    expect(await alertsOf(caseId)).toEqual([{ kind: 'overdue', role: 'monitoring-officer' }]);
    const mails = world.inward
      .messages()
      .filter(({ rcptTo }) => rcptTo.includes('mo@merebrook.gov.uk'));
    const alert = mails.map(({ data }) => data.toString()).filter((data) => data.includes(caseId));
    expect(alert).toHaveLength(1);
    expect(alert[0]).not.toMatch(/Thursday|lamb|plain\.example|political/i);
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
  });

  it('warns before a message goes by itself, and lets it go unless somebody works on it', async () => {
    const { caseId, queueId } = await held();
    const ends = new Date(gate.road.clock().getTime() + 60 * 60_000);
    await gate.road.db`update cases set ends_at = ${ends} where id = ${caseId}`;
    await gate.sweep();
    expect(await alertsOf(caseId)).toContainEqual({
      kind: 'ends-soon',
      role: 'monitoring-officer',
    });
    gate.pass(61);
    const at = gate.road.clock();
    await claimCase(gate.road.db, { caseId, officer: 'helen', at, minutes: 20 });
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['held', 'held']);
    gate.pass(20);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'delivered']);
    const last = (await loadCase(gate.road.db, caseId))!.actions.at(-1);
    expect(last).toMatchObject({ action: 'end', officer: 'clock' });
    expect(await noticesOf(queueId, 'released')).toHaveLength(1);
  });

  it('tells of a release that the next hop does not take', async () => {
    const { caseId } = await held(['dan@plain.example']);
    await decide(caseId, 'release-encrypted');
    await gate.sweep();
    expect(await alertsOf(caseId)).toEqual([]);
    gate.pass(31);
    await gate.sweep();
    expect(await alertsOf(caseId)).toContainEqual({ kind: 'stuck', role: 'ict' });
  });
});

it('previousCases() sums up how cases of the same rule ended', async () => {
  const first = await held();
  await decide(first.caseId, 'release', { reasonCode: 'casework' });
  await gate.sweep();
  const second = await held();
  const found = (await loadCase(gate.road.db, second.caseId))!;
  const past = await previousCases(gate.road.db, found, gate.road.clock(), 5);
  expect(past.latest[0]).toMatchObject({
    id: first.caseId,
    lastAction: 'release',
    lastReason: 'casework',
    outcomes: [{ status: 'delivered', count: 2 }],
  });
  expect(past.released).toBeGreaterThan(0);
});
