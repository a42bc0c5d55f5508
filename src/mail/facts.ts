import type { Arrival, Envelope } from './envelope.ts';
import type { LabelOptions } from './marking-labels.ts';
import type { Person, PersonClass } from './person.ts';

/** A period as it stood when the message was accepted. Times are ISO 8601 with offset. */
export interface ElectionPeriod {
  id: string;
  name: string;
  /** Publication of the notice of election, as entered. */
  startsAt: string;
  /** Close of poll, or the end that was entered. */
  endsAt: string;
  /** Ward names; empty means the whole council. */
  wards: string[];
}

/** A verdict on the whole message, its attachments included. */
export interface MalwareScan {
  /** `null` where none is configured, or the message is decided unseen. */
  by: 'clamd' | null;
  /** What the scanner calls it; `null` where it found nothing. */
  signature: string | null;
}

/** The person answerable for the message, and how we know. */
export interface Actor {
  address: string;
  name: string;
  class: PersonClass;
  ward: string | null;
  personalAddresses: string[];
  /** `login`, `forwarding` (the mailbox that the evidence names), `from`, or `unknown`. */
  basis: 'login' | 'forwarding' | 'from' | 'unknown';
}

/** What is known of one recipient. */
export interface RecipientFacts {
  /** As in the envelope. */
  address: string;
  domain: string;
  /** At one of the council's own domains. */
  internal: boolean;
  /** At a provider of personal mail (policies/lists/personal-providers.yaml). */
  personalProvider: boolean;
  /** One of the actor's registered personal addresses, or matched to the actor by name. */
  actorsOwn: boolean;
  /** An officer-trusted OpenPGP key is held. */
  trustedKey: boolean;
}

/**
 * What inspection and decision need of the world, taken once and recorded with the decision, so
 * that the same message, policy and facts give the same decision again.
 */
export interface Facts {
  /** Receipt time, ISO 8601 UTC. Never the Date header. */
  receivedAt: string;
  council: {
    id: string;
    name: string;
    domains: string[];
    wards: string[];
    /** What the labels of its own Microsoft 365 tenant stand for. */
    labels: LabelOptions;
  };
  arrival: Arrival;
  envelope: Envelope;
  actor: Actor;
  /** Entitlement: addresses the actor may use as From. */
  entitled: string[];
  recipients: RecipientFacts[];
  /** Periods open at `receivedAt`. */
  openElections: ElectionPeriod[];
  /** Members and officers whose surname stands in the message, for identity and criticism. */
  namedPeople: Pick<Person, 'name' | 'class' | 'addresses'>[];
  /**
   * Distinct outside recipients of the actor's mail in the last 24 hours, this message included.
   */
  outsideRecipients24h: number;
  /** The same, of his near-identical mail alone. */
  similarRecipients24h: number;
  /** What the malware scanner said of the bytes. */
  scan: MalwareScan;
}
