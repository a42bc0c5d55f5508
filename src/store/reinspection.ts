import type { NewCase } from './cases.ts';
import { text, type Db } from './connect.ts';

/** Messages with held recipients that wait because our own inspection failed, oldest first. */
export async function failedInspections(db: Db): Promise<string[]> {
  const rows = await db<{ queueId: string }[]>`
    select queue_id from messages m
    where m.decision @> '{"findings": [{"kind": "inspection-failed"}]}'
      and m.decided_at is not null and m.wrapped_key is not null
      and exists (select 1 from recipients r where r.queue_id = m.queue_id and r.status = 'held')
    order by received_at`;
  return rows.map((row) => row.queueId);
}

/**
 * Takes a message whose inspection failed back to before its decision: held recipients are
 * `spooled` again, the starts are forgotten, and the sweep finds it. What was sent, refused or
 * withdrawn meanwhile stays as it is. Protection that the failed decision asked for to be safe is
 * taken off, what an officer raised is not; the next decision asks for it again where it must.
 * @returns false, and nothing changed, where nothing of it is held, or not by our own failure
 */
export async function reopenInspection(
  tx: Db,
  { queueId, at, actor }: { queueId: string; at: Date; actor: string },
): Promise<boolean> {
  const rows = await tx`
    with reopened as (
      update messages m set decided_at = null, inspection_starts = 0, inspecting_until = null
      where m.queue_id = ${queueId} and m.decided_at is not null and m.wrapped_key is not null
        and m.decision @> '{"findings": [{"kind": "inspection-failed"}]}'
        and exists (select 1 from recipients r where r.queue_id = m.queue_id and r.status = 'held')
      returning m.queue_id, m.decision
    ), moved as (
      update recipients r set status = 'spooled', status_at = ${at}, gate = null,
        protection = case
          when reopened.decision -> 'recipients' -> r.position ->> 'protection' = 'required'
          then 'none' else r.protection end
      from reopened where r.queue_id = reopened.queue_id and r.status = 'held'
    )
    insert into audit (event, queue_id, actor, data)
    select 'reinspection', queue_id, ${actor}, '{}' from reopened returning id`;
  return rows.length > 0;
}

/**
 * The open case of a message that was inspected again is now about what the new decision says, and
 * goes to whom that names; what officers did with it stays.
 * @returns its id, `null` where it has none
 */
export async function readdressCase(tx: Db, now: NewCase): Promise<string | null> {
  const [row] = await tx<{ id: string }[]>`
    update cases set role = ${now.role}, reason = ${text(now.reason)}, rule = ${now.rule},
      document = ${now.document}, section = ${now.section}, marking = ${now.marking},
      areas = ${now.areas}::text[], queues = ${now.queues}::text[],
      returning_officers = ${now.returningOfficers}, privileged = ${now.privileged},
      parties = ${now.parties.map((party) => text(party))}::text[],
      domains = ${now.domains.map((domain) => text(domain))}::text[],
      actor_address = ${text(now.actorAddress)}, four_eyes = ${now.fourEyes},
      changed_at = ${now.at}, first_look_due = ${now.firstLookDue}, due_at = ${now.dueAt},
      escalate_to = ${now.escalateTo}, sender_may_release_at = ${now.senderMayReleaseAt},
      ends_at = ${now.endsAt}
    where queue_id = ${now.queueId} and kind = ${now.kind} and closed_at is null
    returning id`;
  return row?.id ?? null;
}
