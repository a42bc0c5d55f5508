import { boilerplateIn } from './boilerplate.ts';
import type { Span, SpanRole } from './message.ts';

interface Range {
  start: number;
  end: number;
}

interface Line {
  text: string;
  start: number;
  /** Behind the line feed. */
  end: number;
}

/** A whole line that is one of the given patterns, whatever stars or rules are drawn around it. */
function wholeLine(...patterns: string[]): { test(line: string): boolean } {
  const pattern = new RegExp(`^(?:${patterns.join('|')})$`, 'i');
  return { test: (line) => pattern.test(undrawn(line)) };
}

/**
 * A line without what is drawn around its words. By hand: as a pattern, a long rule could be
 * shared out among its ends in as many ways as it has signs.
 */
function undrawn(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && /[\s*_-]/.test(line.charAt(start))) start++;
  while (start < end && /[\s*_,.!-]/.test(line.charAt(end - 1))) end--;
  return line.slice(start, end);
}

const FORWARD_TITLE = wholeLine('original message', 'begin forwarded message:');
/** These are words that people write, unless a rule is drawn before them. */
const RULED_TITLE = wholeLine('(?:original message|forwarded message|forward)\\b.{0,60}');
const DASHED_TITLE = wholeLine('forwarded (?:message|by)\\b.{0,60}');
const RULE = '_'.repeat(20);

/** Lines after which everything is somebody else's (domain C.4 and what mail programs write). */
function isSeparator(line: string): boolean {
  const words = undrawn(line);
  if (words === '') return line.includes(RULE);
  const drawn = line.slice(0, line.indexOf(words)).trimEnd();
  return (
    FORWARD_TITLE.test(line) ||
    (drawn.endsWith('--') && RULED_TITLE.test(line)) ||
    (drawn.endsWith('-') && DASHED_TITLE.test(line))
  );
}

const WROTE = new RegExp(
  [
    // With the day, which mail programs write: "On Monday the Echo wrote:" is the sender's.
    '^\\s*on\\b(?=.{0,400}\\d).{5,400}\\bwrote:\\s*$',
    '^[^<>]{3,200}<[^<>@\\s]{1,100}@[^<>@\\s]{1,200}>\\s*wrote:\\s*$',
    '^.{3,120}\\bwrote on .{5,80}:\\s*$',
  ].join('|'),
  'i',
);
const BLOCK_FIELD = /^[\s>*]*(from|sent|date|to|cc|subject)\s*:\*?\s*\S/i;

const CLOSING = wholeLine(
  '(?:with |many |very |my )?(?:(?:kind|kindest|best|warm|warmest) )?(?:regards|wishes)',
  '(?:many )?thanks(?: again)?|thank you|cheers|all the best|best|kr',
  'yours(?: (?:sincerely|faithfully|truly|ever|aye))?|sincerely',
);
const SENT_FROM = wholeLine('(?:sent from|sent via|sent using|get outlook for)\\b.{0,80}');

/**
 * Tells what the sender wrote from what is quoted, signed and boiler-plate.
 * @param quoted Stretches that markup already says are quoted.
 * @returns spans in order that cover `text` without a gap; none for an empty text.
 */
export function spansOf(
  text: string,
  quoted: readonly { start: number; end: number }[] = [],
): Span[] {
  const lines = linesOf(text);
  const roles = lines.map((): SpanRole => 'own');
  markQuoted(lines, roles, quoted);
  const disclaimers = disclaimersIn(text, lines, roles);
  markSignatures(lines, roles);
  return boundedSpans(merge(lines, roles, disclaimers));
}

/** More changes of role than any thread has that people wrote. */
const MAX_SPANS = 500;

/**
 * At most 500 spans, for each costs a reading of its own: the rest of a text that changes its role
 * more often is the sender's, which everything reads.
 */
export function boundedSpans(spans: readonly Span[]): Span[] {
  if (spans.length <= MAX_SPANS) return [...spans];
  const kept = spans.slice(0, MAX_SPANS - 1);
  return [...kept, { role: 'own', start: kept.at(-1)?.end ?? 0, end: spans.at(-1)?.end ?? 0 }];
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed + 1;
    // No line that names its role is long; the patterns see no more of one than this.
    lines.push({
      text: text.slice(start, Math.min(feed < 0 ? end : feed, start + 1000)),
      start,
      end,
    });
    start = end;
  }
  return lines;
}

function markQuoted(
  lines: readonly Line[],
  roles: SpanRole[],
  quoted: readonly { start: number; end: number }[],
): void {
  let range = 0;
  for (const [index, line] of lines.entries()) {
    while ((quoted[range]?.end ?? Infinity) <= line.start) range++;
    const inMarkup = (quoted[range]?.start ?? Infinity) < line.end;
    if (inMarkup || line.text.startsWith('>')) roles[index] = 'quoted';
  }
  for (const [index, line] of lines.entries()) {
    if (roles[index] === 'quoted') continue;
    const height = wroteHeight(lines, index);
    if (height > 0) {
      roles.fill('quoted', index, index + height);
      if (roles[nextFilled(lines, index + height)] === 'quoted') continue;
    } else if (!isSeparator(line.text) && !isFieldBlock(lines, index)) {
      continue;
    }
    roles.fill('quoted', index);
    return;
  }
}

/** How many lines an "On ... wrote:" takes (mail programs fold it), 0 where there is none. */
function wroteHeight(lines: readonly Line[], index: number): number {
  const first = lines[index]?.text ?? '';
  if (WROTE.test(first)) return 1;
  if (!/^\s*on\b.{4}/i.test(first)) return 0;
  const two = `${first} ${lines[index + 1]?.text ?? ''}`;
  if (WROTE.test(two)) return 2;
  return WROTE.test(`${two} ${lines[index + 2]?.text ?? ''}`) ? 3 : 0;
}

/**
 * Index of the first line with something on it, from `index` on; `lines.length` where there is
 * none.
 */
function nextFilled(lines: readonly Line[], index: number): number {
  let next = index;
  while (next < lines.length && lines[next]?.text.trim() === '') next++;
  return next;
}

/**
 * Outlook's block: From, then at least two of Sent, Date, To, Cc, Subject in the next filled
 * lines.
 */
function isFieldBlock(lines: readonly Line[], index: number): boolean {
  if (fieldName(lines[index]) !== 'from') return false;
  const names = new Set<string>();
  for (let next = index + 1; next < Math.min(index + 12, lines.length); next++) {
    const name = fieldName(lines[next]);
    if (name !== null) names.add(name);
    else if (lines[next]?.text.trim() !== '') break;
  }
  return names.size >= 2;
}

function fieldName(line: Line | undefined): string | null {
  return BLOCK_FIELD.exec(line?.text ?? '')?.[1]?.toLowerCase() ?? null;
}

/**
 * Disclaimers at the end of each stretch of own text, in order. Lines that are nothing else get
 * their role, so that no signature goes on in them.
 */
function disclaimersIn(text: string, lines: readonly Line[], roles: SpanRole[]): Range[] {
  const found: Range[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (roles[index] !== 'own') continue;
    const start = lines[index]?.start ?? 0;
    const first = index;
    while (index + 1 < lines.length && roles[index + 1] === 'own') index++;
    const ranges = boilerplateIn(text.slice(start, lines[index]?.end)).map((range) => ({
      start: start + range.start,
      end: start + range.end,
    }));
    const joined = joinedRanges(ranges);
    markWithin(lines, roles, first, joined);
    found.push(...joined);
  }
  return found;
}

function joinedRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const { start, end } of ranges) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}

function markWithin(
  lines: readonly Line[],
  roles: SpanRole[],
  first: number,
  ranges: readonly Range[],
): void {
  let index = first;
  for (const range of ranges) {
    while ((lines[index]?.start ?? Infinity) < range.start) index++;
    for (; (lines[index]?.end ?? Infinity) <= range.end; index++) roles[index] = 'disclaimer';
  }
}

const MAX_SIGNATURE_LINES = 10;

function markSignatures(lines: readonly Line[], roles: SpanRole[]): void {
  for (let index = 0; index < lines.length; index++) {
    if (roles[index] !== 'own') continue;
    const text = lines[index]?.text ?? '';
    if (/^--\s?$/.test(text)) {
      // RFC 3676 §4.3: everything behind the mark, as far as it is not quoted.
      for (; index < lines.length && roles[index] === 'own'; index++) roles[index] = 'signature';
    } else if (SENT_FROM.test(text)) {
      roles[index] = 'signature';
    } else if (CLOSING.test(text)) {
      index = markClosing(lines, roles, index);
    }
  }
}

/** The closing words and the short lines below them: name, office, telephone. */
function markClosing(lines: readonly Line[], roles: SpanRole[], start: number): number {
  let index = start;
  for (let filled = 0; index < lines.length && roles[index] === 'own'; index++) {
    const text = lines[index]?.text.trim() ?? '';
    if (text !== '' && ++filled > MAX_SIGNATURE_LINES + 1) break;
    if (index > start && (text.length > 80 || /^p\.?\s?p?\.?s\b/i.test(text))) break;
    // A sentence below the name is the sender speaking again.
    if (index > start + 1 && isSentence(text)) break;
    roles[index] = 'signature';
  }
  return index - 1;
}

function isSentence(text: string): boolean {
  const words = text.split(/\s+/).slice(0, -2);
  return /[.!?]$/.test(text) && words.some((word) => /[a-z]{2}/.test(word));
}

function merge(
  lines: readonly Line[],
  roles: readonly SpanRole[],
  disclaimers: readonly Range[],
): Span[] {
  const spans: Span[] = [];
  const add = (role: SpanRole, start: number, end: number): void => {
    const last = spans.at(-1);
    if (start === end) return;
    if (last?.role === role) last.end = end;
    else spans.push({ role, start, end });
  };
  let next = 0;
  for (const [index, { start, end }] of lines.entries()) {
    const role = roles[index] ?? 'own';
    let at = start;
    // A line of own text may end in a disclaimer, or hold one.
    for (; (disclaimers[next]?.start ?? Infinity) < end; next++) {
      const range = disclaimers[next] ?? { start: end, end };
      const from = Math.max(at, range.start);
      const to = Math.min(end, range.end);
      add(role, at, from);
      add(role === 'own' ? 'disclaimer' : role, from, to);
      at = to;
      if (range.end > end) break;
    }
    add(role, at, end);
  }
  return spans;
}
