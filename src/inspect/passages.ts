import { SPAN_ROLES, stretches } from '../mail/message.ts';
import type { ParsedMessage, SpanRole, TextPart } from '../mail/message.ts';
import { boundedSpans } from '../mail/quoted-text.ts';
import type { Inspection } from './inspect.ts';

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

const MANUAL_FORWARD = /^\s*(?:fwd?|fw|wg|tr|ymlaen)\s*:/i;
const FORWARDED_BLOCK = /forwarded message|begin forwarded|^[^\S\n]*_{10,}[^\S\n]*$/im;

/** What the sender wrote: subject, own text of the body, attachments; no quotation, no footer. */
export function ownPassages(message: ParsedMessage): Passage[] {
  return passages(message, ['own', 'signature', 'hidden']);
}

/** Everything that a reader is shown, quoted text included. */
export function allPassages(message: ParsedMessage): Passage[] {
  return passages(message, ['own', 'quoted', 'signature', 'hidden']);
}

/** Quoted text of a message that was sent on by hand: whoever forwards it, spreads it. */
export function forwardedPassages(message: ParsedMessage): Passage[] {
  const quoted = passages(message, ['quoted']);
  const forwarded =
    MANUAL_FORWARD.test(message.subject) ||
    quoted.some((passage) => FORWARDED_BLOCK.test(passage.text.slice(0, 200)));
  return forwarded && !/^\s*re\s*:/i.test(message.subject) ? quoted : [];
}

/**
 * What the sender says or spreads: the own words, and the quoted ones of a forward to the outside.
 * A resident's opinion that is passed to officers does not become the member's.
 */
export function readPassages({ message, facts }: Inspection): Passage[] {
  const outside = facts.recipients.some((recipient) => !recipient.internal);
  return [...ownPassages(message), ...(outside ? forwardedPassages(message) : [])];
}

const WINDOW_CHARACTERS = 24_000;
const FIRST_WINDOWS = 8;
const LAST_WINDOWS = 2;

/**
 * The passages in windows of at most 24,000 characters each, in reading order: what fits one is
 * read as the one thing that it is. Of a text of more than ten windows, about a hundred pages, the
 * first eight and the last two are read: its kind is told by then, and time stays bounded. A
 * passage that fits is itself, so that its marks are made once.
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
  if (windows.length <= FIRST_WINDOWS + LAST_WINDOWS) return windows;
  return [...windows.slice(0, FIRST_WINDOWS), ...windows.slice(-LAST_WINDOWS)];
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
