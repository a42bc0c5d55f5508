import type { Decision } from '../mail/decision.ts';
import type { ParsedMessage, TextPart } from '../mail/message.ts';

/** A stretch of text, with what was found in it; `null` where nothing was. */
export interface Stretch {
  text: string;
  /** Summaries of the findings, and the number of the first, to link from the list above. */
  mark: { id: string; titles: string[] } | null;
}

export interface MarkedPart {
  /** `subject`, `body`, `attachment:2`. */
  name: string;
  title: string;
  stretches: Stretch[];
  /** How many marks stand in it. */
  marks: number;
  isCut: boolean;
}

/** Longest text of one part that a page shows. */
const SHOWN_CHARACTERS = 40_000;

/**
 * The texts of a message as the sender wrote them, with the evidence marked in its place. Marks
 * that overlap become one. Pure, and plain text throughout: the template escapes it.
 */
export function markedParts(message: ParsedMessage, decision: Decision | null): MarkedPart[] {
  return message.texts
    .filter(({ text }) => text.trim() !== '')
    .map((part) => markedPart(part, message, decision));
}

interface Range {
  start: number;
  end: number;
  titles: string[];
}

function markedPart(part: TextPart, message: ParsedMessage, decision: Decision | null): MarkedPart {
  const text = part.text.slice(0, SHOWN_CHARACTERS);
  const stretches: Stretch[] = [];
  let at = 0;
  const ranges = merged(rangesIn(part.name, decision), text.length);
  ranges.forEach(({ start, end, titles }, index) => {
    if (start > at) stretches.push({ text: text.slice(at, start), mark: null });
    const id = `mark-${part.name.replace(/\W+/g, '-')}-${index + 1}`;
    stretches.push({ text: text.slice(start, end), mark: { id, titles } });
    at = end;
  });
  if (at < text.length) stretches.push({ text: text.slice(at), mark: null });
  return {
    name: part.name,
    title: titleOf(part.name, message),
    stretches,
    marks: ranges.length,
    isCut: part.text.length > text.length,
  };
}

function rangesIn(name: string, decision: Decision | null): Range[] {
  return (decision?.findings ?? []).flatMap(({ summary, evidence }) =>
    evidence
      .filter(({ part }) => part === name)
      .map(({ start, end }) => ({ start, end, titles: [summary] })),
  );
}

function merged(ranges: Range[], length: number): Range[] {
  const found: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const { start, titles } = range;
    const end = Math.min(range.end, length);
    if (start >= end) continue;
    const last = found.at(-1);
    if (last && start < last.end) {
      last.end = Math.max(last.end, end);
      last.titles = [...new Set([...last.titles, ...titles])];
    } else found.push({ start, end, titles });
  }
  return found;
}

function titleOf(name: string, { attachments }: ParsedMessage): string {
  if (name === 'subject') return 'Subject';
  if (name === 'body') return 'Message';
  const [, kind, digits] = /^(attachment|file-name):(\d+)$/.exec(name) ?? [];
  const attachment = attachments.find(({ number }) => number === Number(digits));
  if (!attachment) return name;
  return kind === 'file-name'
    ? `Name of attachment ${attachment.number}`
    : `Attachment ${attachment.number}: ${attachment.filename}`;
}
