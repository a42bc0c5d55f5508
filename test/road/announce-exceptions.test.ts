import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyException } from '../../src/policy/policy.ts';
import { testWorld, type TestWorld } from '../support/gateway.ts';
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
