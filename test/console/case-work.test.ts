import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseSentence } from '../../src/console/case-words.ts';
import { loadCase } from '../../src/store/cases.ts';
import { setDisabled } from '../../src/store/officers.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, statusToken } from './held-case.ts';
import type { Visitor } from './visitor.ts';

// What officers do around a decision, by the forms of the case page.

let world: ConsoleWorld;
let officer: Visitor & { officerId: string };

beforeAll(async () => {
  world = await consoleWorld();
  officer = await world.signedIn('merebrook:monitoring-officer');
});
afterAll(() => world.close());

it('a case is assigned to an officer of its council, to oneself, and to nobody', async () => {
  const { caseId } = await heldCase(world);
  const deputy = await world.officer(['merebrook:deputy-monitoring-officer'], 'Tom Hale');
  const stranger = await world.officer(['havering:ict'], 'Una Elsewhere');
  const { text } = await officer.get(`/cases/${caseId}`);
  expect(text).toContain(`<option value="${deputy.id}"`);
  expect(text).not.toContain(stranger.id);
  const assign = async (to: string) => {
    await officer.get(`/cases/${caseId}`);
    await officer.post(`/cases/${caseId}/assign`, { to });
    return (await loadCase(world.gateway.road.db, caseId))?.assignedTo;
  };
  expect(await assign(deputy.id)).toBe(deputy.id);
  expect((await officer.get('/cases')).text).toContain('for Tom Hale');
  expect(await assign('')).toBe(officer.officerId);
  expect(await assign(stranger.id), 'not to an officer of another council').toBe(officer.officerId);
  const { db, clock } = world.gateway.road;
  const gone = { officerId: deputy.id, disabled: true, by: 'test', at: clock() };
  await setDisabled(db, gone);
  expect(await assign(deputy.id), 'not to one who cannot sign in').toBe(officer.officerId);
  expect(await assign('nobody')).toBeNull();
});

it('the links in notices of a message are ended by an officer, with a row of the trail', async () => {
  const { caseId, queueId } = await heldCase(world);
  const link = `/m/${await statusToken(world, queueId)}`;
  expect((await world.visitor().get(link)).status).toBe(200);
  expect((await officer.get(`/cases/${caseId}`)).text).toContain('End the links');
  await officer.post(`/cases/${caseId}/end-links`, {});
  expect((await world.visitor().get(link)).status).toBe(404);
  const after = (await officer.get(`/cases/${caseId}`)).text;
  expect(after).toContain('The links in its notices are ended');
  expect(after).not.toContain('End the links');
  const rows = await world.gateway.road.db`select actor, data from audit
    where queue_id = ${queueId} and event = 'status-links-revoked'`;
  expect(rows).toEqual([{ actor: officer.officerId, data: { links: 1 } }]);
});

it('signing out everywhere else is a row of the trail', async () => {
  const other = await world.signedIn('merebrook:ict');
  await other.get('/account');
  await other.post('/account/sign-out-everywhere', {});
  const [row] = await world.gateway.road.db`select data from audit
    where actor = ${other.officerId} and event = 'sign-out-elsewhere'`;
  expect(row).toEqual({ data: { sessions: 0 } });
});

it('why a case waits is one plain sentence, whatever the rule', () => {
  const policy = world.gateway.road.policy();
  for (const rule of [...policy.rules.keys(), 'a-rule-that-is-gone', null]) {
    expect(caseSentence(policy, rule), `of ${rule}`).toMatch(/^[A-Z][^\n]* [^\n]+\.$/);
  }
  expect(caseSentence(policy, 'political-content')).toBe(
    'It may contain party political or election material.',
  );
});
