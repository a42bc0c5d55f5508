import { domainOf } from '../mail/address.ts';
import { type ParsedMessage, textPart } from '../mail/message.ts';
import { alternatives } from './word-list.ts';

/** The header block that mail programs write above a forwarded or quoted message. */
export interface ForwardedBlock {
  /** Text part and offset where the block begins, its separator included. */
  part: string;
  start: number;
  end: number;
  /** Values of its From and To lines, `''` where missing. */
  from: string;
  to: string;
  /**
   * A separator that only forwarding writes. `-----Original Message-----` stands in replies too.
   */
  forwardOnly: boolean;
}

/** What gateways write before a Subject: `[EXTERNAL]`. */
const TAGS = '^\\s*(?:\\[[^\\]]{1,40}\\]\\s*){0,3}';
/**
 * Subject prefixes of forwards: English, German, French, Spanish, Italian, Nordic, Dutch, Welsh.
 */
const FORWARD_PREFIX = new RegExp(
  `${TAGS}(?:fwd?|fw|wg|tr|rv|i|vs|vb|enc|doorst|ymlaen)\\s*:`,
  'i',
);
/** Subject prefixes of replies, in the same languages. */
const REPLY_PREFIX = new RegExp(
  `${TAGS}(?:re|aw|sv|antw|antwort|atb|ateb)\\s*(?:\\[\\d{1,3}\\]\\s*)?:`,
  'i',
);

const FORWARD_SEPARATOR = new RegExp(
  `^[>\\s]*(?:${[
    '-{2,}\\s*forwarded(?:\\s*-{2,}| (?:message|by)\\b.*)|begin forwarded message:?',
    '-{2,}\\s*(?:weitergeleitete nachricht|message transf[ée]r[ée]).*',
  ].join('|')})$`,
  'i',
);
const REPLY_SEPARATOR = /^[>\s]*(?:-{3,}\s*original (?:message|appointment)\s*-{3,}|_{10,})\s*$/i;
const FIELD = new RegExp(
  `^[>\\s]*\\*?(${alternatives(`
    from to sent date subject cc reply-to von an gesendet betreff de para à objet envoyé
    asunto`)})\\s?:\\*?\\s*(.*)$`,
  'i',
);
/** `On 2 Dec 2026, at 20:14, Chief Executive <ceo@...> wrote:`, folded over a line or not. */
const ATTRIBUTION = new RegExp(
  String.raw`^[>\t ]*On\s[^\n<>]{4,160}?(?:\n[>\t ]*)?([^\n<>,]{0,80}<[^<>\s]{1,320}>)` +
    String.raw`\s{1,3}wrote:[^\S\n]*$`,
  'm',
);
const ATTRIBUTED_WITHIN = 20_000;
const MAX_LINES = 5000;

/** True where the Subject says that this is a forward, and not a reply to one. */
export function hasForwardSubject(message: ParsedMessage): boolean {
  return FORWARD_PREFIX.test(message.subject);
}

/** True where the Subject says that this is a reply. */
export function hasReplySubject(message: ParsedMessage): boolean {
  return REPLY_PREFIX.test(message.subject);
}

/** True where a message is attached whole. */
export function attachesMessage(message: ParsedMessage): boolean {
  return (
    message.structure.includes('message/rfc822') ||
    message.attachments.some((file) => /\.(?:eml|msg)$/i.test(file.filename))
  );
}

/**
 * The topmost block of the body, or of another text part. Bounded: it reads the first 5000 lines.
 */
export function forwardedBlock(message: ParsedMessage, partName = 'body'): ForwardedBlock | null {
  const text = textPart(message, partName)?.text ?? '';
  const lines = text.split('\n', MAX_LINES);
  let offset = 0;
  let separator: { start: number; forwardOnly: boolean; line: number } | null = null;
  for (const [index, line] of lines.entries()) {
    const start = offset;
    offset += line.length + 1;
    if (FORWARD_SEPARATOR.test(line)) separator = { start, forwardOnly: true, line: index };
    else if (REPLY_SEPARATOR.test(line)) separator = { start, forwardOnly: false, line: index };
    if (!FIELD.test(line)) continue;
    const fields = fieldsFrom(lines, index);
    if (
      fields.size < 3 &&
      !(separator !== null && fields.size > 0 && index - separator.line <= 3)
    ) {
      continue;
    }
    const near = separator !== null && index - separator.line <= 3 ? separator : null;
    return {
      part: partName,
      start: near?.start ?? start,
      end: Math.min(text.length, offset),
      from: fields.get('from') ?? '',
      to: fields.get('to') ?? '',
      forwardOnly: near?.forwardOnly ?? false,
    };
  }
  return null;
}

/** The line that names the author of what is quoted below it, as the block that stands for it. */
export function attributedBlock(message: ParsedMessage): ForwardedBlock | null {
  const text = (textPart(message, 'body')?.text ?? '').slice(0, ATTRIBUTED_WITHIN);
  const match = ATTRIBUTION.exec(text);
  if (match === null) return null;
  const end = match.index + match[0].length;
  const from = (match[1] ?? '').trim();
  return { part: 'body', start: match.index, end, from, to: '', forwardOnly: false };
}

function fieldsFrom(lines: string[], index: number): Map<string, string> {
  const names: Record<string, string> = { von: 'from', de: 'from', an: 'to', para: 'to', à: 'to' };
  const fields = new Map<string, string>();
  for (const line of lines.slice(index, index + 14)) {
    const match = FIELD.exec(line);
    if (match === null) {
      // Apple Mail leaves blank lines between some fields, and long recipient lists wrap.
      if (line.trim() === '' && fields.size >= 3) break;
      continue;
    }
    const name = (match[1] ?? '').toLowerCase();
    fields.set(names[name] ?? name, match[2] ?? '');
  }
  return fields;
}

/** Every address that stands in a stretch of text, lower case. */
export function addressesIn(text: string): string[] {
  return (text.slice(0, 20_000).match(/[^\s<>"'(),;:[\]=*]{1,64}@[a-z0-9.-]{1,253}/gi) ?? [])
    .map((address) => withoutEndDots(address.toLowerCase()))
    .filter((address) => domainOf(address) !== '');
}

function withoutEndDots(address: string): string {
  let end = address.length;
  while (address[end - 1] === '.') end--;
  return address.slice(0, end);
}
