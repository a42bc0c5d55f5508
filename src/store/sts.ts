import type { Db } from './connect.ts';

/** An MTA-STS policy as it was fetched, under its domain in lower case. */
export interface StoredStsPolicy {
  text: string;
  /** `id` of the TXT record at that time. */
  id: string;
  /** Milliseconds since the epoch. */
  fetchedAt: number;
}

export interface StoredStsPolicies {
  get(domain: string): Promise<StoredStsPolicy | null>;
  set(domain: string, entry: StoredStsPolicy): Promise<void>;
}

/**
 * MTA-STS policies in the record, so that a restart forgets none: what was seen before an attack
 * began is all that RFC 8461 rests on. Two workers that fetch at once keep the later policy.
 */
export function stsPolicies(db: Db): StoredStsPolicies {
  return {
    async get(domain) {
      const [row] = await db<{ text: string; id: string; fetchedAt: Date }[]>`
        select policy as text, id, fetched_at from sts_policies where domain = ${domain}`;
      return row ? { ...row, fetchedAt: row.fetchedAt.getTime() } : null;
    },
    async set(domain, { text, id, fetchedAt }) {
      const at = new Date(fetchedAt);
      // RFC 8461 §3.2: none lasts longer than a year, so the table holds no more than a year's.
      await db`
        with dropped as (
          delete from sts_policies
          where fetched_at < ${at}::timestamptz - interval '366 days' and domain <> ${domain}
        )
        insert into sts_policies (domain, id, policy, fetched_at)
        values (${domain}, ${id}, ${text}, ${at})
        on conflict (domain) do update set id = excluded.id, policy = excluded.policy,
          fetched_at = excluded.fetched_at
        where sts_policies.fetched_at <= excluded.fetched_at`;
    },
  };
}
