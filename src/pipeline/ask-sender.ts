import { queueId as makeQueueId } from '../mail/queue-id.ts';
import { addAlert } from '../store/case-clock.ts';
import { clearAsked, markAsked } from '../store/case-decisions.ts';
import { caseOfMessage } from '../store/case-history.ts';
import {
  closeCaseIfDone,
  lockCase,
  recordCaseAction,
  type CaseAction,
  type StoredCase,
} from '../store/cases.ts';
import { transaction, type Db } from '../store/connect.ts';
import { changeStatus } from '../store/deliveries.ts';
import { loadMessage } from '../store/messages.ts';
import { addNotice } from '../store/outbox.ts';
import { departure } from './act.ts';
import { holderOf, type ReviewRoad } from './review.ts';

/** In the record and the trail, whoever sent a held message. Never an address. */
export const SENDER = 'sender';

export type AskResult =
  | { kind: 'asked' }
  /** A question stands already: one at a time. */
  | { kind: 'asked-before'; at: Date }
  | { kind: 'claimed'; by: string; until: Date }
  /** Nobody to ask: the sender is unknown, or nothing waits any more. */
  | { kind: 'nobody' }
  | { kind: 'no-such-case' };

/**
 * Asks the sender about a held message: a notice with the question. The message waits on; its times
 * do not stop.
 */
export function askSender(
  road: ReviewRoad,
  request: { caseId: string; officer: string; question: string; requestId?: string | null },
): Promise<AskResult> {
  const { caseId, officer, question, requestId = null } = request;
  const at = road.clock();
  return transaction(road.db, async (tx): Promise<AskResult> => {
    const found = await lockCase(tx, caseId);
    const message = found && (await loadMessage(tx, found.queueId));
    if (!found || !message) return { kind: 'no-such-case' };
    const holder = holderOf(found, at);
    if (holder !== null && holder.by !== officer) return { kind: 'claimed', ...holder };
    const held = message.recipients.filter(({ status }) => status === 'held');
    if (!message.actorAddress || held.length === 0) return { kind: 'nobody' };
    if (found.askedAt) return { kind: 'asked-before', at: found.askedAt };
    await markAsked(tx, caseId, at);
    const recipientIds = held.map(({ id }) => id);
    const done = { caseId, action: 'ask' as const, recipientIds, officer, at };
    await recordCaseAction(tx, { ...done, reason: question, requestId });
    await addNotice(tx, {
      id: makeQueueId(at, road.random(8)),
      kind: 'question',
      queueId: message.queueId,
      council: message.council,
      toAddress: message.actorAddress,
      data: { positions: held.map(({ position }) => position), officerReason: question },
      dedupeKey: null,
      byOfficer: true,
      at,
    });
    return { kind: 'asked' };
  });
}

/** What the sender wrote, on the page behind the link of a notice. False where nothing waits. */
export function answerOfficer(
  road: Pick<ReviewRoad, 'db' | 'clock'>,
  answer: { queueId: string; text: string; requestId?: string | null },
): Promise<boolean> {
  return asSender(road, answer.queueId, async (tx, found, at) => {
    await clearAsked(tx, found.id);
    const { text, requestId = null } = answer;
    await recordCaseAction(tx, { ...bySender(found, 'answer', [], at), reason: text, requestId });
    return true;
  });
}

/**
 * The sender asks for a second look, at a hold or at what became of it: the officers to whom the
 * case goes when overdue are told. False where no officer had a part in it.
 */
export async function appealDecision(
  road: Pick<ReviewRoad, 'db' | 'clock' | 'random'>,
  { queueId, text, requestId = null }: { queueId: string; text: string; requestId?: string | null },
): Promise<boolean> {
  return transaction(road.db, async (tx) => {
    const known = await caseOfMessage(tx, queueId);
    const found = known && (await lockCase(tx, known.id));
    if (!found) return false;
    const done = bySender(found, 'appeal', [], road.clock());
    const id = await recordCaseAction(tx, { ...done, reason: text, requestId });
    if (id !== null) await tellOfAppeal(road, tx, found);
    return true;
  });
}

async function tellOfAppeal(
  road: Pick<ReviewRoad, 'clock' | 'random'>,
  tx: Db,
  { id: caseId, role, escalateTo }: StoredCase,
): Promise<void> {
  const at = road.clock();
  const id = makeQueueId(at, road.random(8));
  await addAlert(tx, { id, kind: 'appeal', caseId, role: escalateTo ?? role, officer: null, at });
}

/**
 * The sender takes a held message back: to those who have not got it, it will not go. Returns how
 * many that were.
 */
export async function withdrawMessage(
  road: Pick<ReviewRoad, 'db' | 'clock'>,
  { queueId }: { queueId: string },
): Promise<number> {
  let withdrawn = 0;
  await asSender(road, queueId, async (tx, found, at) => {
    const ids = await heldOf(tx, queueId);
    const moved = await changeStatus(tx, {
      recipientIds: ids,
      from: ['held'],
      to: 'withdrawn',
      at,
      actor: SENDER,
      event: 'withdrawal',
      data: { case: found.id },
    });
    withdrawn = moved.length;
    if (moved.length === 0) return false;
    await clearAsked(tx, found.id);
    await recordCaseAction(tx, bySender(found, 'withdraw', moved, at));
    await closeCaseIfDone(tx, queueId, at);
    return true;
  });
  return withdrawn;
}

/**
 * After a cooling-off it is the sender's own to end (domain H.5): lets a message go that was held
 * for conduct alone, once its time has come and it was found clean again. Returns to how many it
 * goes.
 */
export async function releaseBySender(
  road: ReviewRoad,
  { queueId }: { queueId: string },
): Promise<number> {
  const message = await loadMessage(road.db, queueId);
  if (!message) return 0;
  if (road.rescan && (await road.rescan(message)) !== 'clean') return 0;
  let released = 0;
  await asSender(road, queueId, async (tx, found, at) => {
    if (found.senderMayReleaseAt === null || found.senderMayReleaseAt > at) return false;
    released = (await releaseHeld(tx, road, found, { actor: SENDER, action: 'end' })).length;
    return released > 0;
  });
  return released;
}

/** Lets all go that a case still holds, for the clock or the sender, with the case's own record. */
export async function releaseHeld(
  tx: Db,
  road: ReviewRoad,
  found: StoredCase,
  { actor, action }: { actor: string; action: CaseAction },
): Promise<number[]> {
  const at = road.clock();
  const message = await loadMessage(tx, found.queueId);
  const council = road.policy().councils.get(found.council);
  if (!message || !council) return [];
  const moved: number[] = [];
  for (const recipient of message.recipients.filter(({ status }) => status === 'held')) {
    const { protection, id } = recipient;
    const clocks = departure(at, protection, council.settings, road.ordinaryDelayNoticeMinutes);
    const changed = await changeStatus(tx, {
      recipientIds: [id],
      from: ['held'],
      to: 'queued',
      at,
      actor,
      event: 'review',
      data: { case: found.id, action },
      ...clocks,
    });
    moved.push(...changed);
  }
  if (moved.length === 0) return moved;
  const done = { caseId: found.id, action, recipientIds: moved, officer: actor, reason: '', at };
  await recordCaseAction(tx, done);
  if (!message.actorAddress) return moved;
  const positions = message.recipients
    .filter(({ id }) => moved.includes(id))
    .map(({ position }) => position);
  await addNotice(tx, {
    id: makeQueueId(at, road.random(8)),
    kind: 'released',
    queueId: found.queueId,
    council: found.council,
    toAddress: message.actorAddress,
    data: { positions, officerReason: null },
    dedupeKey: null,
    at,
  });
  return moved;
}

async function asSender(
  { db, clock }: Pick<ReviewRoad, 'db' | 'clock'>,
  queueId: string,
  work: (tx: Db, found: StoredCase, at: Date) => Promise<boolean>,
): Promise<boolean> {
  const at = clock();
  return transaction(db, async (tx) => {
    const known = await caseOfMessage(tx, queueId);
    const found = known && (await lockCase(tx, known.id));
    if (found?.kind !== 'hold' || found.closedAt !== null || found.waiting === 0) return false;
    return work(tx, found, at);
  });
}

async function heldOf(tx: Db, queueId: string): Promise<number[]> {
  const message = await loadMessage(tx, queueId);
  return (message?.recipients ?? []).filter(({ status }) => status === 'held').map(({ id }) => id);
}

function bySender({ id }: StoredCase, action: CaseAction, recipientIds: number[], at: Date) {
  return { caseId: id, action, recipientIds, officer: SENDER, reason: '', at };
}
