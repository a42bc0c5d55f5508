import { transaction } from '../store/connect.ts';
import { takeDelayNotices } from '../store/deliveries.ts';
import { dueWork, loadMessage } from '../store/messages.ts';
import { pendingNotices } from '../store/outbox.ts';
import { noteEndedInvestigations } from './announce-endings.ts';
import { keepCaseTimes } from './case-clock.ts';
import { addFailureNotice } from './failure-notice.ts';
import type { Road } from './road.ts';

/** How many ids of each kind one sweep wakes; the next sweep takes the rest. */
const SWEEP_LIMIT = 1000;
/** Delayed notices of one sweep, all in one transaction. */
const DELAY_NOTICES = 100;
/**
 * While jobs wait in a long line, the sweep adds each of them once in so many seconds, not each
 * time.
 */
const ROUND_SECONDS = 10;
/**
 * A message this young is probably being worked on; and failures this close together make one
 * notice.
 */
const SETTLE_SECONDS = 2;

/**
 * Rebuilds every due job from PostgreSQL, so that Redis may be wiped at any moment, and starts what
 * only the clock starts: retries, delayed notices. Safe to run in several processes at once.
 */
export async function sweep(road: Road): Promise<void> {
  const at = road.clock();
  const settledBefore = new Date(at.getTime() - SETTLE_SECONDS * 1000);
  const due = await dueWork(road.db, { at, settledBefore, limit: SWEEP_LIMIT });
  const round = 1 + Math.floor(at.getTime() / (ROUND_SECONDS * 1000));
  await road.queues.wake('process', due.process, round);
  await road.queues.wake('deliver', due.deliver, round);
  await road.queues.wake('notify', await addDelayNotices(road, at));
  const notices = await pendingNotices(road.db, { settledBefore, limit: SWEEP_LIMIT });
  await road.queues.wake('notify', notices, round);
  await keepCaseTimes(road);
  await noteEndedInvestigations(road);
}

/** Ids of the delayed notices that became due, each now in the outbox. */
function addDelayNotices(road: Road, at: Date): Promise<string[]> {
  return transaction(road.db, async (tx) => {
    const added: string[] = [];
    for (const queueId of await takeDelayNotices(tx, at, DELAY_NOTICES)) {
      const message = await loadMessage(tx, queueId);
      const id = message && (await addFailureNotice(road, tx, message, 'delayed'));
      if (id) added.push(id);
    }
    return added;
  });
}
