import { queueId as makeQueueId } from '../mail/queue-id.ts';
import type { Db } from '../store/connect.ts';
import type { StoredMessage } from '../store/messages.ts';
import { addNotice, hasPendingNotice } from '../store/outbox.ts';
import type { Road } from './road.ts';

/**
 * Puts a notice of a delay or a failure into the outbox, unless one for this message still waits
 * there: a notice is composed from the record when it is written, so it names everybody who failed
 * by then. Never for a notice of ours, never for the null sender (RFC 5321 §4.5.5: no report about
 * a report), and never to a stranger: without a known actor there is nobody to tell.
 * @returns the notice's id, to be woken once `tx` is committed; `null` where none will be written.
 */
export async function addFailureNotice(
  road: Road,
  tx: Db,
  message: StoredMessage,
  kind: 'delayed' | 'undelivered' | 'expired',
): Promise<string | null> {
  if (message.origin === 'internal' || !message.actorAddress) return null;
  if (message.envelope?.mailFrom === '') return null;
  if (await hasPendingNotice(tx, message.queueId, kind)) return null;
  const at = road.clock();
  const id = makeQueueId(at, road.random(8));
  const fresh = await addNotice(tx, {
    id,
    kind,
    queueId: message.queueId,
    council: message.council,
    toAddress: message.actorAddress,
    data: {},
    dedupeKey: null,
    at,
  });
  return fresh ? id : null;
}
