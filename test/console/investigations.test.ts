import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEMBER, OTHER_MEMBER } from '../support/gateway.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

// Investigations as officers open and close them (St Helens 3.2.5).

let world: ConsoleWorld;
let officer: Visitor & { officerId: string };
let deputy: Visitor & { officerId: string };
let investigator: Visitor & { officerId: string };

beforeAll(async () => {
  world = await consoleWorld();
  officer = await world.signedIn('merebrook:monitoring-officer');
  deputy = await world.signedIn('merebrook:deputy-monitoring-officer');
  investigator = await world.signedIn('merebrook:investigator');
});
afterAll(() => world.close());

const form = (change: Record<string, string> = {}) => ({
  council: 'merebrook',
  reference: 'INV/2026/4',
  allegation: 'Use of the casework mailbox for a business',
  officers: investigator.officerId,
  members: MEMBER,
  actions: 'search-person',
  mailFrom: '1/10/2026',
  mailUntil: '2026-12-01',
  endsAt: '31/12/2026',
  ...change,
});

async function opened(change: Record<string, string> = {}) {
  await officer.get('/investigations/new');
  return officer.post('/investigations/new', form(change));
}

describe('an investigation', () => {
  it('is opened by whoever authorises it, and covers every address of its members', async () => {
    const answer = await opened();
    expect(answer.status).toBe(303);
    const page = await officer.get(answer.location ?? '');
    for (const words of ['INV/2026/4', 'Vera Lamb', '1 October 2026', '31 December 2026']) {
      expect(page.text).toContain(words);
    }
    const id = answer.location?.split('/').at(-1) ?? '';
    const [row] = await world.gateway.road.db<Record<string, unknown>[]>`
      select * from investigations where id = ${id}`;
    expect(row).toMatchObject({
      authorisedBy: officer.officerId,
      officers: [investigator.officerId],
      mailFrom: new Date('2026-09-30T23:00:00Z'),
      mailUntil: new Date('2026-12-02T00:00:00Z'),
    });
    const [told] = await world.gateway.road.db<{ data: object }[]>`
      select data from audit where event = 'investigation-opened'
        and data ->> 'investigation' = ${id}`;
    expect(JSON.stringify(told)).not.toMatch(/lamb|business/i);
  });

  it.each([
    ['oneself among those who look', { officers: 'me' }, 'cannot be named in it'],
    ['an officer whose role has no such look', { officers: 'desk' }, 'No role of an officer'],
    ['somebody else’s member', { members: 'cllr.else@havering.gov.uk' }, 'Nobody at this council'],
    ['a member who is one of its officers', { members: 'mo' }, 'is one of its members'],
    ['no officer', { officers: '' }, 'Choose who may look'],
    ['a day that is none', { mailFrom: '31/02/2026' }, 'Enter a day like'],
    ['days the wrong way round', { mailUntil: '1/9/2026' }, 'comes before its first'],
    ['years', { endsAt: '31/12/2028' }, '366 days at most'],
  ])('is not opened with %s, and the form keeps what was entered', async (_what, change, said) => {
    const desk = await world.officer(['merebrook:ict'], 'Sam Desk');
    const named: Record<string, string> = { me: officer.officerId, desk: desk.id };
    const own = await world.officer(['merebrook:investigator'], 'Helen Castle');
    const change2: Record<string, string> = { ...change };
    if (change2['officers']) change2['officers'] = named[change2['officers']] ?? '';
    if (change2['members'] === 'mo') {
      await world.gateway.road.db`update officers set
        addresses = array_append(addresses, 'monitoring.officer@merebrook.gov.uk')
        where id = ${own.id}`;
      change2['officers'] = own.id;
      change2['members'] = 'monitoring.officer@merebrook.gov.uk';
    }
    const { status, text } = await opened(change2);
    expect([status, text.includes(said)]).toEqual([422, true]);
    expect(text).toContain('value="INV/2026/4"');
  });

  it('is opened at no council where the officer’s role is none', async () => {
    expect((await opened({ council: 'havering' })).status).toBe(403);
  });

  it('is closed by two: one asks, another confirms', async () => {
    const path = (await opened({ reference: 'INV/2026/5' })).location ?? '';
    const close = async (who: Visitor, reason = 'No case to answer') => {
      await who.get(path);
      await who.post(`${path}/close`, { reason });
      return (await who.get(path)).text;
    };
    expect((await officer.post(`${path}/close`, { reason: ' ' })).status).toBe(422);
    expect(await close(officer)).toContain('stays open until another officer confirms');
    expect(await close(officer)).toContain('You asked for it already');
    expect(await close(deputy)).toContain('The investigation is closed');
    expect((await officer.get('/investigations')).text).toContain('Closed');
  });

  it('shows what was done under it, and ends by itself', async () => {
    const path = (await opened({ reference: 'INV/2026/6' })).location ?? '';
    const id = path.split('/').at(-1) ?? '';
    const { db } = world.gateway.road;
    await db`insert into audit (event, actor, data)
      values ('person-searched', ${investigator.officerId}, jsonb_build_object('investigation', ${id}::text))`;
    expect((await officer.get(path)).text).toContain('person searched');
    await db`update investigations set opens_at = opens_at - interval '1 year',
      ends_at = now() - interval '1 minute' where id = ${id}`;
    const ended = (await officer.get(path)).text;
    expect(ended).toContain('Ended');
    expect(ended).not.toContain('Close it early');
    expect((await officer.post(`${path}/close`, { reason: 'Late' })).status).toBe(303);
    const [row] = await db`select closing_asked_by from investigations where id = ${id}`;
    expect(row?.['closingAskedBy']).toBeNull();
  });

  it('is no page for those whom it names', async () => {
    expect((await investigator.get('/investigations')).status).toBe(403);
    await opened({ members: `${MEMBER}\n${OTHER_MEMBER}` });
    expect((await officer.get('/investigations')).text).toContain('Owen Pike');
  });
});
