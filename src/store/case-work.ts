import { appendAudit } from './audit.ts';
import { recordCaseAction, type CaseAction } from './cases.ts';
import { json, text, type Db } from './connect.ts';

/** What became of an attempt to take a case, or to change who works on it. */
export type ClaimResult =
  | { kind: 'claimed'; until: Date }
  /** Somebody else has it. */
  | { kind: 'taken'; by: string; until: Date }
  | { kind: 'closed' }
  | { kind: 'no-such-case' };

/**
 * Takes a case for one officer for some minutes, or longer where that officer has it already. Two
 * who take it at once: one has it, the other is told who. A claim that ran out is anybody's.
 */
export async function claimCase(
  tx: Db,
  claim: { caseId: string; officer: string; at: Date; minutes: number },
): Promise<ClaimResult> {
  const { caseId, officer, at } = claim;
  const until = new Date(at.getTime() + claim.minutes * 60_000);
  const [found] = await tx<{ by: string | null; until: Date | null; closedAt: Date | null }[]>`
    select claimed_by as by, claimed_until as until, closed_at from cases
    where id = ${caseId} for update`;
  if (!found) return { kind: 'no-such-case' };
  if (found.closedAt) return { kind: 'closed' };
  const holder = found.until && found.until > at ? found.by : null;
  if (holder !== null && holder !== officer && found.until) {
    return { kind: 'taken', by: holder, until: found.until };
  }
  await tx`
    update cases set claimed_by = ${officer}, claimed_until = ${until},
      looked_at = coalesce(looked_at, ${at})
    where id = ${caseId}`;
  // Renewals are no news: the trail has who took it, not every look at the clock.
  if (holder === null) {
    await recordCaseAction(tx, act(claim, 'claim'));
  }
  return { kind: 'claimed', until };
}

/** Gives a case back. False where this officer does not have it. */
export async function unclaimCase(
  tx: Db,
  claim: { caseId: string; officer: string; at: Date },
): Promise<boolean> {
  const { caseId, officer } = claim;
  const rows = await tx`
    update cases set claimed_by = null, claimed_until = null
    where id = ${caseId} and claimed_by = ${officer} and closed_at is null returning id`;
  if (rows.length === 0) return false;
  await recordCaseAction(tx, act(claim, 'unclaim'));
  return true;
}

export interface CaseChange {
  caseId: string;
  officer: string;
  at: Date;
  /** An officer's words; kept with the case, erased with the message. */
  reason: string;
  requestId?: string | null;
}

/** Gives a case to an officer to work on, or to nobody. False where it is closed or unknown. */
export async function assignCase(
  tx: Db,
  change: CaseChange & { to: string | null },
): Promise<boolean> {
  const rows = await tx`
    update cases set assigned_to = ${change.to} where id = ${change.caseId} and closed_at is null
    returning id`;
  if (rows.length === 0) return false;
  return (await recordCaseAction(tx, { ...act(change, 'assign'), reason: change.reason })) !== null;
}

/**
 * Hands a case to another role, which decides it from now on: by an officer, or by the clock when
 * it is overdue. Its claim ends with it. False where it is closed, unknown or there already.
 */
export async function escalateCase(
  tx: Db,
  change: CaseChange & { role: string },
): Promise<boolean> {
  const { caseId, role, at } = change;
  const rows = await tx`
    update cases set role = ${role}, queues = array[${role}], escalated_at = ${at},
      assigned_to = null, claimed_by = null,
      claimed_until = null
    where id = ${caseId} and closed_at is null and role <> ${role} returning id`;
  if (rows.length === 0) return false;
  await recordCaseAction(tx, { ...act(change, 'escalate'), reason: change.reason });
  return true;
}

/** Puts a case before the others, with why; `null` takes that back. */
export async function setUrgent(
  tx: Db,
  change: Omit<CaseChange, 'reason'> & { reason: string | null },
): Promise<boolean> {
  const { caseId, officer, at, reason } = change;
  const rows = await tx`
    update cases set urgent_reason = ${text(reason)},
      urgent_by = ${reason === null ? null : officer}, urgent_at = ${reason === null ? null : at}
    where id = ${caseId} and closed_at is null and (urgent_at is null) = ${reason !== null}
    returning id`;
  if (rows.length === 0) return false;
  const action = reason === null ? 'not-urgent' : 'urgent';
  await recordCaseAction(tx, { ...act(change, action), reason: reason ?? '' });
  return true;
}

/** Words for the other officers. False where the same form was sent before. */
export async function addNote(tx: Db, change: CaseChange): Promise<boolean> {
  const added = await recordCaseAction(tx, { ...act(change, 'note'), reason: change.reason });
  return added !== null;
}

type Work = Pick<CaseChange, 'caseId' | 'officer' | 'at' | 'requestId'>;

function act({ caseId, officer, at, requestId = null }: Work, action: CaseAction) {
  return { caseId, action, recipientIds: [], officer, reason: '', at, requestId };
}

/** Marks cases as read or unread for one officer: a private matter, so no audit row. */
export async function markRead(
  db: Db,
  { caseIds, officer, at, read }: { caseIds: string[]; officer: string; at: Date; read: boolean },
): Promise<void> {
  if (!read) {
    await db`delete from case_reads where officer = ${officer} and case_id = any(${caseIds})`;
    return;
  }
  await db`
    insert into case_reads (case_id, officer, read_at)
    select id, ${officer}, greatest(${at}, changed_at) from cases where id = any(${caseIds})
    on conflict (case_id, officer) do update set read_at = excluded.read_at`;
}

export interface ContentView {
  caseId: string | null;
  queueId: string;
  officer: string;
  /** `text`, `html`, `source`, `attachment:2`, `sender`. */
  what: string;
  /** Code from the policy's list, or the investigation it rests on. */
  reason: string;
  investigation: string | null;
  /** The request to which a second officer agreed, where that was needed. */
  request?: string | null;
  at: Date;
}

/** Every look at content is a row of the trail (domain H.3); the first one ends `first look`. */
export async function recordView(tx: Db, view: ContentView): Promise<void> {
  const { caseId, what, reason, investigation, request = null } = view;
  await appendAudit(tx, {
    event: 'content-viewed',
    queueId: view.queueId,
    actor: view.officer,
    data: {
      case: caseId,
      what,
      reason,
      ...(investigation !== null && { investigation }),
      ...(request !== null && { request }),
    },
  });
  await tx`update cases set looked_at = ${view.at} where id = ${caseId} and looked_at is null`;
}

/**
 * Why this officer last looked into a message, since a time; `null` where no reason was given yet.
 * Whoever gave one need not give it again for each page.
 */
export async function lastViewReason(
  db: Db,
  { queueId, officer, since }: { queueId: string; officer: string; since: Date },
): Promise<string | null> {
  const [row] = await db<{ reason: string | null }[]>`
    select data->>'reason' as reason from audit
    where queue_id = ${queueId} and event = 'content-viewed' and actor = ${officer}
      and at > ${since}
    order by id desc limit 1`;
  return row?.reason ?? null;
}

export interface SavedView {
  id: number;
  name: string;
  /** Query parameters of the queue page. */
  query: Record<string, string>;
}

/** An officer's own views, by name. */
export async function savedViews(db: Db, officer: string): Promise<SavedView[]> {
  return db<SavedView[]>`
    select id, name, query from saved_views where officer = ${officer} order by name`;
}

/** Most views of one officer. */
const MOST_VIEWS = 50;

/** Keeps a view under a name, in place of the one that had it. False where there are too many. */
export async function saveView(
  tx: Db,
  view: { officer: string; name: string; query: Record<string, string>; at: Date },
): Promise<boolean> {
  const rows = await tx`
    insert into saved_views (officer, name, query, created_at)
    select ${view.officer}, ${text(view.name)}, ${json(view.query)}::text::jsonb, ${view.at}
    where (select count(*) from saved_views
      where officer = ${view.officer} and name <> ${text(view.name)}) < ${MOST_VIEWS}
    on conflict (officer, name) do update set query = excluded.query returning id`;
  return rows.length > 0;
}

export async function dropView(tx: Db, officer: string, id: number): Promise<boolean> {
  const rows = await tx`
    delete from saved_views where id = ${id} and officer = ${officer} returning id`;
  return rows.length > 0;
}
