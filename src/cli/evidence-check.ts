import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { daneMatches, parseTlsa, usableTlsa } from '../delivery/dane.ts';
import { parseStsPolicy, stsAllows } from '../delivery/mta-sts.ts';
import { domainOf, isWithin } from '../mail/address.ts';
import type { DeliveryCertificate } from '../pipeline/delivery-certificate.ts';
import { canonicalHash } from '../policy/canonical-json.ts';
import { sealProblem } from '../store/audit.ts';
import type { EvidenceFile } from './evidence-file.ts';

type Evidence = EvidenceFile['evidence'];
type Delivery = Evidence['deliveries'][number];

/**
 * Everything that is wrong with the evidence about one message; empty where it proves what it
 * says. Offline: nothing but the file and the published key. What it cannot know is whether the
 * last certificate of a chain was trusted at that time: the caller shows its subject.
 */
export function evidenceProblems(evidence: Evidence, publicKey: KeyObject): string[] {
  return evidence.deliveries.flatMap((delivery) => {
    const { recipientId, queueId } = delivery.certificate;
    const problems = [
      ...(queueId === evidence.queueId ? [] : ['is about another message']),
      ...trailProblems(delivery, evidence, publicKey),
      ...protectionProblems(delivery.certificate),
    ];
    return problems.map((problem) => `Recipient ${recipientId}: ${problem}`);
  });
}

/** The certificate is the one whose hash the sealed row carries. */
function trailProblems(
  { certificate, auditRow, batch: batchId }: Delivery,
  { batches }: Evidence,
  publicKey: KeyObject,
): string[] {
  const row = JSON.parse(auditRow) as unknown[];
  const [, , event, queueId, recipientId, , data] = row;
  const said = data as { certificateSha256?: unknown; protectedBy?: unknown } | undefined;
  const problems: string[] = [];
  if (event !== 'delivery' || queueId !== certificate.queueId) {
    problems.push('the audit row is about something else');
  }
  if (recipientId !== certificate.recipientId || said?.protectedBy !== certificate.protectedBy) {
    problems.push('the audit row is about another delivery');
  }
  if (said?.certificateSha256 !== canonicalHash(certificate)) {
    problems.push('the certificate is not the one that was sealed');
  }
  const batch = batches.find(({ id }) => id === batchId);
  if (!batch) return [...problems, 'the batch of its audit row is missing'];
  if (!batch.rowHashes.includes(createHash('sha256').update(auditRow).digest('hex'))) {
    problems.push('the audit row is not in its batch');
  }
  const sealed = {
    ...batch,
    hash: Buffer.from(batch.hash, 'hex'),
    previousHash: Buffer.from(batch.previousHash, 'hex'),
    signature: Buffer.from(batch.signature, 'base64'),
  };
  const rowHashes = batch.rowHashes.map((hash) => Buffer.from(hash, 'hex'));
  const problem = sealProblem(publicKey, sealed, rowHashes);
  return problem === null ? problems : [...problems, problem];
}

/** The channel was worth what is claimed, or the content was encrypted. */
function protectionProblems(certificate: DeliveryCertificate): string[] {
  const { protectedBy, openpgp, transport, proof } = certificate;
  const chain = proof.certificateChain.map(
    (der) => new X509Certificate(Buffer.from(der, 'base64')),
  );
  const leaf = chain[0]?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null;
  const problems: string[] = [];
  if (leaf !== transport.certificateSha256) {
    problems.push('the chain does not begin with the certificate of that fingerprint');
  }
  if ((proof.policy?.kind ?? 'none') !== transport.provedBy) {
    problems.push('the policy is not the one that proved it');
  }
  if (transport.provedBy !== 'none') problems.push(...channelProblems(certificate, chain));
  if (protectedBy === 'openpgp') {
    return openpgp ? problems : [...problems, 'no OpenPGP key is named'];
  }
  if (protectedBy === 'sender-encryption') return problems;
  if (protectedBy !== `${transport.level} ${transport.provedBy}` || transport.provedBy === 'none') {
    problems.push('the channel is not what protected it');
  }
  return problems;
}

function channelProblems(
  { transport, proof, recipient }: DeliveryCertificate,
  chain: readonly X509Certificate[],
): string[] {
  const { policy, names } = proof;
  const at = Date.parse(transport.at);
  const problems: string[] = [];
  if (!/^TLSv1\.[23]$/.test(transport.protocol ?? '')) problems.push('TLS was older than 1.2');
  if (transport.level !== (policy?.kind === 'pkix-accepted' ? 'L2' : 'L3')) {
    problems.push('the level does not follow from the proof');
  }
  switch (policy?.kind) {
    case 'dane': {
      const records = policy.records.map(parseTlsa).filter((record) => record !== null);
      if (!policy.name.endsWith(`._tcp.${transport.mxHost}`)) problems.push('TLSA of another host');
      return daneMatches(usableTlsa(records), chain, names, at)
        ? problems
        : [...problems, 'the chain does not match the TLSA records'];
    }
    case 'mta-sts': {
      const { mode } = parseStsPolicy(policy.text);
      if (mode !== 'enforce' || !stsAllows(parseStsPolicy(policy.text), transport.mxHost)) {
        problems.push('the MTA-STS policy does not name this host');
      }
      break;
    }
    case 'pkix-accepted':
      if (
        !isWithin(domainOf(recipient), [policy.accepted]) &&
        !isWithin(transport.mxHost, [policy.accepted])
      ) {
        problems.push('what the council accepts is another domain');
      }
      break;
    case 'connector':
    case undefined:
      break;
  }
  return [...problems, ...chainProblems(chain, names[0] ?? '', at)];
}

/** Names, dates and signatures of a chain, up to what nobody in the file signed. */
function chainProblems(chain: readonly X509Certificate[], name: string, at: number): string[] {
  const [leaf] = chain;
  if (!leaf) return ['there is no certificate'];
  const problems: string[] = [];
  const named = isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name);
  if (named === undefined) {
    problems.push('the certificate is for another name');
  }
  for (const [depth, certificate] of chain.entries()) {
    if (at < certificate.validFromDate.getTime() || at > certificate.validToDate.getTime()) {
      problems.push(`certificate ${depth} was not valid at that time`);
    }
    const issuer = chain[depth + 1];
    if (issuer && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))) {
      problems.push(`certificate ${depth} was not issued by the next`);
    }
  }
  return problems;
}
