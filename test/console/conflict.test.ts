import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTES } from '../../src/console/pages/table.ts';
import { decideCase } from '../../src/pipeline/review.ts';
import { reviewRoad } from '../../src/pipeline/case-clock.ts';
import { loadCase } from '../../src/store/cases.ts';
import { openInvestigation } from '../../src/store/investigations.ts';
import { loadMessage } from '../../src/store/messages.ts';
import { MEMBER } from '../support/gateway.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase } from './held-case.ts';
import type { Visitor } from './visitor.ts';

// Nobody sees or decides mail that they sent, receive or are named in (domain H.2), whatever the act.

type Officer = Visitor & { officerId: string };
let world: ConsoleWorld;
let officer: Officer;
let receiver: Officer;
let named: Officer;

const OWN = 'pat.party@plain.example';
const NAMED = 'Helen Castle';
const ACTS = ROUTES.filter(({ path }) => path.startsWith('/cases/:id'));

beforeAll(async () => {
  world = await consoleWorld();
  officer = await world.signedIn('merebrook:monitoring-officer');
  receiver = await world.signedIn('merebrook:monitoring-officer', 'merebrook:ict');
  named = await world.signedIn('merebrook:monitoring-officer', 'merebrook:ict');
  const { db } = world.gateway.road;
  await db`update officers set addresses = array_append(addresses, ${OWN})
    where id = ${receiver.officerId}`;
  await db`update officers set name = ${NAMED} where id = ${named.officerId}`;
});
afterAll(() => world.close());

/** To the one, and about the other, who is in the council's directory under another address. */
const held = () =>
  heldCase(world, {
    to: [OWN, 'ann@plain.example'],
    text: 'Please vote Labour on Thursday, and not as Helen Castle says. Promoted by A. Agent.',
  });

it('every act on a case is shut to those who receive the message or are named in it', async () => {
  const { caseId, queueId } = await held();
  expect((await officer.get(`/cases/${caseId}`)).status).toBe(200);
  expect(ACTS.length).toBeGreaterThan(12);
  for (const party of [receiver, named]) {
    await party.get('/cases');
    for (const { method, path } of ACTS) {
      const own = path.replace(':id', caseId).replace(':number', '1');
      const fields = {
        decision: 'release',
        releaseReason: 'casework',
        reason: 'to-decide',
        to: '',
      };
      const { status } = method === 'GET' ? await party.get(own) : await party.post(own, fields);
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    await party.get('/cases');
    expect((await party.post('/cases/mark', { case: caseId, read: 'yes' })).status).toBe(404);
  }
  const found = await loadCase(world.gateway.road.db, caseId);
  expect(found).toMatchObject({ actions: [], claimedBy: null, assignedTo: null, urgentAt: null });
  const statuses = (await loadMessage(world.gateway.road.db, queueId))?.recipients;
  expect(statuses?.map(({ status }) => status)).toEqual(['held', 'held']);
});

it('several at once leave out what one is a party to, and decide the others', async () => {
  const [own, other] = [await held(), await heldCase(world, { to: ['ben@plain.example'] })];
  for (const [party, action] of [
    [receiver, 'claim'],
    [named, 'read'],
    [named, 'release'],
  ] as const) {
    await party.get('/cases');
    const body = new URLSearchParams({ action, reason: 'casework' });
    for (const { caseId } of [own, other]) body.append('cases', caseId);
    const page = await party.get('/cases');
    body.append('_token', /name="_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '');
    const { status, text } = await party.send('/cases/bulk/act', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    expect([action, status]).toEqual([action, 200]);
    expect(text).toContain(other.caseId);
    expect(text).not.toContain(own.caseId);
    await party.get(`/cases/${other.caseId}`);
    await party.post(`/cases/${other.caseId}/unclaim`, {});
  }
  const { db } = world.gateway.road;
  expect((await loadCase(db, own.caseId))?.actions).toEqual([]);
  const [released] = (await loadMessage(db, other.queueId))?.recipients ?? [];
  expect(released?.status).toBe('queued');
});

it('neither queue nor search lists it to a party', async () => {
  const { caseId, queueId } = await held();
  expect((await officer.get('/cases')).text).toContain(caseId);
  for (const party of [receiver, named]) {
    expect((await party.get('/cases')).text).not.toContain(caseId);
    await party.get('/search');
    const { text } = await party.post('/search', { number: queueId });
    expect(text).not.toContain(caseId);
  }
});

it('a case is assigned to no party, nor to whoever may not see it', async () => {
  const { caseId } = await held();
  const desk = await world.officer(['merebrook:administrator'], 'Ada Desk');
  const { text } = await officer.get(`/cases/${caseId}`);
  for (const id of [receiver.officerId, named.officerId, desk.id]) {
    expect(text).not.toContain(`<option value="${id}"`);
    await officer.get(`/cases/${caseId}`);
    await officer.post(`/cases/${caseId}/assign`, { to: id });
    expect((await loadCase(world.gateway.road.db, caseId))?.assignedTo).toBeNull();
  }
});

it('no refusal is taken back by a party', async () => {
  const { caseId } = await held();
  const road = reviewRoad(world.gateway.road);
  const request = { caseId, recipients: [], officer: officer.officerId, reason: 'No' };
  expect((await decideCase(road, 'reject', request)).kind).toBe('done');
  await receiver.get('/');
  expect((await receiver.post(`/cases/${caseId}/undo`, {})).status).toBe(404);
});

it('whoever is looked into sees no investigation of themselves, whatever their role', async () => {
  const { db, clock } = world.gateway.road;
  const at = clock();
  const later = new Date(at.getTime() + 86_400_000);
  const investigation = {
    council: 'merebrook',
    reference: 'INV/2026/8',
    allegation: 'Use of the casework mailbox',
    authorisedBy: officer.officerId,
    officers: ['somebody'],
    actions: ['search-person' as const],
    mailFrom: at,
    mailUntil: later,
    opensAt: at,
    endsAt: later,
    openedBy: officer.officerId,
    at,
  };
  await openInvestigation(db, { ...investigation, id: 'INVCONFLICT00001', members: [OWN] });
  expect((await officer.get('/investigations')).text).toContain('INV/2026/8');
  expect((await receiver.get('/investigations')).text).not.toContain('INV/2026/8');
  const path = '/investigations/INVCONFLICT00001';
  expect((await officer.get(path)).status).toBe(200);
  expect((await receiver.get(path)).status).toBe(404);
  expect((await receiver.post(`${path}/close`, { reason: 'Mine' })).status).toBe(404);
});

it('an officer who is elected reviews nothing any more, whoever gave the role', async () => {
  const elected = await world.signedIn('merebrook:monitoring-officer');
  expect((await elected.get('/cases')).status).toBe(200);
  await world.gateway.road.db`update officers set addresses = array_append(addresses, ${MEMBER})
    where id = ${elected.officerId}`;
  expect((await elected.get('/cases')).status).toBe(403);
  expect((await elected.get('/')).text).toContain('nobody yet');
});
