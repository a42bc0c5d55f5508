import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { closedHolds } from './figures-record.ts';
import type { Visitor } from './visitor.ts';

// 25 November 2026 is a Wednesday: the last whole week began on Monday the 16th.
const NOW = new Date('2026-11-25T10:00:00Z');

let world: ConsoleWorld;
let auditor: Visitor;

beforeAll(async () => {
  world = await consoleWorld({ clock: () => NOW });
  const { db } = world.gateway.road;
  await closedHolds(db, {
    rule: 'mass-mailing',
    count: 12,
    opened: '2026-11-17T09:00Z',
    action: 'release',
  });
  await closedHolds(db, {
    rule: 'mass-mailing',
    count: 7,
    opened: '2026-11-10T09:00Z',
    action: 'reject',
  });
  await closedHolds(db, {
    rule: 'rare-rule',
    count: 3,
    opened: '2026-11-17T09:00Z',
    action: 'reject',
  });
  await closedHolds(db, { rule: 'too-new', count: 20, opened: '2026-11-24T09:00Z', action: null });
  await closedHolds(db, {
    rule: 'elsewhere',
    count: 40,
    opened: '2026-11-17T09:00Z',
    council: 'havering',
  });
  await closedHolds(db, {
    rule: 'team-mail',
    count: 30,
    opened: '2026-11-17T09:00Z',
    isTeam: true,
  });
  await closedHolds(db, { rule: 'slow', count: 6, opened: '2026-11-12T09:00Z' });
  auditor = await world.signedIn('merebrook:internal-audit');
});
afterAll(() => world.close());

const csv = async (query = ''): Promise<string[]> =>
  (await auditor.get(`/figures/csv${query}`)).text.trim().split('\r\n');

describe('the figures', () => {
  it('are charts with a name, a description and their table', async () => {
    const { status, text } = await auditor.get('/figures');
    expect(status).toBe(200);
    expect(text).toContain('24 August 2026 to 22 November 2026');
    for (const id of ['held', 'time', 'levels', 'ended', 'protected', 'open']) {
      expect(text).toContain(`aria-labelledby="${id}-t ${id}-d"`);
    }
    expect(text.match(/<table/g)).toHaveLength(6);
    expect(text).not.toMatch(/style=|<svg[^>]*on/);
  });

  it('count holds by reason and week, to the nearest five, without rare reasons', async () => {
    const lines = await csv();
    expect(lines).toContain('"Messages held, by reason","16 Nov 26","Mass mailing",10');
    expect(lines).toContain('"Messages held, by reason","9 Nov 26","Mass mailing",5');
    expect(lines).toContain(
      '"Messages held, by reason","16 Nov 26","Other reasons","fewer than 5"',
    );
    expect(lines.join('\n')).not.toMatch(/rare|Too new|Elsewhere|Team mail/i);
  });

  it('tell how long decisions took, which holds were overturned and what was in time', async () => {
    const lines = await csv();
    expect(lines).toContain('"Time to decision, in working hours","16 Nov 26","Working hours",3');
    const rule = '"How holds ended, by rule","Mass mailing"';
    expect(lines).toContain(`${rule},"Overturned: an officer released it",10`);
    expect(lines).toContain(`${rule},"Refused by an officer",5`);
    expect(lines).toContain('"Decided in time","16 Nov 26","In time",15');
    expect(lines).toContain('"Decided in time","16 Nov 26","Later","fewer than 5"');
  });

  it('count protected deliveries by method, and none of the Returning Officer’s team', async () => {
    const lines = await csv();
    const of = '"Protected deliveries, by method"';
    expect(lines).toContain(`${of},"Encrypted with OpenPGP","Deliveries",15`);
    expect(lines).toContain(`${of},"TLS to a server proven by DANE","Deliveries",15`);
  });

  it('count what was open and overdue at the end of a week', async () => {
    const lines = await csv();
    expect(lines).toContain('"Open at the end of the week","9 Nov 26","Overdue",5');
    expect(lines).toContain('"Open at the end of the week","16 Nov 26","Overdue",5');
    expect(lines).toContain('"Open at the end of the week","2 Nov 26","Overdue","fewer than 5"');
  });

  it('cover the weeks that are asked for, and no council of which one has no figures', async () => {
    expect((await auditor.get('/figures?weeks=52')).text).toContain('24 November 2025 to');
    expect((await auditor.get('/figures?weeks=1e9')).text).toContain('24 August 2026 to');
    expect((await csv('?council=havering')).join('\n')).not.toContain('Elsewhere');
    const both = await world.signedIn('merebrook:internal-audit', 'havering:internal-audit');
    expect((await both.get('/figures/csv?council=havering')).text).toContain('Elsewhere');
    expect((await both.get('/figures')).text).toContain('All of yours');
  });

  it('say so where nothing can be shown', async () => {
    const other = await world.signedIn('redditch:internal-audit');
    const { status, text } = await other.get('/figures');
    expect(status).toBe(200);
    expect(text.match(/Nothing that can be shown in this time/g)).toHaveLength(6);
  });
});
