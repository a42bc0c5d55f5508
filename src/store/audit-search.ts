import type { Db } from './connect.ts';

/** A row of the trail as it is shown. */
export interface AuditEntry {
  id: number;
  at: Date;
  event: string;
  queueId: string | null;
  actor: string;
  data: Record<string, unknown>;
  /** `null` until it is sealed, for a second. */
  batchId: number | null;
}

/** Whose rows may be seen. */
export interface AuditScope {
  councils: readonly string[];
  /** Rows that are about no message belong to every council at once: see them or not. */
  isWhole: boolean;
}

export interface AuditSearch {
  scope: AuditScope;
  queueId?: string | undefined;
  event?: string | undefined;
  limit: number;
}

/** So many of the newest rows are looked through by event, which bounds the time that it takes. */
export const SEARCHED_ROWS = 100_000;

/** The newest rows first, of one message or of one event. */
export async function searchAudit(db: Db, search: AuditSearch): Promise<AuditEntry[]> {
  const { queueId, event, limit, scope } = search;
  return db<AuditEntry[]>`
    select a.id, a.at, a.event, a.queue_id, a.actor, a.data, a.batch_id
    from audit a left join messages m using (queue_id)
    where ${inScope(db, scope)}
      and ${queueId === undefined ? newest(db) : db`a.queue_id = ${queueId}`}
      ${event === undefined ? db`` : db`and a.event = ${event}`}
    order by a.id desc limit ${limit}`;
}

/** The kinds of events among the newest rows, of whatever council, in order of name. */
export async function auditEvents(db: Db): Promise<string[]> {
  const rows = await db<{ event: string }[]>`
    select distinct a.event from audit a where ${newest(db)} order by a.event`;
  return rows.map(({ event }) => event);
}

function newest(db: Db) {
  return db`a.id > (select coalesce(max(id), 0) - ${SEARCHED_ROWS} from audit)`;
}

function inScope(db: Db, { councils, isWhole }: AuditScope) {
  return db`(m.council = any(${[...councils]}::text[]) or (${isWhole} and a.queue_id is null))`;
}

/** The newest batches of the sealed trail. */
export async function newestBatches(
  db: Db,
  limit: number,
): Promise<{ id: number; sealedAt: Date; rows: number; hash: string }[]> {
  return db<{ id: number; sealedAt: Date; rows: number; hash: string }[]>`
    select id, sealed_at, rows, encode(hash, 'hex') as hash from audit_batches
    order by id desc limit ${limit}`;
}
