import { json, text, type Db } from './connect.ts';

export type CaseKind = 'hold' | 'divert';
export type CaseAction = 'release' | 'reject' | 'deliver-inward';

export interface NewCase {
  id: string;
  queueId: string;
  kind: CaseKind;
  /** The role that decides it (domain H.1). */
  role: string;
  /** One sentence, without content. */
  reason: string;
  at: Date;
  dueAt: Date | null;
}

export interface StoredCase {
  id: string;
  queueId: string;
  council: string;
  kind: CaseKind;
  role: string;
  reason: string;
  openedAt: Date;
  dueAt: Date | null;
  closedAt: Date | null;
  /** Recipients that wait for an officer, or for their inward copy to go. */
  waiting: number;
}

export interface StoredCaseAction {
  action: CaseAction;
  recipientIds: number[];
  /** An officer's own words; `null` once erased. */
  reason: string | null;
  officer: string;
  at: Date;
}

/** Opens a case, with its audit row. False where the message has a case of this kind already. */
export async function openCase(tx: Db, opened: NewCase): Promise<boolean> {
  const { id, kind, role } = opened;
  const rows = await tx`
    with opened as (
      insert into cases (id, queue_id, kind, role, reason, opened_at, due_at)
      values (${id}, ${opened.queueId}, ${kind}, ${role}, ${text(opened.reason)}, ${opened.at},
        ${opened.dueAt})
      on conflict (queue_id, kind) do nothing returning queue_id
    )
    insert into audit (event, queue_id, actor, data)
    select 'case-opened', queue_id, 'pipeline', ${json({ case: id, kind, role })}::text::jsonb
    from opened returning id`;
  return rows.length > 0;
}

export interface CaseFilter {
  /** Only open ones; else closed ones too. */
  open: boolean;
  /** `null`: of every council. */
  council: string | null;
}

/** Cases, oldest first. */
export async function listCases(db: Db, filter: CaseFilter): Promise<StoredCase[]> {
  return db<StoredCase[]>`
    ${selectCase(db)}
    where (not ${filter.open} or c.closed_at is null)
      and (${filter.council}::text is null or m.council = ${filter.council})
    order by c.opened_at, c.id`;
}

/** One case with what officers did on it, in order; `null` where there is none of that id. */
export async function loadCase(
  db: Db,
  id: string,
): Promise<(StoredCase & { actions: StoredCaseAction[] }) | null> {
  const [cases, actions] = await Promise.all([
    db<StoredCase[]>`${selectCase(db)} where c.id = ${id}`,
    db<StoredCaseAction[]>`
      select action, recipient_ids, reason, officer, at from case_actions
      where case_id = ${id} order by case_actions.id`,
  ]);
  return cases[0] ? { ...cases[0], actions: [...actions] } : null;
}

function selectCase(db: Db) {
  return db`
    select c.id, c.queue_id, m.council, c.kind, c.role, c.reason, c.opened_at, c.due_at,
      c.closed_at,
      (select count(*)::int from recipients r where r.queue_id = c.queue_id and case c.kind
        when 'hold' then r.status = 'held'
        else r.route = 'inward' and r.status in ('queued', 'deferred') end) as waiting
    from cases c join messages m using (queue_id)`;
}

export interface NewCaseAction {
  caseId: string;
  action: CaseAction;
  recipientIds: number[];
  officer: string;
  reason: string;
  at: Date;
}

/** Records what an officer decided, with an audit row that leaves the reason's words out. */
export async function recordCaseAction(tx: Db, done: NewCaseAction): Promise<void> {
  const data = { case: done.caseId, action: done.action, recipients: done.recipientIds };
  await tx`
    with acted as (
      insert into case_actions (case_id, action, recipient_ids, reason, officer, at)
      values (${done.caseId}, ${done.action}, ${done.recipientIds}::bigint[], ${text(done.reason)},
        ${done.officer}, ${done.at})
    )
    insert into audit (event, queue_id, actor, data)
    select 'case-action', queue_id, ${done.officer}, ${json(data)}::text::jsonb
    from cases where id = ${done.caseId}`;
}

/**
 * Closes the message's cases of which everything is done: nothing waits for an officer any more,
 * and what was released or goes inward has arrived or failed for good. True where one was closed.
 */
export async function closeCaseIfDone(tx: Db, queueId: string, at: Date): Promise<boolean> {
  const rows = await tx`
    with closed as (
      update cases set closed_at = ${at}
      where queue_id = ${queueId} and closed_at is null and not exists (
        select 1 from recipients r where r.queue_id = cases.queue_id and case cases.kind
          when 'hold' then r.gate = 'hold' and r.status in ('held', 'queued', 'deferred')
          else (r.gate = 'divert' or r.route = 'inward') and r.status in ('queued', 'deferred') end)
      returning id, queue_id
    )
    insert into audit (event, queue_id, actor, data)
    select 'case-closed', queue_id, 'pipeline', jsonb_build_object('case', id)
    from closed returning id`;
  return rows.length > 0;
}
