import { get } from 'node:https';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { WkdAnswer, WkdFetcher } from './wkd.ts';

const MAX_BYTES = 262_144;

export interface WkdFetchOptions {
  /** Addresses of a host, `null` where the name does not exist. Rejects where nothing is known. */
  resolve: (host: string) => Promise<string[] | null>;
  /** PEM trust anchors beside Node's. */
  ca?: readonly string[];
  /** For test networks; 443 else. */
  port?: number;
  /** For test networks: anything else would let a domain make us call into our own network. */
  allowPrivate?: boolean;
  timeoutMs?: number;
}

/**
 * Fetches from key directories over HTTPS: certificate and name must be right, no redirect is
 * followed, and the connection goes to the very address that was found to be public.
 */
export function createWkdFetcher(options: WkdFetchOptions): WkdFetcher {
  return async (url) => {
    const addresses = await options.resolve(url.hostname);
    if (addresses === null) return { kind: 'no-host' };
    const usable = addresses.filter((address) => options.allowPrivate || isPublicAddress(address));
    if (usable.length === 0) throw new Error(`"${url.hostname}" has no public address`);
    return fetchOnce(url, usable, options);
  };
}

function fetchOnce(
  url: URL,
  addresses: readonly string[],
  { ca = [], port = 443, timeoutMs = 20_000 }: WkdFetchOptions,
): Promise<WkdAnswer> {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const [first = { address: '', family: 4 }] = all;
  const lookup: LookupFunction = (_name, wanted, callback) =>
    wanted.all ? callback(null, all) : callback(null, first.address, first.family);
  const { hostname } = url;
  return new Promise((resolve, reject) => {
    const request = get({
      host: hostname,
      servername: hostname,
      path: `${url.pathname}${url.search}`,
      port,
      ca: [...getCACertificates('default'), ...ca],
      lookup,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      agent: false,
      // The whole fetch: a server that drips bytes must end, too.
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.once('error', reject);
    request.once('response', (response) => {
      if (response.statusCode !== 200) {
        request.destroy();
        if (response.statusCode === 404) resolve({ kind: 'absent' });
        else reject(new Error(`"${hostname}" answered ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) request.destroy(new Error(`"${hostname}" sent over 256 KiB`));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => resolve({ kind: 'found', bytes: Buffer.concat(chunks) }));
    });
  });
}

/** IANA's special-purpose registries: what is not reached across the internet. */
const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  SPECIAL.addSubnet(network, prefix, 'ipv4');
}
// Teredo, ORCHID, documentation, 6to4 within the global unicast space.
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  SPECIAL.addSubnet(network, prefix, 'ipv6');
}
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');

/** True for an address of the public internet; false for every other string. */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6');
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) && !SPECIAL.check(address, 'ipv4');
}
