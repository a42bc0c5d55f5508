import { text, type Db } from './connect.ts';

export interface OutsideQuestion {
  /** Address of the actor. */
  actor: string;
  since: Date;
  /** Queue id of the message that asks: it does not count, nor what came after it. */
  except: string;
}

/**
 * Distinct outside recipients, as keys, of the actor's mail received after `since` and before the
 * message that asks, so that a second look at it gives the same answer.
 */
export async function outsideRecipientsSince(
  db: Db,
  { actor, since, except }: OutsideQuestion,
): Promise<ReadonlySet<string>> {
  const rows = await db<{ address: string }[]>`
    select distinct lower(r.address) as address
    from messages m join recipients r using (queue_id)
    where m.actor_address = ${text(actor)} and m.origin = 'received' and m.received_at > ${since}
      and m.received_at <= (select received_at from messages where queue_id = ${except})
      and m.queue_id <> ${except} and not r.internal and r.address is not null`;
  return new Set(rows.map((row) => row.address));
}

/**
 * So few of 64 digits apart, two messages are nearly the same. A letter of fifty words in which a
 * street was changed is 7 apart, up to 15 by chance; two letters about one matter are 30 apart.
 */
const NEARLY_THE_SAME = 15;

/**
 * The same, of those messages alone whose fingerprint is nearly the one given: one text sent in
 * several portions, or to each recipient apart. What is not decided yet is not counted.
 */
export async function similarRecipientsSince(
  db: Db,
  { actor, since, except, fingerprint }: OutsideQuestion & { fingerprint: string },
): Promise<ReadonlySet<string>> {
  const rows = await db<{ address: string }[]>`
    select distinct lower(r.address) as address
    from messages m join recipients r using (queue_id)
    where m.actor_address = ${text(actor)} and m.received_at > ${since}
      and m.received_at <= (select received_at from messages where queue_id = ${except})
      and m.fingerprint is not null
      and bit_count(m.fingerprint # ${fingerprint}::text::bit(64)) <= ${NEARLY_THE_SAME}
      and m.queue_id <> ${except} and not r.internal and r.address is not null`;
  return new Set(rows.map((row) => row.address));
}
