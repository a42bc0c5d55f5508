import { json, text, type Db } from './connect.ts';

export const NOTICE_KINDS = [
  'held',
  'diverted',
  'refused',
  'nudge',
  'delayed',
  'undelivered',
  'released',
  'expired',
  'returned',
  'question',
  'preflight',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** More notices to one mailbox within an hour are recorded but not written. */
export const NOTICES_AN_HOUR = 20;

export interface NewNotice {
  /** Becomes the queue id of the notice: written twice, it is still one. */
  id: string;
  kind: NoticeKind;
  /** The message it is about. */
  queueId: string;
  council: string;
  /** The actor's council mailbox. */
  toAddress: string;
  /** Ids and clause references only. */
  data: Record<string, unknown>;
  /** A second notice with the same key is not made. `null`: always made. */
  dedupeKey: string | null;
  /** Written only then: a refusal can be taken back for a while. */
  notBefore?: Date | null;
  /** An officer's own act: it counts to no cap, since nothing repeats it by itself. */
  byOfficer?: boolean;
  at: Date;
}

export interface PendingNotice {
  id: string;
  kind: NoticeKind;
  queueId: string;
  council: string;
  toAddress: string;
  data: Record<string, unknown>;
  createdAt: Date;
}

/**
 * That a message did not arrive is said each time (St Helens 6.2.3): no reading of it could set off
 * another, since it comes from nobody (RFC 5321 §4.5.5).
 */
function isUncapped({ kind, byOfficer = false }: NewNotice): boolean {
  return byOfficer || kind === 'undelivered' || kind === 'expired';
}

/**
 * Puts a notice into the outbox. False where nothing will be written: a notice with the same dedupe
 * key (or id) stands already, or the mailbox had its share for this hour, which is recorded as
 * `suppressed`.
 */
export async function addNotice(db: Db, notice: NewNotice): Promise<boolean> {
  const to = text(notice.toAddress);
  const hourAgo = new Date(notice.at.getTime() - 3_600_000);
  const [row] = await db<{ suppressed: string | null }[]>`
    insert into outbox (id, kind, queue_id, council, to_address, data, dedupe_key, created_at,
      not_before, suppressed)
    select ${notice.id}, ${notice.kind}, ${notice.queueId}, ${notice.council}, ${to},
      ${json(notice.data)}::text::jsonb, ${text(notice.dedupeKey)}, ${notice.at},
      ${notice.notBefore ?? null},
      case when count(*) >= ${NOTICES_AN_HOUR} and not ${isUncapped(notice)}
        then 'too many in an hour' end
    from outbox
    where to_address = ${to} and created_at > ${hourAgo} and suppressed is null
      and kind <> 'preflight'
    on conflict do nothing
    returning suppressed`;
  return row !== undefined && row.suppressed === null;
}

/** Ids of notices still to be written, oldest first; younger ones are being worked on. */
export async function pendingNotices(
  db: Db,
  { settledBefore, limit }: { settledBefore: Date; limit: number },
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from outbox
    where written_at is null and suppressed is null and created_at <= ${settledBefore}
      and (not_before is null or not_before <= ${settledBefore})
    order by created_at, id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Whether a notice of this kind about the message still waits to be written. */
export async function hasPendingNotice(
  db: Db,
  queueId: string,
  kind: NoticeKind,
): Promise<boolean> {
  const rows = await db`
    select 1 from outbox
    where queue_id = ${queueId} and kind = ${kind} and written_at is null and suppressed is null
    limit 1`;
  return rows.length > 0;
}

/** The notice, locked until the transaction ends; `null` where it was written or suppressed. */
export async function lockNotice(tx: Db, id: string): Promise<PendingNotice | null> {
  const [row] = await tx<PendingNotice[]>`
    select id, kind, queue_id, council, to_address, data, created_at from outbox
    where id = ${id} and written_at is null and suppressed is null and to_address is not null
    for update`;
  return row ?? null;
}

/** Every notice about a message, oldest first. */
export async function noticesAbout(
  db: Db,
  queueId: string,
): Promise<{ id: string; kind: NoticeKind; createdAt: Date; writtenAt: Date | null }[]> {
  return db<{ id: string; kind: NoticeKind; createdAt: Date; writtenAt: Date | null }[]>`
    select id, kind, created_at, written_at from outbox
    where queue_id = ${queueId} and suppressed is null order by created_at, id`;
}

/** The notice of a decision that was taken back is never written. */
export async function withdrawNoticeOf(tx: Db, queueId: string, actionId: number): Promise<void> {
  await tx`
    update outbox set suppressed = 'taken back'
    where queue_id = ${queueId} and data->'actionId' = to_jsonb(${actionId}::bigint)
      and written_at is null and suppressed is null`;
}

/** Gives a notice up for good, and says why. */
export async function suppressNotice(tx: Db, id: string, reason: string): Promise<void> {
  await tx`
    update outbox set suppressed = ${text(reason)}
    where id = ${id} and written_at is null and suppressed is null`;
}

/**
 * Marks a notice written; call it in the transaction that inserts the notice's own message.
 * False: it was written already, so write nothing.
 */
export async function markNoticeWritten(tx: Db, id: string, at: Date): Promise<boolean> {
  const rows = await tx`
    update outbox set written_at = ${at}
    where id = ${id} and written_at is null and suppressed is null returning id`;
  return rows.length > 0;
}
