import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { londonDays } from '../../src/policy/elections.ts';
import type { PolicyException } from '../../src/policy/policy.ts';
import { closeInvestigation, openInvestigation } from '../../src/store/investigations.ts';
import { addOfficer, setDisabled } from '../../src/store/officers.ts';
import { MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
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
});

const OWNER = 'help.desk@merebrook.gov.uk';
const day = (until: string, before: number): Date =>
  new Date(Date.parse(`${until}T12:00:00Z`) - before * 86_400_000);

/** The announcements of a day, as a process that has just started makes them. */
async function announcedOn(at: Date, change: Partial<PolicyException> = {}): Promise<string[]> {
  const policy = gate.road.policy();
  const council = policy.councils.get('merebrook')!;
  const exception: PolicyException = {
    id: 'ann',
    permits: 'rule-off',
    rules: ['bulk-personal-data'],
    member: 'cllr.vera.lamb@merebrook.gov.uk',
    recipient: null,
    domain: 'auditor.example',
    reason: 'Uses a screen reader',
    owner: `Help Desk <${OWNER}>`,
    approver: 'Head of ICT',
    ticket: null,
    from: '2026-01-05',
    until: '2026-12-24',
    ...change,
  };
  gate.instead.policy = () => ({
    ...policy,
    councils: new Map([['merebrook', { ...council, exceptions: [exception] }]]),
  });
  gate.instead.clock = () => at;
  const before = world.inward.messages().length;
  await gate.daily();
  const told = world.inward.messages().slice(before);
  told.forEach(({ data }) => expect(data.toString()).not.toMatch(/vera|lamb|auditor|screen/i));
  return told.map(({ rcptTo, data }) => {
    const [, until] = /^Subject: Ends after (\S+): exception ann\r$/m.exec(data.toString()) ?? [];
    return `${rcptTo.join()} ${until}`;
  });
}

describe('the nightly announcement of exceptions that end', () => {
  it('tells its owner two weeks and two days before the end, once each', async () => {
    const told = `${OWNER} 2026-12-24`;
    const on = (before: number): Promise<string[]> => announcedOn(day('2026-12-24', before));
    expect(await on(15)).toEqual([]);
    expect(await on(14)).toEqual([told]);
    expect(await on(14)).toEqual([]);
    expect(await on(3)).toEqual([]);
    expect(await on(2)).toEqual([told]);
    expect(await on(0)).toEqual([]);
    expect(await on(-1)).toEqual([]);
  });

  it('says it once where a day was missed, and anew where it was prolonged', async () => {
    const until = '2027-02-28';
    const told = `${OWNER} ${until}`;
    expect(await announcedOn(day(until, 1), { until })).toEqual([told]);
    expect(await announcedOn(day(until, 1), { until })).toEqual([]);
  });

  it('tells owner and approver inside the council, else its ICT, and nobody outside', async () => {
    const until = '2027-04-30';
    const on = (before: number, owner: string, approver: string): Promise<string[]> =>
      announcedOn(day(until, before), { until, owner, approver });
    expect(await on(14, OWNER, 'head@merebrook.gov.uk')).toEqual([
      `${OWNER} ${until}`,
      `head@merebrook.gov.uk ${until}`,
    ]);
    expect(await on(2, 'desk@supplier.example', 'Head of ICT')).toEqual([
      `ict@merebrook.gov.uk ${until}`,
    ]);
  });

  it('keeps back no mail for the sake of another that cannot be written', async () => {
    const until = '2027-05-31';
    const change = { until, owner: 'odd\u0001one@merebrook.gov.uk', approver: OWNER };
    expect(await announcedOn(day(until, 14), change)).toEqual([`${OWNER} ${until}`]);
  });

  it('says nothing of one that has not begun', async () => {
    const change = { from: '2027-06-10', until: '2027-06-12' };
    expect(await announcedOn(day('2027-06-12', 8), change)).toEqual([]);
  });
});

describe('an investigation that ends by itself', () => {
  const HELEN = 'helen.castle@merebrook.gov.uk';
  const INES = 'ines.hunt@merebrook.gov.uk';

  async function officer(...addresses: string[]): Promise<string> {
    const id = randomUUID();
    const at = gate.road.clock();
    await addOfficer(gate.road.db, { id, name: 'An officer', addresses, by: 'test', at });
    return id;
  }

  /** Opened on 1 November 2026, open to the end of `until`. */
  async function opened(id: string, until: string, authoriser: string, looker: string) {
    const { from, until: endsAt } = londonDays('2026-11-01', until)!;
    const objection = await openInvestigation(gate.road.db, {
      id,
      council: 'merebrook',
      reference: 'INV/2026/9',
      allegation: 'Use of the casework mailbox for a business',
      authorisedBy: authoriser,
      officers: [looker],
      members: [MEMBER],
      actions: ['search-person'],
      mailFrom: from,
      mailUntil: endsAt,
      opensAt: from,
      endsAt,
      openedBy: authoriser,
      at: from,
    });
    expect(objection).toBeNull();
  }

  const told = (before: number) =>
    world.inward
      .messages()
      .slice(before)
      .map(({ rcptTo, data }) => {
        const text = data.toString();
        expect(text).not.toMatch(/vera|lamb|INV\/2026|business/i);
        return `${rcptTo.join()} ${/^Subject: (.*)\r$/m.exec(text)?.[1]}`;
      })
      .toSorted();
  const nightly = async (at: Date) => {
    const policy = gate.road.policy();
    const council = policy.councils.get('merebrook')!;
    const quiet = new Map([['merebrook', { ...council, exceptions: [] }]]);
    gate.instead.policy = () => ({ ...policy, councils: quiet });
    gate.instead.clock = () => at;
    const before = world.inward.messages().length;
    await gate.daily();
    return told(before);
  };
  const swept = async (at: Date) => {
    gate.instead.clock = () => at;
    const before = world.inward.messages().length;
    await gate.sweep();
    return told(before);
  };
  const rowsOf = (id: string) => gate.road.db`
    select actor, data from audit where event = 'investigation-ended'
      and data ->> 'investigation' = ${id}`;

  it('is announced to its authoriser and whoever it names, two weeks and two days before', async () => {
    const [helen, ines] = [await officer(HELEN), await officer('ines@home.example', INES)];
    await opened('INV0000000000000A', '2026-12-24', helen, ines);
    const words = 'Ends after 2026-12-24: investigation INV0000000000000A';
    const both = [`${HELEN} ${words}`, `${INES} ${words}`];
    const on = (before: number) => nightly(day('2026-12-24', before));
    expect(await on(15)).toEqual([]);
    expect(await on(14)).toEqual(both);
    expect(await on(13)).toEqual([]);
    expect(await on(2)).toEqual(both);
    await setDisabled(gate.road.db, {
      officerId: ines,
      disabled: true,
      by: 'test',
      at: day('2026-12-24', 1),
    });
    // The last second of its last day, and midnight.
    expect(await swept(new Date('2026-12-24T23:59:59Z'))).toEqual([]);
    expect(await rowsOf('INV0000000000000A')).toEqual([]);
    const ended = [`${HELEN} Ended: investigation INV0000000000000A`];
    expect(await swept(new Date('2026-12-25T00:00:01Z'))).toEqual(ended);
    expect(await swept(new Date('2026-12-25T00:00:06Z'))).toEqual([]);
    expect(await rowsOf('INV0000000000000A')).toEqual([
      { actor: 'clock', data: { investigation: 'INV0000000000000A', council: 'merebrook' } },
    ]);
  });

  it('says nothing of one that two officers closed before', async () => {
    const [helen, ines] = [
      await officer('h2@merebrook.gov.uk'),
      await officer('i2@merebrook.gov.uk'),
    ];
    await opened('INV0000000000000B', '2027-01-31', helen, ines);
    const at = day('2027-01-31', 20);
    for (const by of [helen, 'another']) {
      await closeInvestigation(gate.road.db, { id: 'INV0000000000000B', by, reason: 'Done', at });
    }
    expect(await nightly(day('2027-01-31', 2))).toEqual([]);
    expect(await swept(new Date('2027-02-01T00:00:01Z'))).toEqual([]);
    expect(await rowsOf('INV0000000000000B')).toEqual([]);
  });
});
