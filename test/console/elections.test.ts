import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
import { transaction } from '../../src/store/connect.ts';
import { activatePolicy } from '../../src/store/policies.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

let world: ConsoleWorld;
let officer: Visitor;
/** What the clock shows besides the time that has passed. */
let shift = 0;

const setClock = (iso: string): void => void (shift = Date.parse(iso) - Date.now());

beforeAll(async () => {
  setClock('2026-10-20T12:00:00Z');
  world = await consoleWorld({ clock: () => new Date(Date.now() + shift) });
  officer = await world.signedIn('merebrook:returning-officer');
});
afterAll(() => world.close());

const section = (text: string, title: string): string =>
  text.split('<h2').find((part) => part.includes(`>${title}</h2>`)) ?? '';

describe('the elections page', () => {
  it('shows what is in force and what comes, with the dates that the law sets', async () => {
    const { status, text } = await officer.get('/elections');
    expect(status).toBe(200);
    const now = section(text, 'In force now');
    expect(now).toContain('Merebrook by-election, 12 November 2026');
    expect(now, 'a day that was entered without a time').toContain('>2 October 2026<');
    expect(now).toContain('12 November 2026 at 10:00pm');
    // 25 and 12 working days before the poll (SI 2006/3304 Sch.3 r.1, domain D.2).
    expect(now).toContain('Notice of election by 8 October 2026');
    expect(now).toContain('Register to vote by 27 October 2026');
    expect(section(text, 'To come')).toContain('Merebrook local elections, 6 May 2027');
    expect(text).not.toContain('govuk-warning-text');
  });

  it('warns where a notice is overdue and none was entered', async () => {
    const { db, clock } = world.gateway.road;
    const files = { ...world.gateway.road.policy().files };
    const file = 'elections/merebrook-2026-by-election.yaml';
    files[file] = (files[file] ?? '').replace(/^noticePublishedAt:.*\n/m, '');
    const { version } = policyFromFiles(files);
    const request = { version, files, at: clock(), by: 'test' };
    await transaction(db, (tx) => activatePolicy(tx, request));
    await expect.poll(() => world.gateway.road.policy().version).toBe(version);
    const { text } = await officer.get('/elections');
    expect(text).toContain('the notice of election was due on 8 October 2026');
    expect(section(text, 'To come')).toContain('Notice not entered');
    expect(section(text, 'In force now')).toContain('No period is in force');
  });

  it('stands in the navigation of those alone who may see it', async () => {
    expect((await officer.get('/')).text).toContain('href="/elections"');
    const auditor = await world.signedIn('merebrook:internal-audit');
    expect((await auditor.get('/')).text).not.toContain('href="/elections"');
    const elsewhere = await world.signedIn('havering:returning-officer');
    expect((await elsewhere.get('/elections')).text).not.toContain('Merebrook by-election');
  });
});
