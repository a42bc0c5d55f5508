import { inspectKey, mergeCopies, type KeyInfo } from '../pgp/keys.ts';
import { transaction, type Db } from '../store/connect.ts';
import { hastenRetries } from '../store/deliveries.ts';
import {
  findKey,
  keysTrustedFor,
  noteExpiringKeys,
  saveKey,
  setKeyState,
  type KeyState,
  type StoredKey,
} from '../store/keys.ts';
import type { Road } from './road.ts';

export interface OfferedKey {
  armored: string;
  /** `import`, `wkd`. */
  source: string;
  /** Where one address was asked about, the key is taken for that one alone. */
  address?: string;
  at: Date;
}

export type TakenKey =
  | { kind: 'taken'; key: KeyInfo; state: KeyState }
  /** A copy of a known key with its owner's revocation: it is never used again. */
  | { kind: 'revoked-by-owner'; fingerprint: string }
  | { kind: 'refused'; advice: string };

/**
 * Takes a key into custody. A new one waits as a candidate, whatever its source, until an officer
 * trusts it; a copy of a known one adds what it has to it.
 */
export async function takeKey(db: Db, offered: OfferedKey): Promise<TakenKey> {
  const { address, at } = offered;
  const seen = await inspectKey(offered.armored, at, address);
  const fingerprint = seen.kind === 'usable' ? seen.key.fingerprint : seen.fingerprint;
  return transaction(db, async (tx): Promise<TakenKey> => {
    const known = fingerprint === null ? null : await findKey(tx, fingerprint);
    if (!known) {
      if (seen.kind === 'refused') return { kind: 'refused', advice: seen.advice };
      await save(tx, offered, seen.key, offered.armored);
      return { kind: 'taken', key: seen.key, state: 'candidate' };
    }
    if (seen.kind === 'refused' && seen.problem === 'no-address') {
      return { kind: 'refused', advice: seen.advice };
    }
    return takeCopy(tx, offered, known);
  });
}

async function takeCopy(tx: Db, offered: OfferedKey, known: StoredKey): Promise<TakenKey> {
  const { source, at } = offered;
  const { fingerprint } = known;
  const armored = await mergeCopies(known.armored, offered.armored, at);
  const merged = await inspectKey(armored, at);
  if (merged.kind === 'usable') {
    await save(tx, offered, merged.key, armored);
    return { kind: 'taken', key: merged.key, state: known.state };
  }
  const { problem, advice } = merged;
  if (problem === 'revoked' || problem === 'expired' || problem === 'no-encryption-key') {
    // The owner has ended it, which must be kept: mail then waits, whatever an officer said before.
    const expiresAt = problem === 'expired' ? at : known.expiresAt;
    await saveKey(tx, { ...known, source, armored, expiresAt, addedAt: at });
  }
  if (problem !== 'revoked') return { kind: 'refused', advice };
  if (known.state !== 'revoked') {
    await setKeyState(tx, { fingerprint, state: 'revoked', by: source, at });
  }
  return { kind: 'revoked-by-owner', fingerprint };
}

async function save(tx: Db, offered: OfferedKey, key: KeyInfo, armored: string): Promise<void> {
  await saveKey(tx, {
    fingerprint: key.fingerprint,
    addresses: offered.address === undefined ? key.addresses : [offered.address],
    armored,
    source: offered.source,
    expiresAt: key.expiresAt,
    addedAt: offered.at,
  });
}

export type Trusting =
  | { kind: 'trusted'; addresses: string[]; alsoTrusted: string[]; retried: number }
  | { kind: 'unknown' }
  | { kind: 'refused'; advice: string };

export interface TrustRequest {
  fingerprint: string;
  /** The officer. */
  by: string;
  at: Date;
  /** For these of its addresses, as keys; for those that it was taken for where undefined. */
  addresses?: string[];
}

/**
 * An officer trusts a key: from now on marked mail may go to it, and mail that waits for its
 * addresses is tried again at once. A key that cannot be used is not trusted.
 */
export async function trustKey(db: Db, request: TrustRequest): Promise<Trusting> {
  const { fingerprint, by, at } = request;
  return transaction(db, async (tx): Promise<Trusting> => {
    const known = await findKey(tx, fingerprint);
    if (!known) return { kind: 'unknown' };
    const inspection = await inspectKey(known.armored, at);
    if (inspection.kind === 'refused') return { kind: 'refused', advice: inspection.advice };
    const addresses = request.addresses ?? known.addresses;
    const foreign = addresses.find((address) => !inspection.key.addresses.includes(address));
    if (foreign !== undefined) {
      return { kind: 'refused', advice: `No valid User ID of it bears "${foreign}"` };
    }
    if (!(await setKeyState(tx, { fingerprint, state: 'trusted', by, at, addresses }))) {
      return { kind: 'refused', advice: 'It was revoked, and that is for good' };
    }
    const alsoTrusted = (await keysTrustedFor(tx, addresses)).filter((key) => key !== fingerprint);
    const retried = await hastenRetries(tx, { addresses, protectedOnly: true, at, actor: by });
    return { kind: 'trusted', addresses, alsoTrusted, retried: retried.length };
  });
}

/** Addresses for which a candidate would replace another key that is trusted, by fingerprint. */
export function conflictsOf(keys: readonly StoredKey[]): ReadonlyMap<string, string[]> {
  const conflicts = new Map<string, string[]>();
  for (const candidate of keys.filter(({ state }) => state === 'candidate')) {
    const taken = keys.filter(({ state }) => state === 'trusted').flatMap((key) => key.addresses);
    const both = candidate.addresses.filter((address) => taken.includes(address));
    if (both.length > 0) conflicts.set(candidate.fingerprint, both);
  }
  return conflicts;
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;
const AGAIN_DAYS = 7;

/**
 * Puts trusted keys that end within thirty days into audit and log, each once a week and once more
 * in the week after its end. Safe to run at any time, in several processes.
 */
export async function warnOfExpiry({ db, log, clock }: Road): Promise<void> {
  const at = clock();
  const weekAgo = new Date(at.getTime() - AGAIN_DAYS * DAY_MS);
  const until = new Date(at.getTime() + WARN_DAYS * DAY_MS);
  const ending = await noteExpiringKeys(db, { at, from: weekAgo, until, notSince: weekAgo });
  for (const { fingerprint, expiresAt } of ending) log.keyExpiring({ fingerprint, expiresAt });
}
