/** Below this a number may point to single people. */
const SMALLEST = 5;

/**
 * A count as it may be shown: to the nearest five, and `null` for all below five, none included.
 * Rounded so, no two numbers that are shown tell a third of fewer than five by subtraction, be it
 * between periods or between councils. Sums over rows that are shown are never shown beside them.
 */
export function shownCount(count: number): number | null {
  return count < SMALLEST ? null : Math.round(count / SMALLEST) * SMALLEST;
}

export interface Counted {
  label: string;
  counts: number[];
}

/**
 * Rows with their counts as shown. A row of which nothing may be shown, or that comes after the
 * first `most`, goes into one row for all of those, so that its label tells nothing either.
 */
export function shownRows(
  rows: readonly Counted[],
  { most, others }: { most: number; others: string },
): { label: string; values: (number | null)[] }[] {
  const sum = ({ counts }: Counted) => counts.reduce((sofar, count) => sofar + count, 0);
  const largest = [...rows].sort((a, b) => sum(b) - sum(a) || a.label.localeCompare(b.label, 'en'));
  const shown = largest.filter(({ counts }) => counts.some((each) => shownCount(each) !== null));
  const kept = shown.slice(0, most);
  const rest = largest.filter((row) => !kept.includes(row));
  const added = rest.reduce<number[]>(
    (sofar, { counts }) => counts.map((count, index) => count + (sofar[index] ?? 0)),
    [],
  );
  const all = rest.length > 0 ? [...kept, { label: others, counts: added }] : kept;
  return all.map(({ label, counts }) => ({ label, values: counts.map(shownCount) }));
}
