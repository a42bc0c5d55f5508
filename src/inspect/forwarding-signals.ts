import { domainOf, isWithin } from '../mail/address.ts';
import type { Evidence } from '../mail/finding.ts';
import { headerValues } from '../mail/message.ts';
import {
  automation,
  deliveredTo,
  evidence,
  foreignFrom,
  genericForwarder,
  headerHit,
  type Hit,
  inboundVerdict,
  inboxRule,
  mailboxIn,
  receivedForOurs,
  returnPathMatch,
  sentOnByAddressee,
} from './forwarding-traces.ts';
import type { SendingView } from './sending.ts';

/** A trace of forwarding. */
export interface ForwardingSignal {
  /** As in the table, e.g. `exchange-inbox-rule`. */
  id: string;
  weight: number;
  /** What it means, for an officer. */
  sentence: string;
  /**
   * `machine`: only forwarding machinery writes it. `arrival`: it shows that the message had
   * already arrived in a mailbox, which a person's Redirect command would show too. `shape`: it
   * fits.
   */
  nature: 'machine' | 'arrival' | 'shape';
  /** The council mailbox that it names, or that most likely forwards. */
  mailbox: string | null;
  /** True where the trace itself names the mailbox. */
  named: boolean;
  evidence: Evidence;
}

interface Trace extends Omit<ForwardingSignal, 'mailbox' | 'named' | 'evidence'> {
  find(view: SendingView): Hit | null;
}

/** Every trace of forwarding that this sending shows, in the order of the table. */
export function forwardingSignals(view: SendingView): ForwardingSignal[] {
  return FORWARDING_TRACES.flatMap((trace) => {
    const hit = trace.find(view);
    if (hit === null) return [];
    const { id, sentence, nature } = trace;
    const { mailbox, evidence } = hit;
    const weight = hit.weight ?? trace.weight;
    const named = mailbox !== null && hit.inferred !== true;
    return [{ id, weight, sentence, nature, mailbox, named, evidence }];
  });
}

/** Such an envelope sender names nobody: the mailbox that was written to, most likely. */
function inferredFrom(view: SendingView, hit: Hit): Hit {
  return { ...hit, mailbox: view.oursAddressed[0] ?? null, inferred: true };
}

const SUBMITTED_ALONE = /\bauto-(?:generated|forwarded)\b/i;

/**
 * The traces of domain C.3 that one message can show, with our confidence in each alone. F18 and
 * F30 need a log of what came in, and stand elsewhere or nowhere.
 */
export const FORWARDING_TRACES: readonly Trace[] = [
  {
    id: 'foreign-from', // F01
    weight: 0.9,
    nature: 'shape',
    sentence: 'The author is outside the council and the recipient is not among those addressed',
    find: foreignFrom,
  },
  {
    id: 'foreign-return-path', // F02
    weight: 0.5,
    nature: 'shape',
    sentence: 'The envelope sender is outside the council too',
    find: (view) => {
      if (view.mailFrom === '' || view.isOurs(view.mailFrom)) return null;
      const hit = foreignFrom(view);
      return hit === null ? null : { ...hit, evidence: evidence('envelope:from', view.mailFrom) };
    },
  },
  {
    id: 'sent-on-by-addressee', // F01, for an author within the council
    weight: 0.9,
    nature: 'shape',
    sentence: 'The mailbox that sends it is the one it was addressed to, and not its author',
    find: sentOnByAddressee,
  },
  {
    id: 'exchange-srs', // F03
    weight: 0.97,
    nature: 'machine',
    sentence: 'Exchange rewrote the envelope sender, as it does for mailbox forwarding',
    find: (view) => returnPathMatch(view, /^(.+)\+srs=[^=]+=[^=]+=[^=]+=.+$/i),
  },
  {
    id: 'exchange-srs-bounces', // F04
    weight: 0.9,
    nature: 'machine',
    sentence: 'Exchange rewrote the envelope sender to its bounce address',
    find: (view) => {
      const hit = returnPathMatch(view, /^bounces\+srs=[^=]+=[^=]+$/i);
      return hit === null ? null : inferredFrom(view, hit);
    },
  },
  {
    id: 'srs', // F05
    weight: 0.85,
    nature: 'machine',
    sentence: 'The envelope sender was rewritten by a forwarder (SRS)',
    find: (view) => {
      const hit = returnPathMatch(view, /^srs[01][=+-]/i);
      return hit === null ? null : inferredFrom(view, hit);
    },
  },
  {
    id: 'exchange-mailbox-forwarding', // F06
    weight: 0.97,
    nature: 'machine',
    sentence: 'Exchange marked it as sent on by mailbox forwarding',
    find: (view) => mailboxIn(view, 'x-ms-exchange-forwardingloop'),
  },
  {
    id: 'exchange-inbox-rule-redirect', // F07
    weight: 0.97,
    nature: 'machine',
    sentence: 'Exchange marked it as sent on by an inbox rule, and its author is somebody else',
    find: (view) => {
      const hit = inboxRule(view);
      return hit !== null && hit.mailbox !== view.from ? hit : null;
    },
  },
  {
    id: 'exchange-inbox-rule-forward', // F08
    weight: 0.9,
    nature: 'machine',
    sentence: 'Exchange marked it as made by an inbox rule, and it is no reply',
    find: (view) => {
      const hit = inboxRule(view);
      if (hit === null || hit.mailbox !== view.from) return null;
      return view.forwardShape ? hit : { ...hit, weight: 0.7 };
    },
  },
  {
    id: 'exchange-rules-agent', // F09
    weight: 0.1,
    nature: 'shape',
    sentence: 'The mailbox rules agent generated it',
    find: (view) => {
      const header = 'x-ms-exchange-generated-message-source';
      return headerHit(view, header, /mailbox rules agent/i);
    },
  },
  {
    id: 'generated-forward', // F10
    weight: 0.7,
    nature: 'machine',
    sentence: 'It has the form of a forward and says that no person sent it',
    find: (view) => {
      const hit = view.forwardShape ? headerHit(view, 'auto-submitted', SUBMITTED_ALONE) : null;
      if (hit === null || !view.isOurs(view.from)) return null;
      const parent = headerValues(view.message, 'x-ms-exchange-parent-message-id').length > 0;
      return parent ? { ...hit, weight: 0.85 } : hit;
    },
  },
  {
    id: 'auto-forwarded-flag', // F11
    weight: 0.97,
    nature: 'machine',
    sentence: 'The mail program flagged it as forwarded automatically',
    find: (view) =>
      headerHit(view, 'x-ms-exchange-organization-autoforwarded', /^\s*true\b/i) ??
      headerHit(view, 'autoforwarded', /^\s*true\b/i),
  },
  {
    id: 'resent', // F12
    weight: 0.8,
    nature: 'arrival',
    sentence: 'A council mailbox resent it, keeping the author',
    find: (view) => {
      const hit = mailboxIn(view, 'resent-from');
      return hit !== null && hit.mailbox !== view.from ? hit : null;
    },
  },
  {
    id: 'nothing-added', // F13, F14: without the repeats they are a shape that people make too
    weight: 0.3,
    nature: 'shape',
    sentence: 'Nothing was written above what is forwarded',
    find: (view) =>
      view.isOurs(view.from) && view.forwardShape && view.nothingAdded
        ? { mailbox: view.from, evidence: evidence('subject', view.message.subject) }
        : null,
  },
  {
    id: 'gmail-forwarding', // F15
    weight: 0.98,
    nature: 'machine',
    sentence: 'Gmail rewrote the envelope sender, as it does for a forwarding setting or filter',
    find: (view) => returnPathMatch(view, /^(.+)\+caf_=.+=.+$/i),
  },
  {
    id: 'x-forwarded', // F16
    weight: 0.95,
    nature: 'machine',
    sentence: 'The mail system noted which mailbox forwarded it',
    find: (view) => mailboxIn(view, 'x-forwarded-for'),
  },
  {
    id: 'sieve-redirect', // F17
    weight: 0.97,
    nature: 'machine',
    sentence: 'A Sieve rule redirected it',
    find: (view) => mailboxIn(view, 'x-sieve-redirected-from'),
  },
  {
    id: 'delivered-before', // F19
    weight: 0.9,
    nature: 'arrival',
    sentence: 'It had already been delivered to a council mailbox',
    find: deliveredTo,
  },
  {
    id: 'x-loop', // F20
    weight: 0.85,
    nature: 'machine',
    sentence: 'A mail filter marked it against loops',
    find: (view) => {
      const hit = mailboxIn(view, 'x-loop');
      // Ticket systems write their own address here on what they send themselves.
      return hit !== null && (hit.mailbox !== view.from || view.forwardShape) ? hit : null;
    },
  },
  {
    id: 'received-for-us', // F21
    weight: 0.8,
    nature: 'arrival',
    sentence: 'An earlier hop took it in for a council mailbox',
    find: receivedForOurs,
  },
  {
    id: 'from-rewrite', // F22
    weight: 0.85,
    nature: 'machine',
    sentence: 'The server rewrote the author of a forwarded message',
    find: (view) => headerHit(view, 'from-rewrite', /forwarded message/i),
  },
  {
    id: 'report-sent-on', // F24
    weight: 0.7,
    nature: 'shape',
    sentence: 'A bounce that was addressed to a council mailbox leaves for somebody else',
    find: (view) => {
      const [mailbox] = view.oursAddressed;
      const report = view.message.contentType.type === 'multipart/report';
      if (view.mailFrom !== '' || !report || view.addressed.has(view.recipient)) return null;
      return mailbox === undefined ? null : { mailbox, evidence: evidence('header:to', mailbox) };
    },
  },
  {
    id: 'foreign-signature', // F25
    weight: 0.6,
    nature: 'shape',
    sentence: "It bears the DKIM signature of its author's own mail system",
    find: (view) => {
      if (foreignFrom(view) === null) return null;
      const value = headerValues(view.message, 'dkim-signature').find((text) =>
        isWithin(domainOf(view.from), [/\bd=([\w.-]+)/.exec(text)?.[1] ?? '-']),
      );
      if (value === undefined) return null;
      return { mailbox: null, evidence: evidence('header:dkim-signature', value) };
    },
  },
  {
    id: 'arc-history', // F26
    weight: 0.4,
    nature: 'shape',
    sentence: 'Mail systems before ours sealed it',
    find: (view) =>
      foreignFrom(view) === null ? null : headerHit(view, 'arc-seal', /\bi=(?:[2-9]|\d{2})/),
  },
  {
    id: 'inbound-verdict', // F27
    weight: 0.8,
    nature: 'arrival',
    sentence: "It bears the verdict of the council's inbound filter",
    find: inboundVerdict,
  },
  {
    id: 'transport-rule', // F28
    weight: 0.5,
    nature: 'shape',
    sentence: 'An administrator rule of Exchange sent it to somebody not addressed',
    find: (view) =>
      view.addressed.has(view.recipient)
        ? null
        : headerHit(view, 'x-ms-exchange-transport-rules-loop', /\S/),
  },
  {
    id: 'automation', // F29
    weight: 0.8,
    nature: 'machine',
    sentence: 'A workflow tool sent it on',
    find: automation,
  },
  {
    id: 'forwarder-header', // F23 and its kin
    weight: 0.9,
    nature: 'machine',
    sentence: 'A forwarding service marked it',
    find: genericForwarder,
  },
];
