import { headerValues, type ParsedMessage } from '../mail/message.ts';
import {
  addressesIn,
  attributedBlock,
  type ForwardedBlock,
  forwardedBlock,
  hasForwardSubject,
  hasReplySubject,
} from './forwarded-block.ts';
import { nameWords } from './person-names.ts';

/**
 * What the quoted text of a message is to its sender: what they answer, what they send on, or
 * their own words that only look quoted, under a typed heading or indented.
 */
export type Quotation = 'answered' | 'forwarded' | 'own';

const known = new WeakMap<ParsedMessage, Quotation>();

/**
 * Tells a reply by its Subject or by the message that it names (RFC 5322 §3.6.4), and a forward by
 * its Subject, its separator or an author who is not among those that it goes to: programs name the
 * forwarded message too, and Subjects are rewritten. What is neither quotes nobody.
 */
export function quotationOf(message: ParsedMessage): Quotation {
  const found = known.get(message);
  if (found) return found;
  const made = quotationIn(message);
  known.set(message, made);
  return made;
}

function quotationIn(message: ParsedMessage): Quotation {
  if (hasForwardSubject(message)) return 'forwarded';
  if (hasReplySubject(message)) return 'answered';
  const block = forwardedBlock(message) ?? attributedBlock(message);
  if (block?.forwardOnly) return 'forwarded';
  const names = ['in-reply-to', 'references'].flatMap((name) => headerValues(message, name));
  if (block === null) return names.length > 0 ? 'answered' : 'own';
  if (isOf(block, [...message.to, ...message.cc, ...message.replyTo])) return 'answered';
  if (names.length > 0) return isOf(block, message.from) ? 'answered' : 'forwarded';
  return addressesIn(block.from).length === 0 || isOf(block, message.from) ? 'own' : 'forwarded';
}

/** Whether the block's author is one of `people`; Outlook writes the name without the address. */
function isOf(block: ForwardedBlock, people: ParsedMessage['from']): boolean {
  const authors = new Set(addressesIn(block.from));
  if (authors.size > 0) return people.some(({ address }) => authors.has(address.toLowerCase()));
  const surname = nameWords(block.from).at(-1);
  return (
    surname !== undefined &&
    people.some(({ name, address }) => nameWords(`${name} ${localPart(address)}`).includes(surname))
  );
}

function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf('@')).replaceAll(/[^\p{L}]+/gu, ' ');
}
