import { config as defaults, enums, readKey, readKeys, readPrivateKey, Subkey } from 'openpgp';
import type { Config, PartialConfig, PublicKey } from 'openpgp';
import { addressKey } from '../mail/address.ts';

/** A public key that mail may be encrypted to. */
export interface KeyInfo {
  /** Of the primary key, upper-case hex. */
  fingerprint: string;
  /** Of the key or subkey that encrypts, upper-case hex, 16 digits. */
  encryptionKeyId: string;
  /** From its valid User IDs, as address keys. */
  addresses: string[];
  /** When the primary or the encrypting key expires, whichever comes first. */
  expiresAt: Date | null;
}

export type KeyProblem =
  | 'unreadable'
  | 'private-key'
  | 'several-keys'
  | 'revoked'
  | 'expired'
  | 'weak-algorithm'
  | 'weak-signature'
  | 'no-encryption-key'
  | 'no-address';

/** `advice` is for the person who brought the key: what is wrong with it and what would help. */
export type KeyInspection =
  | { kind: 'usable'; key: KeyInfo }
  | { kind: 'refused'; problem: KeyProblem; fingerprint: string | null; advice: string };

/**
 * RFC 9580 §9.5 and §12: no SHA-1 in self-signatures, no RSA below 2048 bits, no DSA or Elgamal.
 */
export const STRICT: PartialConfig = {
  minRSABits: 2048,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]),
  rejectPublicKeyAlgorithms: new Set([enums.publicKey.elgamal, enums.publicKey.dsa]),
};

/** Only to learn why a key is refused. */
const LAX: PartialConfig = {
  minRSABits: 0,
  rejectHashAlgorithms: new Set(),
  rejectPublicKeyAlgorithms: new Set(),
};

const MAX_ARMOURED_CHARACTERS = 500_000;

/**
 * Whether mail may be encrypted to a key, and if not, why not.
 * @param armored One armoured public key.
 * @param at When it is to be used.
 * @param address Where given, one of its valid User IDs must bear this address.
 */
export async function inspectKey(
  armored: string,
  at: Date,
  address?: string,
): Promise<KeyInspection> {
  const key = await readOneKey(armored);
  if ('kind' in key) return key;
  const fingerprint = key.getFingerprint().toUpperCase();
  const refused = (problem: KeyProblem, advice: string): KeyInspection => ({
    kind: 'refused',
    problem,
    fingerprint,
    advice,
  });
  const strict = full(STRICT);
  if (await key.isRevoked(undefined, undefined, at, full(LAX))) {
    return refused('revoked', 'Its owner has revoked this key. Ask for the new one');
  }
  const encrypting = await encryptionKey(key, at, strict);
  if (!encrypting) return whyNot(key, at, refused);
  const addresses = await validAddresses(key, at, strict);
  if (addresses.length === 0 || (address && !addresses.includes(addressKey(address)))) {
    return refused(
      'no-address',
      'No valid User ID of this key bears the address. Ask its owner to add it to the key',
    );
  }
  const ends = await expirations(key, encrypting, at, strict);
  const expiresAt = ends.length > 0 ? new Date(Math.min(...ends)) : null;
  const encryptionKeyId = encrypting.getKeyID().toHex().toUpperCase();
  return { kind: 'usable', key: { fingerprint, encryptionKeyId, addresses, expiresAt } };
}

/**
 * Two copies of one key as one: every signature of either, so that an older copy takes back neither
 * a revocation nor a later expiry. Signatures that do not hold at `at` are not taken over.
 * @throws {Error} where they are not the same key
 */
export async function mergeCopies(known: string, other: string, at: Date): Promise<string> {
  const mine = await readKey({ armoredKey: known });
  const merged = await mine.update(await readKey({ armoredKey: other }), at, full(LAX));
  return merged.armor();
}

/**
 * An armoured private key to sign with, checked before the first message needs it.
 * @throws {Error} where it is no private key, is locked, or cannot sign
 */
export async function readSigningKey(armored: string): Promise<string> {
  const key = await readPrivateKey({ armoredKey: armored }).catch((cause: unknown) => {
    throw new Error('The signing key is no armoured OpenPGP private key', { cause });
  });
  if (!key.isDecrypted()) throw new Error('The signing key is locked: take its passphrase off');
  await key.getSigningKey(undefined, undefined, undefined, full(STRICT)).catch((cause: unknown) => {
    throw new Error('The signing key cannot sign: it has expired, or is weak', { cause });
  });
  return armored;
}

/**
 * What a text was read as, for the last few hundred texts. Reading a key again would also check
 * every signature in it again, which takes longer than to encrypt a letter; openpgp.js remembers
 * that a signature held, and still compares its dates and algorithms each time.
 */
function remembered<Read>(read: (text: string) => Promise<Read>): (text: string) => Promise<Read> {
  const known = new Map<string, Promise<Read>>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const reading = read(text);
    if (text.length > MAX_REMEMBERED_CHARACTERS) return reading;
    known.set(text, reading);
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return reading;
  };
}

const MAX_REMEMBERED = 300;
const MAX_REMEMBERED_CHARACTERS = 20_000;

const keysOf = remembered((armoredKeys) => readKeys({ armoredKeys }).catch(() => []));

/** @throws {Error} where it is none */
export async function publicKeyOf(armored: string): Promise<PublicKey> {
  const [key] = await keysOf(armored);
  if (!key) throw new Error('This is not an armoured OpenPGP public key');
  return key;
}
/** @throws {Error} where it is none */
export const privateKeyOf = remembered((armoredKey) => readPrivateKey({ armoredKey }));

async function readOneKey(armored: string): Promise<PublicKey | KeyInspection> {
  const refused = (problem: KeyProblem, advice: string): KeyInspection => ({
    kind: 'refused',
    problem,
    fingerprint: null,
    advice,
  });
  const unreadable = refused('unreadable', 'This is not an armoured OpenPGP public key');
  if (armored.length > MAX_ARMOURED_CHARACTERS) return unreadable;
  const keys = await keysOf(armored);
  const [key] = keys;
  if (!key) return unreadable;
  // openpgp.js reads the first armoured block and passes over all others.
  const blocks = armored.match(/-----BEGIN PGP/g)?.length ?? 0;
  if (keys.length > 1 || blocks > 1) return refused('several-keys', 'Give one key at a time');
  if (key.isPrivate()) {
    return refused(
      'private-key',
      'This is a private key. Its owner must revoke it, for others have seen it',
    );
  }
  return key;
}

/** The key has nothing to encrypt with; finds out what would have to change. */
async function whyNot(
  key: PublicKey,
  at: Date,
  refused: (problem: KeyProblem, advice: string) => KeyInspection,
): Promise<KeyInspection> {
  const lax = full(LAX);
  const ifAllowed = await encryptionKey(key, at, lax);
  if (ifAllowed) {
    const weak = [key.getAlgorithmInfo(), ifAllowed.getAlgorithmInfo()].some(
      ({ algorithm, bits = 2048 }) => bits < 2048 || algorithm === 'dsa' || algorithm === 'elgamal',
    );
    return weak
      ? refused('weak-algorithm', 'The key is too weak. Ask for RSA of 2048 bits or Curve25519')
      : refused('weak-signature', 'The key is bound by SHA-1 or MD5. Ask its owner to renew it');
  }
  const ever = await encryptionKey(key, null, lax);
  if (!ever) return refused('no-encryption-key', 'The key can sign but not encrypt');
  const past = (await expirations(key, ever, null, lax)).filter((end) => end <= at.getTime());
  if (past.length === 0) {
    return refused('no-encryption-key', 'No part of the key can encrypt at this time');
  }
  const end = new Date(Math.min(...past)).toISOString().slice(0, 10);
  return refused('expired', `The key expired on ${end}. Ask its owner to extend it`);
}

type EncryptionKey = Awaited<ReturnType<PublicKey['getEncryptionKey']>>;

async function encryptionKey(
  key: PublicKey,
  at: Date | null,
  config: Config,
): Promise<EncryptionKey | null> {
  // openpgp.js throws where the key has none that is valid.
  return key.getEncryptionKey(undefined, at, undefined, config).catch(() => null);
}

/** When the key and its encrypting subkey end, in milliseconds; empty where they never do. */
async function expirations(
  key: PublicKey,
  encrypting: EncryptionKey,
  at: Date | null,
  config: Config,
): Promise<number[]> {
  const ends = [await key.getExpirationTime(undefined, config)];
  if (encrypting instanceof Subkey) {
    // A null date asks whatever the time; the types know only of a missing one, which is now.
    ends.push(await encrypting.getExpirationTime(at as Date, config));
  }
  return ends.filter((end) => end instanceof Date).map(Number);
}

async function validAddresses(key: PublicKey, at: Date, config: Config): Promise<string[]> {
  const addresses = new Set<string>();
  for (const user of key.users) {
    const email = user.userID?.email;
    const valid = await user.verify(at, config).catch(() => false);
    if (email && valid) addresses.add(addressKey(email));
  }
  return [...addresses];
}

function full(partial: PartialConfig): Config {
  return { ...defaults, ...partial };
}
