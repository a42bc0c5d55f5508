import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import { clip, type Evidence } from '../mail/finding.ts';
import { headerValues } from '../mail/message.ts';
import { addressesIn } from './forwarded-block.ts';
import type { SendingView } from './sending.ts';

/** One trace found: where, and which of our mailboxes it names. */
export interface Hit {
  mailbox: string | null;
  /** The trace itself names no mailbox: it is the one that most likely forwards. */
  inferred?: true;
  evidence: Evidence;
  /** Replaces the weight of the table. */
  weight?: number;
}

/** Where a trace was seen; `part` is `header:NAME` or `envelope:from`. */
export function evidence(part: string, text: string, start = 0): Evidence {
  return { part, text: clip(text), start, end: start + text.length };
}

/** The first of our mailboxes that a header names. */
export function mailboxIn(view: SendingView, header: string): Hit | null {
  for (const value of headerValues(view.message, header)) {
    const mailbox = addressesIn(value).map(addressKey).find(view.isOurs);
    if (mailbox !== undefined) {
      return { mailbox, evidence: evidence(`header:${header}`, value) };
    }
  }
  return null;
}

/** The first value of a header that fits, said of the mailbox that most likely forwards. */
export function headerHit(view: SendingView, header: string, pattern: RegExp): Hit | null {
  const value = headerValues(view.message, header).find((text) => pattern.test(text));
  if (value === undefined) return null;
  const shown = evidence(`header:${header}`, value);
  return { mailbox: forwarder(view), inferred: true, evidence: shown };
}

/** Our mailbox that most likely forwards, where the trace itself names none. */
function forwarder(view: SendingView): string | null {
  const candidates = [view.arrival.authenticatedAs ?? '', view.from, ...view.oursAddressed];
  return candidates.map(addressKey).find(view.isOurs) ?? null;
}

/** The envelope sender, and Return-Path, where a local delivery or a forwarder wrote it. */
export function returnPathMatch(
  view: SendingView,
  pattern: RegExp,
): (Hit & { local: string }) | null {
  const paths = headerValues(view.message, 'return-path').map((value) =>
    value.replace(/[<>\s]/g, ''),
  );
  for (const [part, path] of [
    ['envelope:from', view.mailFrom],
    ...paths.map((value) => ['header:return-path', addressKey(value)]),
  ] as [string, string][]) {
    const match = pattern.exec(path.slice(0, path.lastIndexOf('@')));
    if (match === null || !view.isOurs(path)) continue;
    const local = match[1] ?? '';
    const mailbox = local === '' ? null : `${local}@${domainOf(path)}`;
    return { local, mailbox, evidence: evidence(part, path) };
  }
  return null;
}

/** An author outside, and a recipient to whom the author did not write. */
export function foreignFrom(view: SendingView): Hit | null {
  const { from, message } = view;
  if (view.arrival.via !== 'connector' || from === '' || view.isOurs(from)) return null;
  if (view.addressed.has(view.recipient)) return null;
  const shown = evidence('header:from', message.from[0]?.address ?? '');
  const mailbox = view.oursAddressed[0] ?? null;
  return { mailbox, evidence: shown, weight: mailbox === null ? 0.5 : 0.9 };
}

/**
 * A mailbox that sends what another wrote to it, to somebody not addressed. Weaker where the
 * message was addressed to others of ours: to a group, perhaps, in which the mailbox is.
 */
export function sentOnByAddressee(view: SendingView): Hit | null {
  const sender = addressKey(view.arrival.authenticatedAs ?? view.mailFrom);
  const declared = addressKey(view.message.sender?.address ?? '');
  const wrote = sender === view.from || sender === declared;
  if (!view.isOurs(sender) || wrote || view.addressed.has(view.recipient)) return null;
  if (view.oursAddressed.length === 0) return null;
  const named = view.oursAddressed.includes(sender);
  // A login has proved who sends: another From is then more likely a false one.
  if (!named && view.arrival.via === 'login') return null;
  const weight = named ? 0.9 : 0.7;
  return { mailbox: sender, evidence: evidence('envelope:from', sender), weight };
}

/** The mailbox whose inbox rule made this. Exchange writes it on automatic replies as well. */
export function inboxRule(view: SendingView): Hit | null {
  return mailboxIn(view, 'x-ms-exchange-inbox-rules-loop');
}

/** Power Automate's connectors name themselves; `forward` is said where the action says so. */
export function automation(view: SendingView): Hit | null {
  const application = /power ?automate|microsoft[- ]flow|logic[- ]apps|zapier|ifttt|make\.com/i;
  const hit = ['x-ms-mail-application', 'x-mailer', 'user-agent']
    .map((header) => headerHit(view, header, application))
    .find((found) => found !== null);
  if (hit === undefined) return null;
  const operation = headerValues(view.message, 'x-ms-mail-operation-type').join(' ');
  if (/reply/i.test(operation)) return null;
  if (/forward/i.test(operation)) return { ...hit, weight: 0.95 };
  return view.forwardShape || view.carriesMail ? hit : { ...hit, weight: 0.3 };
}

/**
 * Mail delivered to us names the mailbox; mail that leaves for outside must not have been
 * delivered.
 */
export function deliveredTo(view: SendingView): Hit | null {
  for (const header of ['delivered-to', 'x-original-to', 'envelope-to', 'x-delivered-to']) {
    const hit = mailboxIn(view, header);
    if (hit !== null && hit.mailbox !== view.recipient) return hit;
  }
  return null;
}

export function receivedForOurs(view: SendingView): Hit | null {
  if (headerValues(view.message, 'list-unsubscribe').length > 0) return null;
  for (const value of headerValues(view.message, 'received').slice(0, 50)) {
    const [address] = addressesIn(/\sfor\s+(<?[^\s;>]+)/i.exec(value)?.[1] ?? '');
    const mailbox = address === undefined ? '' : addressKey(address);
    if (!view.isOurs(mailbox) || mailbox === view.from) continue;
    return { mailbox, evidence: evidence('header:received', value) };
  }
  return null;
}

/** Our own inbound filter's verdict: the message came in before it went out. */
export function inboundVerdict(view: SendingView): Hit | null {
  if (view.from === addressKey(view.arrival.authenticatedAs ?? '')) return null;
  for (const value of headerValues(view.message, 'authentication-results')) {
    const server = /^\s*([^\s;]+)/.exec(value)?.[1] ?? '';
    if (isWithin(server, view.domains) && /\b(?:spf|dkim|dmarc)=/i.test(value)) {
      const mailbox = view.oursAddressed[0] ?? null;
      return { mailbox, evidence: evidence('header:authentication-results', value) };
    }
  }
  return headerHit(view, 'x-forefront-antispam-report', /\bDIR:INB\b/i);
}

/** Any other header of a forwarder that names our mailbox or says so outright. */
export function genericForwarder(view: SendingView): Hit | null {
  const known = /^x-(?:forwarded-(?:for|to|message-id)|sieve-.*|ms-exchange-.*)$/;
  for (const { name, value } of view.message.headers) {
    if (!/forward|redirect/.test(name) || known.test(name)) continue;
    const mailbox = addressesIn(value).map(addressKey).find(view.isOurs);
    const said = /auto-?forward/.test(name) && /^\s*(?:true|yes|1)\b/i.test(value);
    if (mailbox === undefined && !said) continue;
    const shown = evidence(`header:${name}`, value);
    if (mailbox !== undefined) return { mailbox, evidence: shown };
    return { mailbox: forwarder(view), inferred: true, evidence: shown };
  }
  return null;
}
