import { PROTECTIONS } from '../mail/disposition.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import {
  closeCaseIfDone,
  loadCase,
  recordCaseAction,
  type CaseAction,
  type StoredCase,
} from '../store/cases.ts';
import { transaction, type Db } from '../store/connect.ts';
import { changeStatus, hastenInward } from '../store/deliveries.ts';
import { loadMessage, type StoredMessage, type StoredRecipient } from '../store/messages.ts';
import { addNotice } from '../store/outbox.ts';
import type { Policy } from '../policy/policy.ts';
import { departure } from './act.ts';

/** What a review needs of the world: the record. Whoever has queues wakes them afterwards. */
export interface ReviewRoad {
  db: Db;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  policy: () => Policy;
  ordinaryDelayNoticeMinutes: number;
}

export interface ReviewRequest {
  caseId: string;
  /** Addresses of the recipients decided on; empty means all that still wait. */
  recipients: string[];
  officer: string;
  /** Shown to the sender and kept in the record. */
  reason: string;
}

export type ReviewResult =
  | { kind: 'done'; queueId: string; recipients: number }
  /** Somebody decided before, or nothing of it waits: said, not repeated. */
  | { kind: 'nothing-waits' }
  | { kind: 'no-such-case' }
  | { kind: 'no-such-recipient'; address: string };

/**
 * Lets held recipients go: the original bytes with the original envelope, under the decision's
 * protection, which no officer can lower. Idempotent: a recipient leaves `held` once, however often
 * it is released. It counts as released only when the next hop has accepted it.
 */
export function release(road: ReviewRoad, request: ReviewRequest): Promise<ReviewResult> {
  return review(road, request, 'release');
}

/** Refuses held recipients for good; the sender is told, with the reason. */
export function reject(road: ReviewRoad, request: ReviewRequest): Promise<ReviewResult> {
  return review(road, request, 'reject');
}

/**
 * Sends a diverted message to the member's own council mailbox now instead of later (domain C.5).
 */
export function deliverInward(road: ReviewRoad, request: ReviewRequest): Promise<ReviewResult> {
  return review(road, request, 'deliver-inward');
}

async function review(
  road: ReviewRoad,
  request: ReviewRequest,
  action: CaseAction,
): Promise<ReviewResult> {
  const found = await loadCase(road.db, request.caseId);
  const message = found && (await loadMessage(road.db, found.queueId));
  if (!found || !message) return { kind: 'no-such-case' };
  const chosen = choose(message, request.recipients);
  if ('unknown' in chosen) return { kind: 'no-such-recipient', address: chosen.unknown };
  const at = road.clock();
  const decided = await transaction(road.db, async (tx) => {
    const changed =
      action === 'deliver-inward'
        ? await hastenInward(tx, { queueId: message.queueId, at })
        : await move(road, tx, { found, message, ...chosen, request, action });
    if (changed.length === 0) return null;
    const recipientIds = changed;
    const { officer, reason } = request;
    await recordCaseAction(tx, { caseId: found.id, action, recipientIds, officer, reason, at });
    await tellSender(road, tx, message, request, action, changed);
    await closeCaseIfDone(tx, message.queueId, at);
    return changed.length;
  });
  if (!decided) return { kind: 'nothing-waits' };
  return { kind: 'done', queueId: message.queueId, recipients: decided };
}

function choose(
  message: StoredMessage,
  addresses: string[],
): { recipients: StoredRecipient[] } | { unknown: string } {
  const known = (address: string): StoredRecipient | undefined =>
    message.recipients.find((each) => each.address?.toLowerCase() === address.toLowerCase());
  const unknown = addresses.find((address) => !known(address));
  if (unknown !== undefined) return { unknown };
  const named = addresses.flatMap((address) => known(address) ?? []);
  return { recipients: addresses.length === 0 ? message.recipients : named };
}

interface Move {
  found: StoredCase;
  message: StoredMessage;
  recipients: StoredRecipient[];
  request: ReviewRequest;
  action: 'release' | 'reject';
}

/** Protected and other recipients have clocks of their own, so they move apart. */
async function move(
  road: ReviewRoad,
  tx: Db,
  { found, message, recipients, request, action }: Move,
): Promise<number[]> {
  const at = road.clock();
  const council = road.policy().councils.get(message.council);
  if (!council) throw new Error(`No active policy for council "${message.council}"`);
  const from = found.kind === 'hold' ? ('held' as const) : ('diverted' as const);
  const changed: number[] = [];
  for (const protection of PROTECTIONS) {
    const moving = recipients.filter(
      (each) => each.status === from && each.protection === protection,
    );
    const clocks = departure(at, protection, council.settings, road.ordinaryDelayNoticeMinutes);
    const moved = await changeStatus(tx, {
      recipientIds: moving.map(({ id }) => id),
      from: [from],
      to: action === 'release' ? 'queued' : 'rejected',
      at,
      actor: request.officer,
      event: 'review',
      data: { case: found.id, action },
      ...(action === 'release' ? clocks : {}),
    });
    changed.push(...moved);
  }
  return changed;
}

async function tellSender(
  road: ReviewRoad,
  tx: Parameters<typeof addNotice>[0],
  message: StoredMessage,
  request: ReviewRequest,
  action: CaseAction,
  changed: number[],
): Promise<void> {
  if (!message.actorAddress || action === 'deliver-inward') return;
  const at = road.clock();
  const positions = message.recipients
    .filter((recipient) => changed.includes(recipient.id))
    .map(({ position }) => position);
  await addNotice(tx, {
    id: makeQueueId(at, road.random(8)),
    kind: action === 'release' ? 'released' : 'refused',
    queueId: message.queueId,
    council: message.council,
    toAddress: message.actorAddress,
    data: { positions, officerReason: request.reason },
    dedupeKey: null,
    at,
  });
}
