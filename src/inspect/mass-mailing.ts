import { addressKey } from '../mail/address.ts';
import type { Finding } from '../mail/finding.ts';
import { headerValues } from '../mail/message.ts';
import type { Inspection, Inspector } from './inspect.ts';

/** "About forty or more": a list that lost one or two addresses is still a long list. */
const LONG_LIST = 38;
/** One text in several sendings: so many recipients in a day (domain A72) ... */
const DAY_LIST = 50;
/** ... of which this sending has at least so many; a busy day of letters is no mailing. */
const PORTION = 12;

/**
 * One message to a long list of people, counted in the envelope, where Bcc stands, and across
 * sendings of one day. The address of a list counts as one.
 */
export function createMassMailingInspector(): Inspector {
  return { name: 'mass-mailing', inspect };
}

function inspect({ message, facts }: Inspection): Finding[] {
  // Whoever wrote to a long list, it was not the mailbox that sends a copy on, nor a list's server.
  if (facts.actor.basis === 'forwarding' || headerValues(message, 'resent-from').length > 0)
    return [];
  const envelope = new Set(facts.recipients.map((each) => addressKey(each.address)));
  // Exchange may split one sending by domain, so that the header knows more than the envelope.
  const shown = new Set([...message.to, ...message.cc].map((box) => addressKey(box.address)));
  const recipients = Math.max(envelope.size, shown.size);
  const inPortions = facts.outsideRecipients24h >= DAY_LIST && recipients >= PORTION;
  if (recipients < LONG_LIST && !inPortions) return [];
  const hidden = [...envelope].filter((address) => !shown.has(address)).length;
  return [
    {
      kind: 'mass-mailing',
      type: recipients >= LONG_LIST ? 'long-list' : 'in-portions',
      score: recipients >= LONG_LIST ? 0.95 : 0.7,
      summary:
        recipients >= LONG_LIST
          ? `One message to ${recipients} recipients`
          : `${facts.outsideRecipients24h} outside recipients within a day`,
      evidence: [],
      recipient: null,
      details: { recipients, hidden, outsideRecipients24h: facts.outsideRecipients24h },
    },
  ];
}
