import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closeInvestigation,
  investigationState,
  investigationsOn,
  investigationUses,
  listInvestigations,
  openInvestigation,
  withinDates,
  type NewInvestigation,
} from '../../src/store/investigations.ts';
import { appendAudit } from '../../src/store/audit.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later, queueId, T0 } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

const DAY = 86_400;

function investigation(change: Partial<NewInvestigation> = {}): NewInvestigation {
  return {
    id: queueId(),
    council: 'st-helens',
    reference: 'INV/2026/4',
    allegation: 'Misuse of the casework mailbox',
    authorisedBy: 'helen',
    officers: ['omar'],
    members: ['cllr.a@sthelens.gov.uk'],
    actions: ['search-person', 'view-other-mail'],
    mailFrom: later(-30 * DAY),
    mailUntil: later(DAY),
    opensAt: T0,
    endsAt: later(30 * DAY),
    openedBy: 'helen',
    at: T0,
    ...change,
  };
}

describe('openInvestigation()', () => {
  it.each([
    ['an authoriser who is the one to look', { authorisedBy: 'omar' }, /cannot be named/],
    ['no reference', { reference: ' ' }, /reference/],
    ['nobody to look', { officers: [] }, /officer/],
    ['no member', { members: [] }, /member/],
    ['nothing to do', { actions: [] }, /search-person/],
    ['dates the wrong way round', { mailUntil: later(-31 * DAY) }, /last date/],
    ['an end before the beginning', { endsAt: later(-1) }, /before it begins/],
    ['years', { endsAt: later(400 * DAY) }, /366 days/],
  ])('refuses %s', async (_name, change, problem) => {
    const objection = await openInvestigation(fresh.db, investigation(change));
    expect(objection?.text).toMatch(problem);
  });

  it('is found by the members that it covers, and keeps names and words out of the trail', async () => {
    const opened = investigation();
    expect(await openInvestigation(fresh.db, opened)).toBeNull();
    const found = async (council: string, member: string) =>
      (await investigationsOn(fresh.db, { council, members: [member] })).map(({ id }) => id);
    expect(await found('st-helens', 'cllr.a@sthelens.gov.uk')).toContain(opened.id);
    expect(await found('st-helens', 'cllr.b@sthelens.gov.uk')).toEqual([]);
    expect(await found('havering', 'cllr.a@sthelens.gov.uk')).toEqual([]);
    const rows = await fresh.db<{ data: unknown }[]>`
      select data from audit where event = 'investigation-opened'`;
    expect(JSON.stringify(rows)).not.toMatch(/cllr|Misuse/);
  });
});

it('withinDates() covers mail from the first date on and up to the last', () => {
  const { mailFrom, mailUntil } = investigation();
  expect(withinDates({ mailFrom, mailUntil }, mailFrom)).toBe(true);
  expect(withinDates({ mailFrom, mailUntil }, mailUntil)).toBe(false);
});

it('investigationState() ends it by itself', () => {
  const { opensAt, endsAt } = investigation();
  const at = (seconds: number, closedAt: Date | null = null) =>
    investigationState({ opensAt, endsAt, closedAt }, later(seconds));
  expect(at(-1)).toBe('coming');
  expect(at(0)).toBe('open');
  expect(at(30 * DAY)).toBe('open');
  expect(at(30 * DAY + 1)).toBe('ended');
  expect(at(5, later(4))).toBe('closed');
});

it('investigationUses() tells what was done under it, and not its opening', async () => {
  const { id } = investigation();
  await openInvestigation(fresh.db, investigation({ id }));
  for (const event of ['person-searched', 'content-viewed']) {
    await appendAudit(fresh.db, { event, actor: 'omar', data: { investigation: id } });
  }
  const { uses, count } = await investigationUses(fresh.db, id, 1);
  expect(uses.map(({ event }) => event)).toEqual(['content-viewed']);
  expect(count).toBe(2);
});

it('closeInvestigation() needs two people', async () => {
  const { id } = investigation();
  await openInvestigation(fresh.db, investigation({ id }));
  const close = (by: string) => closeInvestigation(fresh.db, { id, by, reason: 'Done', at: T0 });
  expect(await close('omar')).toBe('asked');
  expect(await close('omar')).toBe('needs-another');
  expect(await close('helen')).toBe('closed');
  expect(await close('helen')).toBe('not-open');
  const councils = ['st-helens'];
  const of = (officer: string) => listInvestigations(fresh.db, { councils, officer, at: T0 });
  const listed = await of('omar');
  expect(listed.find((each) => each.id === id)).toMatchObject({ closedBy: 'helen', closedAt: T0 });
  expect(await of('nobody')).toEqual([]);
});
