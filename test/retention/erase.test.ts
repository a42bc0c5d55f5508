import fc from 'fast-check';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eraseDue } from '../../src/retention/erase.ts';
import { openCase, loadCase, recordCaseAction } from '../../src/store/cases.ts';
import { transaction } from '../../src/store/connect.ts';
import { addHold, COOLING_OFF_DAYS, liftHold, type NewHold } from '../../src/store/holds.ts';
import { indexCase } from '../../src/store/case-words.ts';
import { setUrgent } from '../../src/store/case-work.ts';
import { loadMessage, recordDecision, type NewMessage } from '../../src/store/messages.ts';
import { addNotice } from '../../src/store/outbox.ts';
import { generateSpoolKeys, openSpool, type Spool } from '../../src/store/spool.ts';
import { decisionFor, eventsOf, FACTS, given, newCase, queueId, T0 } from '../store/fixtures.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

const DAY = 86_400_000;
const keys = generateSpoolKeys();
let fresh: FreshDatabase;
let dir: string;
let spool: Spool;

beforeEach(async () => {
  fresh = await freshDatabase();
  dir = await mkdtemp(join(tmpdir(), 'portreeve-erase-'));
  spool = await openSpool({ dir, publicKey: keys.publicKey, privateKeys: [keys.privateKey] });
});
afterEach(async () => {
  await fresh.drop();
  await rm(dir, { recursive: true });
});

function day(number: number): Date {
  return new Date(T0.getTime() + number * DAY);
}

function run(at: Date, limit = 1000) {
  return eraseDue({ db: fresh.db, spool, clock: () => at, limit });
}

async function spooled(change: Partial<NewMessage> = {}, status = 'delivered'): Promise<string> {
  const id = change.queueId ?? queueId();
  const { wrappedKey } = await spool.write(id, Readable.from([Buffer.from('Words')]));
  await given(fresh.db, { queueId: id, wrappedKey, eraseAfter: day(30), ...change });
  await fresh.db`update recipients set status = ${status} where queue_id = ${id}`;
  return id;
}

function hold(change: Partial<NewHold> = {}): NewHold {
  return {
    id: queueId(),
    council: 'merebrook',
    kind: 'foi',
    reference: 'FOI 1',
    actors: [],
    queueIds: [],
    receivedFrom: null,
    receivedUntil: null,
    requestReceivedOn: '2026-11-01',
    reviewOn: null,
    reason: 'Request',
    setBy: 'foi:1',
    setAt: T0,
    ...change,
  };
}

async function isErased(id: string): Promise<boolean> {
  return (await loadMessage(fresh.db, id))?.erasedAt !== null;
}

async function files(): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('eraseDue() leaves not a word nor an address of an erased message in the record', async () => {
  const secret = 'zebra-crossing';
  const id = await spooled({
    subject: secret,
    actorAddress: `${secret}@merebrook.gov.uk`,
    messageId: `<${secret}@x.test>`,
    recipients: [],
  });
  await fresh.db`
    insert into recipients (queue_id, position, address, domain, internal, orcpt, status, status_at,
      last_result)
    values (${id}, 0, ${`${secret}@x.test`}, ${`${secret}.test`}, false, ${secret}, 'spooled',
      ${T0}, ${secret})`;
  const decision = decisionFor([`${secret}@x.test`], 'reject');
  decision.findings[0]?.evidence.push({ part: 'body', text: secret, start: 0, end: 1 });
  await recordDecision(fresh.db, {
    queueId: id,
    decision,
    facts: { ...FACTS, actor: { address: secret } } as unknown as typeof FACTS,
    fingerprint: '10'.repeat(32),
    readings: { message: { 'message.subject': secret }, recipients: [] },
    at: T0,
    recipients: [
      {
        position: 0,
        status: 'rejected',
        gate: 'reject',
        protection: 'none',
        nextAttemptAt: null,
        giveUpAt: null,
        delayNoticeDue: null,
      },
    ],
    actorId: null,
    actorAddress: `${secret}@merebrook.gov.uk`,
    retentionClass: 'kept',
    eraseAfter: day(30),
  });
  await fresh.db`
    insert into attempts
      (queue_id, recipient_ids, started_at, host, remote_address, evidence, reply)
    values (${id}, '{}', ${T0}, ${secret}, ${secret},
      ${JSON.stringify({ level: 'L3', mxHost: secret, remoteAddress: secret })}::text::jsonb,
      ${secret})`;
  await fresh.db`
    insert into delivery_certificates (recipient_id, queue_id, certificate)
    select id, queue_id, jsonb_build_object('recipient', address) from recipients
    where queue_id = ${id}`;
  await addNotice(fresh.db, {
    id: queueId(),
    kind: 'refused',
    queueId: id,
    council: 'merebrook',
    toAddress: `${secret}@merebrook.gov.uk`,
    data: { officerReason: secret },
    dedupeKey: secret,
    at: T0,
  });
  const parties = [`${secret}@merebrook.gov.uk`];
  const domains = [`${secret}.example`];
  const opened = newCase({ id: `c${id}`, queueId: id, parties, domains, actorAddress: secret });
  await openCase(fresh.db, opened);
  await setUrgent(fresh.db, { caseId: `c${id}`, officer: 'mo:1', at: T0, reason: secret });
  await indexCase(fresh.db, `c${id}`, [secret]);
  await recordCaseAction(fresh.db, {
    caseId: `c${id}`,
    action: 'reject',
    recipientIds: [],
    officer: 'mo:1',
    reason: secret,
    at: T0,
  });

  expect(await run(day(30))).toEqual({ erased: 1, skipped: 0, held: 0, underWay: 0 });
  const tables = ['messages', 'recipients', 'attempts', 'outbox', 'cases', 'case_actions'];
  for (const table of [...tables, 'tombstones', 'audit']) {
    const rows = await fresh.db.unsafe(`select to_jsonb(t)::text as row from ${table} t`);
    expect(rows.length).toBeGreaterThan(0);
    expect(`${table}: ${JSON.stringify(rows)}`).not.toMatch(/zebra|@|1010101/);
  }
  expect(await fresh.db`select rules, gate, policy_version from tombstones`).toEqual([
    { rules: ['party-political'], gate: 'reject', policyVersion: 'p1' },
  ]);
  expect(await fresh.db`select evidence from attempts`).toEqual([{ evidence: { level: 'L3' } }]);
  expect(await fresh.db`select 1 from delivery_certificates`).toEqual([]);
  expect((await eventsOf(fresh.db, id)).at(-1)).toBe('erasure');
  expect(await files()).not.toContain(id);
});

test('eraseDue() erases nothing twice and nothing early', async () => {
  const id = await spooled();
  expect((await run(new Date(day(30).getTime() - 1))).erased).toBe(0);
  expect(await isErased(id)).toBe(false);
  expect((await run(day(30))).erased).toBe(1);
  expect((await run(day(31))).erased).toBe(0);
  expect(await fresh.db`select 1 from tombstones where queue_id = ${id}`).toHaveLength(1);
});

test('eraseDue() twice at once erases each message once', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => spooled()));
  const [one, two] = await Promise.all([run(day(30)), run(day(30))]);
  expect(one.erased + two.erased).toBe(ids.length);
});

test('eraseDue() passes over what is under way, and keeps to its limit', async () => {
  const queued = await spooled({}, 'queued');
  const waiting = await spooled({}, 'deferred');
  const undecided = await spooled({}, 'spooled');
  const first = await spooled({ eraseAfter: day(28) });
  await spooled({ eraseAfter: day(29) });
  expect((await run(day(30), 1)).erased).toBe(1);
  expect(await isErased(first)).toBe(true);
  expect(await run(day(30))).toEqual({ erased: 1, skipped: 3, held: 0, underWay: 3 });
  for (const id of [queued, waiting, undecided]) expect(await isErased(id)).toBe(false);
});

test('eraseDue() lets expire what nobody decided until its date, and closes the case', async () => {
  const id = await spooled({}, 'held');
  await openCase(fresh.db, newCase({ id: `c${id}`, queueId: id }));
  await run(day(30));
  expect((await loadMessage(fresh.db, id))?.recipients).toMatchObject([
    { status: 'expired', address: null },
    { status: 'expired', address: null },
  ]);
  expect((await loadCase(fresh.db, `c${id}`))?.closedAt).toEqual(day(30));
});

describe('spool files', () => {
  test('that a dead run left are removed by the next one', async () => {
    const id = await spooled();
    const failing = { ...spool, remove: () => Promise.reject(new Error('Disk')) };
    const dying = eraseDue({ db: fresh.db, spool: failing, clock: () => day(30), limit: 9 });
    await expect(dying).rejects.toThrow('Disk');
    expect(await isErased(id)).toBe(true);
    expect(await files()).toContain(id);
    await run(day(31));
    expect(await files()).not.toContain(id);
  });

  test('without a row are removed once they are a day old, others never', async () => {
    const known = await spooled({ eraseAfter: day(9999) });
    const orphan = queueId();
    const young = queueId();
    for (const id of [orphan, young]) await spool.write(id, Readable.from([]));
    const unfinished = join(dir, orphan.slice(-2), `${orphan}x.part`);
    await writeFile(unfinished, '');
    for (const path of [unfinished, ...[known, orphan].map((id) => join(dir, id.slice(-2), id))]) {
      await utimes(path, day(-1), day(-1));
    }
    await utimes(join(dir, young.slice(-2), young), day(0), day(0));
    await run(new Date(day(0).getTime() + 1000));
    const left = await files();
    expect(left).toContain(known);
    expect(left).toContain(young);
    expect(left).not.toContain(orphan);
  });
});

describe('legal holds', () => {
  test('keep what they cover until a week after they were lifted', async () => {
    const id = await spooled();
    const set = hold({ queueIds: [id] });
    await addHold(fresh.db, set);
    expect(await run(day(40))).toMatchObject({ erased: 0, held: 1, skipped: 1 });
    await liftHold(fresh.db, { id: set.id, by: 'foi:2', reason: 'Answered', at: day(40) });
    expect((await run(new Date(day(40 + COOLING_OFF_DAYS).getTime() - 1))).held).toBe(1);
    expect((await run(day(40 + COOLING_OFF_DAYS))).erased).toBe(1);
  });

  test('cover mail that arrives after they were set, and mail of an unknown actor', async () => {
    await addHold(fresh.db, hold({ actors: ['cllr.a@merebrook.gov.uk'] }));
    const late = await spooled({ receivedAt: day(1) });
    const unknown = await spooled({ actorAddress: null });
    const other = await spooled({
      actorAddress: 'cllr.b@merebrook.gov.uk',
      envelope: { mailFrom: 'cllr.b@merebrook.gov.uk' } as NewMessage['envelope'],
    });
    await run(day(40));
    expect(await isErased(late)).toBe(false);
    expect(await isErased(unknown)).toBe(false);
    expect(await isErased(other)).toBe(true);
  });

  test('cover all addresses of the member whom they name by one', async () => {
    const actorId = '6f9c1f0e-8f0a-4b0e-9d7e-0f6b1f3f2a11';
    await fresh.db`
      insert into people (id, council, name, class, addresses)
      values (${actorId}, 'merebrook', 'Ann', 'member', '{}') on conflict do nothing`;
    await fresh.db`
      insert into person_addresses (address, person_id)
      values ('ann@merebrook.gov.uk', ${actorId}) on conflict do nothing`;
    await addHold(fresh.db, hold({ actors: ['ann@merebrook.gov.uk'] }));
    const alias = await spooled({ actorId, actorAddress: 'alias@merebrook.gov.uk' });
    await run(day(40));
    expect(await isErased(alias)).toBe(false);
  });

  test('that cannot be read stop erasure', async () => {
    const id = await spooled();
    await fresh.db`alter table legal_holds rename to legal_holds_gone`;
    await expect(run(day(40))).rejects.toThrow('legal_holds');
    await fresh.db`alter table legal_holds_gone rename to legal_holds`;
    expect(await isErased(id)).toBe(false);
  });

  test('that are being set make erasure wait and then keep', async () => {
    const id = await spooled();
    const running = await transaction(fresh.db, async (tx) => {
      await addHold(tx, hold({ queueIds: [id] }));
      const erasing = run(day(40));
      // Nobody may pass the open hold; we look for the waiting lock rather than at the clock.
      await expect
        .poll(async () => (await fresh.db`select 1 from pg_locks where not granted`).length)
        .toBeGreaterThan(0);
      // In an array, for a promise that is returned would be waited for.
      return [erasing];
    });
    expect(await running[0]).toMatchObject({ erased: 0, held: 1 });
  });

  const actors = ['a@m.gov.uk', 'b@m.gov.uk', 'c@m.gov.uk'];
  const days = fc.integer({ min: 0, max: 60 });
  const someDay = fc.option(days);
  const scope = fc.record({
    council: fc.constantFrom('merebrook', 'other'),
    actors: fc.subarray(actors),
    messages: fc.subarray([0, 1, 2, 3]),
    from: someDay,
    until: someDay,
    liftedOn: someDay,
  });
  const mail = fc.record({
    council: fc.constantFrom('merebrook', 'other'),
    actor: fc.option(fc.constantFrom(...actors)),
    received: days,
    kept: fc.integer({ min: 1, max: 60 }),
    status: fc.constantFrom('delivered', 'rejected', 'held', 'diverted', 'queued', 'spooled'),
  });

  test('nothing held is erased, and nothing due and not held survives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mail, { minLength: 1, maxLength: 4 }),
        fc.array(scope, { maxLength: 3 }),
        fc.integer({ min: 0, max: 130 }),
        async (mails, scopes, today) => {
          const ids: string[] = [];
          for (const { council, actor, received, kept, status } of mails) {
            const change = {
              council,
              actorAddress: actor,
              envelope: { mailFrom: '' } as NewMessage['envelope'],
              receivedAt: day(received),
              eraseAfter: day(received + kept),
            };
            ids.push(await spooled(change, status));
          }
          // Holds of earlier rounds cannot be deleted, so each round has councils of its own.
          const round = queueId();
          await fresh.db`update messages set council = council || ${round}
            where queue_id = any(${ids}::text[])`;
          for (const { council, liftedOn, messages, from, until, ...rest } of scopes) {
            const set = hold({
              council: council + round,
              actors: rest.actors,
              queueIds: messages.map((index) => ids[index] ?? 'none'),
              receivedFrom: from === null ? null : day(from),
              receivedUntil: until === null ? null : day(until),
            });
            await addHold(fresh.db, set);
            if (liftedOn !== null) {
              await liftHold(fresh.db, { id: set.id, by: 'x', reason: 'y', at: day(liftedOn) });
            }
          }
          await run(day(today), 100_000);
          const erased = await Promise.all(ids.map(isErased));
          const expected = mails.map((one, index) => {
            const held = scopes.some(
              (each) =>
                each.council === one.council &&
                (each.liftedOn === null || today < each.liftedOn + COOLING_OFF_DAYS) &&
                (each.actors.length === 0 || !one.actor || each.actors.includes(one.actor)) &&
                (each.messages.length === 0 || each.messages.includes(index)) &&
                (each.from === null || one.received >= each.from) &&
                (each.until === null || one.received < each.until),
            );
            const underWay = ['queued', 'spooled'].includes(one.status);
            return !held && !underWay && one.received + one.kept <= today;
          });
          expect(erased).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

test('eraseDue() drops tombstones after six years, with a trace', async () => {
  const id = await spooled();
  await run(day(30));
  const sixYears = new Date(day(30));
  sixYears.setUTCFullYear(sixYears.getUTCFullYear() + 6);
  await run(new Date(sixYears.getTime() - 1));
  expect(await fresh.db`select 1 from tombstones where queue_id = ${id}`).toHaveLength(1);
  await run(sixYears);
  expect(await fresh.db`select 1 from tombstones where queue_id = ${id}`).toHaveLength(0);
  expect((await eventsOf(fresh.db, id)).at(-1)).toBe('tombstone-dropped');
});
