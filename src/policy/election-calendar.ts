/** Days that do not count, ISO dates by calendar year. A year that is missing is not known. */
export interface ElectionCalendar {
  /** Bank holidays in England and Wales. */
  bankHolidays: Record<string, string[]>;
  /** Days appointed for public thanksgiving or mourning. */
  otherDays: string[];
}

/** Working days before the poll by which the notice must be out (domain D.2). */
export const NOTICE_WORKING_DAYS = { local: 25, gla: 30, 'scotland-local': 28 } as const;

/** Last day to register to vote (domain D.2). */
export const REGISTRATION_WORKING_DAYS = 12;

/**
 * The latest day on which the notice of election may be published. It only raises an alarm: a
 * period starts when the returning officer's team enters that the notice was published.
 */
export function latestNoticeDate(
  poll: string,
  kind: keyof typeof NOTICE_WORKING_DAYS,
  calendar: ElectionCalendar,
): string {
  return workingDayBefore(poll, NOTICE_WORKING_DAYS[kind], calendar);
}

/**
 * The `count`th working day before an ISO date, counted backwards from the day before it (SI
 * 2006/3304 Sch.3 r.2: no Saturday, Sunday, Christmas Eve, Christmas Day, Good Friday, bank holiday
 * or day of thanksgiving or mourning; Good Friday and Easter Monday are bank holidays in the data).
 * @throws {RangeError} for a date that does not exist, or a year without its bank holidays.
 */
export function workingDayBefore(date: string, count: number, calendar: ElectionCalendar): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) {
    throw new RangeError(`"${date}" is no date; write it as YYYY-MM-DD`);
  }
  let left = count;
  while (left > 0) {
    day.setUTCDate(day.getUTCDate() - 1);
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return day.toISOString().slice(0, 10);
}

function isWorkingDay(day: Date, calendar: ElectionCalendar): boolean {
  const iso = day.toISOString().slice(0, 10);
  const holidays = calendar.bankHolidays[iso.slice(0, 4)];
  if (!holidays) {
    const year = iso.slice(0, 4);
    throw new RangeError(
      `The bank holidays of "${year}" are not in policies/elections/calendar.yaml; add them`,
    );
  }
  const weekday = day.getUTCDay();
  if (weekday === 0 || weekday === 6) return false;
  // Named by the rules: when Christmas Day falls on a weekend only its substitute is a bank
  // holiday.
  if (iso.endsWith('-12-24') || iso.endsWith('-12-25')) return false;
  return !holidays.includes(iso) && !calendar.otherDays.includes(iso);
}
