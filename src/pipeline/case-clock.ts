import { addressKey, domainOf } from '../mail/address.ts';
import { composeAlert, type AlertKind } from '../mail/officer-alert.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import { appendAudit } from '../store/audit.ts';
import {
  addAlert,
  dropEnd,
  endingCases,
  lockAlert,
  noteOverdue,
  overdueCases,
  pendingAlerts,
  settleAlert,
  stuckCases,
} from '../store/case-clock.ts';
import { casesPastGrace, closeCaseIfDone, lockCase, type StoredCase } from '../store/cases.ts';
import { transaction, type Db } from '../store/connect.ts';
import { loadMessage } from '../store/messages.ts';
import { releaseHeld } from './ask-sender.ts';
import { noticeToken } from './inward.ts';
import { ownMessageId, putOwnMessage } from './own-message.ts';
import { holderOf, type ReviewRoad } from './review.ts';
import type { Road } from './road.ts';
import { rescan } from './scan.ts';

const AT_ONCE = 200;
/** Officers are warned so long before a message goes by itself. */
const WARNING_MINUTES = 120;
/** What was released and is not taken after so long is an alarm, not patience. */
const STUCK_MINUTES = 30;

/**
 * What the clock does to cases, and only the clock: tells of overdue ones, warns before a message
 * goes by itself and lets it go then, closes what can no longer be taken back, tells of releases
 * that are stuck. A hold never just lapses: only the service levels of the council's file end one.
 * Safe to run in several processes at once.
 */
export async function keepCaseTimes(road: Road): Promise<void> {
  const at = road.clock();
  for (const found of await overdueCases(road.db, at, AT_ONCE)) {
    const role = found.escalateTo ?? found.role;
    await transaction(road.db, async (tx) => {
      if (!(await noteOverdue(tx, { caseId: found.id, role, at }))) return;
      await alert(road, tx, found, 'overdue', role);
      if (role !== found.role) await alert(road, tx, found, 'overdue', found.role);
    });
  }
  const soon = new Date(at.getTime() + WARNING_MINUTES * 60_000);
  for (const found of await endingCases(road.db, soon, at)) {
    if (found.endsAt !== null && found.endsAt <= at) await endCase(road, found);
    else await transaction(road.db, (tx) => alert(road, tx, found, 'ends-soon', found.role));
  }
  for (const queueId of await casesPastGrace(road.db, at, AT_ONCE)) {
    await transaction(road.db, (tx) => closeCaseIfDone(tx, queueId, at));
  }
  const since = new Date(at.getTime() - STUCK_MINUTES * 60_000);
  for (const found of await stuckCases(road.db, since)) {
    await transaction(road.db, (tx) => alert(road, tx, found, 'stuck', 'ict'));
  }
  for (const id of await pendingAlerts(road.db, AT_ONCE)) await writeAlert(road, id);
}

/** Lets a message go whose time ran out undecided (domain H.5), once it was found clean again. */
async function endCase(road: Road, found: StoredCase): Promise<void> {
  const at = road.clock();
  const message = await loadMessage(road.db, found.queueId);
  if (!message) return;
  const verdict = await rescan(road, message);
  await transaction(road.db, async (tx) => {
    const now = await lockCase(tx, found.id);
    if (!now || now.closedAt !== null || holderOf(now, at) !== null) return;
    if (verdict === 'clean') {
      await releaseHeld(tx, reviewRoad(road), now, { actor: 'clock', action: 'end' });
      return;
    }
    // Not again each time: it now waits for an officer, as one that has no end by itself.
    await dropEnd(tx, now.id);
    const data = { case: now.id, scanner: verdict };
    await appendAudit(tx, { event: 'release-stopped', queueId: now.queueId, actor: 'clock', data });
    await alert(road, tx, now, 'overdue', 'ict');
  });
  if (verdict === 'clean') await road.queues.wake('deliver', [found.queueId]);
}

/** The part of the road that a review needs. */
export function reviewRoad(road: Road): ReviewRoad {
  const { db, clock, random, policy } = road;
  return {
    db,
    clock,
    random,
    policy,
    ordinaryDelayNoticeMinutes: road.delivery.ordinaryDelayNoticeMinutes,
    rescan: (message) => rescan(road, message),
  };
}

/** Tells officers of a case, once. @param officer an officer's own mailbox, for that one alone */
export async function alert(
  road: Pick<ReviewRoad, 'clock' | 'random'>,
  tx: Db,
  found: Pick<StoredCase, 'id'>,
  kind: AlertKind,
  role: string,
  officer: string | null = null,
): Promise<void> {
  const at = road.clock();
  const id = makeQueueId(at, road.random(8));
  await addAlert(tx, { id, kind, caseId: found.id, role, officer, at });
}

async function writeAlert(road: Road, id: string): Promise<void> {
  const at = road.clock();
  const isWritten = await transaction(road.db, async (tx) => {
    const pending = await lockAlert(tx, id);
    const council = pending && road.policy().councils.get(pending.council);
    if (!pending || !council) return false;
    const { alertsTo } = council.settings.casework;
    const to = pending.officer ?? alertsTo[pending.role as keyof typeof alertsTo];
    const isInside = to !== undefined && council.domains.includes(domainOf(to));
    if (!isInside) {
      const suppressed = to === undefined ? 'no mailbox for this role' : 'not at the council';
      await settleAlert(tx, { id, at, suppressed });
      return false;
    }
    const { kind, caseId } = pending;
    const raw = composeAlert({
      kind,
      council: { name: council.name, noticeFrom: council.settings.noticeFrom },
      to,
      caseId,
      link: road.consoleUrl === null ? null : new URL(`/cases/${caseId}`, road.consoleUrl).href,
      messageId: ownMessageId(road.hostname, id),
      at,
      token: `${id} ${noticeToken(road.noticeSecret, id)}`,
    });
    await putOwnMessage(road, tx, {
      id,
      council,
      raw,
      mailFrom: council.settings.noticeFrom,
      to: addressKey(to),
      notify: ['never'],
      route: 'inward',
      at,
    });
    await settleAlert(tx, { id, at, suppressed: null });
    return true;
  });
  if (isWritten) await road.queues.wake('deliver', [id]);
}
