import { addressKey } from '../mail/address.ts';
import { PROTECTIONS } from '../mail/disposition.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';
import { appendAudit } from '../store/audit.ts';
import { lastDecisionOn, proposalsOn, setActionState } from '../store/case-decisions.ts';
import {
  closeCaseIfDone,
  lockCase,
  loadCase,
  recordCaseAction,
  type CaseAction,
  type StoredCase,
} from '../store/cases.ts';
import { transaction, type Db } from '../store/connect.ts';
import { changeStatus, hastenInward, raiseProtection } from '../store/deliveries.ts';
import { loadMessage, type StoredMessage, type StoredRecipient } from '../store/messages.ts';
import { addNotice, withdrawNoticeOf } from '../store/outbox.ts';
import { departure } from './act.ts';

/** What a review needs of the world: the record. Whoever has queues wakes them afterwards. */
export interface ReviewRoad {
  db: Db;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  policy: () => Policy;
  ordinaryDelayNoticeMinutes: number;
  /** Looks for malware again before anything is let out; see `rescan`. */
  rescan?: (message: StoredMessage) => Promise<'clean' | 'infected' | 'unavailable'>;
}

/** What an officer may decide. */
export const DECISIONS = [
  'release',
  'release-encrypted',
  'reject',
  'return-for-pgp',
  'deliver-inward',
] as const;
export type DecisionAction = (typeof DECISIONS)[number];

export interface ReviewRequest {
  caseId: string;
  /** Recipients decided on, by id or by address; empty means all that still wait. */
  recipients: readonly (number | string)[];
  officer: string;
  /** Shown to the sender and kept in the record. */
  reason: string;
  /** Of the council's short list. */
  reasonCode?: string | null;
  /** The permission matrix asks for a second officer. */
  needsSecond?: boolean;
  /** UUID of the form that was sent: sent twice, it is one decision. */
  requestId?: string | null;
}

export type ReviewResult =
  | {
      kind: 'done';
      queueId: string;
      recipients: number;
      /** Until when it can be taken back; `null` where it cannot. */
      undoUntil: Date | null;
    }
  /** Another officer must decide the same before it counts. */
  | { kind: 'proposed'; queueId: string; recipients: number }
  /** Somebody decided before: who, what and when. Said, not repeated. */
  | { kind: 'decided-before'; by: string; action: CaseAction; at: Date }
  /** Nothing of it waits, and no officer decided it. */
  | { kind: 'nothing-waits' }
  /** Another officer works on it. */
  | { kind: 'claimed'; by: string; until: Date }
  /** The scanner found malware, or could not be asked: it stays held. */
  | { kind: 'not-clean'; verdict: 'infected' | 'unavailable' }
  | { kind: 'no-such-case' }
  | { kind: 'no-such-recipient'; address: string };

/**
 * An officer decides on held recipients (or has a diverted message delivered inward), all or some.
 * Releasing sends the original bytes with the original envelope under the decision's protection,
 * which an officer may raise and never lower; it counts as done only when the next hop has accepted
 * it. A refusal can be taken back for a while, and the sender hears of it only then. A recipient
 * leaves `held` once: of two officers, two tabs or two clicks the first one decides, and the others
 * are told.
 */
export async function decideCase(
  road: ReviewRoad,
  action: DecisionAction,
  request: ReviewRequest,
): Promise<ReviewResult> {
  const found = await loadCase(road.db, request.caseId);
  const message = found && (await loadMessage(road.db, found.queueId));
  if (!found || !message) return { kind: 'no-such-case' };
  const chosen = choose(message, request.recipients);
  if ('unknown' in chosen) return { kind: 'no-such-recipient', address: chosen.unknown };
  if (isRelease(action) && road.rescan) {
    const verdict = await road.rescan(message);
    if (verdict !== 'clean') return refuseUnclean(road, found, request, verdict);
  }
  const review = { road, message, action, request, recipients: chosen.recipients };
  return transaction(road.db, (tx) => decideLocked(tx, review));
}

interface Review {
  road: ReviewRoad;
  message: StoredMessage;
  action: DecisionAction;
  request: ReviewRequest;
  recipients: StoredRecipient[];
}

async function decideLocked(tx: Db, review: Review): Promise<ReviewResult> {
  const { road, message, action, request, recipients } = review;
  const { officer } = request;
  const at = road.clock();
  const found = await lockCase(tx, request.caseId);
  if (!found) return { kind: 'no-such-case' };
  const holder = holderOf(found, at);
  if (holder !== null && holder.by !== officer) return { kind: 'claimed', ...holder };
  // Read again under the lock: another officer may have been quicker.
  const now = await loadMessage(tx, message.queueId);
  const ids = new Set(recipients.map(({ id }) => id));
  const waiting = (now?.recipients ?? []).filter(
    (each) => ids.has(each.id) && each.status === statusWaiting(found),
  );
  const isInward = action === 'deliver-inward';
  if (waiting.length === 0 && !isInward) return decidedBefore(tx, found, [...ids]);
  const proposedBy = await seconded(tx, review, found, waiting);
  if (proposedBy === 'proposed') {
    return { kind: 'proposed', queueId: message.queueId, recipients: waiting.length };
  }
  const council = councilOf(road, message);
  const moved = isInward
    ? await hastenInward(tx, { queueId: message.queueId, at })
    : await move(tx, review, found, council, waiting);
  if (moved.length === 0) return decidedBefore(tx, found, [...ids]);
  const { undoMinutes } = council.settings.casework;
  const isUndoable = isRefusal(action) && undoMinutes > 0;
  const undoUntil = isUndoable ? new Date(at.getTime() + undoMinutes * 60_000) : null;
  const { reason, reasonCode = null, requestId = null } = request;
  const actionId = await recordCaseAction(tx, {
    caseId: found.id,
    action,
    recipientIds: moved,
    officer,
    reason,
    reasonCode,
    proposedBy,
    undoUntil,
    requestId,
    at,
  });
  await tellSender(tx, review, moved, undoUntil, actionId);
  await closeCaseIfDone(tx, message.queueId, at);
  return { kind: 'done', queueId: message.queueId, recipients: moved.length, undoUntil };
}

/** Who has the case at this moment. */
export function holderOf(
  { claimedBy, claimedUntil }: Pick<StoredCase, 'claimedBy' | 'claimedUntil'>,
  at: Date,
): { by: string; until: Date } | null {
  if (claimedBy === null || claimedUntil === null || claimedUntil <= at) return null;
  return { by: claimedBy, until: claimedUntil };
}

const isRelease = (action: CaseAction): boolean =>
  action === 'release' || action === 'release-encrypted';
const isRefusal = (action: CaseAction): boolean =>
  action === 'reject' || action === 'return-for-pgp';
const statusWaiting = ({ kind }: StoredCase) => (kind === 'hold' ? 'held' : 'diverted');

function councilOf(road: ReviewRoad, message: StoredMessage): CouncilPolicy {
  const council = road.policy().councils.get(message.council);
  if (!council) throw new Error(`No active policy for council "${message.council}"`);
  return council;
}

function choose(
  message: StoredMessage,
  wanted: readonly (number | string)[],
): { recipients: StoredRecipient[] } | { unknown: string } {
  const known = (one: number | string): StoredRecipient | undefined =>
    message.recipients.find(({ id, address }) =>
      typeof one === 'number'
        ? id === one
        : address !== null && addressKey(address) === addressKey(one),
    );
  const unknown = wanted.find((one) => !known(one));
  if (unknown !== undefined) return { unknown: String(unknown) };
  const named = wanted.flatMap((one) => known(one) ?? []);
  return { recipients: wanted.length === 0 ? message.recipients : named };
}

/** Every attempt leaves a trace, also the one that changed nothing. */
async function refuseUnclean(
  road: ReviewRoad,
  found: StoredCase,
  { officer }: ReviewRequest,
  verdict: 'infected' | 'unavailable',
): Promise<ReviewResult> {
  await appendAudit(road.db, {
    event: 'release-stopped',
    queueId: found.queueId,
    actor: officer,
    data: { case: found.id, scanner: verdict },
  });
  return { kind: 'not-clean', verdict };
}

async function decidedBefore(tx: Db, found: StoredCase, ids: number[]): Promise<ReviewResult> {
  const last = await lastDecisionOn(tx, found.id, ids);
  return last ? { kind: 'decided-before', ...last } : { kind: 'nothing-waits' };
}

/**
 * Where two officers are needed: the first one's decision is a proposal, and the same decision by
 * another carries it. Any other decision takes its place. Returns who proposed, `null` where one is
 * enough.
 */
async function seconded(
  tx: Db,
  { action, request, road }: Review,
  found: StoredCase,
  waiting: StoredRecipient[],
): Promise<string | null> {
  if (!found.fourEyes && !request.needsSecond) return null;
  const { officer, reason, reasonCode = null, requestId = null } = request;
  const recipientIds = waiting.map(({ id }) => id);
  const proposals = await proposalsOn(tx, found.id);
  const first = proposals.find(
    (each) =>
      each.officer !== officer &&
      each.action === action &&
      recipientIds.every((id) => each.recipientIds.includes(id)),
  );
  for (const { id } of proposals) await setActionState(tx, id, 'replaced');
  if (first) return first.officer;
  await recordCaseAction(tx, {
    caseId: found.id,
    action,
    recipientIds,
    officer,
    reason,
    reasonCode,
    requestId,
    state: 'proposed',
    at: road.clock(),
  });
  return 'proposed';
}

/** Protected and other recipients have clocks of their own, so they move apart. */
async function move(
  tx: Db,
  { road, request, action }: Review,
  found: StoredCase,
  council: CouncilPolicy,
  waiting: StoredRecipient[],
): Promise<number[]> {
  const at = road.clock();
  const { officer } = request;
  const ids = waiting.map(({ id }) => id);
  const raised =
    action === 'release-encrypted'
      ? new Set(await raiseProtection(tx, { recipientIds: ids, actor: officer, event: 'review' }))
      : new Set<number>();
  const changed: number[] = [];
  for (const protection of PROTECTIONS) {
    const moving = waiting.filter(
      (each) => (raised.has(each.id) ? 'required' : each.protection) === protection,
    );
    const clocks = departure(at, protection, council.settings, road.ordinaryDelayNoticeMinutes);
    const moved = await changeStatus(tx, {
      recipientIds: moving.map(({ id }) => id),
      from: [statusWaiting(found)],
      to: isRelease(action) ? 'queued' : 'rejected',
      at,
      actor: officer,
      event: 'review',
      data: { case: found.id, action },
      ...(isRelease(action) ? clocks : {}),
    });
    changed.push(...moved);
  }
  return changed;
}

const NOTICE_OF = {
  release: 'released',
  'release-encrypted': 'released',
  reject: 'refused',
  'return-for-pgp': 'returned',
} as const;

async function tellSender(
  tx: Db,
  { road, message, request, action }: Review,
  changed: number[],
  notBefore: Date | null,
  actionId: number | null,
): Promise<void> {
  if (!message.actorAddress || action === 'deliver-inward') return;
  const at = road.clock();
  const positions = message.recipients
    .filter((recipient) => changed.includes(recipient.id))
    .map(({ position }) => position);
  await addNotice(tx, {
    id: makeQueueId(at, road.random(8)),
    kind: NOTICE_OF[action],
    queueId: message.queueId,
    council: message.council,
    toAddress: message.actorAddress,
    data: { positions, officerReason: request.reason, ...(actionId !== null && { actionId }) },
    dedupeKey: null,
    byOfficer: true,
    notBefore,
    at,
  });
}

export type UndoResult =
  | { kind: 'undone'; recipients: number }
  /** The time for it is over, or there is nothing to take back. */
  | { kind: 'too-late' }
  | { kind: 'no-such-case' };

/**
 * Takes a refusal back within its time: its recipients are held again, and the notice is never
 * written. Any officer who may decide the case may do it.
 */
export function undoDecision(
  road: ReviewRoad,
  { caseId, officer }: { caseId: string; officer: string },
): Promise<UndoResult> {
  const at = road.clock();
  return transaction(road.db, async (tx): Promise<UndoResult> => {
    const found = await lockCase(tx, caseId);
    const history = await loadCase(tx, caseId);
    if (!found || !history) return { kind: 'no-such-case' };
    const last = history.actions.findLast(
      ({ state, undoUntil }) => state === 'done' && undoUntil !== null && undoUntil > at,
    );
    if (!last || !(await setActionState(tx, last.id, 'undone'))) return { kind: 'too-late' };
    await withdrawNoticeOf(tx, found.queueId, last.id);
    const moved = await changeStatus(tx, {
      recipientIds: last.recipientIds,
      from: ['rejected'],
      to: statusWaiting(found),
      at,
      actor: officer,
      event: 'review',
      data: { case: caseId, action: 'undo' },
    });
    const { recipientIds } = last;
    await recordCaseAction(tx, { caseId, action: 'undo', recipientIds, officer, reason: '', at });
    return { kind: 'undone', recipients: moved.length };
  });
}
