/** Classes of actor. Conduct, political and forwarding rules are for members. */
export const PERSON_CLASSES = [
  'member',
  'officer',
  'returning-officer',
  'system',
  'unknown',
] as const;
export type PersonClass = (typeof PERSON_CLASSES)[number];

/**
 * Somebody, or a shared mailbox, of a council, as imported. Addresses are keys (see `addressKey`).
 */
export interface Person {
  id: string;
  council: string;
  name: string;
  class: PersonClass;
  /** Primary address first, then aliases. */
  addresses: string[];
  /** Shared or delegated mailboxes this person may send as (with Sender). */
  delegateOf: string[];
  /** Private addresses that the person registered with the council. */
  personalAddresses: string[];
  ward: string | null;
  group: string | null;
  /** ISO dates (YYYY-MM-DD), inclusive; `null` where open. */
  officeFrom: string | null;
  officeUntil: string | null;
  /** Why sending is suspended, `null` where it is not. */
  suspended: string | null;
}

/** Who is who. Built from the people table, or from a CSV by `inspect --batch`. */
export interface Directory {
  byAddress(address: string): Person | null;
  /** Everybody of one council. */
  of(council: string): readonly Person[];
}
