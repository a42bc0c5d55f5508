import type { ElectionCalendar } from './election-calendar.ts';
import { londonDate, londonTime } from './elections.ts';
import type { Area, Role } from './policy.ts';

/** Why a message waits, as far as the time matters in which somebody should look (domain H.5). */
export const HOLD_REASONS = [
  'personal-data',
  'political-in-election',
  'political',
  'conduct',
  'identity',
  'security',
  'our-fault',
  'divert',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Written `2 working hours`, `1 working day`, `24 hours`; working time is in support hours. */
export interface Span {
  count: number;
  unit: 'minute' | 'hour' | 'day';
  working: boolean;
}

/** What a council promises for one reason. `null`: nothing of the kind. */
export interface ServiceLevel {
  firstLook: Span | null;
  decide: Span | null;
  /** In the last so many days before a poll the decision falls due on the same working day. */
  sameDayInLastDays: number;
  /** Who is told when it was not decided in time. */
  escalateTo: Role;
  /** The sender may release it then. */
  senderMayReleaseAfter: Span | null;
  /** It goes by itself, tagged, when nobody decided; never for protection or our own faults. */
  releaseAfter: Span | null;
  /** A finding at or above this score is never released by itself. */
  neverReleaseAtScore: number | null;
}

/** Monday to Friday without bank holidays, local times (`08:30`). `clause`: where they stand. */
export interface SupportHours {
  from: string;
  to: string;
  clause: string | null;
}

/** When a case that was opened now falls due. */
export interface DueTimes {
  firstLookAt: Date | null;
  decideAt: Date | null;
  senderMayReleaseAt: Date | null;
  releaseAt: Date | null;
}

/** The reason for which a rule's match makes a message wait. */
export function holdReasonOf(
  rule: { id: string; area: Area },
  gate: 'hold' | 'divert',
  electionOpen: boolean,
): HoldReason {
  if (gate === 'divert' || rule.area === 'forwarding') return 'divert';
  if (rule.id === 'inspection-failed' || rule.id === 'undecided') return 'our-fault';
  switch (rule.area) {
    case 'protection':
      return 'personal-data';
    case 'political':
      return electionOpen ? 'political-in-election' : 'political';
    case 'conduct':
    case 'identity':
    case 'security':
      return rule.area;
  }
}

export interface DueInput {
  openedAt: Date;
  hours: SupportHours;
  calendar: ElectionCalendar;
  /** Polling days (ISO) of the elections that are open. */
  polls: readonly string[];
}

/** The times at which a case falls due. Never throws for a year whose bank holidays are unknown. */
export function dueTimes(level: ServiceLevel, input: DueInput): DueTimes {
  const at = (span: Span | null): Date | null => (span ? afterSpan(input, span) : null);
  const decideAt = at(level.decide);
  const urgent = input.polls.some(
    (poll) => daysUntil(poll, input.openedAt) < level.sameDayInLastDays,
  );
  return {
    firstLookAt: at(level.firstLook),
    decideAt: decideAt && urgent ? earlier(decideAt, endOfWorkingDay(input)) : decideAt,
    senderMayReleaseAt: at(level.senderMayReleaseAfter),
    releaseAt: at(level.releaseAfter),
  };
}

const MINUTE = 60_000;
const MINUTES = { minute: 1, hour: 60, day: 1440 };

/** The instant a span after the case was opened, in working time where the span says so. */
function afterSpan({ openedAt, hours, calendar }: DueInput, span: Span): Date {
  const { count, unit, working } = span;
  if (!working) return new Date(openedAt.getTime() + count * MINUTES[unit] * MINUTE);
  let left = count * (unit === 'day' ? dayLength(hours) : MINUTES[unit] * MINUTE);
  for (const [from, to] of workingDays(openedAt, hours, calendar)) {
    const start = Math.max(from, openedAt.getTime());
    if (start + left <= to) return new Date(start + left);
    left -= Math.max(0, to - start);
  }
  // Not reached: the days never end.
  return openedAt;
}

/** The working days of a council over a time, for counting its working time. */
export interface WorkingDays {
  /** When each begins, in order. */
  starts: Date[];
  /** How long each is. */
  seconds: number;
}

/** The working days that begin from the day of one instant on and before another. */
export function workingDaysBetween(
  from: Date,
  until: Date,
  hours: SupportHours,
  calendar: ElectionCalendar,
): WorkingDays {
  const starts: Date[] = [];
  for (const [start] of workingDays(from, hours, calendar)) {
    if (start >= until.getTime()) break;
    starts.push(new Date(start));
  }
  return { starts, seconds: dayLength(hours) / 1000 };
}

function endOfWorkingDay({ openedAt, hours, calendar }: DueInput): Date {
  for (const [, to] of workingDays(openedAt, hours, calendar)) {
    if (to > openedAt.getTime()) return new Date(to);
  }
  return openedAt;
}

/** Start and end of every working day from an instant's day on. */
function* workingDays(
  from: Date,
  hours: SupportHours,
  { bankHolidays, otherDays }: ElectionCalendar,
): Generator<[number, number]> {
  const day = new Date(`${londonDate(from)}T12:00:00Z`);
  for (;;) {
    const iso = day.toISOString().slice(0, 10);
    const weekend = day.getUTCDay() === 0 || day.getUTCDay() === 6;
    // The councils here are English.
    const holidays = bankHolidays['england-and-wales'][iso.slice(0, 4)];
    const free = holidays?.includes(iso) || otherDays.includes(iso);
    if (!weekend && !free) yield [local(iso, hours.from), local(iso, hours.to)];
    day.setUTCDate(day.getUTCDate() + 1);
  }
}

function local(day: string, time: string): number {
  // Support hours lie outside the hour that summer time skips, at one in the night.
  return new Date(londonTime(`${day}T${time}`) ?? `${day}T${time}:00Z`).getTime();
}

function dayLength({ from, to }: SupportHours): number {
  const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return (minutes(to) - minutes(from)) * MINUTE;
}

function daysUntil(poll: string, at: Date): number {
  return (Date.parse(poll) - Date.parse(londonDate(at))) / (MINUTES.day * MINUTE);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
