import { addressKey, type Mailbox } from './address.ts';
import type { ParsedMessage, TextPart } from './message.ts';

/** A draft that was sent to the council's preflight address, as it would be sent. */
export interface Draft {
  message: ParsedMessage;
  /** For whom it is meant, as written; none where the body names nobody, then it is unnamed. */
  recipients: string[];
}

/** Stands for whoever a draft is meant for where it does not say: somebody outside. */
export const UNNAMED_RECIPIENT = 'anybody@outside.invalid';

/** So many lines of recipients are read, and so many addresses taken of them. */
const MOST_LINES = 20;
const MOST_RECIPIENTS = 50;

const TO_LINE = /^[ \t]*to[ \t]*:[ \t]*(.*)$/i;
// One plain address, bare or in angle brackets; RFC 5321 §4.5.3.1 bounds both halves.
const ADDRESS = /[^\s<>,;:"()@]{1,64}@[a-z0-9\u00a1-\uffff](?:[a-z0-9.\u00a1-\uffff-]{0,252})/giu;

/**
 * Reads for whom a draft is meant: lines `To: a@b.example` at the very top of its body, which are
 * taken out, so that what is inspected is what would be sent. Pure and total.
 */
export function readDraft(message: ParsedMessage): Draft {
  const body = message.texts.find(({ name }) => name === 'body');
  const { recipients, length } = toLines(body?.text ?? '');
  const to = recipients.length > 0 ? recipients : [UNNAMED_RECIPIENT];
  const mailboxes = to.map((address): Mailbox => ({ name: '', address }));
  const headers = message.headers
    .filter(({ name }) => name !== 'cc')
    .map((field) => (field.name === 'to' ? { ...field, value: to.join(', ') } : field));
  return {
    recipients,
    message: {
      ...message,
      headers,
      to: mailboxes,
      cc: [],
      texts: message.texts.map((part) => (part === body ? without(part, length) : part)),
    },
  };
}

function toLines(text: string): { recipients: string[]; length: number } {
  const found = new Map<string, string>();
  let length = 0;
  for (let line = 0; line < MOST_LINES && length < text.length; line += 1) {
    const end = text.indexOf('\n', length);
    const next = end < 0 ? text.length : end + 1;
    const row = text.slice(length, end < 0 ? text.length : end).replace(/\r$/, '');
    const named = TO_LINE.exec(row)?.[1];
    const addresses = named?.slice(0, 5000).match(ADDRESS) ?? [];
    const isBlank = row.trim() === '';
    if (!isBlank && addresses.length === 0) break;
    // Empty lines before the first are the mail program's, between and after them the sender's.
    for (const address of addresses) {
      const key = addressKey(address);
      if (found.size < MOST_RECIPIENTS && !found.has(key)) found.set(key, address);
    }
    length = next;
  }
  return found.size > 0
    ? { recipients: [...found.values()], length }
    : { recipients: [], length: 0 };
}

/** The part from an offset on, with its spans moved. */
function without(part: TextPart, length: number): TextPart {
  const spans = part.spans
    .filter(({ end }) => end > length)
    .map((span) => ({ ...span, start: Math.max(0, span.start - length), end: span.end - length }));
  return { ...part, text: part.text.slice(length), spans };
}
