import type { Decision } from '../mail/decision.ts';
import type { Gate, Protection, RecipientStatus } from '../mail/disposition.ts';
import type { Facts } from '../mail/facts.ts';
import type { Readings } from '../policy/variables.ts';
import { json, type Db } from './connect.ts';

/** What a replay decides: mail received in a time, under two policies of the record. */
export interface NewReplay {
  id: string;
  fromVersion: string;
  toVersion: string;
  since: Date;
  /** Received before. */
  until: Date;
  /** Today's detectors look at the bytes again, instead of the findings that were recorded. */
  reinspect: boolean;
  startedAt: Date;
}

/** Messages so far: decided again, of these inspected again, and those that could not be read. */
export interface ReplayCounts {
  messages: number;
  inspected: number;
  unread: number;
}

/** How often one rule makes one difference at one council. */
export interface ReplayCount {
  council: string;
  /** `+political-content`: would act; `-political-content`: would not any more. */
  rule: string;
  before: string;
  after: string;
  messages: number;
  recipients: number;
}

/** What officers made of held messages, against what the proposed policy would have done. */
export interface ReplayScore {
  /** Held then and let go by an officer; would not be held. */
  unneededHoldsSaved: number;
  /** Held then and refused by an officer; would not be held. */
  refusedNowPassing: number;
  /** Not held then; would be held. Nobody has judged these. */
  newHolds: number;
}

export interface ReplayResult {
  counts: ReplayCount[];
  /** By council; none where nothing differs. */
  scores: Record<string, ReplayScore>;
}

export interface StoredReplay extends NewReplay, ReplayCounts {
  finishedAt: Date | null;
  /** `null` until it is finished. */
  result: ReplayResult | null;
  cursor: Cursor | null;
}

export interface Cursor {
  receivedAt: Date;
  queueId: string;
}

/** How one recipient's outcome would change. Ids and rule names, no words of the message. */
export interface ReplayChange {
  queueId: string;
  position: number;
  council: string;
  beforeGate: Gate;
  beforeProtection: Protection;
  afterGate: Gate;
  afterProtection: Protection;
  /** Rules that acted under the one and would not under the other. */
  lost: string[];
  gained: string[];
}

/** A change with what an officer made of the message: `null` where none decided on it. */
export interface ScoredChange extends ReplayChange {
  officer: 'released' | 'refused' | null;
}

export async function addReplay(db: Db, replay: NewReplay): Promise<void> {
  const { id, fromVersion, toVersion, since, until, reinspect, startedAt } = replay;
  await db`
    insert into policy_replays
      (id, from_version, to_version, since, until, reinspect, started_at)
    values (${id}, ${fromVersion}, ${toVersion}, ${since}, ${until}, ${reinspect}, ${startedAt})`;
}

export async function loadReplay(db: Db, id: string): Promise<StoredReplay | null> {
  const [row] = await db<(Omit<StoredReplay, 'cursor'> & CursorColumns)[]>`
    select * from policy_replays where id = ${id}`;
  return row ? replayOf(row) : null;
}

/** The newest first. */
export async function listReplays(db: Db, limit: number): Promise<StoredReplay[]> {
  const rows = await db<(Omit<StoredReplay, 'cursor'> & CursorColumns)[]>`
    select * from policy_replays order by started_at desc, id limit ${limit}`;
  return rows.map(replayOf);
}

interface CursorColumns {
  cursorReceivedAt: Date | null;
  cursorQueueId: string | null;
}

function replayOf(row: Omit<StoredReplay, 'cursor'> & CursorColumns): StoredReplay {
  const { cursorReceivedAt, cursorQueueId, ...rest } = row;
  return {
    ...rest,
    cursor:
      cursorReceivedAt === null || cursorQueueId === null
        ? null
        : { receivedAt: cursorReceivedAt, queueId: cursorQueueId },
  };
}

/** A decided message as a replay needs it. */
export interface ReplayMessage extends Cursor {
  council: string;
  sha256: Buffer;
  wrappedKey: Buffer | null;
  /** 64 binary digits (inspect/similarity.ts). */
  fingerprint: string | null;
  policyVersion: string | null;
  facts: Facts | null;
  readings: Readings | null;
  decision: Decision | null;
}

/** Decided messages whose content is still kept, in the order of their receipt. */
export async function replayPage(
  db: Db,
  { after, since, until, limit }: { after: Cursor | null; since: Date; until: Date; limit: number },
): Promise<ReplayMessage[]> {
  const from = after ?? { receivedAt: since, queueId: '' };
  return db<ReplayMessage[]>`
    select queue_id, received_at, council, sha256, wrapped_key, policy_version, facts, readings,
      decision, fingerprint::text
    from messages
    where (received_at, queue_id) > (${from.receivedAt}, ${from.queueId}) and received_at < ${until}
      and origin = 'received' and decided_at is not null and erased_at is null
    order by received_at, queue_id limit ${limit}`;
}

/** How many messages `replayPage` will give in all. */
export async function countReplayable(
  db: Db,
  { after, since, until }: { after: Cursor | null; since: Date; until: Date },
): Promise<number> {
  const from = after ?? { receivedAt: since, queueId: '' };
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from messages
    where (received_at, queue_id) > (${from.receivedAt}, ${from.queueId}) and received_at < ${until}
      and origin = 'received' and decided_at is not null and erased_at is null`;
  return row?.count ?? 0;
}

/** Keeps what a page gave and how far it went, so that an interrupted replay is taken up there. */
export async function saveReplayPage(
  tx: Db,
  page: { id: string; cursor: Cursor; counts: ReplayCounts; changes: ReplayChange[] },
): Promise<void> {
  const { id, cursor, counts } = page;
  await tx`
    with saved as (
      insert into policy_replay_changes (replay_id, queue_id, position, council, before_gate,
        before_protection, after_gate, after_protection, lost, gained)
      select ${id}, "queueId", position, council, "beforeGate", "beforeProtection", "afterGate",
        "afterProtection", lost, gained
      from jsonb_to_recordset(${json(page.changes)}::text::jsonb) as c("queueId" text, position int,
        council text, "beforeGate" text, "beforeProtection" text, "afterGate" text,
        "afterProtection" text, lost text[], gained text[])
    )
    update policy_replays set cursor_received_at = ${cursor.receivedAt},
      cursor_queue_id = ${cursor.queueId}, messages = messages + ${counts.messages},
      inspected = inspected + ${counts.inspected}, unread = unread + ${counts.unread}
    where id = ${id}`;
}

/** Keeps what a replay came to, in place of what it came to when it was last reported. */
export async function keepReplayResult(tx: Db, id: string, result: ReplayResult): Promise<void> {
  await tx`
    update policy_replays set result = ${json(result)}::text::jsonb
    where id = ${id} and finished_at is not null`;
}

/** With the audit row: who looks at what past decisions would have been is recorded too. */
export async function finishReplay(
  tx: Db,
  { id, at, by }: { id: string; at: Date; by: string },
): Promise<void> {
  await tx`
    with done as (
      update policy_replays set finished_at = ${at} where id = ${id} and finished_at is null
      returning id, from_version, to_version, messages
    )
    insert into audit (event, actor, data)
    select 'policy-replayed', ${by}, jsonb_build_object('replay', id, 'from', from_version,
      'to', to_version, 'messages', messages) from done`;
}

/**
 * The changes, in the order of receipt, scored against officers: a recipient that was held and then
 * left was released, one that was held and never left was refused.
 */
export async function replayChanges(db: Db, id: string): Promise<ScoredChange[]> {
  const rows = await db<(ReplayChange & { gate: Gate | null; status: RecipientStatus | null })[]>`
    select c.queue_id, c.position, c.council, before_gate, before_protection, after_gate,
      after_protection, lost, gained, r.gate, r.status
    from policy_replay_changes c
    left join messages m using (queue_id)
    left join recipients r on r.queue_id = c.queue_id and r.position = c.position
    where replay_id = ${id} order by m.received_at, c.queue_id, c.position`;
  return rows.map(({ gate, status, ...change }) => ({
    ...change,
    officer: gate === 'hold' && status !== null ? officerOf(status) : null,
  }));
}

function officerOf(status: RecipientStatus): ScoredChange['officer'] {
  if (status === 'rejected') return 'refused';
  return ['queued', 'deferred', 'delivered', 'bounced'].includes(status) ? 'released' : null;
}
