import { readFile } from 'node:fs/promises';
import { createResolver } from '../delivery/resolve.ts';
import { addressKey } from '../mail/address.ts';
import { createWkdFetcher } from '../pgp/wkd-fetch.ts';
import { lookUpKeys, type WkdFetcher } from '../pgp/wkd.ts';
import type { Db } from '../store/connect.ts';
import { takeKey, type TakenKey } from './key-custody.ts';

/** Asks key directories (WKD), by the configured resolvers and trust anchors. */
export async function openKeyDirectory(settings: {
  dns: { servers: readonly string[] };
  tls: { caFile: string | null };
}): Promise<WkdFetcher> {
  const { servers } = settings.dns;
  const { caFile } = settings.tls;
  const resolver = createResolver(servers.length > 0 ? { servers: [...servers] } : {});
  return createWkdFetcher({
    ca: caFile === null ? [] : [await readFile(caFile, 'utf8')],
    resolve: async (host) => {
      const found = await resolver.addresses(host);
      if (found.kind === 'failed') throw new Error(`"${host}" could not be looked up`);
      return found.kind === 'found' ? found.values : null;
    },
  });
}

export type FetchedKeys =
  | { kind: 'fetched'; taken: TakenKey[] }
  /** The domain publishes no key for the address. */
  | { kind: 'none' }
  /** Nothing is known: the directory, or the way to it, does not work. */
  | { kind: 'failed'; reason: string; cause: unknown };

/** Takes into custody, as candidates, the keys that a domain publishes for one of its addresses. */
export async function fetchKeys(
  db: Db,
  directory: WkdFetcher,
  request: { address: string; at: Date },
): Promise<FetchedKeys> {
  const address = addressKey(request.address);
  const found = await lookUpKeys(address, directory).catch((cause: unknown) => ({ cause }));
  if (!Array.isArray(found)) {
    const { cause } = found;
    return {
      kind: 'failed',
      reason: cause instanceof Error ? cause.message : 'unknown error',
      cause,
    };
  }
  if (found.length === 0) return { kind: 'none' };
  const taken: TakenKey[] = [];
  for (const armored of found) {
    taken.push(await takeKey(db, { armored, source: 'wkd', address, at: request.at }));
  }
  return { kind: 'fetched', taken };
}
