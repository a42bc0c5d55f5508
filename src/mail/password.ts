import { scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Cost of one hash: `N` is memory and time (a power of two), `r` the block size, `p` the
 * repetitions.
 */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** 32 MiB and three passes: one of the equal settings of OWASP's password storage cheat sheet. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

const HASH_BYTES = 32;
// Far above the cost that we write, far below what would hurt: a hash is data, and data can be
// wrong.
const MEMORY_BYTES = 256 * 1024 * 1024;

/**
 * Hashes a password for storage: `scrypt$N$r$p$salt$hash`, salt and hash in base64 (RFC 7914).
 * @param salt sixteen random bytes
 */
export async function hashPassword(
  password: string,
  salt: Uint8Array,
  cost: ScryptCost = DEFAULT_SCRYPT_COST,
): Promise<string> {
  if (salt.length < 16) throw new RangeError(`Password salt needs 16 bytes, got ${salt.length}`);
  const hash = await derive(password, salt, cost);
  return format(salt, hash, cost);
}

/**
 * Tells whether a password fits a stored hash, in constant time. `null` for an account that does
 * not exist: the answer is then `false` at the same cost, so that time does not tell who has an
 * account.
 * @throws {Error} if the hash is not one that `hashPassword` makes
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [scheme, N, r, p, salt, hash, ...rest] = (stored ?? DECOY).split('$');
  const expected = Buffer.from(hash ?? '', 'base64');
  if (scheme !== 'scrypt' || !salt || expected.length !== HASH_BYTES || rest.length > 0) {
    throw new Error('Stored password hash is not of the form "scrypt$N$r$p$salt$hash"');
  }
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost);
  return timingSafeEqual(actual, expected) && stored !== null;
}

const DECOY = format(Buffer.alloc(16), Buffer.alloc(HASH_BYTES), DEFAULT_SCRYPT_COST);

function format(salt: Uint8Array, hash: Uint8Array, { N, r, p }: ScryptCost): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return ['scrypt', N, r, p, base64(salt), base64(hash)].join('$');
}

function derive(password: string, salt: Uint8Array, cost: ScryptCost): Promise<Buffer> {
  // Keyboards differ in how they compose an accented letter (RFC 8265 §4.2.1 says NFC).
  const text = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, { ...cost, maxmem: MEMORY_BYTES }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}
