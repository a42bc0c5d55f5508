import { argon2, timingSafeEqual } from 'node:crypto';

/** Argon2id (RFC 9106): memory in KiB, passes, lanes. */
export interface ArgonCost {
  memory: number;
  passes: number;
  parallelism: number;
}

/** 64 MiB and three passes, the second recommendation of RFC 9106 §4, on one lane. */
export const DEFAULT_ARGON_COST: ArgonCost = { memory: 65_536, passes: 3, parallelism: 1 };

export const PASSWORD_CHARACTERS = 12;
const MOST_CHARACTERS = 256;
const TAG_BYTES = 32;
const STORED =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Hashes for storage, in the usual form `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashOfficerPassword(
  password: string,
  salt: Uint8Array,
  cost: ArgonCost = DEFAULT_ARGON_COST,
): Promise<string> {
  return format(salt, await derive(password, salt, cost), cost);
}

/**
 * Whether the password fits, in constant time. `null` for an officer who is not there or has none:
 * false then, at the same cost, so that time does not tell who has an account.
 */
export async function verifyOfficerPassword(
  password: string,
  stored: string | null,
  decoyCost: ArgonCost = DEFAULT_ARGON_COST,
): Promise<boolean> {
  const decoy = format(Buffer.alloc(16), Buffer.alloc(TAG_BYTES), decoyCost);
  const [, memory, passes, parallelism, salt, tag] = STORED.exec(stored ?? decoy) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('Stored hash is not argon2id');
  const cost = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost);
  return timingSafeEqual(actual, Buffer.from(tag, 'base64')) && stored !== null;
}

/**
 * What is wrong with a new password, as advice; `null` where nothing is. Length, and nothing that
 * an attacker tries first (NCSC: no rules on kinds of characters).
 */
export function passwordAdvice(password: string, officer: { name: string; login: string }) {
  const characters = Array.from(password).length;
  if (characters < PASSWORD_CHARACTERS) {
    return `Enter at least ${PASSWORD_CHARACTERS} characters; three random words do well`;
  }
  if (characters > MOST_CHARACTERS) return `Enter at most ${MOST_CHARACTERS} characters`;
  const plain = password.toLowerCase();
  const parts = [...officer.name.toLowerCase().split(/\s+/u), ...officer.login.split(/[@.]/)];
  const own = parts
    .filter((part) => part.length >= 3)
    .reduce((rest, part) => rest.replaceAll(part, ''), plain);
  if (own.length < PASSWORD_CHARACTERS / 2)
    return 'Enter something other than your name or address';
  const isGuessed = /^(.{1,4})\1+$/u.test(plain) || /password|qwerty|letmein|12345678/.test(plain);
  return isGuessed ? 'Enter a password that is harder to guess; three random words do well' : null;
}

function derive(password: string, nonce: Uint8Array, cost: ArgonCost): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFC'));
  const parameters = { message, nonce, tagLength: TAG_BYTES, ...cost };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
}

function format(salt: Uint8Array, tag: Uint8Array, cost: ArgonCost): string {
  const base64 = (bytes: Uint8Array): string =>
    Buffer.from(bytes).toString('base64').replace(/=+$/, '');
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}
