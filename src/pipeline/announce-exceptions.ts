import { addressKey, domainOf } from '../mail/address.ts';
import { composeExceptionAlert } from '../mail/exception-alert.ts';
import { queueId } from '../mail/queue-id.ts';
import { dueAnnouncements, type ListedException } from '../policy/exceptions.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { transaction } from '../store/connect.ts';
import { addExceptionAlert } from '../store/exception-alerts.ts';
import { noticeToken } from './inward.ts';
import { ownMessageId, putOwnMessage } from './own-message.ts';
import type { Road } from './road.ts';

/**
 * Tells those who answer for an exception that it ends soon, by mail and each once. Where it
 * reaches nobody it is not recorded, so that a mailbox entered later is still told. One mail that
 * cannot be written keeps back no other. Safe to run at any time, in several processes at once.
 */
export async function announceExceptions(road: Road): Promise<void> {
  const policy = road.policy();
  for (const { exception, days } of dueAnnouncements(policy, road.clock())) {
    const council = policy.councils.get(exception.council);
    if (!council) continue;
    for (const to of readersOf(council, exception)) {
      await tell(road, council, exception, days, to).catch((error: unknown) =>
        road.log.fault('exceptions', error, { exception: exception.id, council: council.id }),
      );
    }
  }
}

/** Addresses that owner and approver name inside the council, else the mailbox of its ICT. */
function readersOf(council: CouncilPolicy, { owner, approver }: ListedException): string[] {
  const isInside = (address: string): boolean => council.domains.includes(domainOf(address));
  const named = `${owner} ${approver}`.match(/[^\s<>(),;:"]+@[^\s<>(),;:"]+/g) ?? [];
  const answering = [...new Set(named.filter(isInside).map(addressKey))];
  if (answering.length > 0) return answering;
  const { ict } = council.settings.casework.alertsTo;
  return ict !== undefined && isInside(ict) ? [addressKey(ict)] : [];
}

async function tell(
  road: Road,
  council: CouncilPolicy,
  exception: ListedException,
  days: number,
  to: string,
): Promise<void> {
  const at = road.clock();
  const id = queueId(at, road.random(8));
  const { noticeFrom } = council.settings;
  const { until } = exception;
  const isWritten = await transaction(road.db, async (tx) => {
    const alert = { id, council: council.id, exception: exception.id, until, days, at };
    if (!(await addExceptionAlert(tx, { ...alert, toAddress: to }))) return false;
    const raw = composeExceptionAlert({
      council: { name: council.name, noticeFrom },
      to,
      exception: exception.id,
      permits:
        exception.permits === 'redirect'
          ? 'a redirect'
          : `mail past the rule "${exception.rules.join(', ')}"`,
      until,
      messageId: ownMessageId(road.hostname, id),
      at,
      token: `${id} ${noticeToken(road.noticeSecret, id)}`,
    });
    const own = { id, council, raw, mailFrom: noticeFrom, to, at };
    await putOwnMessage(road, tx, { ...own, notify: ['never'], route: 'inward' });
    return true;
  });
  if (isWritten) await road.queues.wake('deliver', [id]);
}
