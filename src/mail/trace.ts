import type { HeaderField } from './message.ts';

export interface ReceivedClauses {
  /** Our own host name. */
  hostname: string;
  /** What the client called itself; anything may stand in it. */
  helo: string;
  /** IPv4 or IPv6 text. */
  remoteAddress: string;
  tls: { protocol: string; cipher: string } | null;
  authenticated: boolean;
  queueId: string;
  at: Date;
  smtpUtf8: boolean;
}

/**
 * Our trace field (RFC 5321 §4.4) with its CRLF, folded. It names neither the login nor the
 * recipients: the one would tell strangers an account name, the other would disclose a blind copy
 * (§7.2, §7.6).
 */
export function receivedField(clauses: ReceivedClauses): string {
  const helo = clauses.helo.replace(/[^A-Za-z0-9.:[\]_-]/g, '').slice(0, 255) || 'unknown';
  const lines = [
    `Received: from ${helo} (${addressLiteral(clauses.remoteAddress)})`,
    `by ${clauses.hostname} with ${transmissionType(clauses)}`,
  ];
  if (clauses.tls) lines.push(`(${comment(clauses.tls.protocol)} ${comment(clauses.tls.cipher)})`);
  lines.push(`id ${clauses.queueId};`, `${dateTime(clauses.at)}\r\n`);
  return lines.join('\r\n\t');
}

/** How often a message passed any host, and how often ours: `total` counts every Received field. */
export function countReceived(
  fields: readonly Pick<HeaderField, 'name' | 'value'>[],
  hostname: string,
): { total: number; ours: number } {
  const received = fields.filter((field) => field.name === 'received');
  const ours = received.filter((field) => byHost(field.value) === hostname.toLowerCase());
  return { total: received.length, ours: ours.length };
}

/** The host that wrote a Received field, in lower case. Comments cannot pose as its `by` clause. */
function byHost(value: string): string | null {
  const bare = value.slice(0, 2000).replace(/\([^()]*\)/g, ' ');
  return /(?:^|\s)by\s+([^\s;]+)/i.exec(bare)?.[1]?.replace(/\.$/, '').toLowerCase() ?? null;
}

/** RFC 3848, and RFC 6531 §4.3 for internationalised mail. */
function transmissionType({ tls, authenticated, smtpUtf8 }: ReceivedClauses): string {
  return `${smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${tls ? 'S' : ''}${authenticated ? 'A' : ''}`;
}

/** RFC 5321 §4.1.3. */
function addressLiteral(address: string): string {
  const text = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/[^0-9A-Fa-f.:]/g, '');
  return text.includes(':') ? `[IPv6:${text}]` : `[${text}]`;
}

function comment(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '');
}

/** RFC 5322 §3.3 in UTC: `Thu, 01 Apr 2027 09:00:00 +0000`. */
function dateTime(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}
