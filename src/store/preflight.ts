import { json, text, type Db } from './connect.ts';

/** More drafts of one actor within an hour are taken back unanswered. */
export const PREFLIGHTS_AN_HOUR = 10;

/**
 * How often the actor was answered in the hour before. Locked by actor until the transaction ends,
 * so that two drafts at once are counted one after the other.
 */
export async function preflightsInHour(
  tx: Db,
  { address, at }: { address: string; at: Date },
): Promise<number> {
  const to = text(address);
  await tx`select pg_advisory_xact_lock(hashtextextended(${to}, 7411006))`;
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from outbox
    where to_address = ${to} and kind = 'preflight' and suppressed is null
      and created_at > ${new Date(at.getTime() - 3_600_000)}`;
  return row?.count ?? 0;
}

export interface PreflightMark {
  queueId: string;
  /** Positions of the preflight address. */
  positions: readonly number[];
  /** What became of the question: one word, without content. */
  result: string;
  /** Nobody else was named in the envelope: it counts as no mail from then on. */
  isDraft: boolean;
}

/** Says beside the recipient why it was taken back. Audit row `preflight`. */
export async function markPreflight(tx: Db, mark: PreflightMark): Promise<void> {
  const { queueId, positions, result, isDraft } = mark;
  await tx`
    with asked as (
      update recipients set last_result = ${`preflight-${result}`}
      where queue_id = ${queueId} and position = any(${[...positions]}::int[])
    ), draft as (
      update messages set origin = 'preflight' where queue_id = ${queueId} and ${isDraft}
    )
    insert into audit (event, queue_id, actor, data)
    values ('preflight', ${queueId}, 'pipeline', ${json({ result, isDraft })}::text::jsonb)`;
}
