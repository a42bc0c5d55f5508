import { acceptedEntry, certificateNames, type TlsFacts, type Verdict } from './channel.ts';
import { tlsaText } from './dane.ts';
import type {
  DeliveryJob,
  ProvingPolicy,
  TransportEvidence,
  TransportProof,
} from './delivery-job.ts';
import type { Target } from './route-plan.ts';

interface Seen {
  job: Pick<DeliveryJob, 'domain' | 'acceptL2'>;
  target: Target;
  address: string;
  tls: TlsFacts | null;
}

/** What the record keeps of the channel that carried a message. */
export function transportEvidence(
  { target, address, tls }: Seen,
  verdict: Verdict,
  at: number,
): TransportEvidence {
  return {
    level: verdict.level,
    mxHost: target.host,
    remoteAddress: address,
    protocol: tls?.protocol ?? null,
    cipher: tls?.cipher ?? null,
    certificateSha256: tls?.chain[0]?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
    provedBy: verdict.provedBy,
    at: new Date(at).toISOString(),
  };
}

/** What others need to check that evidence. */
export function transportProof({ job, target, tls }: Seen, verdict: Verdict): TransportProof {
  return {
    names: certificateNames(target, job).slice(0, target.policy.kind === 'dane' ? 2 : 1),
    certificateChain: (tls?.chain ?? []).map(({ raw }) => raw.toString('base64')),
    policy: provingPolicy(job, target, verdict),
  };
}

function provingPolicy(
  job: Seen['job'],
  { policy, host }: Target,
  { provedBy }: Verdict,
): ProvingPolicy | null {
  if (provedBy === 'pkix-accepted') {
    return { kind: 'pkix-accepted', accepted: acceptedEntry(job, host) ?? '' };
  }
  if (provedBy === 'none') return null;
  switch (policy.kind) {
    case 'dane':
      return { kind: 'dane', name: policy.name, records: policy.records.map(tlsaText) };
    case 'mta-sts':
    case 'connector':
      return policy;
    case 'tls-only':
    case 'none':
      return null;
  }
}
