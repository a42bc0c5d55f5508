import { SPAN_ROLES, stretches } from '../mail/message.ts';
import type { ParsedMessage, SpanRole, TextPart } from '../mail/message.ts';

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
  const made = SPAN_ROLES.flatMap((role) =>
    stretches(part, [role])
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, start }) => ({ part: part.name, text, plain: plainText(text), start, role })),
  );
  known.set(part, made);
  return made;
}

const HOMOGLYPHS = new Map(
  Array.from('аеорсухіјѕԁАЕОРСТХВНКМ', (letter, index) => [
    letter,
    'aeopcyxijsdAEOPCTXBHKM'[index] ?? letter,
  ]),
);

/**
 * The text as it sounds to a reader, of the same length so that offsets stay true: typographic
 * quotes made straight, a lone line break a space and a blank line a full stop, look-alike
 * Cyrillic letters Latin, and words spelt out by letters (`l-a-b-o-u-r`, `v o t e`) drawn together
 * and padded.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/[‘’`´]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/[‐‑–—]/g, '-')
    .replaceAll('\r\n', ' \n')
    .replaceAll(/\n[^\S\n]{0,20}\n/g, (gap) => '.'.padEnd(gap.length))
    .replaceAll(/[\n\t\u00a0]/g, ' ')
    .replaceAll(/[Ѐ-ԯ]/g, (letter) => HOMOGLYPHS.get(letter) ?? letter)
    .replaceAll(
      /(?<![\p{L}\p{N}'])\p{L}(?:([ ._*·-])\p{L})(?:\1\p{L}){1,30}(?![\p{L}\p{N}])/gu,
      (spelt) => spelt.replaceAll(/[^\p{L}]/gu, '').padEnd(spelt.length),
    );
}
