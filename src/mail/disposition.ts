/** What happens to a message for one recipient, most lenient first. The strictest wins. */
export const GATES = ['release', 'hold', 'divert', 'reject'] as const;
export type Gate = (typeof GATES)[number];

/** Whether it must leave encrypted. Independent of the gate, and outlives it. */
export const PROTECTIONS = ['none', 'required'] as const;
export type Protection = (typeof PROTECTIONS)[number];

/** Where one recipient of one message stands. The record is PostgreSQL. */
export const RECIPIENT_STATUSES = [
  'spooled', // accepted, not yet decided
  'held', // waits for an officer
  'diverted', // an automatic forward: kept from the outside, offered to the council mailbox
  'queued', // to be delivered now
  'deferred', // to be tried again at next_attempt_at
  'delivered', // the next hop said 2xx
  'rejected', // refused by us
  'bounced', // refused by them
  'expired', // gave up waiting
  'withdrawn', // taken back by the sender
] as const;
export type RecipientStatus = (typeof RECIPIENT_STATUSES)[number];

/** Statuses that nothing leaves by itself. `held` and `diverted` wait for a person or a date. */
export const TERMINAL_STATUSES: readonly RecipientStatus[] = [
  'delivered',
  'rejected',
  'bounced',
  'expired',
  'withdrawn',
];

export function strictestGate(gates: readonly Gate[]): Gate {
  return GATES[Math.max(0, ...gates.map((gate) => GATES.indexOf(gate)))] ?? 'reject';
}

export function strictestProtection(protections: readonly Protection[]): Protection {
  return protections.includes('required') ? 'required' : 'none';
}
