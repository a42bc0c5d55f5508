import { addressKey, domainOf, isWithin, localPartOf } from '../mail/address.ts';
import type { Arrival, Envelope } from '../mail/envelope.ts';
import type { Actor, Facts, RecipientFacts } from '../mail/facts.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import type { Directory, Person } from '../mail/person.ts';
import { isOwnAddress, isPersonalProvider } from './account-kind.ts';
import { FORWARDING_THRESHOLD, forwardingEvidence } from './forwarding-evidence.ts';
import { foldName, nameWords, personName } from './person-names.ts';
import { viewOf } from './sending.ts';

export interface ActorQuestion {
  message: ParsedMessage;
  arrival: Arrival;
  envelope: Envelope;
  council: { id: string; domains: readonly string[] };
  directory: Directory;
}

export interface ActorAnswer {
  actor: Actor;
  /** Keys of the addresses that the actor may use as From. */
  entitled: string[];
  person: Person | null;
}

/**
 * The person answerable: the login; else, for a connector, the mailbox that the forwarding evidence
 * names; else an entitled From; else unknown, with an empty address. The From header is believed
 * only as far as the envelope sender agrees with it, or is silent.
 */
export function workOutActor(question: ActorQuestion): ActorAnswer {
  const { arrival, council, directory, message } = question;
  if (arrival.via === 'internal') return systemActor(arrival);
  if (arrival.authenticatedAs !== null) {
    return answer(addressKey(arrival.authenticatedAs), 'login', question);
  }
  const forwarding = forwardingMailbox(question);
  if (forwarding !== null) return answer(forwarding, 'forwarding', question);

  const from = addressKey(message.from[0]?.address ?? '');
  const sender = addressKey(message.sender?.address ?? '');
  const mailFrom = addressKey(question.envelope.mailFrom);
  const known = (address: string) => {
    const person = directory.byAddress(address);
    return person !== null && person.council === council.id ? person : null;
  };
  // Who is named as having pressed Send: the envelope sender, a delegate in Sender, the author.
  const submitter = known(mailFrom) ?? known(sender);
  const author = known(from);
  if (submitter !== null && submitter.id !== author?.id) {
    return answer(known(mailFrom) === null ? sender : mailFrom, 'from', question);
  }
  if (author !== null) return answer(from, 'from', question);
  return {
    actor: { ...nobody(), name: message.from[0]?.name ?? '' },
    entitled: [],
    person: null,
  };
}

/** The council mailbox that sends this on by itself, where the evidence suffices. */
function forwardingMailbox(question: ActorQuestion): string | null {
  const { message, arrival, envelope, council, directory } = question;
  const view = viewOf({ message, arrival, envelope, domains: council.domains });
  for (const { address } of envelope.rcptTo.slice(0, 10)) {
    const recipient = addressKey(address);
    if (isWithin(domainOf(recipient), council.domains)) continue;
    const { score, mailbox, signals } = forwardingEvidence({ ...view, recipient });
    if (score < FORWARDING_THRESHOLD || mailbox === null) continue;
    const named = signals
      .toSorted((a, b) => b.weight - a.weight)
      .flatMap((signal) => signal.mailbox ?? []);
    return named.find((candidate) => directory.byAddress(candidate) !== null) ?? mailbox;
  }
  return null;
}

function answer(address: string, basis: Actor['basis'], question: ActorQuestion): ActorAnswer {
  const found = question.directory.byAddress(address);
  const person = found !== null && found.council === question.council.id ? found : null;
  if (person === null) {
    const actor = { ...nobody(), address, basis };
    return { actor, entitled: [address], person: null };
  }
  const actor: Actor = {
    address,
    name: person.name,
    class: person.class,
    ward: person.ward,
    personalAddresses: person.personalAddresses,
    basis,
  };
  const entitled = [address, ...person.addresses, ...person.delegateOf].map(addressKey);
  return { actor, entitled: [...new Set(entitled)], person };
}

function nobody(): Actor {
  return {
    address: '',
    name: '',
    class: 'unknown',
    ward: null,
    personalAddresses: [],
    basis: 'unknown',
  };
}

function systemActor(arrival: Arrival): ActorAnswer {
  const actor: Actor = { ...nobody(), name: arrival.name, class: 'system', basis: 'login' };
  return { actor, entitled: [], person: null };
}

/** Parts of the text that are read for names; a book in an attachment names half the council. */
const NAMES_LIMIT = 500_000;

/**
 * Members and officers of the council whose surname stands in the message with a capital, as a
 * whole word. Double-barrelled and two-word surnames count by all their words.
 */
export function namedPeople(
  message: ParsedMessage,
  directory: Directory,
  councilId: string,
): Facts['namedPeople'] {
  const words = new Set<string>();
  for (const { text } of message.texts) {
    for (const [word] of text.slice(0, NAMES_LIMIT).matchAll(/\p{Lu}[\p{L}'’]*/gu)) {
      words.add(foldName(word).replace(/s$/, ''));
    }
  }
  return directory
    .of(councilId)
    .filter((person) => {
      const name = nameWords(person.name);
      const bySurname = personName(person.name, '').surnames[0];
      const surname = name.filter((word) => bySurname?.includes(word) === true && word.length > 1);
      // `foldName` drops the apostrophe of a possessive, so `Foden's` reads `fodens`.
      return surname.length > 0 && surname.every((word) => words.has(word.replace(/s$/, '')));
    })
    .map(({ name, class: personClass, addresses }) => ({ name, class: personClass, addresses }));
}

/** What is known of each recipient, in the envelope's order. */
export function recipientFacts(question: {
  envelope: Envelope;
  council: { domains: readonly string[] };
  actor: Actor;
  lists: Pick<Lists, 'personalProviders'>;
  /** Keys of the addresses for which an officer-trusted OpenPGP key is held. */
  trustedKeys: ReadonlySet<string>;
}): RecipientFacts[] {
  const { actor, council, lists, trustedKeys } = question;
  const registered = new Set(actor.personalAddresses.map(addressKey));
  const name = personName(actor.name, localPartOf(actor.address));
  return question.envelope.rcptTo.map(({ address }) => {
    const key = addressKey(address);
    const domain = domainOf(key);
    const internal = isWithin(domain, council.domains);
    const personalProvider = isPersonalProvider(domain, lists.personalProviders);
    return {
      address,
      domain,
      internal,
      personalProvider,
      actorsOwn: registered.has(key) || (!internal && isOwnAddress(key, name, personalProvider)),
      trustedKey: trustedKeys.has(key),
    };
  });
}
