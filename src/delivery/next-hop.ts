import { domainKey } from '../mail/address.ts';
import type { MxRecord, Resolver } from './resolve.ts';

/** Where mail for a domain goes, in the order to be tried. */
export type NextHops =
  | { kind: 'hosts'; names: string[]; /** By DNSSEC. */ secure: boolean }
  /** The domain takes no mail, or we are its server: trying again cannot help. */
  | { kind: 'bounced'; reply: string; cause: string }
  | { kind: 'failed'; cause: string };

/** More hosts than this are not tried in one attempt: a stranger's DNS must not keep us busy. */
const MAX_HOSTS = 8;

/**
 * The mail hosts of `domain` (RFC 5321 §5.1): by preference, equals in random order; without MX
 * records the domain itself; null MX (RFC 7505) refuses. Hosts no better than ourselves are left
 * out.
 * @param ownNames Host names that are this gateway.
 * @param random 0 to 1, as `Math.random`.
 */
export async function nextHopsOf(
  domain: string,
  resolver: Resolver,
  ownNames: readonly string[],
  random: () => number,
): Promise<NextHops> {
  const mx = await resolver.mx(domain);
  if (mx.kind === 'failed') return { kind: 'failed', cause: mx.cause };
  if (mx.kind === 'nxdomain') {
    return bounced('550 5.1.2 The domain does not exist', 'no-such-domain');
  }
  return mx.kind === 'nodata'
    ? implicitMx(domain, mx.secure, resolver)
    : fromRecords(mx.values, mx.secure, ownNames, random);
}

async function implicitMx(domain: string, secure: boolean, resolver: Resolver): Promise<NextHops> {
  const addresses = await resolver.addresses(domain);
  if (addresses.kind === 'failed') return { kind: 'failed', cause: addresses.cause };
  if (addresses.kind !== 'found') {
    return bounced('550 5.1.2 The domain has no mail server', 'no-mail-server');
  }
  return { kind: 'hosts', names: [domainKey(domain)], secure };
}

function fromRecords(
  records: readonly MxRecord[],
  secure: boolean,
  ownNames: readonly string[],
  random: () => number,
): NextHops {
  const real = records.filter((record) => record.exchange !== '');
  if (real.length === 0) {
    return bounced('556 5.1.10 The domain accepts no mail', 'null-mx');
  }
  const own = new Set(ownNames.map(domainKey));
  // RFC 5321 §5.1: sending to a host no better than ourselves would loop.
  const limit = Math.min(
    ...real.filter((record) => own.has(record.exchange)).map((record) => record.preference),
  );
  const names = real
    .filter((record) => record.preference < limit)
    .map((record) => ({ ...record, chance: random() }))
    .sort((a, b) => a.preference - b.preference || a.chance - b.chance)
    .map((record) => record.exchange);
  if (names.length === 0) {
    return bounced('554 5.4.6 Mail for the domain loops back to this gateway', 'loop');
  }
  return { kind: 'hosts', names: [...new Set(names)].slice(0, MAX_HOSTS), secure };
}

function bounced(reply: string, cause: string): NextHops {
  return { kind: 'bounced', reply, cause };
}
