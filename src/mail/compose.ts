import { createHash } from 'node:crypto';
import { domainOf, localPartOf, type Mailbox } from './address.ts';

/** The header of an automatic message of ours, from which every notice starts. */
export interface NoticeHeader {
  from: Mailbox;
  to: Mailbox;
  /** Where answers go; to `from` where left out. */
  replyTo?: Mailbox;
  subject: string;
  at: Date;
  /** With angle brackets. The same for every writing of the same notice. */
  messageId: string;
  /** Message-ID of the message that the notice is about; left out where it is not a valid one. */
  inReplyTo: string;
  /** RFC 3834 §5: `auto-replied` for a report on one message, `auto-generated` otherwise. */
  autoSubmitted: 'auto-replied' | 'auto-generated';
  /** Value of `X-Portreeve-Notice`, by which we know our own notice again; `null` for none. */
  token: string | null;
  /** Of its words (RFC 3282); left out, nothing is said of it. */
  language?: string;
}

const LINE = 76;
// RFC 5322 §2.1.1 allows 998; a longer word is broken well before.
const LONGEST_WORD = 900;
const ENCODED_WORD_BYTES = 45;
const BREAKS =
  /[\p{Cc}\p{Zl}\p{Zp}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2069}\u{FEFF}]+/gu;

/**
 * A value from outside as one harmless line: control characters, line breaks and characters that
 * reorder or hide text become a space, lone surrogates U+FFFD; cut to `limit` characters.
 */
export function oneLine(value: string, limit = 2000): string {
  const line = value
    .slice(0, limit * 2)
    .replace(BREAKS, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return (line.length <= limit ? line : `${line.slice(0, limit - 3)}...`).toWellFormed();
}

/** One header field with its CRLF, folded at spaces; nothing in `value` can end it early. */
export function headerField(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of oneLine(value, 16_000).split(' ').flatMap(breakWord)) {
    if (line.length + 1 + word.length > LINE && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line].map((text) => `${text}\r\n`).join('');
}

function breakWord(word: string): string[] {
  return word.match(new RegExp(`.{1,${LONGEST_WORD}}`, 'gsu')) ?? [];
}

/** Text for an unstructured field or a display name: as it is, or as RFC 2047 encoded words. */
export function encodeWords(value: string): string {
  const text = oneLine(value);
  // "=?" would be taken for an encoded word of the writer's choosing.
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text;
  const chunks: string[] = [''];
  for (const character of text) {
    const last = chunks.at(-1) ?? '';
    if (Buffer.byteLength(last + character) > ENCODED_WORD_BYTES) chunks.push(character);
    else chunks[chunks.length - 1] = last + character;
  }
  return chunks.map((chunk) => `=?utf-8?B?${Buffer.from(chunk).toString('base64')}?=`).join(' ');
}

/**
 * A mailbox for a From or To field, in ASCII: an internationalised domain as A-labels.
 * @throws {RangeError} where the address could end the field or smuggle in a second address, and
 *   for an internationalised local part, which no council mailbox has.
 */
export function mailboxText({ name, address: written }: Mailbox): string {
  const address = `${localPartOf(written)}@${domainOf(written)}`;
  if (!/^[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+$/.test(address)) {
    throw new RangeError(`Notice address "${oneLine(written, 80)}" is not a plain mailbox`);
  }
  const words = encodeWords(name);
  if (words === '') return `<${address}>`;
  const phrase = words.startsWith('=?') ? words : `"${words.replace(/["\\]/g, '\\$&')}"`;
  return `${phrase} <${address}>`;
}

/** `Sun, 22 Nov 2026 14:41:00 +0000` (RFC 5322 §3.3), in UTC. */
export function messageDate(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}

/** True for a Message-ID that may be repeated in a header of ours. */
export function isMessageId(value: string): boolean {
  return value.length <= 500 && /^<[!-;=?-~]+@[!-;=?-~]+>$/.test(value);
}

/**
 * The fields every automatic message of ours bears, up to and without Content-Type.
 * @throws {RangeError} where an address or our own Message-ID is not one.
 */
export function noticeHeader(header: NoticeHeader): string {
  if (!isMessageId(header.messageId)) {
    throw new RangeError(`Message-ID "${oneLine(header.messageId, 80)}" is not valid`);
  }
  const fields: [string, string][] = [
    ['From', mailboxText(header.from)],
    ['To', mailboxText(header.to)],
    ...(header.replyTo
      ? [['Reply-To', mailboxText(header.replyTo)] satisfies [string, string]]
      : []),
    ['Subject', encodeWords(header.subject)],
    ['Date', messageDate(header.at)],
    ['Message-ID', header.messageId],
  ];
  if (isMessageId(header.inReplyTo)) {
    fields.push(['In-Reply-To', header.inReplyTo], ['References', header.inReplyTo]);
  }
  fields.push(
    ['Auto-Submitted', header.autoSubmitted],
    // Exchange answers neither with an out-of-office nor with a receipt.
    ['X-Auto-Response-Suppress', 'All'],
  );
  if (header.token !== null) fields.push(['X-Portreeve-Notice', header.token]);
  if (header.language) fields.push(['Content-Language', header.language]);
  fields.push(['MIME-Version', '1.0']);
  return fields.map(([name, value]) => headerField(name, value)).join('');
}

/**
 * A multipart entity: its Content-Type field, an empty line and its parts. `type` may bear
 * parameters; the boundary is made from `seed`, so the same notice is the same bytes each time.
 */
export function multipart(type: string, parts: readonly string[], seed: string): string {
  // Quoted-printable never yields "=_", and no field of a report starts with a hyphen.
  const boundary = `=_${createHash('sha256').update(seed).digest('hex').slice(0, 32)}`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: ${type};\r\n boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

/** One text part in quoted-printable, which every server carries. `text` has LF line ends. */
export function textEntity(type: string, text: string): string {
  const fields = [
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
  ].join('\r\n');
  return `${fields}\r\n\r\n${quotedPrintable(text)}`;
}

/** RFC 2045 §6.7, with CRLF line ends and lines of at most 76 characters. */
export function quotedPrintable(text: string): string {
  return text.split(/\r?\n/).map(quotedPrintableLine).join('\r\n');
}

function quotedPrintableLine(line: string): string {
  let out = '';
  let width = 0;
  const bytes = Buffer.from(line);
  bytes.forEach((byte, index) => {
    const last = index === bytes.length - 1;
    const plain = (byte > 0x20 && byte < 0x7f && byte !== 0x3d) || (byte === 0x20 && !last);
    const piece = plain
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (width + piece.length > LINE - 1) {
      out += '=\r\n';
      width = 0;
    }
    // RFC 5321 §4.5.2: a line of one dot is a matter of transparency that some relays get wrong.
    out += piece === '.' && width === 0 ? '=2E' : piece;
    width += piece === '.' && width === 0 ? 3 : piece.length;
  });
  return out;
}
