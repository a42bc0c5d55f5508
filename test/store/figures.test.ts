import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workingDaysBetween } from '../../src/policy/service-level.ts';
import { openCase } from '../../src/store/cases.ts';
import { loadFigures } from '../../src/store/figures.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, newCase, queueId } from './fixtures.ts';

// Good Friday 2026 is 3 April, Easter Monday the 6th; the clocks go forward on 29 March.
const calendar = {
  bankHolidays: {
    'england-and-wales': { '2026': ['2026-04-03', '2026-04-06'] },
    scotland: {},
    'northern-ireland': {},
  },
  otherDays: [],
};
const HOURS = {
  merebrook: { from: '08:30', to: '17:00', clause: null },
  havering: { from: '09:00', to: '12:00', clause: null },
};

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function decided(openedAt: string, at: string, council = 'merebrook', action = 'release') {
  const id = queueId();
  const message = await given(fresh.db, { council });
  await openCase(fresh.db, newCase({ id, queueId: message, council, at: new Date(openedAt) }));
  await fresh.db`update cases set closed_at = ${at} where id = ${id}`;
  await fresh.db`insert into case_actions (case_id, action, recipient_ids, officer, at)
    values (${id}, ${action}, '{}', 'helen', ${at})`;
  return id;
}

/** Working hours to the decision, of the cases that were closed in one week. */
async function hours(closed: string, councils: (keyof typeof HOURS)[] = ['merebrook']) {
  const bounds = [new Date(closed), new Date(new Date(closed).getTime() + 7 * 86_400_000)];
  const [from, until] = [new Date('2026-01-01T00:00:00Z'), bounds[1]!];
  const figures = await loadFigures(fresh.db, {
    councils: new Map(
      councils.map((id) => [id, workingDaysBetween(from, until, HOURS[id], calendar)]),
    ),
    bounds,
  });
  return figures.decided.map(({ medianSeconds }) => medianSeconds / 3600);
}

describe('loadFigures() counts the time to a decision', () => {
  it.each([
    ['within a day', '2026-03-03T09:00Z', '2026-03-03T12:00Z', 3],
    ['without the night', '2026-03-09T16:00Z', '2026-03-10T09:30Z', 2],
    ['without the weekend, in summer time', '2026-03-27T16:00Z', '2026-03-30T08:30Z', 2],
    ['without bank holidays', '2026-04-02T15:00Z', '2026-04-07T08:30Z', 2],
    ['from when the day begins', '2026-04-14T03:00Z', '2026-04-14T08:30Z', 1],
    ['not at all out of hours', '2026-04-25T09:00Z', '2026-04-26T20:00Z', 0],
    ['over whole days', '2026-05-04T16:00Z', '2026-05-06T07:30Z', 8.5],
  ])('%s', async (_name, openedAt, at, expected) => {
    await decided(openedAt, at);
    const monday = new Date(new Date(at).getTime() - 6 * 86_400_000).toISOString();
    expect(await hours(monday)).toEqual([expected]);
  });

  it('by each council’s own hours, up to the last decision of an officer', async () => {
    const week = '2026-06-01T00:00:00Z';
    await decided('2026-06-02T08:00Z', '2026-06-02T15:00Z', 'havering');
    expect(await hours(week, ['havering'])).toEqual([3]);
    const id = await decided('2026-06-02T08:00Z', '2026-06-02T09:00Z');
    expect(await hours(week)).toEqual([1]);
    expect(await hours(week, ['merebrook', 'havering'])).toEqual([2]);
    await fresh.db`insert into case_actions (case_id, action, recipient_ids, officer, at, state)
      values (${id}, 'reject', '{}', 'helen', '2026-06-02T10:00Z', 'done'),
        (${id}, 'reject', '{}', 'helen', '2026-06-02T11:00Z', 'undone'),
        (${id}, 'release', '{}', 'clock', '2026-06-02T12:00Z', 'done'),
        (${id}, 'note', '{}', 'helen', '2026-06-02T13:00Z', 'done')`;
    expect(await hours(week)).toEqual([2]);
  });
});
