import { describe, expect, it } from 'vitest';
import {
  dueTimes,
  holdReasonOf,
  type ServiceLevel,
  type Span,
} from '../../src/policy/service-level.ts';
import { COUNCIL, problemsOf, tinyPolicy, tinyFiles } from './tiny-policy.ts';
import { policyFromFiles } from '../../src/policy/load.ts';

const hours = (count: number): Span => ({ count, unit: 'hour', working: true });
const LEVEL: ServiceLevel = {
  firstLook: hours(2),
  decide: hours(4),
  sameDayInLastDays: 3,
  escalateTo: 'monitoring-officer',
  senderMayReleaseAfter: { count: 15, unit: 'minute', working: false },
  releaseAfter: { count: 2, unit: 'day', working: true },
  neverReleaseAtScore: null,
};
// Easter 2026: Good Friday 3 April, Easter Monday 6 April.
const calendar = {
  bankHolidays: {
    'england-and-wales': { '2026': ['2026-04-03', '2026-04-06'] },
    scotland: {},
    'northern-ireland': {},
  },
  otherDays: [],
};
const ST_HELENS = { from: '08:00', to: '17:15', clause: null };

function due(openedAt: string, polls: string[] = [], support = ST_HELENS) {
  const times = dueTimes(LEVEL, { openedAt: new Date(openedAt), hours: support, calendar, polls });
  return Object.fromEntries(
    Object.entries(times).map(([name, at]) => [name, (at as Date | null)?.toISOString() ?? null]),
  );
}

describe('dueTimes()', () => {
  it('counts within one working day, and plain time by the clock', () => {
    expect(due('2026-03-10T09:00:00Z')).toEqual({
      firstLookAt: '2026-03-10T11:00:00.000Z',
      decideAt: '2026-03-10T13:00:00.000Z',
      senderMayReleaseAt: '2026-03-10T09:15:00.000Z',
      releaseAt: '2026-03-12T09:00:00.000Z',
    });
  });

  it('begins on the next working day for what was written in the evening', () => {
    expect(due('2026-03-10T21:30:00Z').firstLookAt).toBe('2026-03-11T10:00:00.000Z');
    expect(due('2026-03-11T05:00:00Z').firstLookAt).toBe('2026-03-11T10:00:00.000Z');
  });

  it('leaves out nights, the weekend and bank holidays, and follows summer time', () => {
    // Thursday 2 April, 17:00 in London: a quarter of an hour is left before Easter.
    expect(due('2026-04-02T16:00:00Z').firstLookAt).toBe('2026-04-07T08:45:00.000Z');
    // Friday before the clocks go forward on 29 March.
    expect(due('2026-03-27T17:00:00Z').firstLookAt).toBe('2026-03-30T08:45:00.000Z');
  });

  it('falls due on the same day in the last days before a poll', () => {
    expect(due('2026-05-05T14:00:00Z', ['2026-05-07']).decideAt).toBe('2026-05-05T16:15:00.000Z');
    expect(due('2026-05-04T14:00:00Z', ['2026-05-07']).decideAt).toBe('2026-05-05T08:45:00.000Z');
  });

  it('knows no bank holidays of a year that is not in the calendar, and goes on', () => {
    expect(due('2031-03-10T09:00:00Z').firstLookAt).toBe('2031-03-10T11:00:00.000Z');
  });
});

describe('holdReasonOf()', () => {
  it.each([
    ['bulk-personal-data', 'protection', 'hold', false, 'personal-data'],
    ['political-content', 'political', 'hold', false, 'political'],
    ['political-content', 'political', 'hold', true, 'political-in-election'],
    ['threatening-language', 'conduct', 'hold', true, 'conduct'],
    ['inspection-failed', 'security', 'hold', false, 'our-fault'],
    ['malware', 'security', 'hold', false, 'security'],
    ['auto-forward-personal', 'forwarding', 'divert', false, 'divert'],
  ] as const)('%s (%s, %s, election %s): %s', (id, area, gate, open, reason) => {
    expect(holdReasonOf({ id, area }, gate, open)).toBe(reason);
  });
});

describe('the settings of a council', () => {
  const withSetting = (line: string): Record<string, string> => ({
    'councils/testing.yaml': COUNCIL.replace('settings:\n', `settings:\n  ${line}\n`),
  });

  it('have service levels by default, of which a file may change one field', () => {
    const level = tinyPolicy([]).councils.get('testing')?.settings.serviceLevels['personal-data'];
    expect(level?.decide).toEqual(hours(4));
    const changed = policyFromFiles(
      tinyFiles(withSetting('serviceLevels: { personal-data: { decide: 1 working day } }')),
    );
    expect(changed.councils.get('testing')?.settings.serviceLevels['personal-data']).toEqual({
      ...level,
      decide: { count: 1, unit: 'day', working: true },
    });
  });

  it.each([
    ['serviceLevels: { personal-data: { decide: soon } }', /"2 working hours"/],
    ['serviceLevels: { politics: {} }', /Unknown key "politics"; allowed: personal-data/],
    ['supportHours: { from: "17:00", to: "08:00" }', /must end after they begin/],
    ['supportHours: { from: 8, to: "17:00" }', /needs a time/],
    ['perPersonSearch: never', /allowed: investigation, reason/],
  ])('refuse %s', (line, message) => {
    expect(problemsOf(withSetting(line)).join('\n')).toMatch(message);
  });
});
