import type { RecipientStatus } from '../mail/disposition.ts';
import { json, text, type Db } from './connect.ts';
import { certified } from './evidence.ts';
import type { RecipientRoute, StoredRecipient } from './messages.ts';
import { isReturningOfficers } from './record-search.ts';

/** A lease on some recipients of one message. Only its token may record their outcome. */
export interface Claim {
  /** UUID; `''` where nothing was due. */
  token: string;
  recipients: StoredRecipient[];
}

/**
 * Leases every recipient of a message that is due at `at` and under no lease, and counts the
 * attempt, so that a job that kills its worker is seen. Two claims at once never share a recipient.
 */
export async function claimRecipients(
  db: Db,
  { queueId, at, leaseSeconds }: { queueId: string; at: Date; leaseSeconds: number },
): Promise<Claim> {
  const leasedUntil = new Date(at.getTime() + leaseSeconds * 1000);
  const rows = await db<StoredRecipient[]>`
    with lease as materialized (select gen_random_uuid() as token)
    update recipients set leased_until = ${leasedUntil}, lease_token = lease.token,
      attempt_count = attempt_count + 1
    from lease
    where queue_id = ${queueId} and status in ('queued', 'deferred') and next_attempt_at <= ${at}
      and (leased_until is null or leased_until <= ${at})
    returning recipients.*`;
  const recipients = [...rows].sort((a, b) => a.position - b.position);
  return { token: recipients[0]?.leaseToken ?? '', recipients };
}

/** Longer for a long transfer. False where the lease was lost: stop, somebody else has the work. */
export async function extendLease(
  db: Db,
  token: string,
  at: Date,
  leaseSeconds: number,
): Promise<boolean> {
  const rows = await db`
    update recipients set leased_until = ${new Date(at.getTime() + leaseSeconds * 1000)}
    where lease_token = ${token} and status in ('queued', 'deferred') returning id`;
  return rows.length > 0;
}

/** Gives back what was claimed and not attempted (shutdown); it is due again at once. */
export async function releaseClaim(db: Db, token: string): Promise<void> {
  await db`
    update recipients set leased_until = null, lease_token = null,
      attempt_count = attempt_count - 1
    where lease_token = ${token} and status in ('queued', 'deferred')`;
}

export interface NewAttempt {
  queueId: string;
  recipientIds: number[];
  at: Date;
  host: string | null;
  remoteAddress: string | null;
}

/**
 * Written and committed before DATA: a crash after it may mean a duplicate, never a silent loss.
 */
export async function startAttempt(db: Db, attempt: NewAttempt): Promise<number> {
  const [row] = await db<{ id: number }[]>`
    insert into attempts (queue_id, recipient_ids, started_at, host, remote_address, lease_token)
    select ${attempt.queueId}, ${attempt.recipientIds}::bigint[], ${attempt.at}::timestamptz,
      ${text(attempt.host)}, ${text(attempt.remoteAddress)}, max(lease_token::text)::uuid
    from recipients where id = any(${attempt.recipientIds}::bigint[])
    returning id`;
  if (!row) throw new Error(`Attempt on message "${attempt.queueId}" was not recorded`);
  return row.id;
}

/** The audit event of each outcome. */
const OUTCOME_EVENTS = {
  delivered: 'delivery',
  deferred: 'transient-failure',
  bounced: 'bounce',
  expired: 'expiration',
} as const;

export interface NewOutcome {
  token: string;
  recipientId: number;
  status: keyof typeof OUTCOME_EVENTS;
  at: Date;
  /** What operator and notice are told: a reply or a cause, without content. */
  result: string;
  /** For `deferred`; never later than the recipient's giving up. `null` means at once. */
  nextAttemptAt: Date | null;
  /** How it was protected (`L3`, `pgp`, ...), `null` where it was not or was not sent. */
  protectedBy: string | null;
  /** TransportEvidence of the attempt. */
  evidence: object | null;
  /** Of a delivery that had to be protected; see `certified`. */
  certificate?: object;
  /** The next hop's reply, `null` where there was none. */
  reply: string | null;
  /** Nothing was sent because no acceptable encryption was to be had. */
  unprotected?: boolean;
}

/**
 * SQL on a recipient that was reached protected: the council whose figures count it, if one does.
 * Settled now: who was answerable is erased one day. Mail of Returning Officers' teams is left out:
 * they are controllers of their own (domain H.1).
 */
function countedAt(db: Db) {
  return db`case when protection = 'required' and route = 'outward' then (
    select m.council from messages m where m.queue_id = recipients.queue_id
      and m.origin = 'received' and not ${isReturningOfficers(db)}) end`;
}

/**
 * Records what became of one recipient, ends its lease, closes its attempts under that lease, and
 * writes the audit row. False, and nothing changed, where the lease was lost or the recipient is no
 * longer under way. The outcome belongs to the last attempt, and the best one where that was for
 * several recipients; the hosts tried before it only deferred.
 */
export async function recordOutcome(db: Db, outcome: NewOutcome): Promise<boolean> {
  const { status, at } = outcome;
  const attemptOutcome = outcome.unprotected
    ? 'unprotected'
    : status === 'expired'
      ? 'deferred'
      : status;
  const evidence = outcome.evidence === null ? null : json(outcome.evidence);
  const certificate = outcome.certificate && certified(outcome.certificate);
  const data = {
    status,
    protectedBy: outcome.protectedBy,
    unprotected: outcome.unprotected ?? false,
    ...(certificate && { certificateSha256: certificate.sha256 }),
  };
  const rows = await db`
    with changed as (
      update recipients set status = ${status}, status_at = ${at}, leased_until = null,
        lease_token = null, last_result = ${text(outcome.result)},
        protected_by = coalesce(${outcome.protectedBy}, protected_by),
        protected_council = ${outcome.protectedBy === null ? db`null` : countedAt(db)},
        next_attempt_at = case when ${status} = 'deferred'
          then least(coalesce(${outcome.nextAttemptAt}, ${at}), give_up_at) end,
        delay_notice_due = case when ${status} = 'deferred' then delay_notice_due end
      where id = ${outcome.recipientId} and lease_token = ${outcome.token}
        and status in ('queued', 'deferred')
      returning id, queue_id
    ), tried as (
      select id, id = max(id) over () as is_last from attempts
      where queue_id = (select queue_id from changed) and lease_token = ${outcome.token}
        and ${outcome.recipientId} = any(recipient_ids)
    ), closed as (
      update attempts set ended_at = ${at},
        evidence = case when is_last then coalesce(${evidence}::text::jsonb, evidence) end,
        reply = case when outcome = 'delivered' then reply
          when is_last then ${text(outcome.reply)} end,
        outcome = case when outcome = 'delivered' then outcome
          when is_last then ${attemptOutcome} else 'deferred' end
      from tried where attempts.id = tried.id
    ), proven as (
      insert into delivery_certificates (recipient_id, queue_id, certificate)
      select id, queue_id, ${certificate?.stored ?? null}::text::jsonb from changed
      where ${certificate !== undefined}
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select ${OUTCOME_EVENTS[status]}, queue_id, id, 'delivery', ${json(data)}::text::jsonb
    from changed returning id`;
  return rows.length > 0;
}

export interface StatusChange {
  recipientIds: number[];
  from: RecipientStatus[];
  to: RecipientStatus;
  at: Date;
  /** Officer, role or component, for the audit row. Never a councillor's address. */
  actor: string;
  /** Audit event. */
  event: string;
  /** For the audit row: ids and rule ids only. */
  data: Record<string, unknown>;
  /** When queued or deferred; `at` unless given. */
  nextAttemptAt?: Date | null;
  /** Left alone where undefined. */
  giveUpAt?: Date | null;
  route?: RecipientRoute;
  delayNoticeDue?: Date | null;
}

/**
 * Moves recipients from one of the statuses to another, each with its audit row, and returns the
 * ids that moved. One that is being delivered at this moment (under a lease) does not move: ask
 * again later.
 */
export async function changeStatus(db: Db, change: StatusChange): Promise<number[]> {
  const { at, to } = change;
  const rows = await db<{ recipientId: number }[]>`
    with changed as (
      update recipients set status = ${to}, status_at = ${at}, leased_until = null,
        lease_token = null, route = coalesce(${change.route ?? null}, route),
        give_up_at = case when ${change.giveUpAt === undefined} then give_up_at
          else ${change.giveUpAt ?? null}::timestamptz end,
        delay_notice_due = case when ${to} not in ('queued', 'deferred') then null
          when ${change.delayNoticeDue === undefined} then delay_notice_due
          else ${change.delayNoticeDue ?? null}::timestamptz end,
        next_attempt_at = case when ${to} in ('queued', 'deferred')
          then coalesce(${change.nextAttemptAt ?? null}, ${at}) end
      where id = any(${change.recipientIds}::bigint[]) and status = any(${change.from}::text[])
        and (leased_until is null or leased_until <= ${at})
      returning id, queue_id
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select ${change.event}, queue_id, id, ${change.actor},
      ${json({ ...change.data, to })}::text::jsonb
    from changed order by id returning recipient_id`;
  return rows.map((row) => row.recipientId);
}

/**
 * Asks for encryption where it was not asked for; it can never be taken back. Returns the ids
 * changed.
 */
export async function raiseProtection(
  db: Db,
  change: { recipientIds: number[]; actor: string; event: string },
): Promise<number[]> {
  const rows = await db<{ recipientId: number }[]>`
    with changed as (
      update recipients set protection = 'required'
      where id = any(${change.recipientIds}::bigint[]) and protection = 'none'
        and status in ('spooled', 'held', 'diverted', 'queued', 'deferred')
        and leased_until is null
      returning id, queue_id
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select ${change.event}, queue_id, id, ${change.actor}, '{"protection": "required"}'
    from changed order by id returning recipient_id`;
  return rows.map((row) => row.recipientId);
}

/**
 * Takes the messages of which a delayed notice is due, each once, so write the notices in the same
 * transaction. Queue ids, most overdue first.
 */
export async function takeDelayNotices(tx: Db, at: Date, limit: number): Promise<string[]> {
  const rows = await tx<{ queueId: string }[]>`
    with due as (
      select id from recipients
      where delay_notice_due <= ${at} and status in ('queued', 'deferred')
      order by delay_notice_due limit ${limit} for update skip locked
    ), taken as (
      update recipients set delay_notice_due = null where id in (select id from due)
      returning queue_id, status_at
    )
    select queue_id from taken group by queue_id order by min(status_at)`;
  return rows.map((row) => row.queueId);
}

/** Makes the delayed notice due now, unless it was given already: retrying alone cannot help. */
export async function hastenDelayNotice(db: Db, recipientId: number, at: Date): Promise<void> {
  await db`
    update recipients set delay_notice_due = least(delay_notice_due, ${at})
    where id = ${recipientId} and delay_notice_due is not null and status = 'deferred'`;
}

/** Makes the inward copy of a diverted message due now. Returns the ids that were still to wait. */
export async function hastenInward(
  db: Db,
  { queueId, at }: { queueId: string; at: Date },
): Promise<number[]> {
  const rows = await db<{ id: number }[]>`
    update recipients set next_attempt_at = ${at}
    where queue_id = ${queueId} and route = 'inward' and status = 'deferred'
      and next_attempt_at > ${at}
    returning id`;
  return rows.map((row) => row.id);
}

/** Which waiting recipients are meant; every part that is given must hold. */
export interface RetryRequest {
  /** Address keys. */
  addresses?: string[];
  /** As a key. */
  domain?: string;
  queueId?: string;
  /** Only those that must leave encrypted: all that a new key can help. */
  protectedOnly?: boolean;
  at: Date;
  /** Officer or role, for the audit row. */
  actor: string;
}

/**
 * Makes recipients due now that wait for another try, each with the audit row `retry-asked`; the
 * next sweep of a running gateway takes them. One that is being tried at this moment is left to its
 * own schedule, and so is what was never tried: a diverted copy waits for its date. Returns the
 * ids.
 */
export async function hastenRetries(db: Db, request: RetryRequest): Promise<number[]> {
  const { at, addresses, domain, queueId, protectedOnly = false } = request;
  const rows = await db<{ recipientId: number }[]>`
    with changed as (
      update recipients set next_attempt_at = ${at}
      where status = 'deferred' and attempt_count > 0 and next_attempt_at > ${at}
        and (leased_until is null or leased_until <= ${at})
        and (${!protectedOnly} or protection = 'required')
        and (${queueId ?? null}::text is null or queue_id = ${queueId ?? null})
        and (${domain ?? null}::text is null or domain = ${domain ?? null})
        and (${addresses === undefined}
          or lower(regexp_replace(address, '@[^@]*$', '')) || '@' || domain
            = any(${addresses ?? []}::text[]))
      returning id, queue_id
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select 'retry-asked', queue_id, id, ${request.actor}, '{}' from changed order by id
    returning recipient_id`;
  return rows.map((row) => row.recipientId);
}
