import { GATES, type Gate, type Protection } from '../mail/disposition.ts';
import type { Db } from './connect.ts';

/** What one rule under one clause did in shadow. Counts and names, nothing of any message. */
export interface ShadowFigures {
  council: string;
  rule: string;
  document: string;
  section: string;
  /** What it would have done. */
  gate: Gate;
  protection: Protection;
  messages: number;
  recipients: number;
  /** Recipients whose gate would have been stricter, or who would have been protected and were not. */
  differing: number;
  /** Held by other rules, then let go or refused. */
  released: number;
  refused: number;
  /** Never held, and delivered. */
  delivered: number;
}

/**
 * Matches in shadow by council, rule and clause among mail received from `since` on whose decision
 * is still kept, most frequent first. `council: null`: all councils.
 */
export async function shadowFigures(
  db: Db,
  { since, council }: { since: Date; council: string | null },
): Promise<ShadowFigures[]> {
  return db<ShadowFigures[]>`
    select m.council, hit->>'rule' as rule, hit->'clause'->>'document' as document,
      hit->'clause'->>'section' as section, hit->>'gate' as gate,
      hit->>'protection' as protection,
      count(distinct m.queue_id)::int as messages,
      count(*)::int as recipients,
      count(*) filter (where
        array_position(${[...GATES]}::text[], hit->>'gate')
          > array_position(${[...GATES]}::text[], decided->>'gate')
        or (hit->>'protection' = 'required' and decided->>'protection' = 'none'))::int as differing,
      count(*) filter (where r.gate = 'hold'
        and r.status in ('queued', 'deferred', 'delivered', 'bounced'))::int as released,
      count(*) filter (where r.gate = 'hold' and r.status = 'rejected')::int as refused,
      count(*) filter (where r.gate = 'release' and r.status = 'delivered')::int as delivered
    from messages m
    cross join lateral jsonb_array_elements(m.decision->'recipients')
      with ordinality as d(decided, place)
    cross join lateral jsonb_array_elements(decided->'hits') as h(hit)
    left join recipients r on r.queue_id = m.queue_id and r.position = d.place - 1
    where m.received_at >= ${since} and m.origin = 'received' and hit->>'inert' = 'shadow'
      and (${council}::text is null or m.council = ${council})
    group by 1, 2, 3, 4, 5, 6
    order by recipients desc, 1, 2, 3, 4, 5, 6`;
}
