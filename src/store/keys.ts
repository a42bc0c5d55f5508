import { json, type Db } from './connect.ts';

export type KeyState = 'candidate' | 'trusted' | 'revoked';

export interface NewKey {
  /** Upper-case hex. */
  fingerprint: string;
  /** Address keys that the key is for. */
  addresses: string[];
  armored: string;
  /** Where it came from: `import`, `wkd`, ... */
  source: string;
  expiresAt: Date | null;
  addedAt: Date;
}

export interface StoredKey extends NewKey {
  state: KeyState;
  trustedBy: string | null;
  trustedAt: Date | null;
}

/**
 * Takes in a recipient's OpenPGP key as a candidate, or a newer copy of one that is known. A newer
 * copy never moves the state, and never widens what a trusted key is for: more addresses need an
 * officer's look.
 */
export async function saveKey(tx: Db, key: NewKey): Promise<void> {
  await tx`
    with saved as (
      insert into pgp_keys (fingerprint, addresses, armored, state, source, expires_at, added_at)
      values (${key.fingerprint}, ${key.addresses}::text[], ${key.armored}, 'candidate',
        ${key.source}, ${key.expiresAt}, ${key.addedAt})
      on conflict (fingerprint) do update set armored = excluded.armored,
        expires_at = excluded.expires_at,
        addresses = case pgp_keys.state when 'candidate' then excluded.addresses
          else pgp_keys.addresses end
      returning fingerprint, state
    )
    insert into audit (event, actor, data)
    select 'key-added', ${key.source},
      jsonb_build_object('fingerprint', fingerprint, 'state', state)
    from saved`;
}

/** One key, `null` where it is unknown. */
export async function findKey(db: Db, fingerprint: string): Promise<StoredKey | null> {
  const [row] = await db<StoredKey[]>`
    select fingerprint, addresses, armored, state, source, expires_at, trusted_by, trusted_at,
      added_at
    from pgp_keys where fingerprint = ${fingerprint}`;
  return row ?? null;
}

/**
 * For each of the addresses (as keys) that has one, the armoured key that an officer trusts and
 * that has not expired at `at`; the one trusted last where there are several. A candidate never
 * takes its place: where the trusted one is revoked or has ended, mail waits.
 */
export async function trustedKeys(
  db: Db,
  addresses: string[],
  at: Date,
): Promise<Map<string, string>> {
  const rows = await db<{ address: string; armored: string }[]>`
    select distinct on (wanted.address) wanted.address, k.armored
    from unnest(${addresses}::text[]) as wanted(address)
    join pgp_keys k on wanted.address = any(k.addresses)
    where k.state = 'trusted' and (k.expires_at is null or k.expires_at > ${at})
    order by wanted.address, k.trusted_at desc, k.fingerprint`;
  return new Map(rows.map((row) => [row.address, row.armored]));
}

/** Those of the addresses (as keys) for which `trustedKeys` has a key. */
export async function trustedAddresses(
  db: Db,
  addresses: string[],
  at: Date,
): Promise<ReadonlySet<string>> {
  return new Set((await trustedKeys(db, addresses, at)).keys());
}

/** Fingerprints of all keys that officers trust for any of the addresses, expired ones included. */
export async function keysTrustedFor(db: Db, addresses: string[]): Promise<string[]> {
  const rows = await db<{ fingerprint: string }[]>`
    select fingerprint from pgp_keys where state = 'trusted' and addresses && ${addresses}::text[]
    order by trusted_at desc, fingerprint`;
  return rows.map(({ fingerprint }) => fingerprint);
}

/** Trusted keys that end before `until`, those that have ended included; the first to end first. */
export async function expiringKeys(db: Db, until: Date): Promise<StoredKey[]> {
  return db<StoredKey[]>`
    select fingerprint, addresses, armored, state, source, expires_at, trusted_by, trusted_at,
      added_at
    from pgp_keys where state = 'trusted' and expires_at < ${until}
    order by expires_at, fingerprint`;
}

/**
 * Writes the audit row `key-expiring` at `at` for each trusted key that ends between `from` and
 * `until`, unless it has one that was written after `notSince`. Returns those that are new.
 */
export async function noteExpiringKeys(
  db: Db,
  range: { at: Date; from: Date; until: Date; notSince: Date },
): Promise<{ fingerprint: string; expiresAt: Date }[]> {
  return db<{ fingerprint: string; expiresAt: Date }[]>`
    with ending as (
      select fingerprint, expires_at from pgp_keys
      where state = 'trusted' and expires_at > ${range.from} and expires_at < ${range.until}
        and not exists (select 1 from audit
          where event = 'key-expiring' and data->>'fingerprint' = pgp_keys.fingerprint
            and (data->>'seenAt')::timestamptz > ${range.notSince})
    ), told as (
      insert into audit (event, actor, data)
      select 'key-expiring', 'gateway', jsonb_build_object('fingerprint', fingerprint,
        'expiresAt', expires_at, 'seenAt', ${range.at}::timestamptz)
      from ending
    )
    select fingerprint, expires_at from ending order by expires_at, fingerprint`;
}

/**
 * When an outside address (a key) was last sent mail of ours after `since`, `null` where it was
 * not: a request for a key is the only such mail. Locks, so that no two transactions ask one
 * address.
 */
export async function lastKeyRequest(
  tx: Db,
  { address, since }: { address: string; since: Date },
): Promise<Date | null> {
  await tx`select pg_advisory_xact_lock(7411004, hashtext(${address}))`;
  const [row] = await tx<{ at: Date | null }[]>`
    select max(m.received_at) as at from messages m join recipients r using (queue_id)
    where m.origin = 'internal' and m.received_at > ${since} and not r.internal
      and lower(regexp_replace(r.address, '@[^@]*$', '')) || '@' || r.domain = ${address}`;
  return row?.at ?? null;
}

/** Every key, the newest first. */
export async function listKeys(db: Db): Promise<StoredKey[]> {
  return db<StoredKey[]>`
    select fingerprint, addresses, armored, state, source, expires_at, trusted_by, trusted_at,
      added_at
    from pgp_keys order by added_at desc, fingerprint`;
}

export interface KeyStateChange {
  fingerprint: string;
  state: KeyState;
  /** The officer. */
  by: string;
  at: Date;
  /** What the key is for from now on, as address keys; left alone where undefined. */
  addresses?: string[];
}

/**
 * An officer's word on a key. False where there is none, or where it was revoked: that is for good.
 */
export async function setKeyState(tx: Db, change: KeyStateChange): Promise<boolean> {
  const { fingerprint, state, by, at } = change;
  const isTrusted = state === 'trusted';
  const rows = await tx`
    with changed as (
      update pgp_keys set state = ${state}, trusted_by = ${isTrusted ? by : null},
        trusted_at = ${isTrusted ? at : null},
        addresses = coalesce(${change.addresses ?? null}::text[], addresses)
      where fingerprint = ${fingerprint} and (state <> 'revoked' or ${state} = 'revoked')
      returning fingerprint
    )
    insert into audit (event, actor, data)
    select 'key-state', ${by}, ${json({ fingerprint, state })}::text::jsonb
    from changed returning id`;
  return rows.length > 0;
}
