import { caseColumns, type StoredCase } from './cases.ts';
import type { Db } from './connect.ts';

/** One thing that happened to a message, without content. */
export interface TimelineRow {
  at: Date;
  event: string;
  actor: string;
  recipientId: number | null;
  data: Record<string, unknown>;
  /** The batch that sealed it; `null` for a second, and for tries of delivery. */
  batchId: number | null;
}

/** One try at one next hop. */
export interface TimelineAttempt {
  startedAt: Date;
  endedAt: Date | null;
  recipientIds: number[];
  host: string | null;
  remoteAddress: string | null;
  evidence: Record<string, unknown> | null;
  outcome: string | null;
  /** The server's own words. */
  reply: string | null;
}

/** Everything from custody to the remote servers' words, in the order of its happening. */
export async function timelineOf(
  db: Db,
  queueId: string,
): Promise<{ events: TimelineRow[]; attempts: TimelineAttempt[] }> {
  const [events, attempts] = await Promise.all([
    db<TimelineRow[]>`
      select at, event, actor, recipient_id, data, batch_id from audit
      where queue_id = ${queueId} order by at, id`,
    db<TimelineAttempt[]>`
      select started_at, ended_at, recipient_ids, host, remote_address, evidence, outcome, reply
      from attempts where queue_id = ${queueId} order by id`,
  ]);
  return { events: [...events], attempts: [...attempts] };
}

/** A case that was decided before, by what became of its recipients. */
export interface PastCase {
  id: string;
  queueId: string;
  closedAt: Date;
  reason: string;
  outcomes: { status: string; count: number }[];
  lastAction: string | null;
  lastReason: string | null;
}

/**
 * How cases of the same rule ended, the latest first, with the sum over all of a year. Of every
 * sender: what one member did before is behind the investigation gate.
 */
export async function previousCases(
  db: Db,
  found: Pick<StoredCase, 'id' | 'council' | 'rule'>,
  at: Date,
  limit: number,
): Promise<{ latest: PastCase[]; released: number; refused: number }> {
  if (found.rule === null) return { latest: [], released: 0, refused: 0 };
  const yearAgo = new Date(at.getTime() - 365 * 86_400_000);
  const same = db`c.council = ${found.council} and c.rule = ${found.rule} and c.id <> ${found.id}
    and c.closed_at > ${yearAgo}`;
  const [latest, [sum]] = await Promise.all([
    db<PastCase[]>`
      select c.id, c.queue_id, c.closed_at, c.reason, last.action as last_action,
        last.reason_code as last_reason,
        (select coalesce(jsonb_agg(jsonb_build_object('status', status, 'count', count)), '[]')
          from (select status, count(*)::int as count from recipients r
            where r.queue_id = c.queue_id and r.gate = 'hold' group by status order by status) as o
        ) as outcomes
      from cases c left join lateral (
        select action, reason_code from case_actions a where a.case_id = c.id and a.state = 'done'
          and a.action in ('release', 'release-encrypted', 'reject', 'return-for-pgp', 'withdraw',
            'end')
        order by a.id desc limit 1
      ) as last on true
      where ${same} order by c.closed_at desc limit ${limit}`,
    db<{ released: number; refused: number }[]>`
      select
        (count(*) filter (where a.action in ('release', 'release-encrypted')))::int as released,
        (count(*) filter (where a.action in ('reject', 'return-for-pgp')))::int as refused
      from cases c join case_actions a on a.case_id = c.id and a.state = 'done'
      where ${same}`,
  ]);
  return { latest: [...latest], released: sum?.released ?? 0, refused: sum?.refused ?? 0 };
}

/** The case of a message, if it has one; the hold before the divert. */
export async function caseOfMessage(db: Db, queueId: string): Promise<StoredCase | null> {
  const [row] = await db<StoredCase[]>`
    select ${caseColumns(db)} from cases c where c.queue_id = ${queueId}
    order by kind desc limit 1`;
  return row ?? null;
}
