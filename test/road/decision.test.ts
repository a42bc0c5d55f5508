import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processMessage } from '../../src/pipeline/process.ts';
import { transaction } from '../../src/store/connect.ts';
import { failedInspections, reopenInspection } from '../../src/store/reinspection.ts';
import { listCases } from '../../src/store/cases.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
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

async function submit(subject: string, to = ['ann@plain.example']): Promise<string> {
  const raw = mail({ to: to.join(', '), subject, text: `About ${subject}.` });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  gate.forget();
  return queueId;
}

async function caseOf(queueId: string) {
  const cases = await listCases(gate.road.db, { open: true, council: null });
  return cases.find((each) => each.queueId === queueId);
}

function delivered(text: string): number {
  return world.plain.messages().filter(({ data }) => data.includes(text)).length;
}

describe('processMessage()', () => {
  it('tries a detector that throws again, then holds for ICT; nothing leaves', async () => {
    gate.instead.inspectors = () => [{ name: 'broken', inspect: () => fail() }];
    const queueId = await submit('Broken detector');
    for (const _start of [1, 2]) {
      await processMessage(gate.road, queueId);
      await gate.work();
      expect(await gate.statuses(queueId)).toEqual(['spooled']);
      gate.pass(1);
    }
    await processMessage(gate.road, queueId);
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['held']);
    const { decision } = await gate.message(queueId);
    expect(decision?.findings.map(({ kind }) => kind)).toContain('inspection-failed');
    expect((await caseOf(queueId))?.role).toBe('ict');
    expect(delivered('Broken detector')).toBe(0);
  });

  it('looks again, when asked, at what its own failure held, and lets it go', async () => {
    gate.instead.inspectors = () => [{ name: 'broken', inspect: () => fail() }];
    const queueId = await submit('Mended detector');
    for (const _start of [1, 2, 3]) {
      await processMessage(gate.road, queueId);
      gate.pass(1);
    }
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['held']);
    const again = () =>
      transaction(gate.road.db, (tx) =>
        reopenInspection(tx, { queueId, at: gate.road.clock(), actor: 'ict' }),
      );
    // Still broken: held once more, in the same case.
    expect(await again()).toBe(true);
    for (const _start of [1, 2, 3]) {
      await gate.sweep();
      gate.pass(1);
    }
    expect(await gate.statuses(queueId)).toEqual(['held']);

    delete gate.instead.inspectors;
    expect(await failedInspections(gate.road.db)).toContain(queueId);
    expect(await again()).toBe(true);
    expect(await again()).toBe(false);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
    expect(delivered('Mended detector')).toBe(1);
    expect(await caseOf(queueId)).toBeUndefined();
    const kinds = (await noticesAbout(gate.road.db, queueId)).map(({ kind }) => kind);
    expect(kinds).toContain('released');
  });

  it('does not look again at what a rule holds', async () => {
    const text = 'Please vote Labour. Promoted by A. Agent on behalf of V. Lamb, 1 High St MB1 1AA';
    const to = ['ann@plain.example'];
    const raw = mail({ to: to.join(', '), subject: 'Leaflet', text });
    const queueId = await gate.submit({ from: MEMBER, to, raw });
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['held']);
    const at = gate.road.clock();
    const again = await transaction(gate.road.db, (tx) =>
      reopenInspection(tx, { queueId, at, actor: 'ict' }),
    );
    expect(again).toBe(false);
    expect(await gate.statuses(queueId)).toEqual(['held']);
  });

  it('leaves a message spooled when the world fails, and holds it unseen at the third start', async () => {
    const queueId = await submit('Cursed');
    const { spool } = gate.road;
    let reads = 0;
    gate.instead.spool = {
      write: (...input) => spool.write(...input),
      read: (id, key) => {
        if (id !== queueId) return spool.read(id, key);
        reads += 1;
        throw new Error('The disk is away');
      },
      remove: (id) => spool.remove(id),
      freeBytes: () => spool.freeBytes(),
      olderThan: (before) => spool.olderThan(before),
    };
    await expect(processMessage(gate.road, queueId)).rejects.toThrow('The disk is away');
    // Under its lease nobody else begins.
    await processMessage(gate.road, queueId);
    expect(reads).toBe(1);
    gate.pass(1);
    await expect(gate.sweep()).rejects.toThrow('The disk is away');
    expect(await gate.statuses(queueId)).toEqual(['spooled']);
    gate.pass(1);
    gate.forget();
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['held']);
    expect(reads).toBe(2);
    const { decision } = await gate.message(queueId);
    expect(decision?.findings.map(({ type }) => type)).toEqual(['gave-up']);
  });

  it('leaves a message spooled while no policy of its council is active', async () => {
    const queueId = await submit('Nobody’s policy');
    const policy = gate.road.policy();
    gate.instead.policy = () => ({ ...policy, councils: new Map() });
    await expect(processMessage(gate.road, queueId)).rejects.toThrow('No active policy');
    expect(await gate.statuses(queueId)).toEqual(['spooled']);
    delete gate.instead.policy;
    gate.pass(1);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
  });

  it('counts one text to many over several sendings, and forgets none of it by another text', async () => {
    const send = async (text: string, from: number): Promise<string> => {
      const to = Array.from({ length: 25 }, (_, index) => `r${from + index}@plain.example`);
      const raw = mail({ to: 'undisclosed-recipients:;', subject: 'Roadworks', text });
      const queueId = await gate.submit({ from: MEMBER, to, raw });
      await gate.work();
      return queueId;
    };
    const about = (street: string): string =>
      `To everybody in ${street}: the resurfacing starts on Monday, the road is closed from eight ` +
      'in the morning until half past five, buses stop in Chapel Street instead, and residents ' +
      'can reach their houses on foot at any time. Please move your car by Sunday night. ' +
      'Deliveries are let through before eight and after six, and the bins are emptied on Tuesday ' +
      'as always if they stand at the end of the street by seven. The contractor has put a letter ' +
      'through each door with a number to ring, and I shall walk along at noon every day.';
    const other = 'The minutes of the last meeting have two mistakes, in item four and item seven.';
    const kinds = async (queueId: string) =>
      (await gate.message(queueId)).decision?.findings.map(({ type }) => type) ?? [];
    const first = await send(about('Mill Lane'), 0);
    const unlike = await send(
      `${other} Both are about dates, please see to it before Friday.`,
      100,
    );
    const second = await send(about('Station Road'), 25);
    expect(await kinds(first)).not.toContain('in-portions');
    expect(await kinds(unlike)).not.toContain('in-portions');
    expect(await kinds(second)).toContain('in-portions');
    expect((await gate.message(second)).facts?.similarRecipients24h).toBe(50);
  });

  it('changes nothing when it runs again', async () => {
    const queueId = await submit('Twice');
    await processMessage(gate.road, queueId);
    const before = await auditRows(queueId);
    gate.pass(1);
    await Promise.all([1, 2, 3].map(() => processMessage(gate.road, queueId)));
    expect(await auditRows(queueId)).toEqual(before);
    await gate.work();
    expect(delivered('About Twice')).toBe(1);
  });

  it('decides once when several workers begin at the same moment', async () => {
    const queueId = await submit('Together');
    await Promise.all([1, 2, 3, 4].map(() => processMessage(gate.road, queueId)));
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
    expect(delivered('About Together')).toBe(1);
  });

  it('is found again by the sweep when its wake-up call was lost', async () => {
    const queueId = await submit('Lost call');
    gate.pass(1);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
  });
});

async function auditRows(queueId: string): Promise<unknown[]> {
  return [...(await gate.road.db`select event from audit where queue_id = ${queueId} order by id`)];
}

function fail(): never {
  throw new Error('The detector is broken');
}

describe('an automatic forward that comes round again', () => {
  const raw = mail({
    from: 'Maeve <maeve@resident.example>',
    to: MEMBER,
    subject: 'Damp',
    text: 'The damp is back.',
    headers: [`X-MS-Exchange-Inbox-Rules-Loop: ${MEMBER}`],
  });
  const relay = (bytes: string) =>
    gate.relay({ from: 'maeve@resident.example', to: ['vera.lamb@gmail.com'], raw: bytes });

  it('is diverted again, but neither copied to the mailbox nor reported a second time', async () => {
    const first = await relay(raw);
    await gate.work();
    const council = gate.road.policy().councils.get('merebrook');
    gate.pass((council?.settings.diverted.deliverInwardAfterHours ?? 0) * 60);
    await gate.sweep();
    expect(await gate.statuses(first)).toEqual(['diverted', 'delivered']);
    const copies = world.inward.messages().filter(({ data }) => data.includes('The damp is back'));
    expect(copies.map(({ rcptTo }) => rcptTo)).toEqual([[MEMBER]]);

    // What the mailbox rule makes of our copy: the same message, our proof in its header.
    const second = await relay(copies[0]?.data.toString() ?? '');
    await gate.work();
    expect(await gate.statuses(second)).toEqual(['diverted']);
    expect(await noticesAbout(gate.road.db, second)).toEqual([]);
    expect(await caseOf(second)).toBeUndefined();
    expect(delivered('The damp is back')).toBe(0);
  });

  it('is no such thing for whoever forges our proof', async () => {
    const forged = `X-Portreeve-Diverted: 1 ${'A'.repeat(32)}\r\n${raw}`;
    const queueId = await relay(forged);
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['diverted', 'deferred']);
  });
});
