import type { X509Certificate } from 'node:crypto';
import { isWithin } from '../mail/address.ts';
import { daneMatches } from './dane.ts';
import type { ChannelFlaw, DeliveryJob, TransportEvidence } from './delivery-job.ts';
import type { TlsaRecord } from './resolve.ts';

/** What a TLS handshake showed. */
export interface TlsFacts {
  protocol: string;
  cipher: string;
  /** As the server sent it, leaf first. */
  chain: readonly X509Certificate[];
  /** OpenSSL's or Node's code, `null` where chain, dates and name are valid. */
  certificateError: string | null;
}

/**
 * What must be true of the channel to one host, whatever the mail: the recipient's own word, or
 * ours.
 */
export type ChannelPolicy =
  | { kind: 'dane'; name: string; records: readonly TlsaRecord[] }
  /** TLSA records of which none is usable: encrypted, unverified (RFC 7672 §2.2). */
  | { kind: 'tls-only' }
  | { kind: 'mta-sts'; id: string; text: string }
  /** A relay that the council pinned by name and certificate. */
  | { kind: 'connector' }
  | { kind: 'none' };

/** What a channel is worth. `flaw`: why it is not L3, where anything is amiss. */
export interface Verdict {
  level: TransportEvidence['level'];
  provedBy: TransportEvidence['provedBy'];
  flaw: ChannelFlaw | null;
}

/**
 * Judges a channel by its facts (domain B.6). Every connection is judged anew for every message,
 * so a pooled one is never trusted for what another message needed.
 * @param tls `null` in clear.
 * @param names The host's name, then the recipient domain.
 */
export function judgeChannel(
  tls: TlsFacts | null,
  policy: ChannelPolicy,
  names: readonly string[],
  at: number,
): Verdict {
  if (!tls) return { level: 'L0', provedBy: 'none', flaw: 'starttls-not-offered' };
  if (policy.kind === 'dane') {
    return daneMatches(policy.records, tls.chain, names, at)
      ? { level: 'L3', provedBy: 'dane', flaw: null }
      : { level: 'L1', provedBy: 'none', flaw: 'dane-mismatch' };
  }
  if (tls.certificateError !== null) {
    return { level: 'L1', provedBy: 'none', flaw: certificateFlaw(tls.certificateError) };
  }
  return policy.kind === 'mta-sts' || policy.kind === 'connector'
    ? { level: 'L3', provedBy: policy.kind, flaw: null }
    : { level: 'L2', provedBy: 'none', flaw: null };
}

/**
 * Whether the recipient's own policy, or the relay's, is kept. It binds ordinary and PGP mail
 * too.
 */
export function keepsPolicy(policy: ChannelPolicy, verdict: Verdict): boolean {
  if (policy.kind === 'none') return true;
  if (policy.kind === 'tls-only') return verdict.level !== 'L0';
  return verdict.level === 'L3';
}

/**
 * Whether the channel may carry this job, and with what proof. For protected content: L3, or L2
 * where the council accepts it for the domain or the host (domain E.2).
 */
export function admit(
  job: Pick<DeliveryJob, 'protection' | 'contentEncrypted' | 'domain' | 'acceptL2' | 'requireTls'>,
  policy: ChannelPolicy,
  verdict: Verdict,
  host: string,
): { verdict: Verdict } | { flaw: ChannelFlaw } {
  if (!keepsPolicy(policy, verdict)) return { flaw: verdict.flaw ?? 'no-proof' };
  if (verdict.level === 'L3') return { verdict };
  // RFC 8689 §4.2.1 wants the MX proved and the name verified; no council can waive that.
  if (job.requireTls) return { flaw: verdict.flaw ?? 'no-proof' };
  if (job.protection === 'none' || job.contentEncrypted) return { verdict };
  if (verdict.level === 'L2' && acceptedEntry(job, host) !== null) {
    return { verdict: { ...verdict, provedBy: 'pkix-accepted' } };
  }
  return { flaw: verdict.flaw ?? 'no-proof' };
}

/** The entry by which the council accepts L2 for this domain or host. */
export function acceptedEntry(
  { domain, acceptL2 }: Pick<DeliveryJob, 'domain' | 'acceptL2'>,
  host: string,
): string | null {
  const byDomain = acceptL2.domains.find((entry) => isWithin(domain, [entry]));
  return byDomain ?? acceptL2.mxSuffixes.find((entry) => isWithin(host, [entry])) ?? null;
}

/** The names of which the certificate must bear one: only DANE-TA knows the second. */
export function certificateNames(
  target: { host: string; serverName: string | null },
  { domain }: Pick<DeliveryJob, 'domain'>,
): string[] {
  return [target.serverName ?? target.host, domain];
}

function certificateFlaw(error: string): ChannelFlaw {
  if (error === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificate-name';
  if (error === 'CERT_HAS_EXPIRED' || error === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  return 'certificate-untrusted';
}
