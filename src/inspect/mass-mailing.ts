import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import type { Finding } from '../mail/finding.ts';
import { headerValues } from '../mail/message.ts';
import type { Inspection, Inspector } from './inspect.ts';

/** "About forty or more": a list that lost one or two addresses is still a long list. */
const LONG_LIST = 38;
/** One text in several sendings: so many outside recipients in a day (domain A72). */
const DAY_LIST = 50;

/**
 * One message to a long list of people, counted in the envelope, where Bcc stands; and one text
 * sent in several portions of a day, as the record counts it. The address of a list counts as one.
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
  const isLong = recipients >= LONG_LIST;
  if (!isLong && facts.similarRecipients24h < DAY_LIST) return [];
  const hidden = [...envelope].filter((address) => !shown.has(address)).length;
  // Everybody on such a list sees everybody else's address.
  const exposed = [...shown].filter(
    (address) => !isWithin(domainOf(address), facts.council.domains),
  );
  const isOpenList = isLong && exposed.length >= LONG_LIST;
  return [
    {
      kind: 'mass-mailing',
      type: isOpenList ? 'open-list' : isLong ? 'long-list' : 'in-portions',
      score: 0.95,
      summary: isOpenList
        ? `${exposed.length} people outside may read each other's addresses in To and Cc`
        : isLong
          ? `One message to ${recipients} recipients`
          : `Nearly the same text to ${facts.similarRecipients24h} people outside within a day`,
      evidence: isOpenList ? [exposedIn(exposed.length)] : [],
      recipient: null,
      details: {
        recipients,
        hidden,
        exposed: exposed.length,
        similarRecipients24h: facts.similarRecipients24h,
        outsideRecipients24h: facts.outsideRecipients24h,
      },
    },
  ];
}

/** The fields as a place; their addresses are nobody's business but the reader's. */
function exposedIn(count: number) {
  return { part: 'header:to', text: `${count} addresses`, start: 0, end: 0 };
}
