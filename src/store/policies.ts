import { json, type Db } from './connect.ts';

export interface ActivePolicy {
  /** SHA-256 over the files, hex. */
  version: string;
  /** Path to text, as activated. */
  files: Record<string, string>;
  activatedAt: Date;
  activatedBy: string;
}

/**
 * Makes these policy files the ones that run, also after a restart; an earlier version may come
 * back.
 */
export async function activatePolicy(
  tx: Db,
  policy: { version: string; files: Record<string, string>; at: Date; by: string },
): Promise<void> {
  const { version, at, by } = policy;
  await tx`
    with activated as (
      insert into policy_versions (version, files, activated_at, activated_by)
      values (${version}, ${json(policy.files)}::text::jsonb, ${at}, ${by})
      on conflict (version) do update set activated_at = excluded.activated_at,
        activated_by = excluded.activated_by
    )
    insert into audit (event, actor, data)
    values ('policy-activated', ${by}, ${json({ version })}::text::jsonb)`;
}

/** The policy that runs; `null` where none was ever activated, or where it is `known` already. */
export async function activePolicy(db: Db, known = ''): Promise<ActivePolicy | null> {
  const [row] = await db<ActivePolicy[]>`
    select version, files, activated_at, activated_by from (
      select * from policy_versions order by activated_at desc, version limit 1) as newest
    where version <> ${known}`;
  return row ?? null;
}
