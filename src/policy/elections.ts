import type { ElectionPeriod } from '../mail/facts.ts';
import type { Election, Policy } from './policy.ts';

/** Polling ends at 10 at night (SI 2006/3304 Sch.3 r.1), by the clock on the wall. */
export const CLOSE_OF_POLL = '22:00';

/**
 * Periods of a council that are open at an instant: from the notice, up to but not at the close of
 * poll. A timetable without its notice opens none, unless the council starts by the law's date.
 */
export function openElections(policy: Policy, councilId: string, at: Date): ElectionPeriod[] {
  return policy.elections.flatMap((election) => {
    const { id, name, startsAt, endsAt, wards } = election;
    if (election.council !== councilId || startsAt === null) return [];
    return electionState(election, at) === 'open' ? [{ id, name, startsAt, endsAt, wards }] : [];
  });
}

/** `waiting`: the notice was not entered, and nothing else starts the period. */
export type ElectionState = 'waiting' | 'coming' | 'open' | 'ended';

export function electionState({ startsAt, endsAt }: Election, at: Date): ElectionState {
  if (at >= new Date(endsAt)) return 'ended';
  if (startsAt === null) return 'waiting';
  return at >= new Date(startsAt) ? 'open' : 'coming';
}

/** The law's last day for the notice has come, and no notice was entered. */
export interface ElectionAlarm {
  election: string;
  council: string;
  kind: 'notice-due-today' | 'notice-overdue';
  latestNotice: string;
}

/** What the returning officer's team has to look at, by the London day of `at` (domain D.1). */
export function electionAlarms(policy: Policy, at: Date): ElectionAlarm[] {
  const today = londonDate(at);
  return policy.elections.flatMap((election) => {
    const { id, council, noticePublishedAt, dates } = election;
    const { latestNotice } = dates;
    if (noticePublishedAt !== null || latestNotice === null || today < latestNotice) return [];
    if (electionState(election, at) === 'ended') return [];
    const kind = today === latestNotice ? 'notice-due-today' : 'notice-overdue';
    return [{ election: id, council, kind, latestNotice }];
  });
}

/**
 * A wall-clock time (`2026-10-02T09:30`) in London as ISO 8601 with its offset, `null` where no
 * such time exists. Of the hour that comes twice in October, the first.
 */
export function londonTime(local: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return null;
  for (const offset of ['+01:00', '+00:00']) {
    const instant = new Date(`${local}:00${offset}`);
    if (!Number.isNaN(instant.getTime()) && wallClock(instant) === local) {
      return `${local}:00${offset}`;
    }
  }
  return null;
}

/**
 * Whole days (YYYY-MM-DD) in London, from the beginning of the first up to the end of the last;
 * `null` where one is no date.
 */
export function londonDays(first: string, last: string): { from: Date; until: Date } | null {
  const from = londonTime(`${first}T00:00`);
  const lastNoon = londonTime(`${last}T12:00`);
  if (from === null || lastNoon === null) return null;
  const dayAfter = londonDate(new Date(new Date(lastNoon).getTime() + 86_400_000));
  return { from: new Date(from), until: new Date(londonTime(`${dayAfter}T00:00`) ?? lastNoon) };
}

/**
 * The London date (YYYY-MM-DD) of an instant.
 * @throws {RangeError} for an invalid date, which would compare as later than every other.
 */
export function londonDate(at: Date): string {
  if (Number.isNaN(at.getTime())) throw new RangeError('An invalid date has no day');
  return wallClock(at).slice(0, 10);
}

// Made once: making one costs many times what using it does.
const WALL_CLOCK = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

function wallClock(at: Date): string {
  return WALL_CLOCK.format(at).replace(' ', 'T');
}
