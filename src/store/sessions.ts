import { json, type Db } from './connect.ts';

/** `second-factor` and `enrol` may do nothing else until that is done. */
export type SessionStage = 'second-factor' | 'enrol' | 'full';

export interface StoredSession {
  tokenHash: Buffer;
  officerId: string;
  stage: SessionStage;
  /** How it was signed in: `password`, `passkey`, `oidc`, `demo-link`, `set-up-link`. */
  method: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export async function addSession(tx: Db, session: StoredSession): Promise<void> {
  await tx`
    insert into console_sessions (token_hash, officer_id, stage, method, created_at, last_seen_at,
      expires_at)
    values (${session.tokenHash}, ${session.officerId}, ${session.stage}, ${session.method},
      ${session.createdAt}, ${session.lastSeenAt}, ${session.expiresAt})`;
}

/** How often the time of the last request is written down. */
const SEEN_EVERY_SECONDS = 30;

/**
 * The session of a token at `at`, and its officer is not disabled; `null` where it ended, was idle
 * for too long, or never was. Notes that it was seen.
 */
export async function findSession(
  db: Db,
  wanted: { tokenHash: Buffer; at: Date; idleMinutes: number },
): Promise<StoredSession | null> {
  const { tokenHash, at, idleMinutes } = wanted;
  const oldest = new Date(at.getTime() - idleMinutes * 60_000);
  const [session] = await db<StoredSession[]>`
    select s.* from console_sessions s join officers o on o.id = s.officer_id
    where token_hash = ${tokenHash} and expires_at > ${at} and last_seen_at > ${oldest}
      and o.disabled_at is null`;
  if (!session) return null;
  if (at.getTime() - session.lastSeenAt.getTime() > SEEN_EVERY_SECONDS * 1000) {
    await db`update console_sessions set last_seen_at = ${at} where token_hash = ${tokenHash}`;
  }
  return session;
}

/** Sessions of an officer that have not ended, the newest first. */
export async function listSessions(
  db: Db,
  wanted: { officerId: string; at: Date; idleMinutes: number },
): Promise<StoredSession[]> {
  const oldest = new Date(wanted.at.getTime() - wanted.idleMinutes * 60_000);
  return db<StoredSession[]>`
    select * from console_sessions
    where officer_id = ${wanted.officerId} and expires_at > ${wanted.at}
      and last_seen_at > ${oldest} order by created_at desc`;
}

export async function endSession(tx: Db, tokenHash: Buffer): Promise<void> {
  await tx`delete from console_sessions where token_hash = ${tokenHash}`;
}

/** Ends every session of an officer, but for one. Returns how many ended. */
export async function endSessions(
  tx: Db,
  officerId: string,
  except: Buffer | null = null,
): Promise<number> {
  const rows = await tx`
    delete from console_sessions
    where officer_id = ${officerId} and token_hash is distinct from ${except} returning officer_id`;
  return rows.length;
}

/** Keeps one half of an exchange until `expiresAt`; what has expired goes. */
export async function openCeremony(
  tx: Db,
  ceremony: { idHash: Buffer; kind: string; data: unknown; at: Date; expiresAt: Date },
): Promise<void> {
  await tx`delete from console_ceremonies where expires_at < ${ceremony.at}`;
  await tx`delete from console_sessions where expires_at < ${ceremony.at}`;
  await tx`
    insert into console_ceremonies (id_hash, kind, data, expires_at)
    values (${ceremony.idHash}, ${ceremony.kind}, ${json(ceremony.data)}::text::jsonb,
      ${ceremony.expiresAt})`;
}

/** Takes it out again, once. `null` where there is none of that kind, or it has expired. */
export async function takeCeremony<T>(
  tx: Db,
  wanted: { idHash: Buffer; kind: string; at: Date },
): Promise<T | null> {
  const [row] = await tx<{ data: T; expiresAt: Date }[]>`
    delete from console_ceremonies where id_hash = ${wanted.idHash} and kind = ${wanted.kind}
    returning data, expires_at`;
  return row && row.expiresAt > wanted.at ? row.data : null;
}

export type LinkPurpose = 'set-up' | 'demo';

export async function addLink(
  tx: Db,
  link: { tokenHash: Buffer; officerId: string; purpose: LinkPurpose; expiresAt: Date },
): Promise<void> {
  await tx`
    insert into officer_links (token_hash, officer_id, purpose, expires_at)
    values (${link.tokenHash}, ${link.officerId}, ${link.purpose}, ${link.expiresAt})`;
}

/** Whose link it is, as long as it may be used. */
export async function findLink(
  db: Db,
  wanted: { tokenHash: Buffer; at: Date },
): Promise<{ officerId: string; purpose: LinkPurpose } | null> {
  const [row] = await db<{ officerId: string; purpose: LinkPurpose }[]>`
    select l.officer_id, l.purpose from officer_links l join officers o on o.id = l.officer_id
    where token_hash = ${wanted.tokenHash} and used_at is null and expires_at > ${wanted.at}
      and o.disabled_at is null`;
  return row ?? null;
}

/** Uses a link up. False where somebody did before, or it has expired. */
export async function useLink(tx: Db, use: { tokenHash: Buffer; at: Date }): Promise<boolean> {
  const rows = await tx`
    update officer_links set used_at = ${use.at}
    where token_hash = ${use.tokenHash} and used_at is null and expires_at > ${use.at}
    returning officer_id`;
  return rows.length > 0;
}
