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
 * Puts a notice into the outbox. False where nothing will be written: a notice with the same dedupe key
 * (or id) stands already, or the mailbox had its share for this hour, which is recorded as `suppressed`.
 */
export async function addNotice(db: Db, notice: NewNotice): Promise<boolean> {
  const to = text(notice.toAddress);
  const hourAgo = new Date(notice.at.getTime() - 3_600_000);
  const [row] = await db<{ suppressed: string | null }[]>`
    insert into outbox (id, kind, queue_id, council, to_address, data, dedupe_key, created_at,
      suppressed)
    select ${notice.id}, ${notice.kind}, ${notice.queueId}, ${notice.council}, ${to},
      ${json(notice.data)}::text::jsonb, ${text(notice.dedupeKey)}, ${notice.at},
      case when count(*) >= ${NOTICES_AN_HOUR} then 'too many in an hour' end
    from outbox
    where to_address = ${to} and created_at > ${hourAgo} and suppressed is null
    on conflict do nothing
    returning suppressed`;
  return row !== undefined && row.suppressed === null;
}

/** Notices still to be written, oldest first. */
export async function pendingNotices(db: Db, limit: number): Promise<PendingNotice[]> {
  return db<PendingNotice[]>`
    select id, kind, queue_id, council, to_address, data, created_at from outbox
    where written_at is null and suppressed is null order by created_at, id limit ${limit}`;
}

/**
 * Claims the writing of a notice; call it in the transaction that inserts the notice's own message.
 * False: it was written already, so write nothing.
 */
export async function markNoticeWritten(tx: Db, id: string, at: Date): Promise<boolean> {
  const rows = await tx`
    update outbox set written_at = ${at}
    where id = ${id} and written_at is null and suppressed is null returning id`;
  return rows.length > 0;
}
