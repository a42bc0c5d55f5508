import type { AlertKind } from '../mail/officer-alert.ts';
import { caseColumns, isWaiting, type StoredCase } from './cases.ts';
import type { Db } from './connect.ts';

/** Open cases that wait although their time is over and nobody was told so yet. */
export async function overdueCases(db: Db, at: Date, limit: number): Promise<StoredCase[]> {
  return db<StoredCase[]>`
    select ${caseColumns(db)} from cases c
    where c.closed_at is null and c.due_at <= ${at} and c.overdue_told_at is null
      and exists (select from recipients r where r.queue_id = c.queue_id and ${isWaiting(db)})
    order by c.due_at, c.id limit ${limit}`;
}

/** Hands an overdue case to a further role as well; the first one keeps it. */
export async function noteOverdue(
  tx: Db,
  { caseId, role, at }: { caseId: string; role: string; at: Date },
): Promise<boolean> {
  const rows = await tx`
    with told as (
      update cases set overdue_told_at = ${at}, changed_at = ${at},
        queues = array(select distinct unnest(queues || ${role}::text))
      where id = ${caseId} and closed_at is null and overdue_told_at is null
      returning id, queue_id
    )
    insert into audit (event, queue_id, actor, data)
    select 'case-overdue', queue_id, 'clock', jsonb_build_object('case', id, 'role', ${role}::text)
    from told returning id`;
  return rows.length > 0;
}

/**
 * Open cases whose message goes by itself before `until`: nobody works on them, no question and no
 * proposal stands.
 */
export async function endingCases(db: Db, until: Date, at: Date): Promise<StoredCase[]> {
  return db<StoredCase[]>`
    select ${caseColumns(db)} from cases c
    where c.closed_at is null and c.ends_at <= ${until} and c.kind = 'hold'
      and c.asked_at is null and (c.claimed_until is null or c.claimed_until <= ${at})
      and not exists (select from case_actions a where a.case_id = c.id and a.state = 'proposed')
      and exists (select from recipients r where r.queue_id = c.queue_id and r.status = 'held')
    order by c.ends_at, c.id limit 100`;
}

/** The case no longer ends by itself: it waits for an officer. */
export async function dropEnd(tx: Db, caseId: string): Promise<void> {
  await tx`update cases set ends_at = null where id = ${caseId}`;
}

/** Cases of which something was released before `since` that the next hop has not taken. */
export async function stuckCases(db: Db, since: Date): Promise<StoredCase[]> {
  return db<StoredCase[]>`
    select ${caseColumns(db)} from cases c
    where c.closed_at is null and exists (
      select from recipients r
        join case_actions a on a.case_id = c.id and r.id = any(a.recipient_ids)
      where r.queue_id = c.queue_id and r.status = 'deferred' and r.attempt_count > 0
        and r.gate = 'hold' and a.state = 'done' and a.at <= ${since}
        and a.action in ('release', 'release-encrypted', 'end'))
      and not exists (select from officer_alerts o where o.case_id = c.id and o.kind = 'stuck')
    order by c.id limit 100`;
}

export interface NewAlert {
  id: string;
  kind: AlertKind;
  caseId: string;
  role: string;
  /** One officer's own address key, in place of the role's mailbox. */
  officer: string | null;
  at: Date;
}

/** Puts mail to officers into its outbox, once for each case, kind and reader. */
export async function addAlert(tx: Db, alert: NewAlert): Promise<boolean> {
  const rows = await tx`
    insert into officer_alerts (id, kind, case_id, role, officer, created_at)
    values (${alert.id}, ${alert.kind}, ${alert.caseId}, ${alert.role}, ${alert.officer},
      ${alert.at})
    on conflict do nothing returning id`;
  return rows.length > 0;
}

export interface PendingAlert {
  id: string;
  kind: AlertKind;
  caseId: string;
  council: string;
  role: string;
  officer: string | null;
}

export async function pendingAlerts(db: Db, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from officer_alerts where written_at is null and suppressed is null
    order by created_at, id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** The alert, locked until the transaction ends; `null` where it was written meanwhile. */
export async function lockAlert(tx: Db, id: string): Promise<PendingAlert | null> {
  const [row] = await tx<PendingAlert[]>`
    select a.id, a.kind, a.case_id, c.council, a.role, a.officer
    from officer_alerts a join cases c on c.id = a.case_id
    where a.id = ${id} and a.written_at is null and a.suppressed is null
    for update of a skip locked`;
  return row ?? null;
}

/** @param suppressed why it was not written, `null` where it was */
export async function settleAlert(
  tx: Db,
  { id, at, suppressed }: { id: string; at: Date; suppressed: string | null },
): Promise<void> {
  await tx`
    update officer_alerts set written_at = ${suppressed === null ? at : null},
      suppressed = ${suppressed}
    where id = ${id}`;
}
