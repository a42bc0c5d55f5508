import { appendAudit } from './audit.ts';
import { text, type Db } from './connect.ts';

/** What an officer proves to be themselves with. Secrets leave this file sealed or hashed. */
export interface OfficerSecrets {
  id: string;
  passwordHash: string | null;
  /** Sealed. */
  totpSecret: Buffer | null;
  totpConfirmedAt: Date | null;
  totpLastStep: number;
  failedCount: number;
  lockedUntil: Date | null;
  disabledAt: Date | null;
}

const SECRETS = [
  'id',
  'password_hash',
  'totp_secret',
  'totp_confirmed_at',
  'totp_last_step',
  'failed_count',
  'locked_until',
  'disabled_at',
] as const;

/** By login name (an address key) or id; locks the row, so that guesses are counted one by one. */
export async function lockSecrets(
  tx: Db,
  by: { login: string } | { id: string },
): Promise<OfficerSecrets | null> {
  const where = 'id' in by ? tx`id = ${by.id}` : tx`addresses[1] = ${text(by.login)}`;
  const [row] = await tx<OfficerSecrets[]>`
    select ${tx([...SECRETS])} from officers where ${where} for update`;
  return row ?? null;
}

/** One wrong guess more; from `limit` on the account is locked until `lockedUntil`. */
export async function countFailure(
  tx: Db,
  failure: { officerId: string; limit: number; lockedUntil: Date },
): Promise<{ locked: boolean }> {
  const [row] = await tx<{ locked: boolean }[]>`
    update officers set
      failed_count = case when failed_count + 1 >= ${failure.limit} then 0
        else failed_count + 1 end,
      locked_until = case when failed_count + 1 >= ${failure.limit} then ${failure.lockedUntil}
        else locked_until end
    where id = ${failure.officerId}
    returning locked_until is not distinct from ${failure.lockedUntil} as locked`;
  return { locked: row?.locked ?? false };
}

export async function clearFailures(tx: Db, officerId: string): Promise<void> {
  await tx`update officers set failed_count = 0, locked_until = null where id = ${officerId}`;
}

export async function setPassword(tx: Db, officerId: string, hash: string): Promise<void> {
  await tx`update officers set password_hash = ${hash} where id = ${officerId}`;
  await noteChange(tx, officerId, 'password');
}

/** A new authenticator, which counts once its first code was right; one that counts stays. */
export async function offerTotp(tx: Db, officerId: string, sealed: Buffer): Promise<boolean> {
  const rows = await tx`
    update officers set totp_secret = ${sealed}, totp_last_step = 0
    where id = ${officerId} and totp_confirmed_at is null returning id`;
  return rows.length > 0;
}

/** A code was right: its time step never counts again. False where it did before. */
export async function useTotpStep(
  tx: Db,
  use: { officerId: string; step: number; at: Date },
): Promise<boolean> {
  const rows = await tx<{ first: boolean }[]>`
    with before as (select id, totp_confirmed_at is null as first from officers
      where id = ${use.officerId} and totp_last_step < ${use.step})
    update officers set totp_last_step = ${use.step},
      totp_confirmed_at = coalesce(totp_confirmed_at, ${use.at})
    from before where officers.id = before.id returning before.first`;
  if (rows[0]?.first) await noteChange(tx, use.officerId, 'authenticator-added');
  return rows.length > 0;
}

export async function removeTotp(tx: Db, officerId: string): Promise<void> {
  await tx`
    update officers set totp_secret = null, totp_confirmed_at = null where id = ${officerId}`;
  await noteChange(tx, officerId, 'authenticator-removed');
}

export interface StoredPasskey {
  credentialId: string;
  officerId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  name: string;
  addedAt: Date;
  lastUsedAt: Date | null;
}

export async function listPasskeys(db: Db, officerId: string): Promise<StoredPasskey[]> {
  return db<StoredPasskey[]>`
    select * from officer_passkeys where officer_id = ${officerId} order by added_at`;
}

export async function findPasskey(db: Db, credentialId: string): Promise<StoredPasskey | null> {
  const [row] = await db<StoredPasskey[]>`
    select * from officer_passkeys where credential_id = ${text(credentialId)}`;
  return row ?? null;
}

export async function addPasskey(
  tx: Db,
  passkey: Omit<StoredPasskey, 'lastUsedAt'>,
): Promise<void> {
  await tx`
    insert into officer_passkeys (credential_id, officer_id, public_key, counter, transports, name,
      added_at)
    values (${passkey.credentialId}, ${passkey.officerId}, ${passkey.publicKey},
      ${passkey.counter}, ${passkey.transports}::text[], ${text(passkey.name)},
      ${passkey.addedAt})`;
  await noteChange(tx, passkey.officerId, 'passkey-added');
}

export async function usePasskey(
  tx: Db,
  use: { credentialId: string; counter: number; at: Date },
): Promise<void> {
  await tx`
    update officer_passkeys set counter = ${use.counter}, last_used_at = ${use.at}
    where credential_id = ${use.credentialId}`;
}

/** False where the officer has no such passkey. */
export async function removePasskey(
  tx: Db,
  officerId: string,
  credentialId: string,
): Promise<boolean> {
  const rows = await tx`
    delete from officer_passkeys
    where officer_id = ${officerId} and credential_id = ${text(credentialId)}
    returning credential_id`;
  if (rows.length > 0) await noteChange(tx, officerId, 'passkey-removed');
  return rows.length > 0;
}

/** Replaces the recovery codes, by their hashes. */
export async function setRecoveryCodes(tx: Db, officerId: string, hashes: Buffer[]): Promise<void> {
  await tx`delete from officer_recovery_codes where officer_id = ${officerId}`;
  for (const hash of hashes) {
    await tx`
      insert into officer_recovery_codes (officer_id, code_hash) values (${officerId}, ${hash})`;
  }
  await noteChange(tx, officerId, 'recovery-codes');
}

/** Uses a code up. False where it is none, or was used. */
export async function useRecoveryCode(
  tx: Db,
  use: { officerId: string; hash: Buffer; at: Date },
): Promise<boolean> {
  const rows = await tx`
    update officer_recovery_codes set used_at = ${use.at}
    where officer_id = ${use.officerId} and code_hash = ${use.hash} and used_at is null
    returning officer_id`;
  return rows.length > 0;
}

export async function countRecoveryCodes(db: Db, officerId: string): Promise<number> {
  const [row] = await db<{ left: number }[]>`
    select count(*)::int as left from officer_recovery_codes
    where officer_id = ${officerId} and used_at is null`;
  return row?.left ?? 0;
}

async function noteChange(tx: Db, officerId: string, change: string): Promise<void> {
  await appendAudit(tx, { event: 'account-changed', actor: officerId, data: { change } });
}
