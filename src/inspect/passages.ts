import { SPAN_ROLES, stretches } from '../mail/message.ts';
import type { ParsedMessage, SpanRole, TextPart } from '../mail/message.ts';
import { boundedSpans } from '../mail/quoted-text.ts';
import type { Inspection } from './inspect.ts';
import { quotationOf } from './quotation.ts';

/** A stretch of a message as the detectors read it. */
export interface Passage {
  part: string;
  /** As written. */
  text: string;
  /** The same length: straight quotes, no line breaks, spelt-out words drawn together. */
  plain: string;
  /** Offset of the passage in its part. */
  start: number;
  role: SpanRole;
}

/**
 * What the sender wrote: subject, own text of the body, attachments; no footer, and a quotation
 * only where it is none.
 */
export function ownPassages(message: ParsedMessage): Passage[] {
  const quoted: SpanRole[] = quotationOf(message) === 'own' ? ['quoted'] : [];
  return passages(message, ['own', ...quoted, 'signature', 'hidden']);
}

/** Everything that a reader is shown, quoted text and footers included. */
export function allPassages(message: ParsedMessage): Passage[] {
  return passages(message, ['own', 'quoted', 'signature', 'disclaimer', 'hidden']);
}

/** Quoted text of a message that was sent on by hand: whoever forwards it, spreads it. */
export function forwardedPassages(message: ParsedMessage): Passage[] {
  return quotationOf(message) === 'forwarded' ? passages(message, ['quoted']) : [];
}

/**
 * What the sender says or spreads: the own words, and the quoted ones of a forward to the outside.
 * A resident's opinion that is passed to officers does not become the member's.
 */
export function readPassages({ message, facts }: Inspection): Passage[] {
  const outside = facts.recipients.some((recipient) => !recipient.internal);
  return [...ownPassages(message), ...(outside ? forwardedPassages(message) : [])];
}

/** The same with its footers, for words that say what a message is wherever they stand. */
export function readWithFooters(input: Inspection): Passage[] {
  return [...readPassages(input), ...passages(input.message, ['disclaimer'])];
}

const WINDOW_CHARACTERS = 24_000;
/** About 380 pages, a second and a half. */
const MOST_WINDOWS = 40;
const FIRST_WINDOWS = 8;
const LAST_WINDOWS = 2;

/**
 * The passages in windows of at most 24,000 characters each, as they come: what fits one is read as
 * the one thing that it is. Of more than 40 windows, which `isTooLong` tells of, the first eight
 * and the last two of each part are read, up to 40: time stays bounded. A passage that fits is
 * itself, so that its marks are made once.
 */
export function windowsOf(passages: readonly Passage[]): Passage[][] {
  const windows: Passage[][] = [[]];
  let left = WINDOW_CHARACTERS;
  for (const passage of passages) {
    let from = 0;
    while (from < passage.plain.length) {
      if (left === 0) {
        windows.push([]);
        left = WINDOW_CHARACTERS;
      }
      const length = Math.min(left, passage.plain.length - from);
      const whole = length === passage.plain.length;
      windows.at(-1)?.push(whole ? passage : stretchOf(passage, from, from + length));
      from += length;
      left -= length;
    }
  }
  return windows.length <= MOST_WINDOWS ? windows : endsOfParts(windows);
}

function endsOfParts(windows: readonly Passage[][]): Passage[][] {
  const ofPart = new Map<string, Set<Passage[]>>();
  for (const window of windows) {
    for (const { part } of window) ofPart.set(part, (ofPart.get(part) ?? new Set()).add(window));
  }
  const read = new Set<Passage[]>();
  for (const inPart of ofPart.values()) {
    const all = [...inPart];
    for (const window of all.slice(0, FIRST_WINDOWS)) read.add(window);
    for (const window of all.slice(-LAST_WINDOWS)) read.add(window);
  }
  return [...read].slice(0, MOST_WINDOWS);
}

/** Whether the message has more text than its wording is read in. */
export function isTooLong(message: ParsedMessage): boolean {
  const characters = allPassages(message).reduce((sum, { plain }) => sum + plain.length, 0);
  return characters > MOST_WINDOWS * WINDOW_CHARACTERS;
}

function stretchOf(passage: Passage, from: number, to: number): Passage {
  return {
    ...passage,
    text: passage.text.slice(from, to),
    plain: passage.plain.slice(from, to),
    start: passage.start + from,
  };
}

function passages(message: ParsedMessage, roles: readonly SpanRole[]): Passage[] {
  return message.texts.flatMap((part) =>
    roles.flatMap((role) => passagesOf(part).filter((each) => each.role === role)),
  );
}

// Every detector reads the same parts; a parsed message never changes.
const known = new WeakMap<TextPart, readonly Passage[]>();

function passagesOf(part: TextPart): readonly Passage[] {
  const found = known.get(part);
  if (found) return found;
  // A part may be joined of many texts.
  const bounded = { ...part, spans: boundedSpans(part.spans) };
  const made = SPAN_ROLES.flatMap((role) =>
    stretches(bounded, [role])
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, start }) => ({ part: part.name, text, plain: plainText(text), start, role })),
  );
  known.set(part, made);
  return made;
}

/** What each sign sounds like, where that is another single one. */
const SOUNDS = new Map(
  ["‘’`´'", '“”"', '‐‑–—-'].flatMap((alike) =>
    Array.from(alike, (sign) => [sign, alike.charAt(alike.length - 1)]),
  ),
);
for (const [index, letter] of Array.from('аеорсухіјѕԁАЕОРСТХВНКМ').entries()) {
  SOUNDS.set(letter, 'aeopcyxijsdAEOPCTXBHKM'.charAt(index));
}
const UNITS = Uint16Array.from({ length: 1 << 16 }, (_, unit) => {
  const sign = String.fromCharCode(unit);
  return (/\s/.test(sign) ? ' ' : (SOUNDS.get(sign) ?? sign)).charCodeAt(0);
});
const [NEW_LINE, SPACE, FULL_STOP] = [0x0a, 0x20, 0x2e];
const WIDEST_GAP = 21;
const LAST_LATIN = 0xff;

/**
 * The text as it sounds to a reader, of the same length so that offsets stay true: typographic
 * quotes made straight, a lone line break a space and a blank line a full stop, look-alike
 * Cyrillic letters Latin, and words spelt out by letters (`l-a-b-o-u-r`, `v o t e`) drawn together
 * and padded.
 */
export function plainText(text: string): string {
  return asSounds(text).replaceAll(
    /(?<![\p{L}\p{N}'])\p{L}(?:([ ._*·-])\p{L})(?:\1\p{L}){1,30}(?![\p{L}\p{N}])/gu,
    (spelt) => spelt.replaceAll(/[^\p{L}]/gu, '').padEnd(spelt.length),
  );
}

/** In one pass over the signs: texts are long, and a pattern for each would read them again. */
function asSounds(text: string): string {
  const units = new Uint16Array(text.length);
  let highest = 0;
  let lineEnd = -1;
  for (let at = 0; at < text.length; at += 1) {
    const written = text.charCodeAt(at);
    const unit = UNITS[written] ?? SPACE;
    units[at] = unit;
    if (unit > highest) highest = unit;
    if (unit !== SPACE) {
      lineEnd = -1;
    } else if (written === NEW_LINE) {
      const isBlankLine = lineEnd >= 0 && at - lineEnd <= WIDEST_GAP;
      if (isBlankLine) units[lineEnd] = FULL_STOP;
      lineEnd = isBlankLine ? -1 : at;
    }
  }
  if (highest <= LAST_LATIN) return Buffer.from(units).toString('latin1');
  return Buffer.from(units.buffer).toString('utf16le');
}
