import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import type { Finding } from '../mail/finding.ts';
import { headerValues } from '../mail/message.ts';
import type { Inspection, Inspector } from './inspect.ts';

/** "About forty or more" outside: a list that lost one or two addresses is still a long list. */
const LONG_LIST = 38;
/** One text in several sendings: so many outside recipients in a day (domain A72). */
const DAY_LIST = 50;

/**
 * One message to a long list of people outside (domain A72), counted in the envelope, where Bcc
 * stands; and one text sent in several portions of a day, as the record counts it. The address of a
 * list counts as one. Members and officers are no audience: a whole council may be written to.
 */
export function createMassMailingInspector(): Inspector {
  return { name: 'mass-mailing', inspect };
}

function inspect({ message, facts }: Inspection): Finding[] {
  // Whoever wrote to a long list, it was not the mailbox that sends a copy on, nor a list's server.
  if (facts.actor.basis === 'forwarding' || headerValues(message, 'resent-from').length > 0)
    return [];
  const envelope = new Set(
    facts.recipients.filter(({ internal }) => !internal).map(({ address }) => addressKey(address)),
  );
  const shown = new Set(
    [...message.to, ...message.cc]
      .map((box) => addressKey(box.address))
      .filter((address) => !isWithin(domainOf(address), facts.council.domains)),
  );
  // Exchange may split one sending by domain, so that the header knows more than the envelope.
  const recipients = Math.max(envelope.size, shown.size);
  const isLong = recipients >= LONG_LIST;
  if (!isLong && facts.similarRecipients24h < DAY_LIST) return [];
  const hidden = [...envelope].filter((address) => !shown.has(address)).length;
  // Everybody on such a list sees everybody else's address.
  const isOpenList = shown.size >= LONG_LIST;
  return [
    {
      kind: 'mass-mailing',
      type: isOpenList ? 'open-list' : isLong ? 'long-list' : 'in-portions',
      score: 0.95,
      summary: isOpenList
        ? `${shown.size} people outside may read each other's addresses in To and Cc`
        : isLong
          ? `One message to ${recipients} recipients outside`
          : `Nearly the same text to ${facts.similarRecipients24h} people outside within a day`,
      evidence: isOpenList ? [exposedIn(shown.size)] : [],
      recipient: null,
      details: {
        recipients,
        hidden,
        exposed: shown.size,
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
