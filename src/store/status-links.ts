import type { Db } from './connect.ts';

/** Keeps a link of a message's status page by the hash of its token (SHA-256). */
export async function addStatusLink(
  tx: Db,
  link: { tokenHash: Buffer; queueId: string; expiresAt: Date },
): Promise<void> {
  await tx`
    insert into status_links (token_hash, queue_id, expires_at)
    values (${link.tokenHash}, ${link.queueId}, ${link.expiresAt})`;
}

/** The message that a link shows; `null` where it is unknown, expired or revoked. */
export async function messageOfLink(db: Db, tokenHash: Buffer, at: Date): Promise<string | null> {
  const [row] = await db<{ queueId: string }[]>`
    select queue_id from status_links
    where token_hash = ${tokenHash} and expires_at > ${at} and revoked_at is null`;
  return row?.queueId ?? null;
}

/** How many links to the message work. */
export async function countStatusLinks(db: Db, queueId: string, at: Date): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from status_links
    where queue_id = ${queueId} and revoked_at is null and expires_at > ${at}`;
  return row?.count ?? 0;
}

/** Ends every link to the message so far, with an audit row. Returns how many worked until now. */
export async function revokeStatusLinks(
  db: Db,
  { queueId, actor, at }: { queueId: string; actor: string; at: Date },
): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    with revoked as (
      update status_links set revoked_at = ${at}
      where queue_id = ${queueId} and revoked_at is null and expires_at > ${at} returning 1
    ), told as (
      insert into audit (event, queue_id, actor, data)
      select 'status-links-revoked', ${queueId}, ${actor}, jsonb_build_object('links', count(*))
      from revoked having count(*) > 0
    )
    select count(*)::int as count from revoked`;
  return row?.count ?? 0;
}
