import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import type { Arrival, Envelope } from '../mail/envelope.ts';
import { type ParsedMessage, stretches, textPart } from '../mail/message.ts';
import { attachesMessage, forwardedBlock, hasForwardSubject } from './forwarded-block.ts';

/** One sending of the message, as the transport shows it. */
export interface Sending {
  message: ParsedMessage;
  arrival: Pick<Arrival, 'via' | 'authenticatedAs'>;
  envelope: Pick<Envelope, 'mailFrom'>;
  /** The council's own domains: a trace that names no mailbox of them is another's history. */
  domains: readonly string[];
}

/** A sending with what several traces ask about it. All addresses are keys. */
export interface SendingView extends Sending {
  /** Whom this is for; `''` until the view is narrowed to one recipient. */
  recipient: string;
  isOurs: (address: string) => boolean;
  from: string;
  mailFrom: string;
  /** Addresses of To and Cc. */
  addressed: ReadonlySet<string>;
  /** Our mailboxes in To and Cc. */
  oursAddressed: string[];
  /**
   * FW: or Fwd: in the Subject, an attached message, or a body that opens with a forwarded block.
   */
  forwardShape: boolean;
  /** The body names another message's sender and a further field of it, in whatever layout. */
  carriesMail: boolean;
  /** No word of the sender's own stands above what is forwarded. */
  nothingAdded: boolean;
}

const FIELD_FROM = /^[ \t>*]{0,8}(?:from|sender)\*?[ \t]?:[^@\n]{0,120}@/im;
const FIELD_BESIDE = /^[ \t>*]{0,8}(?:sent|received|date|to|subject|body)\*?[ \t]?:/im;

/** Reads the message once for all its recipients: `{ ...view, recipient }` narrows it to one. */
export function viewOf(sending: Sending): SendingView {
  const { message, domains } = sending;
  const isOurs = (address: string) => isWithin(domainOf(address), domains);
  const addressed = new Set([...message.to, ...message.cc].map((box) => addressKey(box.address)));
  const body = textPart(message, 'body');
  const block = forwardedBlock(message);
  const above = block === null ? null : (body?.text.slice(0, block.start) ?? '');
  const own = body === null ? [] : stretches(body, ['own']).map((stretch) => stretch.text);
  const nothingAdded = (above ?? own.join('')).trim() === '';
  const attached = attachesMessage(message);
  return {
    ...sending,
    recipient: '',
    isOurs,
    from: addressKey(message.from[0]?.address ?? ''),
    mailFrom: addressKey(sending.envelope.mailFrom),
    addressed,
    oursAddressed: [...addressed].filter(isOurs),
    carriesMail: FIELD_FROM.test(body?.text ?? '') && FIELD_BESIDE.test(body?.text ?? ''),
    forwardShape: hasForwardSubject(message) || attached || (block !== null && nothingAdded),
    nothingAdded: nothingAdded && (block !== null || attached),
  };
}
