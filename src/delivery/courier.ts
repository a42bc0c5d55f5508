import { Readable } from 'node:stream';
import { createSecureContext, getCACertificates } from 'node:tls';
import { domainKey } from '../mail/address.ts';
import { acceptedEntry, type ChannelPolicy } from './channel.ts';
import type { DeliveryJob, JobRecipient, Undelivered } from './delivery-job.ts';
import {
  createStsLookup,
  memoryStsStore,
  type StsFetcher,
  type StsResult,
  type StsStore,
} from './mta-sts.ts';
import type { Resolver } from './resolve.ts';
import {
  needsProtection,
  planRoute,
  type Failure,
  type PlanContext,
  type Target,
} from './route-plan.ts';
import { SessionPool, type PoolLimits } from './session-pool.ts';
import { createStsFetcher } from './sts-fetch.ts';
import { transmit, type Outcomes, type Sight, type TransmitContext } from './transmit.ts';

export interface CourierTimeouts {
  /** From connecting to the last EHLO or login of one session. */
  setupMs: number;
  /** Longest silence within a session. */
  silenceMs: number;
  /** One message on one session. */
  transactionMs: number;
  /** One job, over all hosts. A lease must outlast it. */
  jobMs: number;
}

export interface CourierOptions {
  resolver: Resolver;
  heloName: string;
  /** Further names by which this gateway may stand in MX records. */
  ownNames?: readonly string[];
  /** Port of MX hosts, 25 but for test networks. */
  port?: number;
  /** PEM certificates to trust beside Node's. */
  ca?: readonly string[];
  localAddress?: string;
  timeouts?: Partial<CourierTimeouts>;
  pool?: Partial<PoolLimits>;
  /** Milliseconds since the epoch. */
  clock?: () => number;
  random?: () => number;
  stsFetcher?: StsFetcher;
  /** In memory by default. */
  stsStore?: StsStore;
}

export interface Courier {
  /**
   * Tries every host of the job's route once, and says what became of every recipient. Rejects only
   * with what `onAttempt` or `body` throws.
   */
  send(job: DeliveryJob): Promise<Outcomes>;
  /** Goes the road of `send` up to the point where it would say MAIL FROM, to every host. */
  probe(question: ProbeQuestion): Promise<Probe>;
  /** Ends idle sessions. */
  close(): void;
}

/** The mail that one asks about. */
export type ProbeQuestion = Pick<
  DeliveryJob,
  'route' | 'domain' | 'protection' | 'contentEncrypted' | 'acceptL2'
>;

const TIMEOUTS: CourierTimeouts = {
  setupMs: 30_000,
  silenceMs: 300_000,
  transactionMs: 600_000,
  jobMs: 900_000,
};
const POOL: PoolLimits = { perHost: 5, maxMessages: 50, idleMs: 10_000 };
const MAX_ADDRESSES = 4;

/**
 * Domain B.5: TLS 1.3's suites, or ECDHE with AES-GCM or ChaCha20; nothing without forward
 * secrecy.
 */
const STRICT_CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
].join(':');

/** The SMTP client of the road: sends jobs, proves channels, never downgrades protected mail. */
export function createCourier(options: CourierOptions): Courier {
  const { resolver, heloName, ownNames = [], localAddress } = options;
  const clock = options.clock ?? Date.now;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const ca = [...getCACertificates('default'), ...(options.ca ?? [])];
  const pool = new SessionPool({ ...POOL, ...options.pool });
  const planning: PlanContext = {
    resolver,
    stsLookup: createStsLookup({
      resolver,
      fetcher: options.stsFetcher ?? createStsFetcher({ resolver, ca }),
      store: options.stsStore ?? memoryStsStore(),
      clock,
    }),
    port: options.port ?? 25,
    ownNames: [heloName, ...ownNames],
    random: options.random ?? Math.random,
  };
  const transmitting: TransmitContext = {
    pool,
    heloName,
    localAddress,
    contexts: {
      strict: createSecureContext({ ca, minVersion: 'TLSv1.2', ciphers: STRICT_CIPHERS }),
      lenient: createSecureContext({ ca }),
    },
    timeouts,
    clock,
  };
  const signal = (): AbortSignal => AbortSignal.timeout(timeouts.jobMs);
  return {
    send: (job) => send(job, planning, transmitting, signal()),
    probe: (question) => probe(question, planning, transmitting, signal()),
    close: () => pool.close(),
  };
}

async function send(
  job: DeliveryJob,
  planning: PlanContext,
  transmitting: TransmitContext,
  signal: AbortSignal,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const pending = new Map<JobRecipient['id'], JobRecipient>();
  for (const recipient of job.recipients) {
    const address = wireAddress(recipient.address);
    if (address === null) outcomes.set(recipient.id, BAD_ADDRESS);
    else pending.set(recipient.id, { ...recipient, address });
  }
  if (pending.size === 0) return outcomes;
  const rest = await visitHosts(job, planning, signal, async ({ target, address, failure }) => {
    if (!target) return { failure, done: false };
    const attempt = { job, recipients: [...pending.values()], target, address, signal };
    const result = await transmit(attempt, transmitting);
    for (const [id, outcome] of result.outcomes) {
      outcomes.set(id, outcome);
      pending.delete(id);
    }
    return { failure: result.failure, done: pending.size === 0 };
  });
  for (const id of pending.keys()) outcomes.set(id, rest);
  return outcomes;
}

/** One address of one host, or why the host has none that could be used. */
type Stop = { host: string } & (
  | { target: Target; address: string; failure: null }
  | { target: null; address: null; failure: Failure }
);

/**
 * Takes `visit` to every address of the route in order until it is done. The one way in which
 * sending and probing choose their servers.
 * @returns what it comes to for those whom no server took.
 */
async function visitHosts(
  job: DeliveryJob,
  planning: PlanContext,
  signal: AbortSignal,
  visit: (stop: Stop) => Promise<{ failure: Failure | null; done: boolean }>,
): Promise<Undelivered> {
  const plan = await planRoute(job, planning);
  if (plan.kind === 'settled') return plan.outcome;
  if (plan.kind === 'failed') return conclusion(job, [plan.failure]);
  const failures: Failure[] = [];
  for (const { host, find } of plan.targets) {
    if (signal.aborted) break;
    const target = await find();
    const stops: Stop[] =
      'addresses' in target
        ? target.addresses
            .slice(0, MAX_ADDRESSES)
            .map((address) => ({ host, target, address, failure: null }))
        : [{ host, target: null, address: null, failure: target }];
    for (const stop of stops) {
      const { failure, done } = await visit(stop);
      if (failure) failures.push(failure);
      if (done) return conclusion(job, failures);
    }
  }
  return conclusion(job, failures);
}

/** What one server would do for a message, seen without sending one. */
export interface HostSight extends Sight {
  host: string;
  address: string | null;
  policy: ChannelPolicy | null;
  /** `null` where the message would be handed over. */
  failure: Failure | null;
}

/** What would become of a message now. */
export interface Probe {
  /** `ready`: by the first host that would take it. */
  outcome: { kind: 'ready'; sight: HostSight } | Undelivered;
  hosts: HostSight[];
  sts: StsResult;
  /** For the domain, or for one of the hosts. */
  acceptsL2: boolean;
}

async function probe(
  question: ProbeQuestion,
  planning: PlanContext,
  transmitting: TransmitContext,
  signal: AbortSignal,
): Promise<Probe> {
  const job: DeliveryJob = { ...EMPTY_JOB, ...question };
  const hosts: HostSight[] = [];
  const rest = await visitHosts(
    job,
    planning,
    signal,
    async ({ host, target, address, failure }) => {
      const sight: HostSight = { host, address, policy: null, tls: null, admitted: null, failure };
      hosts.push(sight);
      if (!target) return { failure, done: false };
      sight.policy = target.policy;
      const look = (seen: Sight): void => void Object.assign(sight, seen);
      const attempt = { job, recipients: [], target, address, signal, look };
      sight.failure = (await transmit(attempt, transmitting)).failure;
      return { failure: sight.failure, done: false };
    },
  );
  const ready = hosts.find(({ admitted }) => admitted !== null);
  return {
    outcome: ready ? { kind: 'ready', sight: ready } : rest,
    hosts,
    sts: await planning.stsLookup(question.domain),
    acceptsL2: hosts.some(({ host }) => acceptedEntry(job, host) !== null),
  };
}

/** A job that is never sent. */
const EMPTY_JOB: Omit<DeliveryJob, keyof ProbeQuestion> = {
  queueId: '',
  requireTls: false,
  mailFrom: '',
  recipients: [],
  ret: null,
  envid: null,
  smtpUtf8: false,
  eightBit: false,
  sizeBytes: 0,
  body: () => Readable.from([]),
  onAttempt: () => Promise.resolve(),
};

const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

const BAD_ADDRESS: Undelivered = {
  kind: 'bounced',
  reply: '553 5.1.3 The address is not one that SMTP can carry',
  cause: 'bad-address',
};

/**
 * The address as RCPT TO says it: the domain as A-labels where that spares the server SMTPUTF8;
 * `null` where it could break the command.
 */
function wireAddress(address: string): string | null {
  // Control characters and brackets end a command or an argument.
  if (/[\p{Cc}<>]/u.test(address) || address.length > 1000) return null;
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return null;
  const local = address.slice(0, at);
  // A space ends the argument, unless it stands in a quoted local part (RFC 5321 §4.1.2).
  if (address.slice(at).includes(' ') || (local.includes(' ') && !QUOTED.test(local))) return null;
  return /^[ -~]+$/.test(local) ? `${local}@${domainKey(address.slice(at + 1))}` : address;
}

/** What it comes to when no host took the mail. */
function conclusion(job: DeliveryJob, failures: readonly Failure[]): Undelivered {
  const flaws = failures.filter((failure) => failure.kind === 'flaw');
  // RFC 8689 §4.2.1: when every host falls short, no waiting.
  if (job.requireTls && flaws.length > 0 && flaws.length === failures.length) {
    return flaws.some((flaw) => flaw.cause === 'requiretls-not-offered')
      ? bounce('550 5.7.30 The next server does not offer REQUIRETLS', 'requiretls-not-offered')
      : bounce('550 5.7.10 The next server cannot be reached encrypted', 'requiretls-unproved');
  }
  const lookups = failures.filter((failure) => failure.kind === 'lookup');
  const lasting = flaws.find((flaw) => !flaw.retryable);
  const protective = lasting ?? flaws[0] ?? lookups[0];
  if (needsProtection(job) && protective) {
    const retryable = failures.some((failure) => failure.kind !== 'flaw' || failure.retryable);
    return { kind: 'unprotected', cause: protective.cause, retryable };
  }
  const told = failures.find((failure) => failure.kind === 'connection' && failure.reply);
  const [first] = failures;
  const shown = told ?? first;
  const reply = shown?.kind === 'connection' ? shown.reply : null;
  return { kind: 'deferred', reply, cause: shown?.cause ?? 'no-host' };
}

function bounce(reply: string, cause: string): Undelivered {
  return { kind: 'bounced', reply, cause };
}
