import type { Mailbox } from './address.ts';

/** A header field as a reader sees it: name in lower case, value unfolded and RFC 2047 decoded. */
export interface HeaderField {
  name: string;
  value: string;
}

/** Who wrote a stretch of text. What the sender wrote counts; what is quoted counts less. */
export const SPAN_ROLES = ['own', 'quoted', 'signature', 'disclaimer', 'hidden'] as const;
export type SpanRole = (typeof SPAN_ROLES)[number];

export interface Span {
  role: SpanRole;
  start: number;
  end: number;
}

/**
 * One text that a reader would see. `name` is `subject`, `body`, `attachment:N` (N counts from 1 in
 * the order of the message) or `file-name:N`, the name of that attachment with spaces for
 * underlines; evidence points into `text` by offset. Spans cover `text` in order, gapless. `text`
 * is NFKC-normalised, without zero-width characters and soft hyphens.
 */
export interface TextPart {
  name: string;
  text: string;
  spans: Span[];
}

/** A leaf of the MIME tree other than the body, or a file that stands in the text of one. */
export interface Attachment {
  /** N of `attachment:N`. */
  number: number;
  filename: string;
  /** As declared, lower case. */
  contentType: string;
  /** As the first bytes say (`application/pdf`, `application/zip`, ...), or the declared one. */
  detectedType: string;
  inline: boolean;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  /** Why its text could not be read, `null` where it was or where there is none to read. */
  uninspectable: string | null;
  /** Where taking its text out failed on our side: how. The message waits. */
  failed: string | null;
}

/** A message, parsed once; every detector reads this and nothing else. */
export interface ParsedMessage {
  /** Top-level header fields in order. */
  headers: HeaderField[];
  /** Decoded Subject; where several fields stand, they are joined by a line break. */
  subject: string;
  from: Mailbox[];
  sender: Mailbox | null;
  to: Mailbox[];
  cc: Mailbox[];
  replyTo: Mailbox[];
  /** With its angle brackets, `''` where missing. */
  messageId: string;
  /** Lower-case type of the top-level entity with its parameters. */
  contentType: { type: string; parameters: Record<string, string> };
  /** Subject first, then body, then attachments, then their names. */
  texts: TextPart[];
  attachments: Attachment[];
  /** Content types of every MIME node in document order, e.g. `multipart/mixed`. */
  structure: string[];
  /** Limits that were reached; what lies beyond them was not read. Each becomes `uninspectable`. */
  limitsReached: string[];
}

/** All decoded values of a header, in order. `name` in lower case. */
export function headerValues(message: ParsedMessage, name: string): string[] {
  return message.headers.filter((field) => field.name === name).map((field) => field.value);
}

export function textPart(message: ParsedMessage, name: string): TextPart | null {
  return message.texts.find((part) => part.name === name) ?? null;
}

/** The stretches of a text part that bear one of the roles, with their offsets. */
export function stretches(
  part: TextPart,
  roles: readonly SpanRole[],
): { text: string; start: number }[] {
  return part.spans
    .filter((span) => roles.includes(span.role))
    .map((span) => ({ text: part.text.slice(span.start, span.end), start: span.start }));
}
