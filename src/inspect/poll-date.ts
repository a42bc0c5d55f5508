import type { ElectionPeriod } from '../mail/facts.ts';

const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const DATES = new RegExp(
  String.raw`\b(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?:\s(?:of\s)?(${MONTHS.join('|')})\b)?` +
    String.raw`|\b(${MONTHS.join('|')})\s(?:the\s)?(\d{1,2})(?:st|nd|rd|th)?\b`,
  'gi',
);
const LIMIT = 200;

/**
 * Where a text names the day of a poll: `6 May`, `May 6th`, `the 6th`. A day without its month
 * counts only with `the` and an ordinal. `text` is plain text; the first 200 dates are looked at.
 */
export function pollDateIn(
  text: string,
  elections: readonly ElectionPeriod[],
): { start: number; end: number } | null {
  if (elections.length === 0) return null;
  const polls = elections.map((election) => localDay(election.endsAt));
  let seen = 0;
  for (const match of text.matchAll(DATES)) {
    if ((seen += 1) > LIMIT) return null;
    const day = Number(match[1] ?? match[4]);
    const month = (match[2] ?? match[3])?.toLowerCase();
    const bare = month === undefined;
    if (bare && !/^the \d{1,2}(?:st|nd|rd|th)/i.test(match[0])) continue;
    if (polls.some((poll) => poll.day === day && (bare || poll.month === month))) {
      return { start: match.index, end: match.index + match[0].length };
    }
  }
  return null;
}

// Made once: making one costs many times what using it does.
const LONDON_DAY = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'long',
});

/** Day and month of the poll where the council is: the close of poll is 22:00 in London. */
function localDay(endsAt: string): { day: number; month: string } {
  const parts = LONDON_DAY.formatToParts(new Date(endsAt));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return { day: Number(part('day')), month: part('month').toLowerCase() };
}
