import { isHeld } from './holds.ts';
import type { Db } from './connect.ts';

/** Tombstones are kept so long after the erasure (domain G.1). */
const TOMBSTONE_YEARS = 6;

/**
 * Messages past their date whose content is still there, in order of date, after the one given.
 * A page to walk by, not a permission: `eraseMessage` looks again.
 */
export async function dueForErasure(
  db: Db,
  at: Date,
  after: { eraseAfter: Date; queueId: string } | null,
  limit: number,
): Promise<{ queueId: string; eraseAfter: Date }[]> {
  return db<{ queueId: string; eraseAfter: Date }[]>`
    select queue_id, erase_after from messages
    where erased_at is null and erase_after <= ${at}
      and (${after === null} or (erase_after, queue_id) >
        (${after?.eraseAfter ?? null}::timestamptz, ${after?.queueId ?? null}))
    order by erase_after, queue_id limit ${limit}`;
}

export type ErasureResult = 'erased' | 'held' | 'under-way' | 'not-due';

/**
 * Erases one message's content from the record: words, addresses, and the key without which the
 * spool file is noise. Leaves a tombstone and an audit row. Give it a transaction of its own, and
 * remove the spool file after. Refuses while a hold stands, or while a recipient is under way; what
 * waited undecided until its date expires.
 * @throws if the holds cannot be read.
 */
export async function eraseMessage(tx: Db, queueId: string, at: Date): Promise<ErasureResult> {
  // Setting a hold waits for us, and we for it: between our look and our commit there can be no new
  // one.
  await tx`lock table legal_holds in share mode`;
  await tx`select 1 from messages where queue_id = ${queueId} for update`;
  // Locked, so that nothing is claimed for delivery, or released, while we look.
  await tx`select 1 from recipients where queue_id = ${queueId} for update`;
  const [message] = await tx<{ isDue: boolean; isHeld: boolean; isUnderWay: boolean }[]>`
    select m.erased_at is null and m.erase_after <= ${at} as is_due, ${isHeld(tx, at)} as is_held,
      exists (select 1 from recipients r where r.queue_id = m.queue_id
        and r.status in ('spooled', 'queued', 'deferred')) as is_under_way
    from messages m where m.queue_id = ${queueId}`;
  if (!message?.isDue) return 'not-due';
  if (message.isHeld) return 'held';
  if (message.isUnderWay) return 'under-way';
  await leaveTombstone(tx, queueId, at);
  await expireWaiting(tx, queueId, at);
  await emptyContent(tx, queueId, at);
  return 'erased';
}

async function leaveTombstone(tx: Db, queueId: string, at: Date): Promise<void> {
  await tx`
    with tombstone as (
      insert into tombstones (queue_id, council, sha256, received_at, erased_at, retention_class,
        rules, gate, policy_version)
      select queue_id, council, sha256, received_at, ${at}, retention_class,
        coalesce((select array_agg(distinct rule order by rule)
          from jsonb_path_query(decision, '$.recipients[*].hits[*].rule') as hit,
            lateral (select hit #>> '{}' as rule) as named), '{}'),
        decision->>'gate', policy_version
      from messages where queue_id = ${queueId}
      returning queue_id, retention_class
    )
    insert into audit (event, queue_id, actor, data)
    select 'erasure', queue_id, 'retention', jsonb_build_object('class', retention_class)
    from tombstone`;
}

/** Nobody decided in all that time; what is erased can no longer be. */
async function expireWaiting(tx: Db, queueId: string, at: Date): Promise<void> {
  await tx`
    with expired as (
      update recipients set status = 'expired', status_at = ${at}
      where queue_id = ${queueId} and status in ('held', 'diverted') returning id
    ), closed as (
      update cases set closed_at = ${at} where queue_id = ${queueId} and closed_at is null
    )
    insert into audit (event, queue_id, recipient_id, actor, data)
    select 'expiration', ${queueId}, id, 'retention', '{"status": "expired"}' from expired
    order by id`;
}

async function emptyContent(tx: Db, queueId: string, at: Date): Promise<void> {
  await tx`
    with recipient as (
      update recipients set address = null, domain = null, orcpt = null, last_result = null,
        lease_token = null, leased_until = null
      where queue_id = ${queueId}
    ), attempt as (
      update attempts set host = null, remote_address = null, reply = null,
        evidence = evidence - '{mxHost,remoteAddress,certificateSha256}'::text[]
      where queue_id = ${queueId}
    ), proof as (
      delete from delivery_certificates where queue_id = ${queueId}
    ), link as (
      delete from status_links where queue_id = ${queueId}
    ), notice as (
      update outbox set to_address = null, data = null, dedupe_key = null,
        suppressed = case when written_at is null then coalesce(suppressed, 'message erased')
          else suppressed end
      where queue_id = ${queueId}
    ), action as (
      update case_actions set reason = null
      where case_id in (select id from cases where queue_id = ${queueId})
    ), reading as (
      update reading_requests set words = null where queue_id = ${queueId}
    ), held as (
      update cases set actor_address = null, subject = null, domains = '{}', parties = '{}',
        urgent_reason = null
      where queue_id = ${queueId}
    ), words as (
      delete from case_words where case_id in (select id from cases where queue_id = ${queueId})
    )
    update messages set arrival = null, envelope = null, actor_id = null, actor_address = null,
      subject = null, message_id = null, wrapped_key = null, facts = null, decision = null,
      readings = null, inputs_hash = null, fingerprint = null, erased_at = ${at}
    where queue_id = ${queueId}`;
}

/** Erased messages whose spool file may still be there: a run died between the two. */
export async function unremovedFiles(db: Db, limit: number): Promise<string[]> {
  const rows = await db<{ queueId: string }[]>`
    select queue_id from messages where erased_at is not null and spool_removed_at is null
    order by erased_at, queue_id limit ${limit}`;
  return rows.map((row) => row.queueId);
}

export async function markFileRemoved(db: Db, queueId: string, at: Date): Promise<void> {
  await db`
    update messages set spool_removed_at = ${at}
    where queue_id = ${queueId} and erased_at is not null`;
}

/** Those of the queue ids that the record does not know. */
export async function unknownMessages(db: Db, queueIds: string[]): Promise<string[]> {
  const rows = await db<{ queueId: string }[]>`
    select queue_id from unnest(${queueIds}::text[]) as f(queue_id)
    where not exists (select 1 from messages m where m.queue_id = f.queue_id)`;
  return rows.map((row) => row.queueId);
}

/** Drops tombstones that have served their time, and returns how many. */
export async function dropTombstones(tx: Db, at: Date): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    with dropped as (
      delete from tombstones
      where erased_at <= ${at}::timestamptz - make_interval(years => ${TOMBSTONE_YEARS})
      returning queue_id
    ), told as (
      insert into audit (event, queue_id, actor)
      select 'tombstone-dropped', queue_id, 'retention' from dropped
    )
    select count(*)::int as count from dropped`;
  return row?.count ?? 0;
}
