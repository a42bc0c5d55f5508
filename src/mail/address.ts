import { domainToASCII } from 'node:url';

/** A mailbox as written in a header: display name (may be empty) and addr-spec. */
export interface Mailbox {
  name: string;
  address: string;
}

/**
 * The form in which addresses are compared and stored as keys: local part and domain in lower case,
 * an internationalised domain as A-labels. RFC 5321 §2.4 leaves local parts case-sensitive; no
 * council system treats them so, and a rule that "Cllr.A@" escapes would be a hole. A string
 * without `@` comes back in lower case; the null sender stays `''`.
 */
export function addressKey(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return address.trim().toLowerCase();
  return `${address.slice(0, at).trim().toLowerCase()}@${domainKey(address.slice(at + 1))}`;
}

/**
 * Lower-case A-label form of a domain, without a trailing dot. An invalid one is only lower-cased.
 */
export function domainKey(domain: string): string {
  const bare = domain.trim().replace(/\.$/, '').toLowerCase();
  // Plain letters are their own A-labels, and nearly every domain is.
  return /^[a-z0-9.-]*$/.test(bare) ? bare : domainToASCII(bare) || bare;
}

/** The domain of an address as a key, `''` for the null sender and for a bare local part. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : domainKey(address.slice(at + 1));
}

/** The local part as written, without unquoting. */
export function localPartOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}

/** True where `domain` equals one of `parents` or lies below it, compared label by label. */
export function isWithin(domain: string, parents: readonly string[]): boolean {
  const key = domainKey(domain);
  return parents.some((parent) => {
    const parentKey = domainKey(parent);
    return key === parentKey || key.endsWith(`.${parentKey}`);
  });
}
