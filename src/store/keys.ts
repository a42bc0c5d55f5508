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

/**
 * For each of the addresses (as keys) that has one, the armoured key that an officer trusts and
 * that has not expired at `at`; the one trusted last where there are several.
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
        trusted_at = ${isTrusted ? at : null}
      where fingerprint = ${fingerprint} and (state <> 'revoked' or ${state} = 'revoked')
      returning fingerprint
    )
    insert into audit (event, actor, data)
    select 'key-state', ${by}, ${json({ fingerprint, state })}::text::jsonb
    from changed returning id`;
  return rows.length > 0;
}
