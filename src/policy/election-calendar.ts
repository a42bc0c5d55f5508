export const NATIONS = ['england', 'wales', 'scotland', 'northern-ireland'] as const;
export type Nation = (typeof NATIONS)[number];

/** Bank holidays are published for England and Wales together. */
export const HOLIDAY_REGIONS = ['england-and-wales', 'scotland', 'northern-ireland'] as const;
export type HolidayRegion = (typeof HOLIDAY_REGIONS)[number];

export const POLL_KINDS = [
  'local',
  'parish',
  'mayor',
  'pcc',
  'gla',
  'senedd',
  'scottish-parliament',
  'uk-parliament',
  'uk-parliament-by-election',
  'referendum',
  'other',
] as const;
export type PollKind = (typeof POLL_KINDS)[number];

/** Days that do not count, ISO dates by calendar year. A year that is missing is not known. */
export interface ElectionCalendar {
  bankHolidays: Record<HolidayRegion, Record<string, string[]>>;
  /** Days appointed for public thanksgiving or mourning. */
  otherDays: string[];
}

/** Dates that the law sets, ISO. `null`: none can be worked out from the day of the poll. */
export interface StatutoryDates {
  /** Latest day on which the notice of election may be published. */
  latestNotice: string | null;
  /** Last day to apply for registration. */
  registerBy: string | null;
}

/**
 * Working days before the poll by which the notice must be out (domain D.2), by nation; a nation
 * that is missing holds no such poll. `null`: no notice of election, or its day hangs on the writ.
 */
const NOTICE_WORKING_DAYS: Record<PollKind, Partial<Record<Nation, number | null>>> = {
  // SI 2006/3304 Sch.3 r.1; SSI 2011/399; Electoral Law Act (NI) 1962 Sch.5.
  local: { england: 25, wales: 25, scotland: 28, 'northern-ireland': 25 },
  // Also community councils in Wales. SI 2006/3305.
  parish: { england: 25, wales: 25 },
  // Local and combined authorities. SI 2007/1024, SI 2017/67.
  mayor: { england: 25 },
  // SI 2012/1917 Sch.3.
  pcc: { england: 25, wales: 25 },
  // SI 2007/3541.
  gla: { england: 30 },
  // SI 2007/236.
  senedd: { wales: 25 },
  // SSI 2015/425.
  'scottish-parliament': { scotland: 28 },
  // RPA 1983 Sch.1 r.1 counts from the writ, which comes to this day in practice.
  'uk-parliament': { england: 22, wales: 22, scotland: 22, 'northern-ireland': 22 },
  'uk-parliament-by-election': nowhereSet(),
  referendum: nowhereSet(),
  other: nowhereSet(),
};

function nowhereSet(): Record<Nation, null> {
  return { england: null, wales: null, scotland: null, 'northern-ireland': null };
}

/** Last day to register to vote (domain D.2). */
const REGISTRATION_WORKING_DAYS = 12;

/** Whether there is such a poll in a nation. */
export function isHeldIn(kind: PollKind, nation: Nation): boolean {
  return NOTICE_WORKING_DAYS[kind][nation] !== undefined;
}

/**
 * The dates that follow from the day of the poll. They only raise alarms, and start a period where
 * the council chose so: a period starts when the returning officer's team enters that the notice
 * was published.
 * @throws {RangeError} for a date that does not exist, or a year without its bank holidays
 */
export function statutoryDates(
  { kind, nation, poll }: { kind: PollKind; nation: Nation; poll: string },
  calendar: ElectionCalendar,
): StatutoryDates {
  const days = NOTICE_WORKING_DAYS[kind][nation] ?? null;
  const isElection = kind !== 'referendum' && kind !== 'other';
  const registers = isElection && nation !== 'northern-ireland';
  const before = (count: number): string => workingDayBefore(poll, count, nation, calendar);
  return {
    latestNotice: days === null ? null : before(days),
    registerBy: registers ? before(REGISTRATION_WORKING_DAYS) : null,
  };
}

/**
 * The `count`th working day before an ISO date, counted backwards from the day before it (SI
 * 2006/3304 Sch.3 r.2: no Saturday, Sunday, Christmas Eve, Christmas Day, Good Friday, bank holiday
 * or day of thanksgiving or mourning; in Scotland no Easter Monday either, SSI 2011/399).
 * @throws {RangeError} for a date that does not exist, or a year without its bank holidays.
 */
export function workingDayBefore(
  date: string,
  count: number,
  nation: Nation,
  calendar: ElectionCalendar,
): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) {
    throw new RangeError(`"${date}" is no date; write it as YYYY-MM-DD`);
  }
  let left = count;
  while (left > 0) {
    day.setUTCDate(day.getUTCDate() - 1);
    if (isWorkingDay(day, nation, calendar)) left -= 1;
  }
  return isoDate(day);
}

function isWorkingDay(day: Date, nation: Nation, calendar: ElectionCalendar): boolean {
  const iso = isoDate(day);
  const year = iso.slice(0, 4);
  const region = nation === 'england' || nation === 'wales' ? 'england-and-wales' : nation;
  const holidays = calendar.bankHolidays[region][year];
  if (!holidays) {
    throw new RangeError(
      `The bank holidays of "${year}" for ${region} are not in ` +
        'policies/elections/calendar.yaml; add them',
    );
  }
  const weekday = day.getUTCDay();
  if (weekday === 0 || weekday === 6) return false;
  // Named by the rules: when Christmas Day falls on a weekend only its substitute is a bank
  // holiday, and Easter Monday is none in Scotland.
  if (iso.endsWith('-12-24') || iso.endsWith('-12-25')) return false;
  const easter = easterSunday(day.getUTCFullYear());
  if (day.getTime() === easter - 2 * DAY_MS) return false;
  if (nation === 'scotland' && day.getTime() === easter + DAY_MS) return false;
  return !holidays.includes(iso) && !calendar.otherDays.includes(iso);
}

const DAY_MS = 86_400_000;

function isoDate(day: Date): string {
  return day.toISOString().slice(0, 10);
}

/** Easter of the Gregorian calendar as UTC midnight (Meeus, Astronomical Algorithms, ch. 8). */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const moonCorrection = b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + moonCorrection + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const days = h + l - 7 * m + 114;
  return Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1);
}
