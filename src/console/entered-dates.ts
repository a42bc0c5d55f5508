import { londonDays, londonTime } from '../policy/elections.ts';

const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const BRITISH_DAY = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** `26/11/2026` or `2026-11-26` as `2026-11-26`; `null` where it is no day. */
export function enteredDay(words: string): string | null {
  const british = BRITISH_DAY.exec(words.trim());
  const iso = ISO_DAY.exec(words.trim());
  const [, year, month, day] = iso ?? ['', british?.[3], british?.[2], british?.[1]];
  if (!year || !month || !day) return null;
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return londonDays(text, text) === null ? null : text;
}

/** `26/11/2026 9:30` or `2026-11-26 09:30`, by the London clock; `null` where it is no time. */
export function enteredTime(words: string): Date | null {
  const [, date = '', hour = '', minute = ''] =
    /^(\S+?),?[T ]+(\d{1,2}):(\d{2})$/.exec(words.trim()) ?? [];
  const day = enteredDay(date);
  const iso = day && londonTime(`${day}T${hour.padStart(2, '0')}:${minute}`);
  return iso === null ? null : new Date(iso);
}
