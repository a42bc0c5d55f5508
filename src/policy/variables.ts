import { automaticKind } from '../inspect/automatic-mail.ts';
import { hasNewsletterShape } from '../inspect/newsletter.ts';
import { addressKey, isWithin } from '../mail/address.ts';
import type { Facts, RecipientFacts } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { Marking } from '../mail/marking.ts';
import { MARKING_LEVELS } from '../mail/marking.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { PERSON_CLASSES } from '../mail/person.ts';
import {
  asksNotToShare,
  forwardsThirdParty,
  namesSender,
  plainSubject,
  saysPrivateCapacity,
} from './message-words.ts';

/** Everything a decision rests on. */
export interface DecisionInput {
  /** `null` where the message could not be read; the finding `inspection-failed` then says so. */
  message: ParsedMessage | null;
  /** The variables as they were read before: the record's, in place of a message. */
  readings?: Readings;
  marking: Marking;
  findings: readonly Finding[];
  facts: Facts;
  /** Of the message's bytes, hex. */
  sha256: string;
}

/** What a variable is read from: the message and one of its recipients. */
export interface Reading extends DecisionInput {
  recipient: RecipientFacts;
  lists: Lists;
}

/** One recipient's view, with the variables already read. */
export interface View {
  marking: Marking;
  findings: readonly Finding[];
  facts: Facts;
  recipient: RecipientFacts;
  variables: Record<string, unknown>;
}

/**
 * The variables of one message as values of JSON: with findings, facts and a policy they give its
 * decision again, without its bytes. They hold words of the message, so erasure empties them.
 */
export interface Readings {
  /** By dotted name. */
  message: Record<string, string | boolean | number>;
  /** What differs by recipient, in the order of the envelope. */
  recipients: Record<string, string | boolean | number>[];
}

/** A variable of CEL conditions. `int` reads come as bigint, as CEL wants them. */
export interface Variable {
  name: string;
  type: 'string' | 'bool' | 'int';
  meaning: string;
  example: string;
  /** All values it can take, where they are few. */
  values?: readonly string[];
  read(reading: Reading): string | boolean | bigint;
}

/**
 * The variables of conditions: total (never null), typed, checked when the policy loads.
 * `findings` and `params` stand beside them, see `FINDING_METHODS`.
 */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'message.subject',
    type: 'string',
    meaning: 'The decoded subject',
    example: 'message.subject.contains("Ref:")',
    read: ({ message }) => message?.subject ?? '',
  },
  {
    name: 'message.plainSubject',
    type: 'string',
    meaning: 'The subject in small letters without Re:, Fw: and punctuation at its ends',
    example: 'message.plainSubject == ""',
    read: ({ message }) => plainSubject(message?.subject ?? ''),
  },
  {
    name: 'message.automatic',
    type: 'bool',
    meaning: 'An automatic reply, calendar answer, receipt or delivery report',
    example: '!message.automatic',
    read: ({ message, facts }) =>
      facts.envelope.mailFrom === '' || (message !== null && automaticKind(message) !== null),
  },
  {
    name: 'message.namesSender',
    type: 'bool',
    meaning: "The sender's surname stands in From, the sender's own words or the signature",
    example: '!message.namesSender',
    read: ({ message, facts }) => namesSender(message, facts),
  },
  {
    name: 'message.fromOwn',
    type: 'bool',
    meaning: 'From is an address that the sender may use; not so in a redirect',
    example: 'message.fromOwn',
    read: ({ message, facts }) =>
      message?.from.some(({ address }) => facts.entitled.includes(addressKey(address))) ?? false,
  },
  {
    name: 'message.newsletter',
    type: 'bool',
    meaning: 'It has the shape of a newsletter; that alone is no fault',
    example: 'message.newsletter && elections.forSender',
    read: ({ message, facts }) => message !== null && hasNewsletterShape(message, facts),
  },
  {
    name: 'message.privateCapacity',
    type: 'bool',
    meaning: 'The sender says that it is written in a private capacity or not for the council',
    example: '!message.privateCapacity',
    read: ({ message }) => saysPrivateCapacity(message),
  },
  {
    name: 'message.asksNotToShare',
    type: 'bool',
    meaning: 'The sender says that it is confidential or should not be shared',
    example: '!message.asksNotToShare',
    read: ({ message }) => asksNotToShare(message),
  },
  {
    name: 'message.forwardsThirdParty',
    type: 'bool',
    meaning: 'It forwards by hand what somebody outside wrote, to somebody who had no part in it',
    example: 'message.forwardsThirdParty && !recipient.internal',
    read: ({ message, facts }) => forwardsThirdParty(message, facts),
  },
  {
    name: 'message.attachmentCount',
    type: 'int',
    meaning: 'Number of attachments',
    example: 'message.attachmentCount > 0',
    read: ({ message }) => BigInt(message?.attachments.length ?? 0),
  },
  {
    name: 'message.attachmentBytes',
    type: 'int',
    meaning: 'Size of all attachments together, decoded',
    example: 'message.attachmentBytes > 10000000',
    read: ({ message }) =>
      BigInt(message?.attachments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0),
  },
  {
    name: 'message.marking.level',
    type: 'string',
    meaning: 'Protective marking of Subject and labels; "NONE" where there is none',
    example: 'message.marking.level == "OFFICIAL-SENSITIVE"',
    values: MARKING_LEVELS,
    read: ({ marking }) => marking.level,
  },
  {
    name: 'message.marking.descriptor',
    type: 'string',
    meaning: 'Descriptor after the marking, in capitals, or empty',
    example: 'message.marking.descriptor == "PERSONAL"',
    read: ({ marking }) => marking.descriptor ?? '',
  },
  {
    name: 'message.marking.source',
    type: 'string',
    meaning: 'Where the marking was found',
    example: 'message.marking.source == "label"',
    values: ['subject', 'label', 'none'],
    read: ({ marking }) => marking.source,
  },
  {
    name: 'message.marking.misspelt',
    type: 'bool',
    meaning: 'The marking has a slip of a letter or two; it counts all the same',
    example: 'message.marking.misspelt',
    read: ({ marking }) => marking.misspelt,
  },
  {
    name: 'message.marking.negated',
    type: 'bool',
    meaning: 'The subject says "not" before the marking; it counts all the same',
    example: '!message.marking.negated',
    read: ({ marking }) => marking.negated,
  },
  {
    name: 'message.marking.encryptRequested',
    type: 'bool',
    meaning: 'The subject asks for encryption in brackets, such as [secure]',
    example: 'message.marking.encryptRequested',
    read: ({ marking }) => marking.encryptRequested,
  },
  {
    name: 'recipient.address',
    type: 'string',
    meaning: "This recipient's address in small letters",
    example: 'recipient.address == "press@newspaper.example"',
    read: ({ recipient }) => addressKey(recipient.address),
  },
  {
    name: 'recipient.domain',
    type: 'string',
    meaning: "This recipient's domain in small letters",
    example: 'recipient.domain.endsWith(".gov.uk")',
    read: ({ recipient }) => recipient.domain,
  },
  {
    name: 'recipient.internal',
    type: 'bool',
    meaning: "At one of the council's own domains",
    example: '!recipient.internal',
    read: ({ recipient }) => recipient.internal,
  },
  {
    name: 'recipient.personalProvider',
    type: 'bool',
    meaning: 'At a provider of personal mail (lists/personal-providers.yaml)',
    example: 'recipient.personalProvider',
    read: ({ recipient }) => recipient.personalProvider,
  },
  {
    name: 'recipient.actorsOwn',
    type: 'bool',
    meaning: "The sender's own private address",
    example: 'recipient.actorsOwn',
    read: ({ recipient }) => recipient.actorsOwn,
  },
  {
    name: 'recipient.trustedKey',
    type: 'bool',
    meaning: 'An OpenPGP key that an officer trusts is held',
    example: 'recipient.trustedKey',
    read: ({ recipient }) => recipient.trustedKey,
  },
  {
    name: 'recipient.closed',
    type: 'bool',
    meaning: 'At a domain that was closed down (lists/dead-domains.yaml)',
    example: 'recipient.closed',
    read: ({ recipient, lists }) => isWithin(recipient.domain, lists.deadDomains),
  },
  {
    name: 'sender.class',
    type: 'string',
    meaning: 'Who answers for the message',
    example: 'sender.class == "member"',
    values: PERSON_CLASSES,
    read: ({ facts }) => facts.actor.class,
  },
  {
    name: 'sender.via',
    type: 'string',
    meaning: 'How the message came in',
    example: 'sender.via == "login"',
    values: ['login', 'connector', 'internal'],
    read: ({ facts }) => facts.arrival.via,
  },
  {
    name: 'sender.known',
    type: 'bool',
    meaning: 'It could be worked out who answers for the message',
    example: '!sender.known',
    read: ({ facts }) => facts.actor.basis !== 'unknown',
  },
  {
    name: 'elections.active',
    type: 'bool',
    meaning: 'An election period is open somewhere in the council',
    example: 'elections.active',
    read: ({ facts }) => facts.openElections.length > 0,
  },
  {
    name: 'elections.forSender',
    type: 'bool',
    meaning: "An election period is open for the whole council or for the sender's ward",
    example: 'elections.forSender',
    read: ({ facts }) =>
      facts.openElections.some(
        ({ wards }) => wards.length === 0 || wards.includes(facts.actor.ward ?? ''),
      ),
  },
  {
    name: 'council.id',
    type: 'string',
    meaning: "The council's file name",
    example: 'council.id == "merebrook"',
    read: ({ facts }) => facts.council.id,
  },
  {
    name: 'count.recipients',
    type: 'int',
    meaning: 'Recipients of this message, blind copies included',
    example: 'count.recipients >= 25',
    read: ({ facts }) => BigInt(facts.recipients.length),
  },
  {
    name: 'count.outsideRecipients',
    type: 'int',
    meaning: 'Recipients of this message outside the council',
    example: 'count.outsideRecipients >= 10',
    read: ({ facts }) => BigInt(facts.recipients.filter(({ internal }) => !internal).length),
  },
  {
    name: 'count.outsideRecipients24h',
    type: 'int',
    meaning: "Outside recipients of the sender's mail in 24 hours, this message included",
    example: 'count.outsideRecipients24h >= params.limit',
    read: ({ facts }) => BigInt(facts.outsideRecipients24h),
  },
  {
    name: 'count.similarRecipients24h',
    type: 'int',
    meaning: 'The same, of messages with nearly the same words or attachments',
    example: 'count.similarRecipients24h >= params.limit',
    // Mail decided before this was counted has no such fact.
    read: ({ facts }) => BigInt(facts.similarRecipients24h ?? 0),
  },
];

/** An object tree from dotted names. */
export function nested(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const parts = name.split('.');
    const last = parts.pop() ?? name;
    let at = root;
    for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return root;
}
