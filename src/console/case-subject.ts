import { subjectOf } from '../pipeline/case-subject.ts';
import {
  folded,
  mattersAt,
  may,
  type CaseAction,
  type CaseSubject,
  type OfficerIdentity,
} from '../policy/permissions.ts';
import type { StoredOfficer } from '../store/officers.ts';
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

/** Whether a case can be given to an officer: one who may sign in and see it, and is no party. */
export function mayWorkOn(page: Page, officer: StoredOfficer, subject: CaseSubject): boolean {
  if (officer.disabledAt !== null) return false;
  const policy = page.services.road.policy();
  return may(policy, officer as OfficerIdentity, 'view-metadata', subject).allowed;
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
    ownAddresses: [...officer.addresses, folded(officer.name)],
    sealsPrivileged: policy.permissions.secondOfficerFor.has('view-content'),
  };
}
