import { addressKey, domainOf } from '../mail/address.ts';
import { isPrivileged } from '../policy/casework.ts';
import { holdCauses } from '../policy/hold-causes.ts';
import type { CaseSubject, Investigation, Parties, PersonSubject } from '../policy/permissions.ts';
import type { Policy, Role } from '../policy/policy.ts';
import type { StoredCase } from '../store/cases.ts';
import { withinDates, type StoredInvestigation } from '../store/investigations.ts';
import type { StoredMessage } from '../store/messages.ts';

// What the permission matrix is asked with, of what the record knows.

/** Who and what a case is about. What was handed to another role is that role's to decide. */
export function subjectOf(policy: Policy, found: StoredCase, message: StoredMessage): CaseSubject {
  const { decision } = message;
  const causes = holdCauses(policy, decision ?? { recipients: [] }, found.kind);
  const queue = found.role as Role;
  const { senders, recipients, named } = partiesOf(message);
  return {
    kind: 'case',
    council: found.council,
    reasons: found.escalatedAt ? causes.map(({ area }) => ({ area, queue })) : causes,
    returningOfficersMail: found.returningOfficers,
    privileged: found.privileged || isPrivilegedMail(policy, message),
    // Those of its first moment too: who stands in From is in no column of the message.
    parties: { senders: [...senders, ...found.parties], recipients, named },
  };
}

/**
 * One person's message outside a held case; `null` where nobody of the council is known as its
 * sender.
 * @param investigations those that cover the sender, of whatever mail
 */
export function personSubjectOf(
  policy: Policy,
  message: StoredMessage,
  investigations: readonly StoredInvestigation[],
  at: Date,
): (PersonSubject & { investigations: readonly Investigation[] }) | null {
  const { actorAddress, council, receivedAt, facts } = message;
  if (!actorAddress) return null;
  return {
    kind: 'person',
    council,
    addresses: [actorAddress],
    investigations: investigations.filter((each) => withinDates(each, receivedAt)),
    parties: partiesOf(message),
    privileged: isPrivilegedMail(policy, message),
    returningOfficersMail: facts?.actor.class === 'returning-officer',
    at,
  };
}

/** Who a message is from, to and about (domain H.2). */
function partiesOf({ facts, envelope, actorAddress, recipients }: StoredMessage): Parties {
  return {
    senders: keysOf([actorAddress, facts?.actor.address, envelope?.mailFrom]),
    recipients: keysOf(recipients.map(({ address }) => address)),
    named: (facts?.namedPeople ?? []).flatMap((person) => [person.name, ...person.addresses]),
  };
}

function keysOf(addresses: (string | null | undefined)[]): string[] {
  return addresses.flatMap((address) => (address ? [addressKey(address)] : []));
}

/** Whoever of its recipients is an adviser, an MP, a union or a whistleblowing line counts. */
function isPrivilegedMail({ councils }: Policy, message: StoredMessage): boolean {
  const casework = councils.get(message.council)?.settings.casework;
  const addresses = keysOf(message.recipients.map(({ address }) => address));
  return casework !== undefined && isPrivileged(casework, addresses.map(domainOf));
}
