// ECMA-376 part 1, 18.8.30: formats that need no definition and show a date.
const BUILT_IN = new Set([14, 15, 16, 17, 22, 27, 30, 36, 50, 57]);

/** Whether a number format shows its number as a date. `code` is `''` for the built-in ones. */
export function isDateFormat(id: number, code: string): boolean {
  if (code === '') return BUILT_IN.has(id);
  const letters = code.replace(/"[^"]*"|\[[^\]]*\]|\\.|_.|\*./g, '');
  return /[dy]/i.test(letters);
}

const DAY = 86_400_000;

/**
 * A day number as British readers see it, so that a date of birth in a cell is seen as one.
 * @param serial Days since 1899-12-30, or since 1904-01-01 where the workbook says so.
 */
export function spreadsheetDate(serial: number, from1904: boolean): string {
  // Excel believes in 29 February 1900, so the days before it count from one day later.
  const leap = !from1904 && serial < 60 ? 1 : 0;
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const date = new Date(epoch + (Math.floor(serial) + leap) * DAY);
  if (!(serial >= 0 && serial < 2_958_466)) return String(serial);
  const [year = '', month = '', day = ''] = date.toISOString().slice(0, 10).split('-');
  return `${day}/${month}/${year}`;
}
