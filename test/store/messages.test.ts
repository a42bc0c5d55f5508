import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '../../src/store/connect.ts';
import { changeStatus, claimRecipients } from '../../src/store/deliveries.ts';
import {
  addRecipients,
  countRecipients,
  dueWork,
  extendInspection,
  insertMessage,
  loadMessage,
  postponeInspection,
  recordDecision,
  startInspection,
  type NewDecision,
} from '../../src/store/messages.ts';
import { outsideRecipientsSince, similarRecipientsSince } from '../../src/store/sendings.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import {
  decisionFor,
  eventsOf,
  FACTS,
  given,
  later,
  newMessage,
  newRecipient,
  queueId,
  recipientIds,
  T0,
} from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

function due(seconds: number, settledBefore = later(seconds - 5).getTime()) {
  return dueWork(fresh.db, {
    at: later(seconds),
    settledBefore: new Date(settledBefore),
    limit: 1000,
  });
}

function decided(id: string, change: Partial<NewDecision> = {}): NewDecision {
  return {
    queueId: id,
    decision: decisionFor(['a@charity.test', 'b@charity.test']),
    facts: FACTS,
    fingerprint: null,
    readings: { message: { 'message.subject': 'Bins' }, recipients: [] },
    at: later(1),
    recipients: [0, 1].map((position) => ({
      position,
      status: 'queued',
      gate: 'release',
      protection: 'none',
      nextAttemptAt: null,
      giveUpAt: later(3600),
      delayNoticeDue: null,
    })),
    actorId: null,
    actorAddress: 'cllr.a@merebrook.gov.uk',
    retentionClass: 'delivered',
    eraseAfter: later(99),
    ...change,
  };
}

describe('insertMessage()', () => {
  test('keeps a message with its recipients in order, and writes one audit row', async () => {
    const message = newMessage({
      recipients: [
        newRecipient('z@x.test', { orcpt: 'rfc822;z@x.test', notify: ['failure', 'delay'] }),
        newRecipient('a@x.test', { protection: 'required', giveUpAt: later(5) }),
      ],
    });
    await insertMessage(fresh.db, message);
    const { recipients, ...rest } = message;
    const loaded = await loadMessage(fresh.db, message.queueId);
    expect(loaded).toMatchObject(rest);
    expect(loaded?.recipients).toMatchObject([
      { ...recipients[0], position: 0, attemptCount: 0, statusAt: T0 },
      { ...recipients[1], position: 1 },
    ]);
    expect(await eventsOf(fresh.db, message.queueId)).toEqual(['reception']);
  });

  test('puts no address into the audit row', async () => {
    const id = await given(fresh.db);
    const [row] =
      await fresh.db`select actor || data::text as all from audit where queue_id = ${id}`;
    expect(row?.['all']).not.toContain('@');
  });

  test('stores a subject and a recipient with characters that PostgreSQL refuses', async () => {
    const id = await given(fresh.db, {
      subject: 'a\0b\ud800',
      recipients: [newRecipient('x\0@y.test')],
    });
    const loaded = await loadMessage(fresh.db, id);
    expect(loaded?.subject).toBe('a\uFFFDb\uFFFD');
    expect(loaded?.recipients[0]?.address).toBe('x\uFFFD@y.test');
  });

  test('refuses a queue id that is taken, whole', async () => {
    const id = await given(fresh.db);
    await expect(given(fresh.db, { queueId: id })).rejects.toThrow('duplicate key');
    expect((await loadMessage(fresh.db, id))?.recipients).toHaveLength(2);
    expect(await eventsOf(fresh.db, id)).toEqual(['reception']);
  });

  test('makes a queued recipient due at once where no time is given', async () => {
    const id = await given(fresh.db, {
      origin: 'internal',
      recipients: [newRecipient('a@merebrook.gov.uk', { status: 'queued', route: 'inward' })],
    });
    expect((await due(0)).deliver).toContain(id);
  });
});

test('loadMessage() answers null for a message that nobody knows', async () => {
  expect(await loadMessage(fresh.db, queueId())).toBeNull();
});

test('startInspection() counts starts, one at a time, until the message is decided', async () => {
  const id = await given(fresh.db);
  const start = (seconds: number) =>
    startInspection(fresh.db, { queueId: id, at: later(seconds), leaseSeconds: 60 });
  expect(await start(0)).toBe(1);
  expect(await start(59)).toBe(0);
  expect(await start(60)).toBe(2);
  await extendInspection(fresh.db, { queueId: id, at: later(119), leaseSeconds: 60 });
  expect(await start(178)).toBe(0);
  expect(await start(179)).toBe(3);
  await recordDecision(fresh.db, decided(id));
  expect(await start(999)).toBe(0);
});

describe('recordDecision()', () => {
  test('decides each recipient once, with an audit row each', async () => {
    const id = await given(fresh.db);
    expect(await recordDecision(fresh.db, decided(id))).toBe(true);
    expect(await recordDecision(fresh.db, decided(id))).toBe(false);
    const loaded = await loadMessage(fresh.db, id);
    expect(loaded).toMatchObject({
      decidedAt: later(1),
      policyVersion: 'p1',
      inputsHash: 'h1',
      facts: FACTS,
      retentionClass: 'delivered',
      eraseAfter: later(99),
      recipients: [
        { status: 'queued', gate: 'release', nextAttemptAt: later(1), giveUpAt: later(3600) },
        { status: 'queued' },
      ],
    });
    expect(loaded?.decision).toEqual(decisionFor(['a@charity.test', 'b@charity.test']));
    expect(await eventsOf(fresh.db, id)).toEqual([
      'reception',
      'inspection',
      'decision',
      'decision',
    ]);
  });

  test('of many at once lets one decide', async () => {
    const id = await given(fresh.db);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        transaction(fresh.db, (tx) => recordDecision(tx, decided(id))),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await eventsOf(fresh.db, id)).toHaveLength(4);
  });

  test('leaves a recipient alone that was withdrawn meanwhile', async () => {
    const id = await given(fresh.db);
    const [first = 0] = await recipientIds(fresh.db, id);
    await changeStatus(fresh.db, {
      recipientIds: [first],
      from: ['spooled'],
      to: 'withdrawn',
      at: later(1),
      actor: 'sender',
      event: 'withdrawal',
      data: {},
    });
    expect(await recordDecision(fresh.db, decided(id))).toBe(true);
    const loaded = await loadMessage(fresh.db, id);
    expect(loaded?.recipients.map((r) => r.status)).toEqual(['withdrawn', 'queued']);
  });

  test('throws where a recipient would be left undecided, and changes nothing', async () => {
    const id = await given(fresh.db);
    const partial = decided(id, { recipients: decided(id).recipients.slice(0, 1) });
    await expect(transaction(fresh.db, (tx) => recordDecision(tx, partial))).rejects.toThrow(
      'leaves "1" recipients undecided',
    );
    expect((await loadMessage(fresh.db, id))?.decidedAt).toBeNull();
  });

  test('never lowers protection', async () => {
    const id = await given(fresh.db, {
      recipients: [
        newRecipient('a@charity.test', { protection: 'required' }),
        newRecipient('b@charity.test'),
      ],
    });
    await recordDecision(fresh.db, decided(id));
    const loaded = await loadMessage(fresh.db, id);
    expect(loaded?.recipients.map((r) => r.protection)).toEqual(['required', 'none']);
  });

  test('puts neither address nor evidence into the audit rows', async () => {
    const id = await given(fresh.db);
    await recordDecision(fresh.db, decided(id));
    const rows = await fresh.db<{ data: object }[]>`select data from audit where queue_id = ${id}`;
    const all = JSON.stringify(rows);
    expect(all).toContain('party-political');
    expect(all).not.toMatch(/@|Vote/);
  });
});

describe('dueWork()', () => {
  test('names undecided messages only once nobody can be working on them any more', async () => {
    const id = await given(fresh.db);
    expect((await due(4, T0.getTime() - 1)).process).not.toContain(id);
    expect((await due(5)).process).toContain(id);
    await startInspection(fresh.db, { queueId: id, at: later(5), leaseSeconds: 60 });
    expect((await due(64)).process).not.toContain(id);
    expect((await due(65)).process).toContain(id);
    await recordDecision(fresh.db, decided(id));
    expect((await due(5)).process).not.toContain(id);
  });

  test('names a message for delivery when due and not under a lease', async () => {
    const id = await given(fresh.db);
    await recordDecision(fresh.db, decided(id));
    expect((await due(0)).deliver).not.toContain(id);
    expect((await due(1)).deliver).toContain(id);
    await claimRecipients(fresh.db, { queueId: id, at: later(1), leaseSeconds: 60 });
    expect((await due(60)).deliver).not.toContain(id);
    expect((await due(61)).deliver).toContain(id);
  });

  test('names each message once, and no more than the limit', async () => {
    const work = await dueWork(fresh.db, { at: later(9999), settledBefore: T0, limit: 1 });
    expect(work.process.length).toBe(1);
    expect(work.deliver.length).toBe(1);
  });
});

test('addRecipients() puts the inward copy after the others, due when it says', async () => {
  const id = await given(fresh.db);
  const inward = newRecipient('cllr.a@merebrook.gov.uk', {
    route: 'inward',
    nextAttemptAt: later(86_400),
    giveUpAt: later(99_999),
  });
  await addRecipients(fresh.db, id, [{ ...inward, status: 'deferred' }]);
  expect((await loadMessage(fresh.db, id))?.recipients).toMatchObject([
    { position: 0 },
    { position: 1 },
    { ...inward, position: 2, status: 'deferred' },
  ]);
  expect((await due(86_399)).deliver).not.toContain(id);
  expect((await due(86_400)).deliver).toContain(id);
  expect(await eventsOf(fresh.db, id)).toEqual(['reception', 'recipient-added']);
});

test('outsideRecipientsSince() gives the distinct outside recipients of the window', async () => {
  const actor = 'counted@merebrook.gov.uk';
  const send = (seconds: number, addresses: string[], actorAddress: string | null = actor) =>
    given(fresh.db, {
      actorAddress,
      receivedAt: later(seconds),
      recipients: addresses.map((address) => newRecipient(address)),
    });
  await send(-86_400, ['outside-window@x.test']);
  await send(-86_399, ['a@x.test', 'b@x.test', 'colleague@merebrook.gov.uk']);
  await send(-10, ['A@x.test', 'c@x.test']);
  await send(1, ['too-late@x.test']);
  await send(-10, ['not-mine@x.test'], 'other@merebrook.gov.uk');
  const except = await send(0, ['d@x.test']);
  const found = await outsideRecipientsSince(fresh.db, { actor, since: later(-86_400), except });
  expect(found).toEqual(new Set(['a@x.test', 'b@x.test', 'c@x.test']));
});

test('similarRecipientsSince() counts only what is nearly the same, once each', async () => {
  const actor = 'mailing@merebrook.gov.uk';
  const send = async (seconds: number, address: string, fingerprint: string | null) => {
    const recipients = [newRecipient(address)];
    const id = await given(fresh.db, {
      actorAddress: actor,
      receivedAt: later(seconds),
      recipients,
    });
    const [only] = decided(id).recipients;
    const decision = decisionFor([address]);
    await recordDecision(
      fresh.db,
      decided(id, { actorAddress: actor, fingerprint, decision, recipients: only ? [only] : [] }),
    );
    return id;
  };
  const one = '1'.repeat(64);
  await send(-86_400, 'outside-window@x.test', one);
  await send(-300, 'a@x.test', one);
  await send(-200, 'A@x.test', one);
  await send(-100, 'fifteen-apart@x.test', '0'.repeat(15) + '1'.repeat(49));
  await send(-90, 'sixteen-apart@x.test', '0'.repeat(16) + '1'.repeat(48));
  await send(-80, 'says-little@x.test', null);
  const except = await send(0, 'this@x.test', one);
  const since = later(-86_400);
  const found = await similarRecipientsSince(fresh.db, { actor, since, except, fingerprint: one });
  expect(found).toEqual(new Set(['a@x.test', 'fifteen-apart@x.test']));
});

test('postponeInspection() does not count what was no look, and keeps others away', async () => {
  const id = await given(fresh.db);
  const start = (seconds: number) =>
    startInspection(fresh.db, { queueId: id, at: later(seconds), leaseSeconds: 60 });
  for (const round of [0, 1, 2, 3, 4]) {
    expect(await start(round * 60)).toBe(1);
    await postponeInspection(fresh.db, { queueId: id, until: later(round * 60 + 15) });
    expect(await start(round * 60 + 14)).toBe(0);
  }
});

test('countRecipients() counts by status what is in custody', async () => {
  const before = (await countRecipients(fresh.db))['spooled'] ?? 0;
  await given(fresh.db);
  expect((await countRecipients(fresh.db))['spooled']).toBe(before + 2);
  expect(await countRecipients(fresh.db)).not.toHaveProperty('withdrawn');
});
