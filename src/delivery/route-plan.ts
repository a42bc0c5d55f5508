import { isIP } from 'node:net';
import type { ChannelPolicy } from './channel.ts';
import { usableTlsa } from './dane.ts';
import type { DeliveryJob, Route, Undelivered, UnprotectedCause } from './delivery-job.ts';
import { stsAllows, type StsLookup, type StsResult } from './mta-sts.ts';
import { nextHopsOf } from './next-hop.ts';
import { tlsaName, type Resolver } from './resolve.ts';

/** One host to try, with all that is known of it before connecting. */
export interface Target {
  host: string;
  port: number;
  addresses: string[];
  /** For SNI and certificate. */
  serverName: string | null;
  policy: ChannelPolicy;
  implicitTls: boolean;
  auth: { user: string; pass: string } | undefined;
}

/** Why one host, or all of them, could not be used. */
export type Failure =
  /** The channel is not good enough, and was seen to be so. */
  | { kind: 'flaw'; cause: UnprotectedCause; retryable: boolean }
  /** What the choice depends on could not be looked up. */
  | { kind: 'lookup'; cause: UnprotectedCause }
  | { kind: 'connection'; cause: string; reply: string | null };

export interface PlanContext {
  resolver: Resolver;
  stsLookup: StsLookup;
  /** Port of MX hosts. */
  port: number;
  ownNames: readonly string[];
  random: () => number;
}

/** The hosts in order; each is looked up only when its turn comes. */
export type Plan =
  | { kind: 'targets'; targets: { host: string; find: () => Promise<Target | Failure> }[] }
  | { kind: 'settled'; outcome: Undelivered }
  | { kind: 'failed'; failure: Failure };

/** Content that may not be seen on the way, and is not encrypted itself. */
export function needsProtection(
  job: Pick<DeliveryJob, 'protection' | 'contentEncrypted'>,
): boolean {
  return job.protection === 'required' && !job.contentEncrypted;
}

/**
 * By which route marked mail leaves: straight to the recipient's server, unless the council has
 * configured what its smarthost guarantees.
 */
export function protectedRoute(route: Route): Route {
  return route.kind === 'smarthost' && !route.protects ? { kind: 'mx' } : route;
}

/** Works out where a job goes and what each host's channel must keep to (domain E.2). */
export async function planRoute(job: DeliveryJob, context: PlanContext): Promise<Plan> {
  return job.route.kind === 'smarthost'
    ? planSmarthost(job, job.route, context)
    : planMx(job, context);
}

function planSmarthost(
  job: DeliveryJob,
  route: Extract<DeliveryJob['route'], { kind: 'smarthost' }>,
  { resolver }: PlanContext,
): Plan {
  const trusted = route.protects && route.tls === 'verified';
  if (needsProtection(job) && !trusted) {
    return failed({ kind: 'flaw', cause: 'route-not-protected', retryable: false });
  }
  const policies = { verified: 'connector', required: 'tls-only', opportunistic: 'none' } as const;
  const name = route.servername ?? route.host;
  const find = async (): Promise<Target | Failure> => {
    const addresses = await resolver.addresses(route.host);
    if (addresses.kind !== 'found') return noAddress(addresses.kind);
    return {
      host: route.host,
      port: route.port,
      addresses: addresses.values,
      serverName: isIP(name) === 0 ? name : null,
      policy: { kind: policies[route.tls] },
      // RFC 8314 §3.3: on this port TLS comes first.
      implicitTls: route.port === 465,
      auth: route.auth,
    };
  };
  return { kind: 'targets', targets: [{ host: route.host, find }] };
}

async function planMx(job: DeliveryJob, context: PlanContext): Promise<Plan> {
  const [hops, sts] = await Promise.all([
    nextHopsOf(job.domain, context.resolver, context.ownNames, context.random),
    context.stsLookup(job.domain),
  ]);
  if (hops.kind === 'bounced') return { kind: 'settled', outcome: hops };
  if (hops.kind === 'failed') return failed({ kind: 'lookup', cause: 'dns-failure' });
  const targets = hops.names.map((host) => ({
    host,
    find: () => mxTarget(job, context, { host, secure: hops.secure }, sts),
  }));
  return { kind: 'targets', targets };
}

async function mxTarget(
  job: DeliveryJob,
  { resolver, port }: PlanContext,
  mx: { host: string; secure: boolean },
  sts: StsResult,
): Promise<Target | Failure> {
  const addresses = await resolver.addresses(mx.host);
  if (addresses.kind !== 'found') return noAddress(addresses.kind);
  // RFC 7672 §2.2: DANE only where the way to the host's name and addresses was signed.
  const daneApplies = mx.secure && addresses.secure;
  const tlsa = daneApplies ? await resolver.tlsa(mx.host, port) : null;
  if (tlsa?.kind === 'failed') return { kind: 'lookup', cause: 'dns-failure' };
  const records = tlsa?.kind === 'found' && tlsa.secure ? tlsa.values : [];
  const target = {
    host: mx.host,
    port,
    addresses: addresses.values,
    serverName: mx.host,
    implicitTls: false,
    auth: undefined,
  };
  const usable = usableTlsa(records);
  if (usable.length > 0) {
    const name = tlsaName(mx.host, port);
    return { ...target, policy: { kind: 'dane', name, records: usable } };
  }
  if (sts.kind === 'failed' && (sts.binding || needsProtection(job) || job.requireTls)) {
    return { kind: 'lookup', cause: sts.cause };
  }
  if (sts.kind === 'enforce') {
    return stsAllows(sts.policy, mx.host)
      ? { ...target, policy: { kind: 'mta-sts', id: sts.id, text: sts.text } }
      : { kind: 'flaw', cause: 'sts-mx-mismatch', retryable: false };
  }
  return { ...target, policy: { kind: records.length > 0 ? 'tls-only' : 'none' } };
}

function noAddress(kind: 'nodata' | 'nxdomain' | 'failed'): Failure {
  return kind === 'failed'
    ? { kind: 'lookup', cause: 'dns-failure' }
    : { kind: 'connection', cause: 'host-without-address', reply: null };
}

function failed(failure: Failure): Plan {
  return { kind: 'failed', failure };
}
