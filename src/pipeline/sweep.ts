import { transaction } from '../store/connect.ts';
import { takeDelayNotices } from '../store/deliveries.ts';
import { dueWork, loadMessage } from '../store/messages.ts';
import { pendingNotices } from '../store/outbox.ts';
import { addFailureNotice } from './failure-notice.ts';
import type { Road } from './road.ts';

/** How many ids of each kind one sweep wakes; the next sweep takes the rest. */
const SWEEP_LIMIT = 1000;
/** Delayed notices of one sweep, all in one transaction. */
const DELAY_NOTICES = 100;
/** A message this young is probably being worked on; and failures this close together make one notice. */
const SETTLE_SECONDS = 2;

/**
 * Rebuilds every due job from PostgreSQL, so that Redis may be wiped at any moment, and starts what only
 * the clock starts: retries, delayed notices. Safe to run in several processes at once.
 */
export async function sweep(road: Road): Promise<void> {
  const at = road.clock();
  const settledBefore = new Date(at.getTime() - SETTLE_SECONDS * 1000);
  const due = await dueWork(road.db, { at, settledBefore, limit: SWEEP_LIMIT });
  for (const queueId of due.process) await road.queues.wake('process', queueId);
  for (const queueId of due.deliver) await road.queues.wake('deliver', queueId);
  await transaction(road.db, async (tx) => {
    for (const queueId of await takeDelayNotices(tx, at, DELAY_NOTICES)) {
      const message = await loadMessage(tx, queueId);
      if (message) await addFailureNotice(road, tx, message, 'delayed');
    }
  });
  for (const id of await pendingNotices(road.db, { settledBefore, limit: SWEEP_LIMIT })) {
    await road.queues.wake('notify', id);
  }
}
