import type { Decision } from '../mail/decision.ts';
import type { Gate, Protection, RecipientStatus } from '../mail/disposition.ts';
import type { Arrival, Envelope, Notify } from '../mail/envelope.ts';
import type { Facts } from '../mail/facts.ts';
import type { Readings } from '../policy/variables.ts';
import { json, text, type Db } from './connect.ts';

/**
 * `delivered` mail is kept for days unless the gateway is the archive; all other mail for years.
 */
export type RetentionClass = 'delivered' | 'kept';
export type RecipientRoute = 'outward' | 'inward';

export interface NewRecipient {
  /** As in the envelope. */
  address: string;
  domain: string;
  internal: boolean;
  orcpt: string | null;
  notify: Notify[];
  /** `queued` only for mail that the gateway makes itself. */
  status: 'spooled' | 'queued';
  route: RecipientRoute;
  protection: Protection;
  giveUpAt: Date | null;
  /** `null` for a queued recipient means at once. */
  nextAttemptAt: Date | null;
}

export interface NewMessage {
  queueId: string;
  council: string;
  origin: 'received' | 'internal';
  arrival: Arrival;
  envelope: Envelope;
  actorId: string | null;
  actorAddress: string | null;
  subject: string | null;
  messageId: string | null;
  sizeBytes: number;
  /** Of the bytes as received, 32 bytes. */
  sha256: Buffer;
  wrappedKey: Buffer;
  receivedAt: Date;
  retentionClass: RetentionClass;
  eraseAfter: Date;
  recipients: NewRecipient[];
}

export interface StoredRecipient {
  id: number;
  queueId: string;
  position: number;
  /** `null` once erased, like `domain`, `orcpt` and `lastResult`. */
  address: string | null;
  domain: string | null;
  internal: boolean;
  orcpt: string | null;
  notify: Notify[];
  status: RecipientStatus;
  gate: Gate | null;
  protection: Protection;
  route: RecipientRoute;
  nextAttemptAt: Date | null;
  giveUpAt: Date | null;
  /** Claims so far, the running one included. */
  attemptCount: number;
  leasedUntil: Date | null;
  leaseToken: string | null;
  lastResult: string | null;
  delayNoticeDue: Date | null;
  protectedBy: string | null;
  statusAt: Date;
}

/** A message as the record has it. What erasure empties is nullable. */
export interface StoredMessage {
  queueId: string;
  council: string;
  /** `preflight`: a draft that only asked what would happen. */
  origin: 'received' | 'internal' | 'preflight';
  arrival: Arrival | null;
  envelope: Envelope | null;
  actorId: string | null;
  actorAddress: string | null;
  subject: string | null;
  messageId: string | null;
  sizeBytes: number;
  sha256: Buffer;
  wrappedKey: Buffer | null;
  receivedAt: Date;
  inspectionStarts: number;
  decidedAt: Date | null;
  policyVersion: string | null;
  inputsHash: string | null;
  facts: Facts | null;
  /** What its conditions read, so that it can be decided again. */
  readings: Readings | null;
  decision: Decision | null;
  /** 64 binary digits (inspect/similarity.ts). */
  fingerprint: string | null;
  retentionClass: RetentionClass;
  eraseAfter: Date;
  erasedAt: Date | null;
  /** By position. */
  recipients: StoredRecipient[];
}

/**
 * Takes a message into the record: message, recipients and the audit row `reception`. One
 * statement, so it is whole also outside a transaction, and costs one round trip.
 */
export async function insertMessage(db: Db, message: NewMessage): Promise<void> {
  const recipients = message.recipients.map((recipient, position) => ({ ...recipient, position }));
  const data = {
    origin: message.origin,
    council: message.council,
    via: message.arrival.via,
    sizeBytes: message.sizeBytes,
    sha256: message.sha256.toString('hex'),
    recipients: recipients.length,
  };
  await db`
    with message as (
      insert into messages (queue_id, council, origin, arrival, envelope, actor_id, actor_address,
        subject, message_id, size_bytes, sha256, wrapped_key, received_at, retention_class,
        erase_after)
      values (${message.queueId}, ${message.council}, ${message.origin},
        ${json(message.arrival)}::text::jsonb, ${json(message.envelope)}::text::jsonb,
        ${message.actorId}, ${text(message.actorAddress)}, ${text(message.subject)},
        ${text(message.messageId)}, ${message.sizeBytes}, ${message.sha256}, ${message.wrappedKey},
        ${message.receivedAt}, ${message.retentionClass}, ${message.eraseAfter})
    ), recipient as (
      insert into recipients (queue_id, position, address, domain, internal, orcpt, notify, status,
        route, protection, give_up_at, next_attempt_at, status_at)
      select ${message.queueId}, r.position, r.address, r.domain, r.internal, r.orcpt, r.notify,
        r.status, r.route, r.protection, r."giveUpAt",
        case when r.status = 'queued' then coalesce(r."nextAttemptAt", ${message.receivedAt}) end,
        ${message.receivedAt}
      from jsonb_to_recordset(${json(recipients)}::text::jsonb) as r(position int, address text,
        domain text, internal boolean, orcpt text, notify text[], status text, route text,
        protection text, "giveUpAt" timestamptz, "nextAttemptAt" timestamptz)
    )
    insert into audit (event, queue_id, actor, data)
    values ('reception', ${message.queueId}, 'ingress', ${json(data)}::text::jsonb)`;
}

/** The message with its recipients, `null` where no such message is known. */
export async function loadMessage(db: Db, queueId: string): Promise<StoredMessage | null> {
  const [messages, recipients] = await Promise.all([
    db<Omit<StoredMessage, 'recipients'>[]>`
      select queue_id, council, origin, arrival, envelope, actor_id, actor_address, subject,
        message_id, size_bytes, sha256, wrapped_key, received_at, inspection_starts, decided_at,
        policy_version, inputs_hash, facts, readings, decision, fingerprint::text,
        retention_class, erase_after, erased_at
      from messages where queue_id = ${queueId}`,
    db<StoredRecipient[]>`
      select * from recipients where queue_id = ${queueId} order by position`,
  ]);
  return messages[0] ? { ...messages[0], recipients: [...recipients] } : null;
}

/**
 * Leases a message for inspection and returns how many inspections of it were begun, this one
 * included; 0 where it is decided, unknown, or under another's lease. Commit it before the work
 * begins: a message that kills the worker is then seen, and looked at again once the lease is out.
 */
export async function startInspection(
  db: Db,
  { queueId, at, leaseSeconds }: { queueId: string; at: Date; leaseSeconds: number },
): Promise<number> {
  const [row] = await db<{ inspectionStarts: number }[]>`
    update messages set inspection_starts = inspection_starts + 1,
      inspecting_until = ${new Date(at.getTime() + leaseSeconds * 1000)}
    where queue_id = ${queueId} and decided_at is null
      and (inspecting_until is null or inspecting_until <= ${at})
    returning inspection_starts`;
  return row?.inspectionStarts ?? 0;
}

/** Ends an inspection that never got to the message: not before `until` again, and not counted. */
export async function postponeInspection(
  db: Db,
  { queueId, until }: { queueId: string; until: Date },
): Promise<void> {
  await db`
    update messages set inspection_starts = greatest(inspection_starts - 1, 0),
      inspecting_until = ${until}
    where queue_id = ${queueId} and decided_at is null`;
}

/** Longer, for an inspection that takes its time. Nothing changes once the message is decided. */
export async function extendInspection(
  db: Db,
  { queueId, at, leaseSeconds }: { queueId: string; at: Date; leaseSeconds: number },
): Promise<void> {
  await db`
    update messages set inspecting_until = ${new Date(at.getTime() + leaseSeconds * 1000)}
    where queue_id = ${queueId} and decided_at is null`;
}

export interface DecidedRecipient {
  position: number;
  status: RecipientStatus;
  gate: Gate;
  protection: Protection;
  nextAttemptAt: Date | null;
  giveUpAt: Date | null;
  delayNoticeDue: Date | null;
  /** Ids of the rules that brought it there; those of its decision where left out. */
  rules?: string[];
}

export interface NewDecision {
  queueId: string;
  decision: Decision;
  facts: Facts;
  /** 64 binary digits (inspect/similarity.ts), where the message has one. */
  fingerprint: string | null;
  /** `null` where a variable could not be read. */
  readings: Readings | null;
  at: Date;
  /** One for each recipient; those withdrawn meanwhile are left alone. */
  recipients: DecidedRecipient[];
  actorId: string | null;
  actorAddress: string | null;
  retentionClass: RetentionClass;
  eraseAfter: Date;
}

/**
 * Records a decision once. False, and nothing changed, where the message was already decided.
 * Changes only recipients still `spooled`; protection is only ever raised. Audit rows: `inspection`
 * with the kinds found, and `decision` for each recipient with its rules.
 * @throws if a spooled recipient is left without a decision, so give it a transaction.
 */
export async function recordDecision(tx: Db, input: NewDecision): Promise<boolean> {
  const { decision, queueId, at } = input;
  const inspection = {
    kinds: [...new Set(decision.findings.map((finding) => finding.kind))],
    faults: decision.faults.length,
  };
  const recipients = input.recipients.map((recipient) => ({
    ...recipient,
    audit: {
      gate: recipient.gate,
      protection: recipient.protection,
      status: recipient.status,
      rules:
        recipient.rules ??
        (decision.recipients[recipient.position]?.hits ?? []).map((hit) => hit.rule),
      policyVersion: decision.policyVersion,
    },
  }));
  const [row] = await tx<{ decided: number; spooled: number; changed: number }[]>`
    with decided as (
      update messages set decided_at = ${at}, policy_version = ${decision.policyVersion},
        inputs_hash = ${decision.inputsHash}, facts = ${json(input.facts)}::text::jsonb,
        fingerprint = ${input.fingerprint}::text::bit(64),
        readings = ${json(input.readings)}::text::jsonb,
        decision = ${json(decision)}::text::jsonb, actor_id = ${input.actorId},
        actor_address = ${text(input.actorAddress)}, retention_class = ${input.retentionClass},
        erase_after = ${input.eraseAfter}
      where queue_id = ${queueId} and decided_at is null
      returning queue_id
    ), wanted as (
      select * from jsonb_to_recordset(${json(recipients)}::text::jsonb) as w(position int,
        status text, gate text, protection text, "nextAttemptAt" timestamptz,
        "giveUpAt" timestamptz, "delayNoticeDue" timestamptz, audit jsonb)
    ), changed as (
      update recipients r set status = w.status, gate = w.gate, status_at = ${at},
        protection = case when r.protection = 'required' then r.protection else w.protection end,
        give_up_at = w."giveUpAt", delay_notice_due = w."delayNoticeDue",
        next_attempt_at =
          case when w.status in ('queued', 'deferred') then coalesce(w."nextAttemptAt", ${at}) end
      from wanted w, decided
      where r.queue_id = decided.queue_id and r.position = w.position and r.status = 'spooled'
      returning r.id, w.audit
    ), told as (
      insert into audit (event, queue_id, recipient_id, actor, data)
      select event, queue_id, recipient_id, 'pipeline', data from (
        select 'inspection' as event, queue_id, null::bigint as recipient_id,
          ${json(inspection)}::text::jsonb as data
        from decided
        union all select 'decision', ${queueId}, id, audit from changed
      ) as rows order by recipient_id nulls first
    )
    select (select count(*)::int from decided) as decided,
      (select count(*)::int from changed) as changed,
      (select count(*)::int from recipients
        where queue_id = ${queueId} and status = 'spooled') as spooled`;
  if (!row?.decided) return false;
  if (row.changed !== row.spooled) {
    throw new Error(
      `Decision on message "${queueId}" leaves "${row.spooled - row.changed}" recipients undecided`,
    );
  }
  return true;
}

/** A recipient that is added after the decision: the inward copy of a diverted message. */
export interface AddedRecipient extends Omit<NewRecipient, 'status'> {
  status: 'deferred';
}

/** Adds recipients after those that a message has, with the audit row `recipient-added` each. */
export async function addRecipients(
  tx: Db,
  queueId: string,
  recipients: AddedRecipient[],
): Promise<void> {
  const rows = recipients.map((recipient, offset) => ({ ...recipient, offset }));
  await tx`
    with added as (
      insert into recipients (queue_id, position, address, domain, internal, orcpt, notify, status,
        route, protection, give_up_at, next_attempt_at, status_at)
      select ${queueId}, last.position + 1 + r."offset", r.address, r.domain, r.internal, r.orcpt,
        r.notify, r.status, r.route, r.protection, r."giveUpAt",
        coalesce(r."nextAttemptAt", now()), now()
      from jsonb_to_recordset(${json(rows)}::text::jsonb) as r("offset" int, address text,
          domain text, internal boolean, orcpt text, notify text[], status text, route text,
          protection text, "giveUpAt" timestamptz, "nextAttemptAt" timestamptz),
        (select coalesce(max(position), -1) as position
          from recipients where queue_id = ${queueId}) as last
      returning id, route
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select 'recipient-added', ${queueId}, id, 'pipeline', jsonb_build_object('route', route)
    from added order by id`;
}

export interface DueQuestion {
  at: Date;
  /** Younger undecided messages are being worked on. */
  settledBefore: Date;
  /** At most so many of each. */
  limit: number;
}

/**
 * What the record says is to be done: undecided messages, and messages with a recipient that is due
 * and not under a lease. Queue ids, most overdue first.
 */
export async function dueWork(
  db: Db,
  { at, settledBefore, limit }: DueQuestion,
): Promise<{ process: string[]; deliver: string[] }> {
  const [undecided, due] = await Promise.all([
    db<{ queueId: string }[]>`
      select queue_id from messages
      where decided_at is null and origin = 'received' and received_at <= ${settledBefore}
        and (inspecting_until is null or inspecting_until <= ${at})
      order by received_at limit ${limit}`,
    db<{ queueId: string }[]>`
      select queue_id from recipients
      where status in ('queued', 'deferred') and next_attempt_at <= ${at}
        and (leased_until is null or leased_until <= ${at})
      group by queue_id order by min(next_attempt_at) limit ${limit}`,
  ]);
  return {
    process: undecided.map((row) => row.queueId),
    deliver: due.map((row) => row.queueId),
  };
}

/** Recipients in custody, by status; those that are finished are not counted. */
export async function countRecipients(db: Db): Promise<Record<string, number>> {
  const rows = await db<{ status: RecipientStatus; count: number }[]>`
    select status, count(*)::int as count from recipients
    where status in ('spooled', 'held', 'diverted', 'queued', 'deferred') group by status`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
