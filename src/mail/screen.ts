import addressparser from 'nodemailer/lib/addressparser';
import { addressKey } from './address.ts';
import type { Arrival, Envelope } from './envelope.ts';
import type { LabelOptions } from './marking-labels.ts';
import { markingOf } from './marking.ts';
import type { HeaderField } from './message.ts';
import type { Person } from './person.ts';
import { smtpReply, type SmtpReply } from './smtp-reply.ts';
import { countReceived } from './trace.ts';

/** Names in lower case, values unfolded. */
type Fields = readonly Pick<HeaderField, 'name' | 'value'>[];

export interface ScreenInput {
  arrival: Arrival;
  envelope: Envelope;
  /** Top level only. */
  fields: Fields;
  /** Ours, as in our Received fields. */
  hostname: string;
  /** Who logged in; `null` for connectors. */
  person: Person | null;
  /** The council of the connector or login. */
  council: {
    settings: {
      contacts: readonly { role: string; text: string }[];
      sensitivityLabels: LabelOptions;
    };
  };
  at: Date;
}

/** RFC 5321 §6.3: at least 100, so that a long but honest road is never taken for a loop. */
const MAX_RECEIVED = 100;
/** A smarthost that hands our mail back is seen at the third pass, before it fills any queue. */
const MAX_OWN_RECEIVED = 2;

/**
 * What is refused before 250, and nothing else is (design.md, "The road"; replies: domain E.3).
 * @returns the 5xx reply, or `null` to go on. The text is public and generic.
 */
export function screen(input: ScreenInput): SmtpReply | null {
  return (
    screenLoop(input.fields, input.hostname) ??
    screenFrom(input.fields) ??
    (input.arrival.via === 'login' ? screenLogin(input) : null) ??
    screenMarking(input)
  );
}

function screenLoop(fields: Fields, hostname: string): SmtpReply | null {
  const { total, ours } = countReceived(fields, hostname);
  if (total <= MAX_RECEIVED && ours <= MAX_OWN_RECEIVED) return null;
  return smtpReply(554, '5.4.6', 'Mail loop detected, too many Received fields');
}

/** RFC 5322 §3.6.2: one From; where it names several authors, a Sender says who sent it. */
function screenFrom(fields: Fields): SmtpReply | null {
  const froms = fields.filter((field) => field.name === 'from');
  if (froms.length !== 1) {
    return smtpReply(550, '5.6.0', 'Message must have exactly one From field');
  }
  const authors = mailboxCount(froms[0]?.value ?? '');
  if (authors === 0) return smtpReply(550, '5.6.0', 'The From field names no mailbox');
  if (authors === 1) return null;
  const senders = fields.filter((field) => field.name === 'sender');
  if (senders.length === 1 && mailboxCount(senders[0]?.value ?? '') === 1) return null;
  return smtpReply(550, '5.6.0', 'A From field with several mailboxes needs one Sender field');
}

function mailboxCount(value: string): number {
  return addressparser(value, { flatten: true }).filter(({ address }) =>
    /^[^\s@].*@[^\s@]+$/.test(address),
  ).length;
}

function screenLogin({ envelope, person, council, at }: ScreenInput): SmtpReply | null {
  if (!person) return smtpReply(550, '5.7.1', 'This account may not send mail');
  const contact = contactWords(council.settings.contacts);
  if (person.suspended !== null) {
    return smtpReply(550, '5.7.1', `Sending from this account is suspended${contact}`);
  }
  if (person.officeUntil !== null && person.officeUntil < londonDay(at)) {
    return smtpReply(550, '5.7.1', `The term of office of this account has ended${contact}`);
  }
  // The null sender is how mail programs send receipts (RFC 8098 §2.1); From is still inspected.
  if (envelope.mailFrom === '') return null;
  const entitled = [...person.addresses, ...person.delegateOf].map(addressKey);
  if (entitled.includes(addressKey(envelope.mailFrom))) return null;
  return smtpReply(553, '5.7.1', 'This account may not send from that address');
}

/** The service desk where the council names one, as printable ASCII (RFC 5321 §4.2). */
function contactWords(contacts: readonly { role: string; text: string }[]): string {
  const contact = contacts.find(({ role }) => role.toLowerCase() === 'ict') ?? contacts[0];
  const words = (contact?.text ?? '').replace(/[^\x20-\x7E]+/g, ' ').trim();
  return words === '' ? '' : `, contact: ${words.slice(0, 200)}`;
}

/** The gateway is an OFFICIAL-tier system: the body of anything above is not even stored. */
function screenMarking({ fields, council }: ScreenInput): SmtpReply | null {
  const { level } = markingOf(fields, council.settings.sensitivityLabels);
  if (level !== 'SECRET' && level !== 'TOP SECRET') return null;
  return smtpReply(550, '5.7.1', 'Material of this classification may not be sent by this system');
}

const LONDON_DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' });

/** YYYY-MM-DD, as the dates of office are written. */
function londonDay(at: Date): string {
  return LONDON_DAY.format(at);
}

/** A header that the sending organisation's own system writes, and outsiders cannot. */
export interface TenantPin {
  header: string;
  value: string;
}

/**
 * Exactly one field of that name with exactly that value, case ignored. Two fields are refused: one
 * of them may be a forgery, and nothing says which.
 */
export function tenantPinned(fields: Fields, pin: TenantPin): boolean {
  const name = pin.header.trim().toLowerCase();
  const found = fields.filter((field) => field.name === name);
  return found.length === 1 && same(found[0]?.value ?? '', pin.value);
}

function same(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}
