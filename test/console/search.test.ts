import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueId as makeQueueId } from '../../src/mail/queue-id.ts';
import { PERSON_ACTIONS } from '../../src/policy/permissions.ts';
import { openInvestigation, type NewInvestigation } from '../../src/store/investigations.ts';
import { MEMBER, OTHER_MEMBER } from '../support/gateway.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, passedMail } from './held-case.ts';
import type { Visitor } from './visitor.ts';

// The search over the whole record, and the gate before one person's mail (St Helens 3.2.5).

let world: ConsoleWorld;
let officer: Visitor & { officerId: string };
let investigator: Visitor & { officerId: string };
let passed = '';
let caseId = '';

const DAY = 86_400_000;
const at = new Date();

beforeAll(async () => {
  world = await consoleWorld();
  officer = await world.signedIn('merebrook:monitoring-officer');
  investigator = await world.signedIn('merebrook:investigator');
  passed = await passedMail(world, { subject: 'Allotment plots', text: 'The plot is number 14.' });
  ({ caseId } = await heldCase(world, { subject: 'Thursday leaflets' }));
});
afterAll(() => world.close());

async function investigation(change: Partial<NewInvestigation> = {}): Promise<string> {
  const id = makeQueueId(at, randomBytes(8));
  await openInvestigation(world.gateway.road.db, {
    id,
    council: 'merebrook',
    reference: `INV/${id.slice(-4)}`,
    allegation: 'Use of the mailbox',
    authorisedBy: 'somebody',
    officers: [investigator.officerId],
    members: [MEMBER],
    actions: [...PERSON_ACTIONS],
    mailFrom: new Date(at.getTime() - 30 * DAY),
    mailUntil: new Date(at.getTime() + DAY),
    opensAt: new Date(at.getTime() - DAY),
    endsAt: new Date(at.getTime() + DAY),
    openedBy: 'somebody',
    at,
    ...change,
  });
  return id;
}

async function close(id: string): Promise<void> {
  await world.gateway.road.db`update investigations set closed_at = now() where id = ${id}`;
}

async function searched(who: Visitor, fields: Record<string, string>) {
  await who.get('/search');
  return who.post('/search', fields);
}

/** What the page offers to choose under “Whose mail”. */
async function choices(who: Visitor): Promise<string[]> {
  const { text } = await who.get('/search');
  return [...text.matchAll(/<option value="(\w+\.[^"]+)"/g)].map(([, value]) => value ?? '');
}

const trail = (event: string) => world.gateway.road.db<{ actor: string; data: object }[]>`
  select actor, data from audit where event = ${event} order by id`;

describe('a search without a person', () => {
  it('finds delivered and held mail, links to cases alone, and shows no content of the rest', async () => {
    const { text } = await searched(officer, { recipient: 'plain.exa' });
    expect(text).toContain(passed);
    expect(text).toContain(`href="/cases/${caseId}"`);
    expect(text).toContain('Thursday leaflets');
    expect(text).not.toContain('Allotment');
    expect(text).not.toContain(`/messages/${passed}`);
    expect(text).not.toContain(MEMBER);
  });

  it('finds words only of what the role may read', async () => {
    expect((await searched(officer, { words: 'leafl' })).text).toContain(caseId);
    expect((await searched(officer, { words: 'allotm' })).text).toContain('Nothing fits');
    const desk = await world.signedIn('merebrook:ict');
    expect((await searched(desk, { words: 'leafl' })).text).toContain('Nothing fits');
    expect((await searched(desk, { number: passed })).text).toContain(passed);
  });

  it.each([
    ['nothing', {}, 'Enter something'],
    ['a number that is none', { number: '12' }, 'Enter a message’s'],
    ['two letters', { recipient: 'ex' }, 'at least three letters'],
    ['two letters and marks', { recipient: '..e.x@@' }, 'at least three letters'],
    ['a day that is none', { from: '31/02/2026' }, 'Enter a day like'],
  ])('says what to enter for %s', async (_what, fields: Record<string, string>, said) => {
    const { status, text } = await searched(officer, fields);
    expect([status, text.includes(said)]).toEqual([422, true]);
  });

  it('is recorded by its fields, without what was looked for', async () => {
    await searched(officer, { recipient: 'secret.person@plain.example', words: 'leafl' });
    const last = (await trail('record-searched')).at(-1);
    expect(last).toEqual({
      actor: officer.officerId,
      data: { by: ['recipient', 'words'], found: 0 },
    });
  });
});

describe('a search of one person’s mail', () => {
  it('needs an open investigation that names the officer', async () => {
    expect(await choices(investigator)).toEqual([]);
    const refusedToAll = await searched(investigator, { recipient: 'plain' });
    expect(refusedToAll.text).toContain('Choose whose mail');
    const id = await investigation();
    const [choice = ''] = await choices(investigator);
    expect(choice.startsWith(id)).toBe(true);
    expect(await choices(officer), 'it does not name the Monitoring Officer').toEqual([]);
    expect((await searched(officer, { person: choice })).status).toBe(403);
    const { text } = await searched(investigator, { person: choice, words: 'allotm' });
    expect(text).toContain(`href="/messages/${passed}"`);
    expect(text).toContain('Allotment plots');
    expect(text).toContain('of <bdi>Vera Lamb</bdi>');
    const [used] = await trail('person-searched');
    expect(used).toMatchObject({
      actor: investigator.officerId,
      data: { investigation: id, by: ['words'], found: 1 },
    });
    expect(JSON.stringify(used)).not.toMatch(/lamb|allot/i);
    await close(id);
    expect(await choices(investigator)).toEqual([]);
    expect((await searched(investigator, { person: choice })).status).toBe(403);
  });

  it('covers the days of the mail, the person and the action, and ends by itself', async () => {
    const old = await investigation({ mailUntil: new Date(at.getTime() - 10 * DAY) });
    const [choice = ''] = await choices(investigator);
    expect((await searched(investigator, { person: choice })).text).toContain('Nothing fits');
    expect((await investigator.get(`/messages/${passed}`)).status).toBe(404);
    await close(old);
    const other = await investigation({ members: [OTHER_MEMBER] });
    expect((await investigator.get(`/messages/${passed}`)).status).toBe(404);
    await close(other);
    const figures = await investigation({ actions: ['member-statistics'] });
    expect(await choices(investigator)).toEqual([]);
    await close(figures);
    await investigation({ endsAt: new Date(at.getTime() - 1000) });
    expect(await choices(investigator)).toEqual([]);
    expect((await investigator.get(`/messages/${passed}`)).status).toBe(404);
  });

  it('is a filter of the queue for those whom an investigation names', async () => {
    const id = await investigation({ officers: [officer.officerId] });
    const { text } = await officer.get('/cases');
    const href = new RegExp(`href="(/cases\\?[^"]*person=${id}[^"]*)"`).exec(text)?.[1] ?? '';
    const of = await officer.get(href.replaceAll('&amp;', '&'));
    expect(of.text).toContain(caseId);
    expect(of.text).toContain('Member: Vera Lamb');
    expect((await trail('person-searched')).at(-1)?.data).toMatchObject({ by: ['cases'] });
    await close(id);
    expect((await officer.get(href.replaceAll('&amp;', '&'))).status).toBe(403);
    expect((await officer.get('/cases?person=made.up')).status).toBe(403);
  });

  it('needs a reason alone where the council’s protocol says so (West Lancashire 6.2)', async () => {
    const { policy } = world.gateway.road;
    const { settings } = policy().councils.get('merebrook')!;
    settings.perPersonSearch = 'reason';
    try {
      const without = await searched(officer, { member: MEMBER });
      expect(without.status).toBe(422);
      const { text } = await searched(officer, { member: MEMBER, reason: 'sender-asked' });
      expect(text).toContain(`href="/messages/${passed}"`);
      expect((await trail('person-searched')).at(-1)?.data).toMatchObject({
        reason: 'sender-asked',
      });
      await officer.get(`/messages/${passed}`);
      const asked = await officer.post(`/messages/${passed}/read`, {});
      expect(asked.location).toBe(`/messages/${passed}`);
      await officer.post(`/messages/${passed}/read`, { reason: 'sender-asked' });
      expect((await officer.get(`/messages/${passed}`)).text).toContain('number 14');
    } finally {
      settings.perPersonSearch = 'investigation';
    }
    expect((await searched(officer, { member: MEMBER, reason: 'sender-asked' })).status).toBe(422);
  });
});

describe('a message outside a case', () => {
  it('is shown with its history, read only on request, and each look names the investigation', async () => {
    const id = await investigation();
    const page = await investigator.get(`/messages/${passed}`);
    expect(page.text).toContain('took the message over');
    expect(page.text).not.toContain('number 14');
    await investigator.post(`/messages/${passed}/read`, {});
    expect((await investigator.get(`/messages/${passed}`)).text).toContain('number 14');
    const { db } = world.gateway.road;
    const looks = await db<{ event: string; data: Record<string, unknown> }[]>`
      select event, data from audit where queue_id = ${passed} and actor = ${investigator.officerId}
        and data ->> 'investigation' = ${id} order by id`;
    expect(looks.map(({ event, data }) => [event, data['what']])).toEqual([
      ['message-viewed', undefined],
      ['content-viewed', 'reason'],
      ['message-viewed', undefined],
      ['content-viewed', 'text'],
    ]);
    await close(id);
    expect((await investigator.get(`/messages/${passed}`)).status).toBe(404);
    expect((await investigator.get(`/messages/${passed}/html`)).status).toBe(404);
    const second = await investigation();
    const again = await investigator.get(`/messages/${passed}`);
    expect(again.text, 'another investigation asks anew').not.toContain('number 14');
    await close(second);
  });

  it('tells nobody who reads its timeline that somebody is investigated', async () => {
    const found = await heldCase(world, { subject: 'Second leaflet' });
    const id = await investigation();
    await investigator.get(`/messages/${found.queueId}`);
    await investigator.post(`/messages/${found.queueId}/read`, {});
    await close(id);
    const { text } = await officer.get(`/cases/${found.caseId}`);
    expect(text).not.toMatch(/message viewed|looked into it|investigation(?!s)/i);
  });

  it('is never shown to a party', async () => {
    const [row] = await world.gateway.road.db<{ addresses: string[] }[]>`
      select addresses from officers where id = ${investigator.officerId}`;
    const queueId = await passedMail(world, { to: [row?.addresses[0] ?? ''] });
    const id = await investigation();
    expect((await investigator.get(`/messages/${queueId}`)).status).toBe(404);
    const [choice = ''] = await choices(investigator);
    expect((await searched(investigator, { person: choice })).text).not.toContain(queueId);
    await close(id);
  });
});
