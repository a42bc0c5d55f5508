import { get } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import type { StsFetcher } from './mta-sts.ts';
import type { Resolver } from './resolve.ts';

/** RFC 8461 §3.3. */
const MAX_BYTES = 65_536;

export interface StsFetchOptions {
  resolver: Resolver;
  /** PEM trust anchors. */
  ca: string[];
  /** For test networks; 443 else. */
  port?: number;
  timeoutMs?: number;
}

/** Fetches policies over HTTPS, with addresses from our own resolver. */
export function createStsFetcher(options: StsFetchOptions): StsFetcher {
  return async (domain) => {
    const host = `mta-sts.${domain}`;
    const addresses = await options.resolver.addresses(host);
    if (addresses.kind !== 'found') throw new Error(`No address for "${host}"`);
    return fetchPolicy(host, addresses.values, options);
  };
}

function fetchPolicy(
  host: string,
  addresses: readonly string[],
  { ca, port = 443, timeoutMs = 60_000 }: StsFetchOptions,
): Promise<string> {
  const [first = ''] = addresses;
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_name, wanted, callback) =>
    wanted.all ? callback(null, all) : callback(null, first, isIPv6(first) ? 6 : 4);
  const path = '/.well-known/mta-sts.txt';
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const request = get({ host, servername: host, port, path, ca, lookup, signal, agent: false });
    request.once('error', reject);
    request.once('response', (response) => {
      // A redirect is a failure, too (RFC 8461 §3.3).
      if (response.statusCode !== 200) {
        request.destroy(new Error(`MTA-STS policy host answered ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) request.destroy(new Error('MTA-STS policy is over 64 KB'));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => resolve(Buffer.concat(chunks).toString()));
    });
  });
}
