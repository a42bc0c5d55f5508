import { addressesIn, forwardedBlock, hasForwardSubject } from '../inspect/forwarded-block.ts';
import { isSurnameOf, nameWords, personName } from '../inspect/person-names.ts';
import { addressKey, domainOf } from '../mail/address.ts';
import type { Facts } from '../mail/facts.ts';
import { stretches, textPart, type ParsedMessage, type SpanRole } from '../mail/message.ts';

// What conditions ask of a message's words that no detector looks for.

const REPLY_PREFIX = /^(?:\s*(?:re|fwd?|fw)\s*(?:\[\d+\])?\s*:)+/i;

/** The subject in small letters, without reply prefixes and punctuation at its ends. */
export function plainSubject(subject: string): string {
  return subject
    .replace(REPLY_PREFIX, '')
    .toLowerCase()
    .replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '');
}

/** Stretches of the body that the sender answers for. */
function written(message: ParsedMessage | null, roles: readonly SpanRole[]): string[] {
  const body = message && textPart(message, 'body');
  return body ? stretches(body, roles).map(({ text }) => text) : [];
}

const PRIVATE =
  /\b(?:in (?:a|my) (?:private|personal) capacity|not (?:by or )?on behalf of the council)\b/i;

/** WL 4.2: such material must say that it is published in a private capacity. */
export function saysPrivateCapacity(message: ParsedMessage | null): boolean {
  return written(message, ['own', 'signature']).some((text) => PRIVATE.test(text));
}

const CAUTION = new RegExp(
  String.raw`\b(?:confidential(?:ly)?|in (?:strict )?confidence|sensitive|` +
    String.raw`between (?:us|ourselves)|for your eyes only|keep (?:this|it) to yourself|` +
    String.raw`(?:not|don['’]t) (?:share|forward|pass|copy|circulate|distribute|disclose)|` +
    String.raw`not (?:to be|for) (?:shar|forward|circulat|distribut|wider)\w*|` +
    String.raw`peidiwch â rhannu|cyfrinachol)\b`,
  'i',
);

/** MB 8.3: whoever sends something sensitive says so, and that it should not be shared. */
export function asksNotToShare(message: ParsedMessage | null): boolean {
  return written(message, ['own', 'signature', 'disclaimer']).some((text) => CAUTION.test(text));
}

/**
 * MB 8.3: permission is asked before a third party's information is forwarded. True where a person
 * forwards what somebody outside wrote, and not only back to those who wrote or had it. What the
 * forward does not tell counts for nothing: nobody is reproached on a guess.
 */
export function forwardsThirdParty(message: ParsedMessage | null, facts: Facts): boolean {
  if (!message || !hasForwardSubject(message)) return false;
  const block = forwardedBlock(message);
  if (!block) return false;
  const authors = addressesIn(block.from).map(addressKey);
  const isOurs = (address: string): boolean => facts.council.domains.includes(domainOf(address));
  if (authors.every(isOurs)) return false;
  const had = new Set([...authors, ...addressesIn(block.to).map(addressKey)]);
  return facts.recipients.some(
    ({ address, internal }) => !internal && !had.has(addressKey(address)),
  );
}

/**
 * WL 3.3.4 asks for the councillor's name: the surname is enough, wherever the reader can see it.
 */
export function namesSender(message: ParsedMessage | null, { actor }: Facts): boolean {
  const person = personName(actor.name, actor.address);
  // Unknown name or unread message: nobody is reproached on a guess.
  if (person.surnames.length === 0 || !message) return true;
  const seen = [
    ...message.from.map(({ name }) => name),
    ...written(message, ['own', 'signature', 'disclaimer']),
  ];
  return seen.some((text) => nameWords(text).some((word) => isSurnameOf(word, person)));
}
