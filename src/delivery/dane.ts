import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsaRecord } from './resolve.ts';

/**
 * The TLSA records that SMTP may use (RFC 7672 §3.1): DANE-TA(2) and DANE-EE(3), with a known
 * selector and matching type and data of the right length. Usages 0 and 1 are unusable here.
 */
export function usableTlsa(records: readonly TlsaRecord[]): TlsaRecord[] {
  const lengths: Record<number, number> = { 1: 32, 2: 64 };
  return records.filter(
    ({ usage, selector, matchingType, data }) =>
      (usage === 2 || usage === 3) &&
      (selector === 0 || selector === 1) &&
      (matchingType === 0 ? data.length > 0 : data.length === lengths[matchingType]),
  );
}

/**
 * Whether the server's chain fits one of the usable records (RFC 7672 §3.1, RFC 7671 §5).
 * DANE-EE looks at the leaf alone, not at its names or dates; DANE-TA wants a valid path from the
 * leaf to the matching certificate, and one of `names` in the leaf.
 * @param chain As the server sent it, leaf first.
 * @param at Milliseconds since the epoch.
 */
export function daneMatches(
  records: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  at: number,
): boolean {
  const [leaf] = chain;
  if (!leaf) return false;
  if (records.some((record) => record.usage === 3 && matches(record, leaf))) return true;
  const anchors = records.filter((record) => record.usage === 2);
  const named = names.some((name) => leaf.checkHost(name, { subject: 'never' }) !== undefined);
  return named && reachesAnchor(anchors, chain, at);
}

function reachesAnchor(
  anchors: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  at: number,
): boolean {
  for (const [depth, certificate] of chain.entries()) {
    if (at < certificate.validFromDate.getTime() || at > certificate.validToDate.getTime()) {
      return false;
    }
    if (depth > 0 && anchors.some((anchor) => matches(anchor, certificate))) return true;
    const issuer = chain[depth + 1];
    if (!issuer?.ca || !certificate.checkIssued(issuer)) return false;
    if (!certificate.verify(issuer.publicKey)) return false;
  }
  return false;
}

function matches(record: TlsaRecord, certificate: X509Certificate): boolean {
  const content =
    record.selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = record.matchingType === 2 ? 'sha512' : 'sha256';
  const expected =
    record.matchingType === 0 ? content : createHash(algorithm).update(content).digest();
  return record.data.equals(expected);
}

/** As in a zone file, without its name (RFC 6698 §2.2). */
export function tlsaText({ usage, selector, matchingType, data }: TlsaRecord): string {
  return [usage, selector, matchingType, data.toString('hex')].join(' ');
}

/** The reverse of `tlsaText`; `null` where the text is no such record. */
export function parseTlsa(text: string): TlsaRecord | null {
  const match = /^(\d{1,3}) (\d{1,3}) (\d{1,3}) ((?:[0-9a-f]{2})+)$/.exec(text);
  if (!match) return null;
  const [, usage, selector, matchingType, hex = ''] = match;
  return {
    usage: Number(usage),
    selector: Number(selector),
    matchingType: Number(matchingType),
    data: Buffer.from(hex, 'hex'),
  };
}
