import { domainKey } from '../mail/address.ts';
import type { Resolver } from './resolve.ts';

/** RFC 8461 §3.2. */
export interface StsPolicy {
  mode: 'enforce' | 'testing' | 'none';
  /** Patterns as written, in lower case. */
  mx: string[];
  maxAgeSeconds: number;
}

/** A policy as it was fetched. Times are milliseconds since the epoch. */
export interface StsEntry {
  text: string;
  /** `id` of the TXT record at that time. */
  id: string;
  fetchedAt: number;
}

/**
 * Where policies outlive a restart. A method that rejects makes mail wait; it never drops a
 * policy.
 */
export interface StsStore {
  get(domain: string): Promise<StsEntry | null>;
  set(domain: string, entry: StsEntry): Promise<void>;
}

/**
 * The body of `https://mta-sts.<domain>/.well-known/mta-sts.txt`: verified HTTPS, status 200, no
 * redirect, at most 64 KB, within one minute (RFC 8461 §3.3); rejects otherwise.
 */
export type StsFetcher = (domain: string) => Promise<string>;

export type StsResult =
  /** Enforced: the MX, STARTTLS and the certificate must all fit. */
  | ({ kind: 'enforce' } & ReadEntry)
  /** `stated`: a policy in testing, or one that ends another. */
  | { kind: 'none'; stated: ReadEntry | null }
  /**
   * Nothing is known. `binding` is true where a policy may well stand in our own store, so that no
   * mail at all may go on; else RFC 8461 §3.3 lets ordinary mail go on.
   */
  | { kind: 'failed'; cause: 'sts-store' | 'sts-lookup' | 'sts-fetch'; binding: boolean };

export type ReadEntry = StsEntry & { policy: StsPolicy };

export type StsLookup = (domain: string) => Promise<StsResult>;

/** A store that lasts as long as the process. */
export function memoryStsStore(maxEntries = 10_000): StsStore {
  const entries = new Map<string, StsEntry>();
  return {
    get: (domain) => Promise.resolve(entries.get(domain) ?? null),
    set(domain, entry) {
      const [oldest] = entries.keys();
      if (entries.size >= maxEntries && oldest !== undefined) entries.delete(oldest);
      entries.set(domain, entry);
      return Promise.resolve();
    },
  };
}

const DAY_MS = 86_400_000;
/** RFC 8461 §3.3: failed fetches are not repeated more often than this. */
const FETCH_PAUSE_MS = 300_000;
const MAX_REMEMBERED_FAILURES = 10_000;

/**
 * Looks up what policy binds mail to a domain (RFC 8461 §3.3, §5.1): an unexpired stored policy
 * stands whatever the network says; it is fetched again when the TXT record's id changes, or
 * after a day.
 */
export function createStsLookup(options: {
  resolver: Resolver;
  fetcher: StsFetcher;
  store: StsStore;
  clock: () => number;
}): StsLookup {
  const { resolver, fetcher, store, clock } = options;
  const lastFailure = new Map<string, number>();

  async function fetchPolicy(domain: string, id: string): Promise<ReadEntry | null> {
    const key = `${domain} ${id}`;
    if ((lastFailure.get(key) ?? -Infinity) + FETCH_PAUSE_MS > clock()) return null;
    try {
      const text = await fetcher(domain);
      const policy = parseStsPolicy(text);
      lastFailure.delete(key);
      return { text, policy, id, fetchedAt: clock() };
    } catch {
      if (lastFailure.size >= MAX_REMEMBERED_FAILURES) lastFailure.clear();
      lastFailure.set(key, clock());
      return null;
    }
  }

  async function current(domain: string): Promise<StsResult> {
    const stored = readEntry(await store.get(domain));
    // Both ways: a clock that was wrong once must not make a policy stand for ever.
    const age = stored ? Math.abs(clock() - stored.fetchedAt) : Infinity;
    const known = stored && age < stored.policy.maxAgeSeconds * 1000 ? stored : null;
    const txt = await resolver.txt(`_mta-sts.${domain}`);
    if (txt.kind === 'failed') {
      return known ? bindingOf(known) : { kind: 'failed', cause: 'sts-lookup', binding: false };
    }
    const id = txt.kind === 'found' ? stsRecordId(txt.values) : null;
    if (id === null) return known ? bindingOf(known) : { kind: 'none', stated: null };
    if (known && known.id === id && age < DAY_MS) return bindingOf(known);
    const fetched = await fetchPolicy(domain, id);
    if (fetched) {
      await store.set(domain, { text: fetched.text, id, fetchedAt: fetched.fetchedAt });
    }
    const entry = fetched ?? known;
    return entry ? bindingOf(entry) : { kind: 'failed', cause: 'sts-fetch', binding: false };
  }

  // The only rejections left are the store's.
  return (domain) =>
    current(domainKey(domain)).catch(() => ({ kind: 'failed', cause: 'sts-store', binding: true }));
}

/** What is stored and cannot be read is as good as not stored: it is fetched again. */
function readEntry(entry: StsEntry | null): ReadEntry | null {
  try {
    return entry && { ...entry, policy: parseStsPolicy(entry.text) };
  } catch {
    return null;
  }
}

/** `testing` binds nobody (RFC 8461 §5). */
function bindingOf(entry: ReadEntry): StsResult {
  return entry.policy.mode === 'enforce'
    ? { kind: 'enforce', ...entry }
    : { kind: 'none', stated: entry };
}

/** The id of the one STSv1 record; `null` where there is none or more than one (RFC 8461 §3.1). */
export function stsRecordId(texts: readonly string[]): string | null {
  const records = texts.filter((text) => /^v=STSv1\s*;/.test(text));
  if (records.length !== 1) return null;
  return /;\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(records[0] ?? '')?.[1] ?? null;
}

/**
 * @throws {Error} where the text is no valid policy (RFC 8461 §3.2). Unknown keys are ignored, of a
 * repeated key other than `mx` the first counts.
 */
export function parseStsPolicy(text: string): StsPolicy {
  const fields = text
    .split(/\r?\n/)
    .map((line) => /^([A-Za-z0-9][\w.-]*)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, key = '', value = '']) => ({ key, value }));
  const first = (key: string): string => fields.find((field) => field.key === key)?.value ?? '';
  const mode = first('mode');
  const maxAge = first('max_age');
  if (first('version') !== 'STSv1') throw new Error('MTA-STS policy has no "version: STSv1"');
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') {
    throw new Error(`MTA-STS policy has the unknown mode "${mode}"`);
  }
  if (!/^\d{1,10}$/.test(maxAge)) throw new Error('MTA-STS policy has no valid "max_age"');
  const mx = fields
    .filter((field) => field.key === 'mx')
    .map((field) => field.value.toLowerCase().replace(/\.$/, ''));
  if (mx.length === 0 && mode !== 'none') throw new Error('MTA-STS policy names no "mx"');
  // §3.2: at most a year.
  return { mode, mx, maxAgeSeconds: Math.min(Number(maxAge), 31_557_600) };
}

/** Whether a policy allows an MX host; `*.` stands for exactly one label (RFC 8461 §4.1). */
export function stsAllows(policy: StsPolicy, host: string): boolean {
  const name = domainKey(host);
  const parent = name.slice(name.indexOf('.') + 1);
  return policy.mx.some((pattern) =>
    pattern.startsWith('*.')
      ? name.includes('.') && domainKey(pattern.slice(2)) === parent
      : domainKey(pattern) === name,
  );
}
