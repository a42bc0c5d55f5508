import { UsageError } from './context.ts';

const UNITS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** A time as options take it: ISO 8601, or hours, days or weeks before now. Else a UsageError. */
export function timeOf(word: string, now: Date, option: string): Date {
  const ago = /^(\d{1,5})([hdw])$/.exec(word);
  if (ago) return new Date(now.getTime() - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0));
  const time = new Date(word);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UsageError(`${option} takes an ISO 8601 time, or "90d", "12h", "4w", not "${word}"`);
}
