import { addressKey } from '../mail/address.ts';
import type { Facts, RecipientFacts } from '../mail/facts.ts';
import { clip, type Finding } from '../mail/finding.ts';
import { headerValues, type ParsedMessage } from '../mail/message.ts';
import { automaticKind, isPersonsRedirect } from './automatic-mail.ts';
import { chainLetter } from './chain-letter.ts';
import {
  addressesIn,
  attachesMessage,
  attributedBlock,
  type ForwardedBlock,
  forwardedBlock,
  hasForwardSubject,
} from './forwarded-block.ts';
import { FORWARDING_THRESHOLD, forwardingEvidence } from './forwarding-evidence.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { nameWords } from './person-names.ts';
import { type SendingView, viewOf } from './sending.ts';

/**
 * Council mail that a person sends on by hand to a personal account, their own or another's (domain
 * A20 to A26, C.4), one finding a recipient. A resident who gets their own words back is no case of
 * it.
 */
export function createManualForwardInspector(): Inspector {
  return { name: 'manual-forward', inspect };
}

interface Forwarded {
  how: 'inline' | 'attached' | 'redirected';
  block: ForwardedBlock | null;
}

function inspect({ message, facts }: Inspection): Finding[] {
  if (facts.arrival.via === 'internal') return [];
  const personal = facts.recipients.filter(
    (recipient) => !recipient.internal && (recipient.personalProvider || recipient.actorsOwn),
  );
  if (personal.length === 0) return [];
  const { arrival, envelope, council } = facts;
  const view = viewOf({ message, arrival, envelope, domains: council.domains });
  const byHand = forwardedByHand(view);
  return personal.flatMap((recipient) => {
    const narrowed = { ...view, recipient: addressKey(recipient.address) };
    if (forwardingEvidence(narrowed).score >= FORWARDING_THRESHOLD) return [];
    const redirected: Forwarded = { how: 'redirected', block: null };
    const forwarded = isPersonsRedirect(narrowed) ? redirected : byHand;
    if (forwarded === null || !isCouncilMail(view, facts, forwarded, recipient)) return [];
    return [finding(forwarded, recipient)];
  });
}

function forwardedByHand({ message, from, isOurs }: SendingView): Forwarded | null {
  // Jokes and hoaxes that go round are not the council's, however they came.
  if (!isOurs(from) || automaticKind(message) !== null || chainLetter(message) !== null)
    return null;
  if (attachesMessage(message)) return { how: 'attached', block: attachedBlock(message) };
  const block = forwardedBlock(message) ?? attributedBlock(message);
  if (block === null) {
    // SmartForward on a telephone, or quoted without a header block.
    return hasForwardSubject(message) ? { how: 'inline', block } : null;
  }
  const reply =
    /^\s*(?:re|aw|sv)\s*:/i.test(message.subject) ||
    headerValues(message, 'in-reply-to').length > 0;
  const said =
    hasForwardSubject(message) || headerValues(message, 'x-forwarded-message-id').length > 0;
  return said || block.forwardOnly || !reply ? { how: 'inline', block } : null;
}

function attachedBlock(message: ParsedMessage): ForwardedBlock | null {
  return (
    message.texts
      .filter((part) => part.name.startsWith('attachment:'))
      .map((part) => forwardedBlock(message, part.name))
      .find((block) => block !== null) ?? null
  );
}

/**
 * Whether what is forwarded is the council's: written at the council, or written to the councillor
 * as such. What the forward does not tell counts as the council's only where the account is the
 * councillor's own: everything in a council mailbox is council mail, but jokes are sent to friends.
 *
 */
function isCouncilMail(
  { from, isOurs }: SendingView,
  facts: Facts,
  { how, block }: Forwarded,
  recipient: RecipientFacts,
): boolean {
  const key = addressKey(recipient.address);
  if (how === 'redirected') return from !== key;
  if (block === null) return recipient.actorsOwn || how === 'attached';
  const authors = addressesIn(block.from).map(addressKey);
  const readers = addressesIn(block.to).map(addressKey);
  // Back to its author, or to somebody who had it already.
  if (authors.includes(key) || readers.includes(key)) return false;
  if (recipient.actorsOwn || authors.some(isOurs)) return true;
  if (sameName(block.from, key)) return false;
  const surname = nameWords(facts.actor.name).at(-1);
  const toActor = surname !== undefined && nameWords(block.to).includes(surname);
  return authors.length === 0 || readers.some(isOurs) || toActor;
}

/** `From: Ola Brand` sent back to `ola.brand@...`: Outlook leaves the address out. */
function sameName(from: string, recipient: string): boolean {
  const words = nameWords(from.replace(/<.*$/, '')).filter((word) => word.length > 2);
  const local = nameWords(recipient.slice(0, recipient.lastIndexOf('@'))).join('');
  return words.length >= 2 && words.every((word) => local.includes(word));
}

function finding({ how, block }: Forwarded, recipient: RecipientFacts): Finding {
  const own = recipient.actorsOwn;
  return {
    kind: 'manual-forward-personal',
    type: how,
    score: own ? 0.9 : 0.8,
    summary: `Council mail forwarded by hand to ${own ? "the sender's own" : 'a'} personal account`,
    evidence:
      block === null
        ? []
        : [
            {
              part: block.part,
              text: clip(`From: ${block.from}`),
              start: block.start,
              end: block.end,
            },
          ],
    recipient: addressKey(recipient.address),
    details: { own },
  };
}
