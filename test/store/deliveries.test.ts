import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeStatus,
  claimRecipients,
  extendLease,
  hastenDelayNotice,
  hastenInward,
  raiseProtection,
  recordOutcome,
  releaseClaim,
  startAttempt,
  takeDelayNotices,
  type NewOutcome,
} from '../../src/store/deliveries.ts';
import { transaction } from '../../src/store/connect.ts';
import { eraseMessage } from '../../src/store/erasure.ts';
import {
  dueWork,
  loadMessage,
  type NewMessage,
  type NewRecipient,
} from '../../src/store/messages.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventsOf, given, later, newRecipient, recipientIds, T0 } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function queued(addresses: string[] = ['a@x.test', 'b@x.test']): Promise<string> {
  return given(fresh.db, {
    recipients: addresses.map((address) =>
      newRecipient(address, { status: 'queued', giveUpAt: later(86_400) }),
    ),
  });
}

function outcome(change: Partial<NewOutcome> & Pick<NewOutcome, 'token' | 'recipientId'>) {
  return {
    status: 'delivered' as const,
    at: later(10),
    result: '250 2.0.0 Ok',
    nextAttemptAt: null,
    protectedBy: 'L3',
    evidence: { level: 'L3' },
    reply: '250 2.0.0 Ok',
    ...change,
  };
}

async function recipients(queueId: string) {
  return (await loadMessage(fresh.db, queueId))?.recipients ?? [];
}

describe('claimRecipients()', () => {
  test('leases what is due in order and counts the attempt', async () => {
    const id = await queued();
    const claim = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    expect(claim.token).toMatch(/^[0-9a-f-]{36}$/);
    expect(claim.recipients).toMatchObject([
      { address: 'a@x.test', attemptCount: 1, leasedUntil: later(60), leaseToken: claim.token },
      { address: 'b@x.test', attemptCount: 1 },
    ]);
  });

  test('never gives a recipient to two workers', async () => {
    const id = await queued(Array.from({ length: 20 }, (_, n) => `r${n}@x.test`));
    const claims = await Promise.all(
      Array.from({ length: 5 }, () =>
        claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 }),
      ),
    );
    const all = claims.flatMap((claim) => claim.recipients.map((recipient) => recipient.id));
    expect(all).toHaveLength(20);
    expect(new Set(all).size).toBe(20);
  });

  test('gives nothing before the time, and the lot again once the lease has run out', async () => {
    const id = await queued();
    expect(
      await claimRecipients(fresh.db, { queueId: id, at: later(-1), leaseSeconds: 60 }),
    ).toEqual({
      token: '',
      recipients: [],
    });
    const first = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    expect(
      (await claimRecipients(fresh.db, { queueId: id, at: later(59), leaseSeconds: 60 }))
        .recipients,
    ).toHaveLength(0);
    const second = await claimRecipients(fresh.db, {
      queueId: id,
      at: later(60),
      leaseSeconds: 60,
    });
    expect(second.recipients).toHaveLength(2);
    expect(second.token).not.toBe(first.token);
    expect(await extendLease(fresh.db, first.token, later(61), 60)).toBe(false);
    expect(await extendLease(fresh.db, second.token, later(61), 600)).toBe(true);
    expect(
      (await claimRecipients(fresh.db, { queueId: id, at: later(600), leaseSeconds: 60 }))
        .recipients,
    ).toHaveLength(0);
  });

  test('leaves held, diverted and finished recipients alone', async () => {
    const id = await queued();
    const [a = 0, b = 0] = await recipientIds(fresh.db, id);
    await fresh.db`update recipients set status = 'held' where id = ${a}`;
    await fresh.db`update recipients set status = 'delivered' where id = ${b}`;
    expect(
      (await claimRecipients(fresh.db, { queueId: id, at: later(9), leaseSeconds: 60 })).recipients,
    ).toHaveLength(0);
  });
});

test('releaseClaim() makes the work due again as if nothing had happened', async () => {
  const id = await queued();
  const { token } = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
  await releaseClaim(fresh.db, token);
  const again = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
  expect(again.recipients.map((recipient) => recipient.attemptCount)).toEqual([1, 1]);
});

describe('recordOutcome()', () => {
  test('ends the lease, closes the attempt and writes the audit row', async () => {
    const id = await queued(['a@x.test']);
    const claim = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    const recipientId = claim.recipients[0]?.id ?? 0;
    const attemptId = await startAttempt(fresh.db, {
      queueId: id,
      recipientIds: [recipientId],
      at: T0,
      host: 'mx.x.test',
      remoteAddress: '192.0.2.1',
    });
    const recorded = await recordOutcome(fresh.db, outcome({ token: claim.token, recipientId }));
    expect(recorded).toBe(true);
    expect(await recipients(id)).toMatchObject([
      {
        status: 'delivered',
        statusAt: later(10),
        leaseToken: null,
        lastResult: '250 2.0.0 Ok',
        protectedBy: 'L3',
        nextAttemptAt: null,
      },
    ]);
    expect(await fresh.db`select * from attempts where id = ${attemptId}`).toMatchObject([
      {
        recipientIds: [recipientId],
        host: 'mx.x.test',
        startedAt: T0,
        endedAt: later(10),
        outcome: 'delivered',
        evidence: { level: 'L3' },
        reply: '250 2.0.0 Ok',
      },
    ]);
    expect(await eventsOf(fresh.db, id)).toEqual(['reception', 'delivery']);
  });

  test('counts protected deliveries for their council, as counted over all mail, for good', async () => {
    const usual = {
      council: 'merebrook',
      origin: 'received' as NewMessage['origin'],
      of: 'member',
      status: 'delivered' as NewOutcome['status'],
      recipient: { protection: 'required' } as Partial<NewRecipient>,
    };
    const kinds: Partial<typeof usual>[] = [
      {},
      { council: 'havering' },
      { recipient: { protection: 'none' } },
      { recipient: { protection: 'required', route: 'inward' } },
      { origin: 'internal' },
      { of: 'returning-officer' },
      { status: 'deferred' },
    ];
    const ids: string[] = [];
    for (const kind of kinds) {
      const { council, origin, of, status, recipient } = { ...usual, ...kind };
      const id = await given(fresh.db, {
        council,
        origin,
        recipients: [newRecipient('a@x.test', { ...recipient, status: 'queued' })],
      });
      ids.push(id);
      await fresh.db`update messages set
        facts = jsonb_build_object('actor', jsonb_build_object('class', ${of}::text))
        where queue_id = ${id}`;
      const {
        token,
        recipients: [one],
      } = await claimRecipients(fresh.db, {
        queueId: id,
        at: T0,
        leaseSeconds: 60,
      });
      const protectedBy = status === 'delivered' ? 'openpgp' : null;
      const came = { token, recipientId: one?.id ?? 0, status, protectedBy };
      expect(await recordOutcome(fresh.db, outcome(came))).toBe(true);
    }
    const overAllMail = await fresh.db`
      select m.council, count(*)::int as count from recipients r join messages m using (queue_id)
      where m.queue_id = any(${ids}::text[]) and r.protection = 'required' and r.status = 'delivered'
        and r.route = 'outward' and m.origin = 'received'
        and m.facts -> 'actor' ->> 'class' <> 'returning-officer'
      group by 1 order by 1`;
    expect(overAllMail).toEqual([
      { council: 'havering', count: 1 },
      { council: 'merebrook', count: 1 },
    ]);
    const counted = async () => fresh.db`
      select protected_council as council, count(*)::int as count from recipients
      where queue_id = any(${ids}::text[]) and protected_council is not null
      group by 1 order by 1`;
    expect(await counted()).toEqual([...overAllMail]);
    for (const id of ids.slice(0, 6)) {
      const erased = await transaction(fresh.db, (tx) => eraseMessage(tx, id, later(90_000)));
      expect(erased).toBe('erased');
    }
    expect(await counted()).toEqual([...overAllMail]);
  });

  test.each([
    ['deferred', 'transient-failure'],
    ['bounced', 'bounce'],
    ['expired', 'expiration'],
  ] as const)('records %s as event %s', async (status, event) => {
    const id = await queued(['a@x.test']);
    const { token, recipients: claimed } = await claimRecipients(fresh.db, {
      queueId: id,
      at: T0,
      leaseSeconds: 60,
    });
    const recipientId = claimed[0]?.id ?? 0;
    await recordOutcome(
      fresh.db,
      outcome({ token, recipientId, status, nextAttemptAt: later(900), reply: null }),
    );
    expect((await recipients(id))[0]).toMatchObject({
      status,
      nextAttemptAt: status === 'deferred' ? later(900) : null,
    });
    expect(await eventsOf(fresh.db, id)).toEqual(['reception', event]);
  });

  test('never plans an attempt later than the giving up', async () => {
    const id = await queued(['a@x.test']);
    const { token, recipients: claimed } = await claimRecipients(fresh.db, {
      queueId: id,
      at: T0,
      leaseSeconds: 60,
    });
    await recordOutcome(
      fresh.db,
      outcome({
        token,
        recipientId: claimed[0]?.id ?? 0,
        status: 'deferred',
        nextAttemptAt: later(90_000),
      }),
    );
    expect((await recipients(id))[0]?.nextAttemptAt).toEqual(later(86_400));
    expect(
      (await dueWork(fresh.db, { at: later(86_400), settledBefore: T0, limit: 100 })).deliver,
    ).toContain(id);
  });

  test('changes nothing for a worker that lost its lease', async () => {
    const id = await queued(['a@x.test']);
    const first = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    const recipientId = first.recipients[0]?.id ?? 0;
    const second = await claimRecipients(fresh.db, {
      queueId: id,
      at: later(60),
      leaseSeconds: 60,
    });
    expect(await recordOutcome(fresh.db, outcome({ token: first.token, recipientId }))).toBe(false);
    expect((await recipients(id))[0]?.status).toBe('queued');
    expect(await recordOutcome(fresh.db, outcome({ token: second.token, recipientId }))).toBe(true);
    expect(await recordOutcome(fresh.db, outcome({ token: second.token, recipientId }))).toBe(
      false,
    );
    expect(await eventsOf(fresh.db, id)).toEqual(['reception', 'delivery']);
  });

  test('gives an attempt for several recipients the best of their outcomes', async () => {
    const id = await queued();
    const { token, recipients: claimed } = await claimRecipients(fresh.db, {
      queueId: id,
      at: T0,
      leaseSeconds: 60,
    });
    const ids = claimed.map((recipient) => recipient.id);
    const attemptId = await startAttempt(fresh.db, {
      queueId: id,
      recipientIds: ids,
      at: T0,
      host: 'mx.x.test',
      remoteAddress: null,
    });
    const [a = 0, b = 0] = ids;
    await recordOutcome(fresh.db, outcome({ token, recipientId: a }));
    await recordOutcome(
      fresh.db,
      outcome({ token, recipientId: b, status: 'bounced', reply: '550 5.1.1 No' }),
    );
    expect(await fresh.db`select outcome, reply from attempts where id = ${attemptId}`).toEqual([
      { outcome: 'delivered', reply: '250 2.0.0 Ok' },
    ]);
  });

  test('leaves earlier hosts of the attempt deferred, and earlier attempts alone', async () => {
    const id = await queued(['a@x.test']);
    const attempt = { queueId: id, recipientIds: await recipientIds(fresh.db, id), at: T0 };
    const on = (host: string) =>
      startAttempt(fresh.db, { ...attempt, host, remoteAddress: '192.0.2.1' });
    const recipientId = attempt.recipientIds[0] ?? 0;
    const first = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    await on('mx0.x.test');
    await recordOutcome(
      fresh.db,
      outcome({ token: first.token, recipientId, status: 'deferred', reply: '451 4.3.0 Later' }),
    );
    const second = await claimRecipients(fresh.db, {
      queueId: id,
      at: later(900),
      leaseSeconds: 60,
    });
    await on('mx1.x.test');
    await on('mx2.x.test');
    await recordOutcome(fresh.db, outcome({ token: second.token, recipientId }));
    const rows = await fresh.db`
      select host, outcome, reply from attempts where queue_id = ${id} order by id`;
    expect(rows).toEqual([
      { host: 'mx0.x.test', outcome: 'deferred', reply: '451 4.3.0 Later' },
      { host: 'mx1.x.test', outcome: 'deferred', reply: null },
      { host: 'mx2.x.test', outcome: 'delivered', reply: '250 2.0.0 Ok' },
    ]);
  });

  test('says where nothing was sent for want of encryption', async () => {
    const id = await queued(['a@x.test']);
    const { token, recipients: claimed } = await claimRecipients(fresh.db, {
      queueId: id,
      at: T0,
      leaseSeconds: 60,
    });
    const recipientId = claimed[0]?.id ?? 0;
    const attemptId = await startAttempt(fresh.db, {
      queueId: id,
      recipientIds: [recipientId],
      at: T0,
      host: null,
      remoteAddress: null,
    });
    await recordOutcome(
      fresh.db,
      outcome({
        token,
        recipientId,
        status: 'deferred',
        protectedBy: null,
        evidence: null,
        reply: null,
        unprotected: true,
      }),
    );
    expect(await fresh.db`select outcome from attempts where id = ${attemptId}`).toEqual([
      { outcome: 'unprotected' },
    ]);
  });
});

describe('changeStatus()', () => {
  const release = {
    from: ['held' as const],
    to: 'queued' as const,
    at: later(5),
    actor: 'officer:7',
    event: 'release',
    data: { case: 'c1' },
  };

  test('moves only recipients that stand where they should, with an audit row each', async () => {
    const id = await given(fresh.db);
    const [a = 0, b = 0] = await recipientIds(fresh.db, id);
    await fresh.db`update recipients set status = 'held' where id = ${a}`;
    const change = { ...release, recipientIds: [a, b], giveUpAt: later(50) };
    expect(await changeStatus(fresh.db, change)).toEqual([a]);
    expect(await changeStatus(fresh.db, change)).toEqual([]);
    expect(await recipients(id)).toMatchObject([
      { status: 'queued', nextAttemptAt: later(5), giveUpAt: later(50), route: 'outward' },
      { status: 'spooled' },
    ]);
    const rows = await fresh.db`
      select event, recipient_id, actor, data from audit
      where queue_id = ${id} and event = 'release'`;
    expect(rows).toEqual([
      {
        event: 'release',
        recipientId: a,
        actor: 'officer:7',
        data: { case: 'c1', to: 'queued' },
      },
    ]);
  });

  test('of two officers at once lets one through', async () => {
    const id = await given(fresh.db);
    const ids = await recipientIds(fresh.db, id);
    await fresh.db`update recipients set status = 'held' where queue_id = ${id}`;
    const answers = await Promise.all([
      changeStatus(fresh.db, { ...release, recipientIds: ids }),
      changeStatus(fresh.db, { ...release, recipientIds: ids, to: 'rejected' }),
    ]);
    expect(answers.map((answer) => answer.length).toSorted((x, y) => x - y)).toEqual([0, 2]);
  });

  test('does not withdraw what is being delivered at this moment', async () => {
    const id = await queued(['a@x.test']);
    const claim = await claimRecipients(fresh.db, { queueId: id, at: T0, leaseSeconds: 60 });
    const recipientId = claim.recipients[0]?.id ?? 0;
    const withdraw = {
      recipientIds: [recipientId],
      from: ['queued' as const, 'deferred' as const],
      to: 'withdrawn' as const,
      at: later(5),
      actor: 'sender',
      event: 'withdrawal',
      data: {},
    };
    expect(await changeStatus(fresh.db, withdraw)).toEqual([]);
    expect(await changeStatus(fresh.db, { ...withdraw, at: later(60) })).toEqual([recipientId]);
    expect(await recordOutcome(fresh.db, outcome({ token: claim.token, recipientId }))).toBe(false);
  });

  test('can turn a diverted recipient inward', async () => {
    const id = await given(fresh.db);
    const ids = await recipientIds(fresh.db, id);
    await fresh.db`update recipients set status = 'diverted' where queue_id = ${id}`;
    await changeStatus(fresh.db, {
      ...release,
      recipientIds: ids,
      from: ['diverted'],
      route: 'inward',
    });
    expect(await recipients(id)).toMatchObject([{ route: 'inward' }, { route: 'inward' }]);
  });
});

test('raiseProtection() asks for encryption, once, and only of mail still here', async () => {
  const id = await given(fresh.db);
  const [a = 0, b = 0] = await recipientIds(fresh.db, id);
  await fresh.db`update recipients set status = 'delivered' where id = ${b}`;
  const change = { recipientIds: [a, b], actor: 'officer:7', event: 'protection-raised' };
  expect(await raiseProtection(fresh.db, change)).toEqual([a]);
  expect(await raiseProtection(fresh.db, change)).toEqual([]);
});

test('takeDelayNotices() gives out each message once', async () => {
  const id = await queued();
  await fresh.db`update recipients set delay_notice_due = ${later(1800)} where queue_id = ${id}`;
  expect(await takeDelayNotices(fresh.db, later(1799), 100)).toEqual([]);
  const taken = await Promise.all([
    takeDelayNotices(fresh.db, later(1800), 100),
    takeDelayNotices(fresh.db, later(1800), 100),
  ]);
  expect(taken.flat()).toEqual([id]);
});

test('hastenDelayNotice() brings the notice forward, and never brings one back', async () => {
  const id = await queued();
  const [a = 0, b = 0] = await recipientIds(fresh.db, id);
  await fresh.db`update recipients set status = 'deferred' where queue_id = ${id}`;
  await fresh.db`update recipients set delay_notice_due = ${later(1800)} where id = ${a}`;
  await hastenDelayNotice(fresh.db, a, later(7));
  await hastenDelayNotice(fresh.db, b, later(7));
  expect(await recipients(id)).toMatchObject([
    { delayNoticeDue: later(7) },
    { delayNoticeDue: null },
  ]);
});

test('hastenInward() makes the inward copy due, once', async () => {
  const id = await queued(['cllr.a@merebrook.gov.uk', 'b@x.test']);
  const [inward = 0] = await recipientIds(fresh.db, id);
  await fresh.db`
    update recipients set status = 'deferred', route = 'inward', next_attempt_at = ${later(86_400)}
    where id = ${inward}`;
  expect(await hastenInward(fresh.db, { queueId: id, at: later(1) })).toEqual([inward]);
  expect(await hastenInward(fresh.db, { queueId: id, at: later(1) })).toEqual([]);
});
