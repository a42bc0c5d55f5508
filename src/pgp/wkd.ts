import { createHash } from 'node:crypto';
import { readKeys } from 'openpgp';
import { domainOf, localPartOf } from '../mail/address.ts';

/** What one URL gave. `no-host`: the name does not exist, so the direct method may be tried. */
export type WkdAnswer =
  { kind: 'found'; bytes: Uint8Array } | { kind: 'absent' } | { kind: 'no-host' };

/** Rejects where the host is there and does not behave: then nothing is known. */
export type WkdFetcher = (url: URL) => Promise<WkdAnswer>;

const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769';
/** A directory may hold an old key beside the new one, not a key ring. */
const MAX_KEYS = 5;

/**
 * Where a domain publishes the key of an address (draft-koch-openpgp-webkey-service §3.1): first
 * by the advanced method, then by the direct one. The host is the domain of the address and nothing
 * else that a stranger wrote.
 * @throws {Error} where it is no domain name
 */
export function wkdUrls(address: string): { advanced: URL; direct: URL } {
  const local = localPartOf(address);
  const domain = domainOf(address);
  const key = `hu/${wkdHash(local)}?l=${encodeURIComponent(local)}`;
  const path = '/.well-known/openpgpkey/';
  if (!/^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(domain)) {
    throw new Error('The address has no domain that could publish keys');
  }
  return {
    advanced: new URL(`https://openpgpkey.${domain}${path}${domain}/${key}`),
    direct: new URL(`https://${domain}${path}${key}`),
  };
}

/** z-base-32 of the SHA-1 of the local part, of which only ASCII letters are made small (§3.1). */
export function wkdHash(localPart: string): string {
  const small = localPart.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const bits = [...createHash('sha1').update(small).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return bits.replace(/.{5}/g, (five) => Z_BASE_32[Number.parseInt(five, 2)] ?? '');
}

/**
 * The keys that a domain publishes for one of its addresses, each armoured; none where it publishes
 * none. They are not checked: that is `inspectKey`'s, with the address.
 * @throws {Error} where the directory is there but cannot be used
 */
export async function lookUpKeys(address: string, fetch: WkdFetcher): Promise<string[]> {
  const { advanced, direct } = wkdUrls(address);
  let answer = await fetch(advanced);
  // §3.1: only where the sub-domain does not exist. Else an attacker on the plain web site could
  // speak for a domain that has a directory.
  if (answer.kind === 'no-host') answer = await fetch(direct);
  if (answer.kind !== 'found') return [];
  const keys = await readKeys({ binaryKeys: answer.bytes }).catch((cause: unknown) => {
    throw new Error('The key directory gave something that is no OpenPGP key', { cause });
  });
  return keys.slice(0, MAX_KEYS).map((key) => key.toPublic().armor());
}
