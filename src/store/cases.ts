import { json, text, type Db } from './connect.ts';

export type CaseKind = 'hold' | 'divert';

/** What an officer, the sender or the clock may do to a case; each is a row of its history. */
export const CASE_ACTIONS = [
  'release',
  'release-encrypted',
  'reject',
  'return-for-pgp',
  'deliver-inward',
  'ask',
  'answer',
  'appeal',
  'withdraw',
  'claim',
  'unclaim',
  'assign',
  'escalate',
  'urgent',
  'not-urgent',
  'note',
  'undo',
  'end',
] as const;
export type CaseAction = (typeof CASE_ACTIONS)[number];

export interface NewCase {
  id: string;
  queueId: string;
  council: string;
  kind: CaseKind;
  /** The role that decides it (domain H.1). */
  role: string;
  /** One sentence, without content. */
  reason: string;
  /** The rule and the clause that brought it here; `null` where our own failure did. */
  rule: string | null;
  document: string | null;
  section: string | null;
  marking: string | null;
  /** Areas and queues of everything that it waits for: who may list it. */
  areas: string[];
  queues: string[];
  /** Mail of the Returning Officer's team: a matter of its own. */
  returningOfficers: boolean;
  /** To a lawyer, an MP, a trade union or a whistleblowing line (domain H.3). */
  privileged: boolean;
  /** Address keys, and folded names, of everybody whom it is from, to or about. */
  parties: string[];
  /** Domains of the recipients that wait. */
  domains: string[];
  actorAddress: string | null;
  /** A decision on it needs two officers. */
  fourEyes: boolean;
  at: Date;
  firstLookDue: Date | null;
  dueAt: Date | null;
  /** The role that it goes to when overdue. */
  escalateTo: string | null;
  /** From when on the sender may release it; `null` for never. */
  senderMayReleaseAt: Date | null;
  /** When it is released by itself, undecided; `null` for never. */
  endsAt: Date | null;
}

export interface StoredCase {
  id: string;
  queueId: string;
  council: string;
  kind: CaseKind;
  role: string;
  reason: string;
  rule: string | null;
  document: string | null;
  section: string | null;
  marking: string | null;
  /** `null` once erased. */
  actorAddress: string | null;
  areas: string[];
  queues: string[];
  returningOfficers: boolean;
  privileged: boolean;
  /** Address keys; empty once erased. */
  parties: string[];
  fourEyes: boolean;
  openedAt: Date;
  firstLookDue: Date | null;
  lookedAt: Date | null;
  dueAt: Date | null;
  escalateTo: string | null;
  escalatedAt: Date | null;
  senderMayReleaseAt: Date | null;
  endsAt: Date | null;
  claimedBy: string | null;
  claimedUntil: Date | null;
  assignedTo: string | null;
  urgentReason: string | null;
  urgentBy: string | null;
  urgentAt: Date | null;
  askedAt: Date | null;
  changedAt: Date;
  closedAt: Date | null;
  /** Recipients that wait for an officer, or for their inward copy to go. */
  waiting: number;
}

export type ActionState = 'proposed' | 'done' | 'replaced' | 'undone';

export interface StoredCaseAction {
  id: number;
  action: CaseAction;
  recipientIds: number[];
  /** An officer's own words; `null` once erased. */
  reason: string | null;
  reasonCode: string | null;
  officer: string;
  at: Date;
  state: ActionState;
  /** The first officer, where two were needed. */
  proposedBy: string | null;
  /** Until when it can be taken back. */
  undoUntil: Date | null;
}

/** Opens a case, with its audit row. False where the message has a case of this kind already. */
export async function openCase(tx: Db, opened: NewCase): Promise<boolean> {
  const { id, kind, role, at } = opened;
  const rows = await tx`
    with opened as (
      insert into cases (id, queue_id, council, kind, role, reason, rule, document, section,
        marking, areas, queues, returning_officers, privileged, parties, domains, actor_address,
        four_eyes, opened_at, changed_at, first_look_due, due_at, escalate_to,
        sender_may_release_at, ends_at, subject, received_at)
      values (${id}, ${opened.queueId}, ${opened.council}, ${kind}, ${role}, ${text(opened.reason)},
        ${opened.rule}, ${opened.document}, ${opened.section}, ${opened.marking},
        ${opened.areas}::text[], ${opened.queues}::text[], ${opened.returningOfficers},
        ${opened.privileged}, ${opened.parties.map((party) => text(party))}::text[],
        ${opened.domains.map((domain) => text(domain))}::text[], ${text(opened.actorAddress)},
        ${opened.fourEyes}, ${at}, ${at}, ${opened.firstLookDue}, ${opened.dueAt},
        ${opened.escalateTo}, ${opened.senderMayReleaseAt}, ${opened.endsAt},
        (select subject from messages where queue_id = ${opened.queueId}),
        (select received_at from messages where queue_id = ${opened.queueId}))
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
    select ${caseColumns(db)} from cases c
    where (not ${filter.open} or c.closed_at is null)
      and (${filter.council}::text is null or c.council = ${filter.council})
    order by c.opened_at, c.id`;
}

/** One case with its history, in order; `null` where there is none of that id. */
export async function loadCase(
  db: Db,
  id: string,
): Promise<(StoredCase & { actions: StoredCaseAction[] }) | null> {
  const [cases, actions] = await Promise.all([
    db<StoredCase[]>`select ${caseColumns(db)} from cases c where c.id = ${id}`,
    db<StoredCaseAction[]>`
      select id, action, recipient_ids, reason, reason_code, officer, at, state, proposed_by,
        undo_until
      from case_actions where case_id = ${id} order by case_actions.id`,
  ]);
  return cases[0] ? { ...cases[0], actions: [...actions] } : null;
}

/** The columns of a `StoredCase`, of table `c`. */
export function caseColumns(db: Db) {
  return db`c.id, c.queue_id, c.council, c.kind, c.role, c.reason, c.rule, c.document, c.section,
    c.marking, c.actor_address, c.areas, c.queues, c.returning_officers, c.privileged,
    c.parties, c.four_eyes, c.opened_at, c.first_look_due, c.looked_at, c.due_at,
    c.escalate_to, c.escalated_at, c.sender_may_release_at, c.ends_at,
    c.claimed_by, c.claimed_until,
    c.assigned_to, c.urgent_reason, c.urgent_by, c.urgent_at, c.asked_at, c.changed_at,
    c.closed_at,
    (select count(*)::int from recipients r where r.queue_id = c.queue_id and ${isWaiting(db)})
      as waiting`;
}

/** SQL that is true where recipient `r` of case `c` waits to be decided, or to go inward. */
export function isWaiting(db: Db) {
  return db`case c.kind when 'hold' then r.status = 'held'
    else r.route = 'inward' and r.status in ('queued', 'deferred') end`;
}

/**
 * The case, locked until the transaction ends: two officers who decide at once come one after the
 * other. `null` where there is none.
 */
export async function lockCase(tx: Db, id: string): Promise<StoredCase | null> {
  await tx`select 1 from cases where id = ${id} for update`;
  const [row] = await tx<StoredCase[]>`select ${caseColumns(tx)} from cases c where c.id = ${id}`;
  return row ?? null;
}

export interface NewCaseAction {
  caseId: string;
  action: CaseAction;
  recipientIds: number[];
  officer: string;
  /** `''` where nothing was to be said. */
  reason: string;
  at: Date;
  state?: ActionState;
  reasonCode?: string | null;
  proposedBy?: string | null;
  undoUntil?: Date | null;
  /** UUID of the form that was sent: sent twice, it is one action. */
  requestId?: string | null;
}

/**
 * Records what was done to a case, with an audit row that leaves the words out, and marks the case
 * changed. Returns the action's id, `null` where the same form was sent before.
 */
export async function recordCaseAction(tx: Db, done: NewCaseAction): Promise<number | null> {
  const { action, officer, at, recipientIds, state = 'done' } = done;
  const { reasonCode = null, proposedBy = null, undoUntil = null, requestId = null } = done;
  const data = {
    case: done.caseId,
    action,
    recipients: recipientIds,
    ...(state !== 'done' && { state }),
    ...(reasonCode !== null && { reason: reasonCode }),
    ...(proposedBy !== null && { proposedBy }),
  };
  const [row] = await tx<{ id: number }[]>`
    with acted as (
      insert into case_actions (case_id, action, recipient_ids, reason, reason_code, officer, at,
        state, proposed_by, undo_until, request_id)
      values (${done.caseId}, ${action}, ${recipientIds}::bigint[], ${text(done.reason)},
        ${reasonCode}, ${officer}, ${at}, ${state}, ${proposedBy}, ${undoUntil}, ${requestId})
      on conflict (request_id) do nothing returning id
    ), changed as (
      update cases set changed_at = ${at} where id = ${done.caseId} and exists (select from acted)
      returning queue_id
    ), told as (
      insert into audit (event, queue_id, actor, data)
      select 'case-action', queue_id, ${officer}, ${json(data)}::text::jsonb
      from changed
    )
    select id from acted`;
  return row?.id ?? null;
}

/**
 * Closes the message's cases of which everything is done: nothing waits for an officer any more,
 * what was released or goes inward has arrived or failed for good, and no decision can be taken
 * back. The words by which it could be searched go with it. True where one was closed.
 */
export async function closeCaseIfDone(tx: Db, queueId: string, at: Date): Promise<boolean> {
  const rows = await tx`
    with closed as (
      update cases set closed_at = ${at}, changed_at = ${at}, claimed_by = null,
        claimed_until = null
      where queue_id = ${queueId} and closed_at is null and not exists (
        select 1 from recipients r where r.queue_id = cases.queue_id and case cases.kind
          when 'hold' then r.gate = 'hold' and r.status in ('held', 'queued', 'deferred')
          else (r.gate = 'divert' or r.route = 'inward') and r.status in ('queued', 'deferred') end)
        and not exists (
          select 1 from case_actions a
          where a.case_id = cases.id and a.state = 'done' and a.undo_until > ${at})
      returning id, queue_id
    ), forgotten as (
      delete from case_words where case_id in (select id from closed)
    )
    insert into audit (event, queue_id, actor, data)
    select 'case-closed', queue_id, 'pipeline', jsonb_build_object('case', id)
    from closed returning id`;
  return rows.length > 0;
}

/** Queue ids of open cases with a decision that could be taken back until now. */
export async function casesPastGrace(db: Db, at: Date, limit: number): Promise<string[]> {
  const rows = await db<{ queueId: string }[]>`
    select distinct c.queue_id from case_actions a join cases c on c.id = a.case_id
    where a.undo_until <= ${at} and a.state = 'done' and c.closed_at is null limit ${limit}`;
  return rows.map((row) => row.queueId);
}
