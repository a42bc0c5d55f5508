import type { Courier, HostSight, Probe } from '../delivery/courier.ts';
import type { SealingFlaw, UnprotectedCause } from '../delivery/delivery-job.ts';
import { protectedRoute } from '../delivery/route-plan.ts';
import { domainOf } from '../mail/address.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import type { Db } from '../store/connect.ts';
import { listKeys } from '../store/keys.ts';
import { pgpKeyFor } from './pgp-request.ts';
import { outwardRoute, type CouncilRoutes } from './routes.ts';

/** What would become of marked mail to one address, or to anybody at one domain, sent now. */
export interface Readiness {
  target: string;
  ready: boolean;
  /** One plain sentence. */
  summary: string;
  /** `L3 mta-sts`, `openpgp`, `internal`; `null` where it would not go. */
  protectedBy: string | null;
  /** What stands in its way over TLS: a cause of the record; `null` where nothing does. */
  cause: string | null;
  /** The servers in the order in which they would be tried, for each address. */
  hosts: HostReport[];
  /** What the domain itself says by MTA-STS. */
  sts: { mode: string; id: string; maxAgeSeconds: number } | { failed: string } | null;
  /** Fingerprints of officer-trusted OpenPGP keys: the address's, or any at the domain. */
  trustedKeys: string[];
  /** The council accepts a valid certificate alone for this domain, or for one of these hosts. */
  acceptsL2: boolean;
}

export interface HostReport {
  host: string;
  address: string | null;
  /** What the recipient's domain or ours demands of it. */
  demanded: string | null;
  protocol: string | null;
  cipher: string | null;
  certificate: {
    subject: string;
    names: string;
    validUntil: string;
    problem: string | null;
  } | null;
  /** `L3`, `L2`; `null` where it would not be used. */
  level: string | null;
  cause: string | null;
}

export interface ReadinessWorld {
  courier: Pick<Courier, 'probe'>;
  db: Db;
  clock: () => Date;
}

/**
 * Asks the courier itself, which goes the road of a real message up to MAIL FROM and no further.
 * `target` is an address or a domain; only for an address a key can make it ready.
 */
export async function readinessOf(
  { courier, db, clock }: ReadinessWorld,
  council: CouncilPolicy,
  routes: CouncilRoutes,
  target: string,
): Promise<Readiness> {
  const domain = domainOf(target.includes('@') ? target : `@${target}`);
  if (council.domains.includes(domain)) return internal(target);
  const question = {
    route: protectedRoute(outwardRoute(routes, domain)),
    domain,
    protection: 'required' as const,
    acceptL2: council.settings.acceptL2,
  };
  const probe = await courier.probe({ ...question, contentEncrypted: false });
  const choice = target.includes('@')
    ? await pgpKeyFor({ db, clock }, council, { subject: null }, target)
    : null;
  const key = choice?.kind === 'usable' ? choice : null;
  const flaw = choice?.kind === 'flawed' ? choice.cause : null;
  const trustedKeys = target.includes('@')
    ? [key?.info.fingerprint ?? []].flat()
    : await keysAt(db, domain);
  // As in delivery: a key is used where TLS was seen not to be good enough, and only there.
  const sealed =
    key && probe.outcome.kind === 'unprotected'
      ? await courier.probe({ ...question, contentEncrypted: true })
      : null;
  const { outcome } = probe;
  const byKey = sealed?.outcome.kind === 'ready';
  const overTls = outcome.kind === 'ready' ? outcome.sight.admitted?.evidence : undefined;
  return {
    target,
    ready: overTls !== undefined || byKey,
    summary: `Marked mail to ${target} ${whatWouldHappen(probe, sealed, flaw)}`,
    protectedBy: overTls ? `${overTls.level} ${overTls.provedBy}` : byKey ? 'openpgp' : null,
    cause: outcome.kind === 'ready' ? null : outcome.cause,
    hosts: probe.hosts.map(hostReport),
    sts: stsReport(probe),
    trustedKeys,
    acceptsL2: probe.acceptsL2,
  };
}

function internal(target: string): Readiness {
  return {
    target,
    ready: true,
    summary: `Marked mail to ${target} would stay within the council's own mail system`,
    protectedBy: 'internal',
    cause: null,
    hosts: [],
    sts: null,
    trustedKeys: [],
    acceptsL2: false,
  };
}

async function keysAt(db: Db, domain: string): Promise<string[]> {
  const keys = await listKeys(db);
  return keys
    .filter(({ state, addresses }) => state === 'trusted' && addresses.some(isAt(domain)))
    .map(({ fingerprint }) => fingerprint);
}

function isAt(domain: string): (address: string) => boolean {
  return (address) => domainOf(address) === domain;
}

const PROVED_BY: Record<string, string> = {
  dane: 'DANE',
  'mta-sts': 'MTA-STS',
  'pkix-accepted': 'a valid certificate, accepted by the council',
  connector: 'the council’s relay',
};

const OBSTACLES: Record<UnprotectedCause | SealingFlaw, string> = {
  'starttls-not-offered': 'the server offers no encryption',
  'starttls-refused': 'the server refuses to start encryption',
  'tls-too-old': 'the server offers only outdated encryption',
  'tls-handshake': 'the encrypted connection breaks off',
  'certificate-name': 'the certificate is for another name',
  'certificate-expired': 'the certificate has expired or is not valid yet',
  'certificate-untrusted': 'the certificate is not by an authority that we trust',
  'dane-mismatch': 'the certificate does not match the domain’s TLSA record',
  'sts-mx-mismatch': 'the domain’s MTA-STS policy does not name this server',
  'no-proof':
    'the certificate is valid, but neither MTA-STS nor DANE proves the server is the right one',
  'requiretls-not-offered': 'the server does not offer REQUIRETLS',
  'dns-failure': 'the domain could not be looked up safely',
  'sts-store': 'the stored MTA-STS policies cannot be read',
  'sts-lookup': 'it cannot be looked up whether the domain has an MTA-STS policy',
  'sts-fetch': 'the domain announces an MTA-STS policy that cannot be fetched',
  'route-not-protected': 'the relay that is configured does not protect marked mail',
  'pgp-key-expired': 'the OpenPGP key that is held has expired',
  'pgp-key-unusable': 'the OpenPGP key that is held cannot be used any more',
  'pgp-failed': 'encrypting to the OpenPGP key that is held failed',
};

function whatWouldHappen(
  { outcome }: Probe,
  sealed: Probe | null,
  flaw: SealingFlaw | null,
): string {
  switch (outcome.kind) {
    case 'ready': {
      const { level = '', provedBy = '' } = outcome.sight.admitted?.evidence ?? {};
      return `would be sent over verified TLS (${level}, ${PROVED_BY[provedBy] ?? provedBy})`;
    }
    case 'bounced':
      return `would be returned: ${outcome.reply}`;
    case 'deferred':
      return `would wait: the server cannot be reached (${outcome.reply ?? outcome.cause})`;
    case 'unprotected': {
      const obstacle = OBSTACLES[outcome.cause];
      if (sealed?.outcome.kind === 'ready') {
        return `would be sent encrypted to the trusted OpenPGP key: ${obstacle}`;
      }
      if (flaw) return `would wait: ${obstacle}; ${OBSTACLES[flaw]}, ask for the new one`;
      return `would wait: ${obstacle}; ${adviceFor(outcome.retryable, sealed !== null)}`;
    }
  }
}

function adviceFor(retryable: boolean, hasKey: boolean): string {
  if (hasKey) return 'a trusted OpenPGP key is held, but the server cannot be reached';
  return retryable ? 'trying again may help, a PGP key would' : 'ask for a PGP key';
}

function hostReport({ host, address, policy, tls, admitted, failure }: HostSight): HostReport {
  const leaf = tls?.chain[0];
  return {
    host,
    address,
    demanded: policy?.kind ?? null,
    protocol: tls?.protocol ?? null,
    cipher: tls?.cipher ?? null,
    certificate: leaf
      ? {
          subject: leaf.subject.replaceAll('\n', ', '),
          names: leaf.subjectAltName ?? '',
          validUntil: leaf.validToDate.toISOString(),
          problem: tls?.certificateError ?? null,
        }
      : null,
    level: admitted?.evidence.level ?? null,
    cause: failure?.cause ?? null,
  };
}

function stsReport({ sts }: Probe): Readiness['sts'] {
  if (sts.kind === 'failed') return { failed: sts.cause };
  const stated = sts.kind === 'enforce' ? sts : sts.stated;
  if (!stated) return null;
  const { mode, maxAgeSeconds } = stated.policy;
  return { mode, id: stated.id, maxAgeSeconds };
}
