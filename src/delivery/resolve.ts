import { getServers } from 'node:dns';
import { isIP, isIPv4 } from 'node:net';
import type { DecodedPacket, ResourceRecord } from 'dns-packet';
import { domainKey } from '../mail/address.ts';
import { exchange, parseDnsServer, type DnsServer } from './dns-exchange.ts';

/** What a lookup found. `secure`: the resolver vouches for it by DNSSEC (the AD bit). */
export type Lookup<T> =
  | { kind: 'found'; values: T[]; secure: boolean }
  /** The name exists, but has no such record. */
  | { kind: 'nodata'; secure: boolean }
  | { kind: 'nxdomain'; secure: boolean }
  /** SERVFAIL (a bogus signature, too), time-out, nonsense: nothing is known. */
  | { kind: 'failed'; cause: string };

export interface MxRecord {
  preference: number;
  /** Lower case, without a final dot; `''` is the root, RFC 7505's null MX. */
  exchange: string;
}

/** RFC 6698 §2.1. */
export interface TlsaRecord {
  usage: number;
  selector: number;
  matchingType: number;
  data: Buffer;
}

export interface Resolver {
  mx(domain: string): Promise<Lookup<MxRecord>>;
  /** IPv4 first: mail servers are pickier about IPv6 senders. */
  addresses(host: string): Promise<Lookup<string>>;
  txt(name: string): Promise<Lookup<string>>;
  tlsa(host: string, port: number): Promise<Lookup<TlsaRecord>>;
}

export interface ResolverOptions {
  /** `address` or `address:port`; the system's by default. */
  servers?: readonly string[];
  /**
   * Whether the AD bit of these servers counts: anyone on the way there could set it. By default
   * only that of servers on this machine does.
   */
  trustAd?: boolean;
  /** Milliseconds since the epoch; for the cache. */
  clock?: () => number;
  /** For one question to one server; each server is asked twice. */
  timeoutMs?: number;
}

const MAX_CACHED = 10_000;
const MAX_TTL_SECONDS = 3600;
const MAX_NEGATIVE_TTL_SECONDS = 300;

/**
 * A resolver with a cache. Its lookups never reject: failure is a value, and nothing failed is
 * cached.
 */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const servers = (options.servers ?? getServers()).map(parseDnsServer).map((server) => ({
    ...server,
    trusted: options.trustAd ?? isLoopback(server.address),
  }));
  const clock = options.clock ?? Date.now;
  const timeoutMs = options.timeoutMs ?? 2000;
  const cache = new Map<string, { until: number; lookup: Lookup<unknown> }>();

  async function lookup<T>(
    name: string,
    type: string,
    read: (data: unknown) => T[],
  ): Promise<Lookup<T>> {
    if (!isDomainName(name)) return { kind: 'nxdomain', secure: false };
    const key = `${type} ${name}`;
    const cached = cache.get(key);
    if (cached && cached.until > clock()) return cached.lookup as Lookup<T>;
    const answer = await ask(servers, { name, type }, timeoutMs);
    if (typeof answer === 'string') return { kind: 'failed', cause: answer };
    const result = interpret(answer, type, read);
    cache.delete(key);
    const [oldest] = cache.keys();
    if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(key, { until: clock() + ttlSeconds(answer, type) * 1000, lookup: result });
    return result;
  }

  return {
    mx: (domain) => lookup(domainKey(domain), 'MX', readMx),
    txt: (name) => lookup(domainKey(name), 'TXT', readTxt),
    tlsa: (host, port) => lookup(tlsaName(host, port), 'TLSA', readTlsa),
    async addresses(host) {
      if (isIP(host) !== 0) return { kind: 'found', values: [host], secure: false };
      const name = domainKey(host);
      if (name === 'localhost') {
        return { kind: 'found', values: ['127.0.0.1', '::1'], secure: false };
      }
      const [four, six] = await Promise.all([
        lookup(name, 'A', readText),
        lookup(name, 'AAAA', readText),
      ]);
      return bothFamilies(four, six);
    },
  };
}

/** Where the TLSA records of a server stand (RFC 6698 §3). */
export function tlsaName(host: string, port: number): string {
  return `_${port}._tcp.${domainKey(host)}`;
}

/** One family is enough to deliver; a failure counts only where the other family has nothing. */
function bothFamilies(four: Lookup<string>, six: Lookup<string>): Lookup<string> {
  if (four.kind === 'found' && six.kind === 'found') {
    const secure = four.secure && six.secure;
    return { kind: 'found', values: [...four.values, ...six.values], secure };
  }
  if (four.kind === 'found') return four;
  if (six.kind === 'found') return six;
  return four.kind === 'failed' ? four : six;
}

/** The first usable answer, or the cause why there is none. */
async function ask(
  servers: readonly (DnsServer & { trusted: boolean })[],
  question: { name: string; type: string },
  timeoutMs: number,
): Promise<DecodedPacket | string> {
  let cause = 'no DNS server is configured';
  for (let round = 0; round < 2; round += 1) {
    for (const server of servers.slice(0, 3)) {
      try {
        const answer = await exchange(server, question, timeoutMs);
        if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') {
          return { ...answer, flag_ad: answer.flag_ad && server.trusted };
        }
        cause = `DNS answered ${answer.rcode}`;
      } catch (error) {
        cause = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return cause;
}

/** `127.0.0.0/8` and `::1`. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

function interpret<T>(
  answer: DecodedPacket,
  type: string,
  read: (data: unknown) => T[],
): Lookup<T> {
  const secure = answer.flag_ad;
  if (answer.rcode === 'NXDOMAIN') return { kind: 'nxdomain', secure };
  const records = answer.answers.filter((record) => record.type === type);
  if (records.length === 0) return { kind: 'nodata', secure };
  return { kind: 'found', values: records.flatMap((record) => read(record.data)), secure };
}

function ttlSeconds(answer: DecodedPacket, type: string): number {
  const found = answer.answers.filter((record) => record.type === type);
  const smallest = (records: ResourceRecord[]): number =>
    Math.min(...records.map((record) => record.ttl ?? 0));
  if (found.length > 0) return Math.min(smallest(answer.answers), MAX_TTL_SECONDS);
  const soa = answer.authorities.find((record) => record.type === 'SOA');
  const minimum = (soa?.data as { minimum?: number } | undefined)?.minimum ?? 0;
  return Math.min(soa?.ttl ?? 0, minimum, MAX_NEGATIVE_TTL_SECONDS);
}

/** RFC 1035 §2.3.4; underscores are for TXT and TLSA. */
function isDomainName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
}

function readMx(data: unknown): MxRecord[] {
  const { preference = 0, exchange } = data as { preference?: number; exchange: string };
  return [{ preference, exchange: domainKey(exchange) }];
}

function readText(data: unknown): string[] {
  return [data as string];
}

function readTxt(data: unknown): string[] {
  return [Buffer.concat([data as Buffer | Buffer[]].flat()).toString()];
}

function readTlsa(data: unknown): TlsaRecord[] {
  const { usage, selector, matchingType, certificate } = data as Omit<TlsaRecord, 'data'> & {
    certificate: Buffer;
  };
  return [{ usage, selector, matchingType, data: Buffer.from(certificate) }];
}
