import { addressKey, domainOf, isWithin, localPartOf } from '../mail/address.ts';
import type { Facts } from '../mail/facts.ts';
import { clip, type Evidence, type Finding } from '../mail/finding.ts';
import { headerValues, type ParsedMessage } from '../mail/message.ts';
import { automaticKind } from './automatic-mail.ts';
import { judgeDisplayName } from './display-name.ts';
import { addressesIn } from './forwarded-block.ts';
import { FORWARDING_THRESHOLD, forwardingEvidence } from './forwarding-evidence.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { namesPerson, personName } from './person-names.ts';
import { viewOf } from './sending.ts';

/**
 * Mail that hides who sends it or borrows another identity (domain A60): From not entitled for the
 * account, a display name that poses, a Sender or Reply-To that is not what it seems. What a rule
 * or a person redirects keeps its author in From, and is no identity problem.
 */
export function createIdentityInspector(): Inspector {
  return { name: 'identity', inspect };
}

function inspect({ message, facts }: Inspection): Finding[] {
  const { basis } = facts.actor;
  // Without a known sender there is nobody whose identity From could contradict; ICT gets it
  // anyway.
  if (basis === 'forwarding' || basis === 'unknown' || facts.arrival.via === 'internal') return [];
  if (isSentOn(message, facts)) return [];
  return [
    ...checkFrom(message, facts),
    ...checkDisplayName(message, facts),
    ...checkSender(message, facts),
    ...checkReplyTo(message, facts),
  ];
}

function isSentOn(message: ParsedMessage, facts: Facts): boolean {
  if (automaticKind(message) === 'report' && facts.envelope.mailFrom === '') return true;
  const resent = headerValues(message, 'resent-from').flatMap(addressesIn).map(addressKey);
  if (resent.some((address) => facts.entitled.includes(address))) return true;
  const { arrival, envelope, council } = facts;
  const view = viewOf({ message, arrival, envelope, domains: council.domains });
  return facts.recipients.slice(0, 10).some((recipient) => {
    const key = addressKey(recipient.address);
    return forwardingEvidence({ ...view, recipient: key }).score >= FORWARDING_THRESHOLD;
  });
}

/**
 * The actor's own, whether or not the directory lists it: an alias at the council with their name.
 */
function isActorsOwn(address: string, facts: Facts): boolean {
  if (facts.entitled.includes(address)) return true;
  if (!isWithin(domainOf(address), facts.council.domains)) return false;
  const person = personName(facts.actor.name, facts.actor.address);
  return namesPerson(localPartOf(address), person) === 'full';
}

function checkFrom(message: ParsedMessage, facts: Facts): Finding[] {
  const sender = addressKey(message.sender?.address ?? '');
  const declared = sender !== '' && isActorsOwn(sender, facts);
  return message.from.flatMap((box) => {
    const from = addressKey(box.address);
    if (from !== '' && isActorsOwn(from, facts)) return [];
    // From a shared mailbox with the person in Sender hides nothing; an organiser's invitation that
    // an attendee passes on has the same form.
    const ours = isWithin(domainOf(from), facts.council.domains);
    if (declared && (ours || automaticKind(message) === 'calendar')) return [];
    const shown = headerEvidence('from', `${box.name} <${box.address}>`);
    const summary = 'The From address is not one that the sending account may use';
    return [finding('from-not-entitled', 0.95, summary, shown)];
  });
}

function checkDisplayName(message: ParsedMessage, facts: Facts): Finding[] {
  const [box] = message.from;
  if (box === undefined || !isActorsOwn(addressKey(box.address), facts)) return [];
  // A shared mailbox goes by its own name, not by the person's.
  const person = personName(facts.actor.name, facts.actor.address);
  const own = addressKey(box.address) === addressKey(facts.actor.address);
  if (!own && namesPerson(localPartOf(box.address), person) === null) return [];
  if (person.surnames.length === 0) return [];
  const verdict = judgeDisplayName(box.name, person, facts);
  if (verdict === null) return [];
  return [
    finding('display-name', verdict.score, verdict.summary, headerEvidence('from', box.name)),
  ];
}

function checkSender(message: ParsedMessage, facts: Facts): Finding[] {
  const sender = addressKey(message.sender?.address ?? '');
  if (sender === '' || isActorsOwn(sender, facts)) return [];
  // List servers write their own Sender.
  if (
    ['list-id', 'list-post', 'x-beenthere'].some((name) => headerValues(message, name).length > 0)
  ) {
    return [];
  }
  const shown = headerEvidence('sender', sender);
  const summary = 'The Sender address is not one that the sending account may use';
  return [finding('sender-mismatch', 0.85, summary, shown)];
}

/** Answers that go to an address made to look like the council's, or to nobody. */
function checkReplyTo(message: ParsedMessage, facts: Facts): Finding[] {
  return message.replyTo.flatMap((box) => {
    const domain = domainOf(addressKey(box.address));
    if (isWithin(domain, facts.council.domains)) return [];
    const posing = facts.council.domains.some((own) => resembles(domain, own));
    const hiding = /anon|mailinator|guerrilla|tempmail|throwaway|burner|hidemy/i.test(domain);
    if (!posing && !hiding) return [];
    const shown = headerEvidence('reply-to', box.address);
    const summary = posing
      ? "Replies go to an address that resembles the council's domain"
      : 'Replies go to an anonymous mail service';
    return [finding('reply-to', 0.8, summary, shown)];
  });
}

/** `merebrook-gov.example` or `merebr00k.gov.uk` beside `merebrook.gov.uk`. */
function resembles(domain: string, own: string): boolean {
  const letters = lookalikes(domain);
  const name = lookalikes(own.split('.')[0] ?? own);
  if (letters === lookalikes(own)) return true;
  return letters.includes(name) && /gov|council/.test(letters.replace(name, ''));
}

function lookalikes(domain: string): string {
  return domain.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('rn', 'm');
}

function headerEvidence(header: string, value: string): Evidence {
  return { part: `header:${header}`, text: clip(value), start: 0, end: value.length };
}

function finding(type: string, score: number, summary: string, shown: Evidence): Finding {
  return {
    kind: 'identity',
    type,
    score,
    summary,
    evidence: [shown],
    recipient: null,
    details: {},
  };
}
