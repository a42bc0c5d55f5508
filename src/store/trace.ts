import { text, type Db } from './connect.ts';
import { isReturningOfficers } from './record-search.ts';

/** What somebody knows of a message that they ask after. */
export type TraceClue =
  | { kind: 'queue-id'; queueId: string }
  /** A Message-ID, with angle brackets or without, or a recipient's address in whole. */
  | { kind: 'address'; address: string }
  /** When it was sent: mail taken over from then on, and before the end. */
  | { kind: 'time'; from: Date; until: Date };

export interface TraceQuestion {
  clue: TraceClue;
  /** Of these councils alone. */
  councils: readonly string[];
  /** Councils of whose Returning Officer's team mail is found too (domain H.3). */
  returningOfficersAt: readonly string[];
  limit: number;
}

/** A message as far as whoever traces it may know before opening it. */
export interface Traced {
  queueId: string;
  receivedAt: Date;
  erasedAt: Date | null;
  recipients: { domain: string | null; status: string }[];
}

/** Messages that fit the clue, the newest first: nothing of their content, nor who sent them. */
export async function traceMessages(db: Db, question: TraceQuestion): Promise<Traced[]> {
  const { councils, returningOfficersAt, limit } = question;
  return db<Traced[]>`
    with fits as (${fitting(db, question.clue)})
    select m.queue_id, m.received_at, m.erased_at,
      (select coalesce(jsonb_agg(jsonb_build_object('domain', r.domain, 'status', r.status)
          order by r.position), '[]')
        from recipients r where r.queue_id = m.queue_id) as recipients
    from fits join messages m using (queue_id)
    where m.origin = 'received' and m.council = any(${[...councils]}::text[])
      and (m.council = any(${[...returningOfficersAt]}::text[]) or not ${isReturningOfficers(db)})
    order by m.received_at desc, m.queue_id limit ${limit}`;
}

function fitting(db: Db, clue: TraceClue) {
  switch (clue.kind) {
    case 'queue-id':
      return db`select queue_id from messages where queue_id = ${clue.queueId}`;
    case 'time':
      return db`
        select queue_id from messages
        where received_at >= ${clue.from} and received_at < ${clue.until}`;
    case 'address': {
      const wanted = text(clue.address);
      const bare = wanted.replace(/^<|>$/g, '');
      return db`
        select queue_id from messages where message_id in (${`<${bare}>`}, ${bare})
        union
        select queue_id from recipients where lower(address) = lower(${bare})`;
    }
  }
}
