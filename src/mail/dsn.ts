import {
  encodeWords,
  headerField,
  isMessageId,
  messageDate,
  multipart,
  noticeHeader,
  oneLine,
  quotedPrintable,
  textEntity,
  type NoticeHeader,
} from './compose.ts';
import type { Notify } from './envelope.ts';

/** RFC 3464 §2.3.3, without `expanded`: we run no lists. */
export const DSN_ACTIONS = ['delayed', 'failed', 'delivered', 'relayed'] as const;
export type DsnAction = (typeof DSN_ACTIONS)[number];

/** What is reported of one recipient. */
export interface DsnRecipient {
  /** The address we tried. */
  address: string;
  /** As received, e.g. `rfc822;user@example.org` in xtext; `null` where the client gave none. */
  orcpt: string | null;
  notify: readonly Notify[];
  action: DsnAction;
  /** RFC 3463 code, e.g. `4.7.10`. */
  status: string;
  /** Host that answered; `null` where we reached none. */
  remoteMta: string | null;
  /** The host's own reply; `null` where we reached none. */
  diagnostic: string | null;
  lastAttempt: Date | null;
  /** Written for delayed mail only (RFC 3464 §2.3.9). */
  willRetryUntil: Date | null;
}

/** What is reported of the message as a whole. */
export interface DsnInput {
  /** Our host name. */
  reportingMta: string;
  /** When we took the message over. */
  arrivedAt: Date;
  /** ENVID as received (xtext); `null` where the client gave none. */
  envid: string | null;
  recipients: readonly DsnRecipient[];
}

/** What the report may show of the message: never its body, whatever RET asked for. */
export interface OriginalMessage {
  /** With angle brackets; `''` where it had none. */
  messageId: string;
  /** Its Date field as written; `null` where it had none. */
  date: string | null;
  /** `null` where the subject must not be repeated. */
  subject: string | null;
}

const NEEDED_NOTIFY: Record<DsnAction, Notify> = {
  delayed: 'delay',
  failed: 'failure',
  delivered: 'success',
  relayed: 'success',
};

/**
 * May a report on this event be sent as a DSN (RFC 3461 §4.1, §5.2.5, §5.2.6)? With no NOTIFY,
 * failures and delays are reported and successes are not.
 */
export function dsnAllowed(notify: readonly Notify[], action: DsnAction): boolean {
  const needed = NEEDED_NOTIFY[action];
  return notify.length === 0 ? needed !== 'success' : notify.includes(needed);
}

/**
 * Composes a delivery status notification (RFC 3464, RFC 6522, and RFC 6533 for addresses that are
 * not ASCII) as CRLF text: the words, the machine-readable report, the header of the message
 * reported on. The envelope must have the null sender (RFC 3461 §6.1). Every recipient given is
 * reported on: filter with `dsnAllowed` first.
 * @throws {RangeError} for no recipient, or a status code that its action cannot have.
 */
export function composeDsn(input: {
  header: Omit<NoticeHeader, 'autoSubmitted' | 'inReplyTo'>;
  text: string;
  report: DsnInput;
  original: OriginalMessage;
}): string {
  const { header, text, report, original } = input;
  if (report.recipients.length === 0) throw new RangeError('A DSN needs a recipient to report on');
  const parts = [
    textEntity('text/plain', text),
    statusPart(report),
    // RFC 3461 §6.2 lets us return headers only, and these few name the message without retelling
    // it.
    `Content-Type: text/rfc822-headers\r\n\r\n${originalHeader(original)}`,
  ];
  const fields = noticeHeader({
    ...header,
    inReplyTo: original.messageId,
    autoSubmitted: 'auto-replied',
  });
  const type = 'multipart/report; report-type=delivery-status';
  return fields + multipart(type, parts, header.messageId);
}

function statusPart(report: DsnInput): string {
  const global = report.recipients.some(
    ({ address, orcpt }) => !isAscii(address) || !isAscii(originalRecipient(orcpt) ?? ''),
  );
  const blocks = [
    messageFields(report),
    ...report.recipients.map((recipient) => recipientFields(recipient, global)),
  ];
  const text = blocks.join('\r\n');
  if (!global) return `Content-Type: message/delivery-status\r\n\r\n${text}`;
  // RFC 6533 §4 permits the encoding where 8-bit transport is not certain.
  const fields =
    'Content-Type: message/global-delivery-status\r\n' +
    'Content-Transfer-Encoding: quoted-printable';
  return `${fields}\r\n\r\n${quotedPrintable(text)}`;
}

function messageFields({ reportingMta, arrivedAt, envid }: DsnInput): string {
  const fields = [headerField('Reporting-MTA', `dns; ${ascii(reportingMta)}`)];
  if (envid !== null) {
    fields.unshift(headerField('Original-Envelope-Id', ascii(decodeXtext(envid))));
  }
  fields.push(headerField('Arrival-Date', messageDate(arrivedAt)));
  return fields.join('');
}

function recipientFields(recipient: DsnRecipient, global: boolean): string {
  const { address, action, status, remoteMta, diagnostic, lastAttempt, willRetryUntil } = recipient;
  const digit = status[0];
  const possible = { delayed: '4', failed: '45', delivered: '2', relayed: '2' }[action];
  if (!/^\d\.\d{1,3}\.\d{1,3}$/.test(status) || !possible.includes(digit ?? '-')) {
    throw new RangeError(`Status "${oneLine(status, 20)}" does not fit the action "${action}"`);
  }
  const safe = global ? oneLine : ascii;
  const original = originalRecipient(recipient.orcpt);
  const fields: [string, string][] = [];
  if (original !== null) fields.push(['Original-Recipient', original]);
  fields.push(
    ['Final-Recipient', `${isAscii(address) ? 'rfc822' : 'utf-8'}; ${oneLine(address)}`],
    ['Action', action],
    ['Status', status],
  );
  if (remoteMta !== null) fields.push(['Remote-MTA', `dns; ${ascii(remoteMta)}`]);
  if (diagnostic !== null) fields.push(['Diagnostic-Code', `smtp; ${safe(diagnostic)}`]);
  if (lastAttempt !== null) fields.push(['Last-Attempt-Date', messageDate(lastAttempt)]);
  if (willRetryUntil !== null && action === 'delayed') {
    fields.push(['Will-Retry-Until', messageDate(willRetryUntil)]);
  }
  return fields.map(([name, value]) => headerField(name, value)).join('');
}

/** ORCPT as an Original-Recipient value, `null` where there is none or it has no address type. */
function originalRecipient(orcpt: string | null): string | null {
  const match = /^([a-z0-9-]{1,40});(.+)$/is.exec(orcpt ?? '');
  if (!match?.[1] || !match[2]) return null;
  const type = match[1].toLowerCase();
  const decoded = decodeXtext(match[2]);
  return `${type}; ${type === 'utf-8' ? oneLine(decodeUtf8Address(decoded)) : ascii(decoded)}`;
}

/**
 * Decodes xtext (RFC 3461 §4): `+2B` is a plus sign. What is not a code stays as it is.
 * The result may hold any character, line breaks included.
 */
export function decodeXtext(xtext: string): string {
  return xtext.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Decodes `\x{E9}` of RFC 6533 §3. */
function decodeUtf8Address(address: string): string {
  return address.replace(/\\x\{([0-9A-F]{2,6})\}/g, (code, hex: string) => {
    const point = Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : code;
  });
}

function originalHeader({ messageId, date, subject }: OriginalMessage): string {
  const fields: [string, string][] = [];
  if (date !== null) fields.push(['Date', ascii(oneLine(date, 100))]);
  if (isMessageId(messageId)) fields.push(['Message-ID', messageId]);
  if (subject !== null) fields.push(['Subject', encodeWords(subject)]);
  return fields.map(([name, value]) => headerField(name, value)).join('');
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** For a report that is not international: other characters become question marks. */
function ascii(text: string): string {
  return oneLine(text).replace(/[^\x20-\x7e]/gu, '?');
}
