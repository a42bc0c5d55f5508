import { addressKey } from '../mail/address.ts';
import { text, type Db } from './connect.ts';

export const HOLD_KINDS = ['foi', 'eir', 'dsar', 'litigation', 'investigation', 'police'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/**
 * Nothing that a hold covered is erased for so long after it was lifted: time to notice a mistake.
 */
export const COOLING_OFF_DAYS = 7;

/** Kinds that nobody lifts alone (domain G.3). */
const TWO_PERSON_KINDS: readonly HoldKind[] = ['investigation', 'police'];

/**
 * A standing order to keep. Its scope is looked up anew at each erasure, so that mail which arrives
 * later is covered too. Each condition that is empty or `null` covers all of the council's mail.
 */
export interface NewHold {
  id: string;
  council: string;
  kind: HoldKind;
  /** Number of the request or the case. */
  reference: string;
  /** Addresses of the members concerned; each stands for all addresses of that person. */
  actors: string[];
  queueIds: string[];
  /** Inclusive. */
  receivedFrom: Date | null;
  /** Exclusive. */
  receivedUntil: Date | null;
  /** YYYY-MM-DD: when the request reached the council, which is when the duty to keep began. */
  requestReceivedOn: string;
  reviewOn: string | null;
  reason: string;
  setBy: string;
  setAt: Date;
}

export interface StoredHold extends NewHold {
  liftedBy: string | null;
  liftedReason: string | null;
  liftedAt: Date | null;
}

/**
 * Sets a hold, with its audit row. Waits for erasures under way, so that none slips past it.
 * Returns the queue ids of messages that may be in scope and were erased since the request was
 * received: those who set the hold must know, and say so to whoever asks. (By council, date and id:
 * a tombstone has no addresses.)
 */
export async function addHold(tx: Db, hold: NewHold): Promise<string[]> {
  const actors = hold.actors.map((address) => text(addressKey(address)));
  await tx`
    with added as (
      insert into legal_holds (id, council, kind, reference, actors, queue_ids, received_from,
        received_until, request_received_on, review_on, reason, set_by, set_at)
      values (${hold.id}, ${hold.council}, ${hold.kind}, ${text(hold.reference)},
        ${actors}::text[], ${hold.queueIds}::text[], ${hold.receivedFrom}, ${hold.receivedUntil},
        ${hold.requestReceivedOn}, ${hold.reviewOn}, ${text(hold.reason)},
        ${hold.setBy}, ${hold.setAt})
      returning id, kind
    )
    insert into audit (event, actor, data)
    select 'hold-set', ${hold.setBy}, jsonb_build_object('hold', id, 'kind', kind) from added`;
  const erased = await tx<{ queueId: string }[]>`
    select t.queue_id from tombstones t join legal_holds h on h.id = ${hold.id}
    where t.council = h.council and t.erased_at >= h.request_received_on
      and (h.queue_ids = '{}' or t.queue_id = any(h.queue_ids))
      and (h.received_from is null or t.received_at >= h.received_from)
      and (h.received_until is null or t.received_at < h.received_until)
    order by t.received_at`;
  return erased.map((row) => row.queueId);
}

/**
 * Lifts a hold; it stays on record, and stands for another week. False where no such hold stands.
 * @throws if the kind needs a second person and the one who set it asks.
 */
export async function liftHold(
  tx: Db,
  lifting: { id: string; by: string; reason: string; at: Date },
): Promise<boolean> {
  const { id, by, reason, at } = lifting;
  const [hold] = await tx<{ kind: HoldKind; setBy: string }[]>`
    select kind, set_by from legal_holds where id = ${id} and lifted_at is null for update`;
  if (!hold) return false;
  if (TWO_PERSON_KINDS.includes(hold.kind) && hold.setBy === by) {
    throw new Error(
      `Hold "${id}" is of kind "${hold.kind}": somebody else than its setter must lift it`,
    );
  }
  await tx`
    with lifted as (
      update legal_holds set lifted_by = ${by}, lifted_reason = ${text(reason)}, lifted_at = ${at}
      where id = ${id} returning id
    )
    insert into audit (event, actor, data)
    select 'hold-lifted', ${by}, jsonb_build_object('hold', id) from lifted`;
  return true;
}

/** Holds that stand, and with `lifted` the others too, the newest first. */
export async function listHolds(db: Db, filter: { lifted: boolean }): Promise<StoredHold[]> {
  return db<StoredHold[]>`
    select * from legal_holds where ${filter.lifted} or lifted_at is null
    order by set_at desc, id`;
}

/**
 * SQL that is true where a hold stands over message `m` at `at`. Doubt keeps: a message of which
 * the actor is unknown is covered by every hold on members of its council.
 */
export function isHeld(db: Db, at: Date) {
  const cooledOffSince = new Date(at.getTime() - COOLING_OFF_DAYS * 86_400_000);
  return db`exists (
    select 1 from legal_holds h
    where h.council = m.council and (h.lifted_at is null or h.lifted_at > ${cooledOffSince})
      and (h.queue_ids = '{}' or m.queue_id = any(h.queue_ids))
      and (h.received_from is null or m.received_at >= h.received_from)
      and (h.received_until is null or m.received_at < h.received_until)
      and (h.actors = '{}' or m.actor_address is null or m.actor_address = any(h.actors)
        or lower(m.envelope->>'mailFrom') = any(h.actors)
        or m.actor_id in (
          select person_id from person_addresses where address = any(h.actors))))`;
}
