import { addressKey } from '../mail/address.ts';
import {
  holdCauses,
  mattersAt,
  type CaseAction,
  type CaseSubject,
  type Parties,
} from '../policy/permissions.ts';
import type { Policy, Role } from '../policy/policy.ts';
import type { CaseScope } from '../store/case-queue.ts';
import { loadCase, type StoredCase, type StoredCaseAction } from '../store/cases.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import { notFound, type Page } from './route.ts';

/** A case as a page works with it, and what the permission matrix is asked with. */
export interface OpenedCase {
  found: StoredCase & { actions: StoredCaseAction[] };
  message: StoredMessage;
  subject: CaseSubject;
}

/**
 * The case of an id, for an officer who may list it.
 * @throws {Problem} 404 for all others: whoever may not see a case does not learn that it exists
 */
export async function openedCase(page: Page, id: string): Promise<OpenedCase> {
  const { db, policy } = page.services.road;
  const found = await loadCase(db, id);
  const message = found && (await loadMessage(db, found.queueId));
  if (!found || !message) throw notFound();
  const subject = subjectOf(policy(), found, message);
  if (!page.may('view-metadata', subject).allowed) throw notFound();
  return { found, message, subject };
}

/** Who and what a case is about. What was handed to another role is that role's to decide. */
export function subjectOf(policy: Policy, found: StoredCase, message: StoredMessage): CaseSubject {
  const { decision } = message;
  const causes = holdCauses(policy, decision ?? { recipients: [] }, found.kind);
  const queue = found.role as Role;
  return {
    kind: 'case',
    council: found.council,
    reasons: found.escalatedAt ? causes.map(({ area }) => ({ area, queue })) : causes,
    returningOfficersMail: found.returningOfficers,
    privileged: found.privileged,
    parties: partiesOf(message),
  };
}

/** Who a message is from, to and about (domain H.2). */
export function partiesOf({ facts, envelope, actorAddress, recipients }: StoredMessage): Parties {
  return {
    senders: keysOf([actorAddress, facts?.actor.address, envelope?.mailFrom]),
    recipients: keysOf(recipients.map(({ address }) => address)),
    named: (facts?.namedPeople ?? []).flatMap((person) => [person.name, ...person.addresses]),
  };
}

function keysOf(addresses: (string | null | undefined)[]): string[] {
  return addresses.flatMap((address) => (address ? [addressKey(address)] : []));
}

/** The cases that the officer may list, and look into: by council, area and queue. */
export function scopeOf(page: Page): CaseScope {
  const { officer } = page;
  const policy = page.services.road.policy();
  const matters = (action: CaseAction) =>
    page
      .councils(action)
      .map((council) => ({ council, ...mattersAt(policy, officer, action, council) }));
  return {
    officer: officer.id,
    matters: matters('list'),
    contentMatters: matters('view-content'),
    ownAddresses: [...officer.addresses],
  };
}
