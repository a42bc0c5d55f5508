import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isHeldIn,
  statutoryDates,
  type ElectionCalendar,
  type Nation,
  type PollKind,
} from '../../src/policy/election-calendar.ts';
import {
  electionAlarms,
  electionState,
  londonDate,
  londonTime,
  openElections,
} from '../../src/policy/elections.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
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
      rule('period', 'political', 'elections.forSender && findings.found("political")'),
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

const calendar: ElectionCalendar = {
  bankHolidays: {
    'england-and-wales': {
      ...policy.calendar.bankHolidays['england-and-wales'],
      '2015': ['2015-04-03', '2015-04-06', '2015-05-04'],
      '2025': ['2025-04-18', '2025-04-21', '2025-05-05'],
    },
    scotland: {
      ...policy.calendar.bankHolidays.scotland,
      '2015': ['2015-04-03', '2015-05-04'],
      '2025': ['2025-04-18', '2025-05-05'],
    },
    'northern-ireland': policy.calendar.bankHolidays['northern-ireland'],
  },
  otherDays: [],
};

describe('statutoryDates()', () => {
  const notice = (kind: PollKind, nation: Nation, poll: string, days = calendar): string | null =>
    statutoryDates({ kind, nation, poll }, days).latestNotice;

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
      for (const nation of ['england', 'wales'] as const) {
        expect(statutoryDates({ kind: 'local', nation, poll }, calendar)).toEqual({
          latestNotice: local,
          registerBy: registration,
        });
      }
      if (gla) expect(notice('gla', 'england', poll)).toBe(gla);
      if (scotland) expect(notice('local', 'scotland', poll)).toBe(scotland);
    });
  }

  it('counts by the holidays of the nation that votes', () => {
    // Scotland keeps 15 June in 2026 and 30 November; Northern Ireland 17 March and 13 July.
    expect(notice('local', 'scotland', '2026-07-09')).toBe('2026-05-29');
    expect(notice('local', 'england', '2026-07-30')).toBe('2026-06-25');
    expect(notice('local', 'northern-ireland', '2026-07-30')).toBe('2026-06-24');
  });

  it('leaves out days of mourning', () => {
    const mourning = { ...calendar, otherDays: ['2026-11-20'] };
    expect(notice('local', 'england', '2026-12-17', mourning)).toBe('2026-11-11');
  });

  it('works nothing out where the day hangs on the writ, or there is no notice', () => {
    for (const kind of ['uk-parliament-by-election', 'referendum', 'other'] as const) {
      expect(notice(kind, 'england', '2026-12-17')).toBeNull();
    }
  });

  it('knows which nation holds which poll', () => {
    expect(isHeldIn('senedd', 'wales')).toBe(true);
    expect(isHeldIn('senedd', 'england')).toBe(false);
    expect(isHeldIn('referendum', 'scotland')).toBe(true);
  });

  it('refuses a year whose bank holidays nobody entered, and a day that does not exist', () => {
    expect(() => notice('local', 'england', '2031-05-01')).toThrow(
      'The bank holidays of "2031" for england-and-wales are not in policies/elections/calendar.yaml; add them',
    );
    expect(() => notice('local', 'england', '2026-02-30')).toThrow('"2026-02-30" is no date');
  });
});

describe('a timetable', () => {
  // Poll on 6 May 2027: the law's last day for the notice is 31 March.
  const timetable = (more: string, startsByLaw = false) => {
    const files = policyFromFiles(policy.files).files;
    const council = files['councils/merebrook.yaml'] ?? '';
    const byLaw = council.replace(/^settings:$/m, 'settings:\n  electionStartsByLaw: true');
    const head = 'id: spring\nname: Spring\ncouncil: merebrook\nkind: local\nnation: england\n';
    const elections = Object.keys(files).filter((file) => file.startsWith('elections/merebrook'));
    const rest = Object.fromEntries(
      Object.entries(files).filter(([file]) => !elections.includes(file)),
    );
    return policyFromFiles({
      ...rest,
      'councils/merebrook.yaml': startsByLaw ? byLaw : council,
      'elections/spring.yaml': `${head}zone: Europe/London\npoll: 2027-05-06\nwards: []\n${more}`,
    });
  };
  const openAt = (policyThen: typeof policy, at: string): boolean =>
    openElections(policyThen, 'merebrook', new Date(at)).length > 0;

  it('without its notice opens no period, and raises the alarm from the last day on', () => {
    const without = timetable('');
    expect(openAt(without, '2027-04-20T12:00:00Z')).toBe(false);
    const alarms = (at: string) => electionAlarms(without, new Date(at)).map(({ kind }) => kind);
    expect(alarms('2027-03-30T22:59:59Z')).toEqual([]);
    // Midnight in London is 23:00 UTC in summer.
    expect(alarms('2027-03-30T23:00:00Z')).toEqual(['notice-due-today']);
    expect(alarms('2027-04-01T12:00:00Z')).toEqual(['notice-overdue']);
    expect(alarms('2027-05-06T21:00:00Z')).toEqual([]);
    const [spring] = without.elections;
    expect(spring && electionState(spring, new Date('2027-04-20T12:00:00Z'))).toBe('waiting');
  });

  it('starts by the law where the council chose so, and the alarm stays', () => {
    const byLaw = timetable('', true);
    expect(openAt(byLaw, '2027-03-30T22:59:59Z')).toBe(false);
    expect(openAt(byLaw, '2027-03-30T23:00:00Z')).toBe(true);
    expect(electionAlarms(byLaw, new Date('2027-03-31T12:00:00Z'))).toHaveLength(1);
  });

  it('starts by its notice where that was entered, whatever the law would allow', () => {
    const entered = timetable('noticePublishedAt: 2027-03-26T14:00\n', true);
    expect(openAt(entered, '2027-03-26T13:59:59Z')).toBe(false);
    expect(openAt(entered, '2027-03-26T14:00:00Z')).toBe(true);
    expect(electionAlarms(entered, new Date('2027-04-20T12:00:00Z'))).toEqual([]);
  });

  it('that ended without a poll is over, with the reason', () => {
    const ended = timetable(
      'noticePublishedAt: 2027-03-26T14:00\nended: { at: 2027-04-08T16:00, reason: Uncontested }\n',
    );
    expect(openAt(ended, '2027-04-08T14:59:59Z')).toBe(true);
    expect(openAt(ended, '2027-04-08T15:00:00Z')).toBe(false);
    expect(ended.elections[0]?.endedBecause).toBe('Uncontested');
  });
});

describe('several periods at once', () => {
  it('are all listed: elections.active sees each, elections.forSender only its own', () => {
    const tiny = tinyPolicy(
      ['clause: "2", quote: Q, rule: period, gate: hold, queue: ict'],
      rule('period', 'political', 'elections.active && !elections.forSender'),
    );
    const period = (id: string, wards: string[]) => ({
      id,
      name: id,
      startsAt: '',
      endsAt: '',
      wards,
    });
    const elections = [period('north', ['North']), period('south', ['South'])];
    const gate = (ward: string): string =>
      decide(tiny, inputOf({ council: 'testing', elections, actor: { ward } })).gate;
    expect([gate('North'), gate('South'), gate('East')]).toEqual(['release', 'release', 'hold']);
  });
});
