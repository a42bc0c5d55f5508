import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  latestNoticeDate,
  REGISTRATION_WORKING_DAYS,
  workingDayBefore,
  type ElectionCalendar,
} from '../../src/policy/election-calendar.ts';
import { londonDate, londonTime, openElections } from '../../src/policy/elections.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { decide } from '../../src/policy/decide.ts';
import { finding, inputOf } from './inputs.ts';
import { rule, tinyPolicy } from './tiny-policy.ts';

const policy = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));

describe('openElections()', () => {
  const open = (at: string): string[] =>
    openElections(policy, 'merebrook', new Date(at)).map(({ id }) => id);
  for (const [at, expected] of [
    ['2026-10-01T23:59:59+01:00', []],
    ['2026-10-02T00:00:00+01:00', ['merebrook-2026-by-election']],
    ['2026-11-12T21:59:59Z', ['merebrook-2026-by-election']],
    ['2026-11-12T22:00:00Z', []],
    ['2027-03-25T23:59:59Z', []],
    ['2027-03-26T00:00:00Z', ['merebrook-2027-local']],
    // British Summer Time: polling ends at 21:00 UTC.
    ['2027-05-06T20:59:59Z', ['merebrook-2027-local']],
    ['2027-05-06T21:00:00Z', []],
  ] as const) {
    it(`${at}: ${expected.join() || 'none'}`, () => expect(open(at)).toEqual(expected));
  }

  it('keeps the periods of other councils apart', () => {
    expect(openElections(policy, 'havering', new Date('2026-10-10T00:00:00Z'))).toEqual([]);
  });

  it('a period of one ward binds the members of that ward', () => {
    const tiny = tinyPolicy(
      ['clause: "2", quote: Q, rule: period, gate: hold, queue: ict'],
      rule('period', 'political', 'election.open && findings.found("political")'),
    );
    const period = { id: 'p', name: 'P', startsAt: '', endsAt: '', wards: ['North'] };
    const gate = (ward: string | null): string =>
      decide(
        tiny,
        inputOf({
          council: 'testing',
          elections: [period],
          actor: { ward },
          findings: [finding('political')],
        }),
      ).gate;
    expect([gate('North'), gate('South'), gate(null)]).toEqual(['hold', 'release', 'release']);
  });
});

describe('londonTime()', () => {
  for (const [local, expected] of [
    ['2026-01-15T09:00', '2026-01-15T09:00:00+00:00'],
    ['2026-07-15T09:00', '2026-07-15T09:00:00+01:00'],
    // The clocks go back at 02:00: this hour comes twice, and the first counts.
    ['2026-10-25T01:30', '2026-10-25T01:30:00+01:00'],
    // And forward at 01:00: this one never comes.
    ['2026-03-29T01:30', null],
    ['2026-02-30T09:00', null],
    ['2026-07-15', null],
  ] as const) {
    it(`${local}: ${String(expected)}`, () => expect(londonTime(local)).toBe(expected));
  }

  it('londonDate() turns the day by the clock in London', () => {
    expect(londonDate(new Date('2026-07-01T22:59:59Z'))).toBe('2026-07-01');
    expect(londonDate(new Date('2026-07-01T23:00:00Z'))).toBe('2026-07-02');
  });
});

describe('latestNoticeDate()', () => {
  const calendar: ElectionCalendar = {
    bankHolidays: {
      ...policy.calendar.bankHolidays,
      '2015': ['2015-04-03', '2015-04-06', '2015-05-04'],
      '2025': ['2025-04-18', '2025-04-21', '2025-05-05'],
    },
    otherDays: [],
  };
  for (const [poll, local, registration, gla, scotland] of [
    ['2015-05-07', '2015-03-30', '2015-04-20', '2015-03-23', '2015-03-25'],
    ['2025-05-01', '2025-03-25', '2025-04-11', '2025-03-18', '2025-03-20'],
    ['2026-05-07', '2026-03-30', '2026-04-20', '2026-03-23', '2026-03-25'],
    ['2026-12-17', '2026-11-12', '2026-12-01', null, null],
    ['2027-01-14', '2026-12-04', '2026-12-23', null, null],
    ['2027-05-06', '2027-03-31', '2027-04-19', '2027-03-22', '2027-03-24'],
    ['2027-06-10', '2027-05-05', '2027-05-24', null, null],
    ['2028-05-04', '2028-03-27', '2028-04-13', '2028-03-20', '2028-03-22'],
  ] as const) {
    it(`poll ${poll}: notice by ${local}`, () => {
      expect(latestNoticeDate(poll, 'local', calendar)).toBe(local);
      expect(workingDayBefore(poll, REGISTRATION_WORKING_DAYS, calendar)).toBe(registration);
      const others = gla && { gla, 'scotland-local': scotland };
      for (const [kind, date] of Object.entries(others ?? {})) {
        expect(latestNoticeDate(poll, kind as 'gla', calendar)).toBe(date);
      }
    });
  }

  it('leaves out days of mourning', () => {
    const mourning = { ...calendar, otherDays: ['2026-11-20'] };
    expect(latestNoticeDate('2026-12-17', 'local', mourning)).toBe('2026-11-11');
  });

  it('refuses a year whose bank holidays nobody entered, and a day that does not exist', () => {
    expect(() => latestNoticeDate('2031-05-01', 'local', calendar)).toThrow(
      'The bank holidays of "2031" are not in policies/elections/calendar.yaml; add them',
    );
    expect(() => latestNoticeDate('2026-02-30', 'local', calendar)).toThrow(
      '"2026-02-30" is no date',
    );
  });
});
