import { createHash } from 'node:crypto';
import type {
  RecipientOutcome,
  TransportEvidence,
  TransportProof,
} from '../delivery/delivery-job.ts';
import type { ClauseRef, Decision } from '../mail/decision.ts';
import type { KeyInfo } from '../pgp/keys.ts';
import type { StoredMessage, StoredRecipient } from '../store/messages.ts';

/** To which key the content was encrypted. */
export interface OpenPgpSeal {
  /** Of the primary key, upper-case hex. */
  fingerprint: string;
  /** Of the key that encrypted, upper-case hex. */
  encryptionKeyId: string;
  /** SHA-256 of the encrypted message, before our Received and DKIM fields, hex. */
  encryptedSha256: string;
}

/**
 * How one recipient's protected mail was protected: what a council shows when somebody asks. Its
 * hash stands in the audit row of the delivery. No subject, no content.
 */
export interface DeliveryCertificate {
  queueId: string;
  recipientId: number;
  recipient: string;
  /** Of the message as received, hex. */
  messageSha256: string;
  /** ISO 8601 UTC. */
  receivedAt: string;
  deliveredAt: string;
  /** `L3 mta-sts`, `L2 pkix-accepted`, `openpgp`, `sender-encryption`, ... */
  protectedBy: string;
  /** The far server's line. */
  reply: string;
  marking: Decision['marking'];
  policyVersion: string | null;
  /** Why it had to be protected. */
  clauses: (ClauseRef & { rule: string })[];
  transport: TransportEvidence;
  proof: TransportProof;
  openpgp: OpenPgpSeal | null;
  /** Hex. Its hash outlives erasure and must not let anybody guess what it was made from. */
  salt: string;
}

/** What protected the content itself, whatever the channel. */
export interface Seal {
  by: 'sender-encryption' | 'openpgp';
  openpgp: OpenPgpSeal | null;
}

export const SEALED_BY_SENDER: Seal = { by: 'sender-encryption', openpgp: null };

export function openPgpSeal(key: KeyInfo, encrypted: Buffer): Seal {
  const { fingerprint, encryptionKeyId } = key;
  const encryptedSha256 = createHash('sha256').update(encrypted).digest('hex');
  return { by: 'openpgp', openpgp: { fingerprint, encryptionKeyId, encryptedSha256 } };
}

type Delivered = RecipientOutcome & { kind: 'delivered' };

/** One word for the record: the seal, else level and proof of the channel. */
export function protectedBy({ evidence }: Delivered, seal: Seal | null): string {
  return seal?.by ?? `${evidence.level} ${evidence.provedBy}`;
}

/** `null` where nothing had to be protected on its way over the internet. */
export function deliveryCertificate(delivery: {
  message: Pick<StoredMessage, 'queueId' | 'sha256' | 'receivedAt' | 'decision'>;
  recipient: Pick<StoredRecipient, 'id' | 'address' | 'protection' | 'route'>;
  outcome: Delivered;
  seal: Seal | null;
  at: Date;
  salt: Uint8Array;
}): DeliveryCertificate | null {
  const { message, recipient, outcome, seal } = delivery;
  const { address, protection, route } = recipient;
  if (protection !== 'required' || route !== 'outward' || address === null) return null;
  const { decision } = message;
  const hits = decision?.recipients.find((each) => each.address === address)?.hits ?? [];
  return {
    queueId: message.queueId,
    recipientId: recipient.id,
    recipient: address,
    messageSha256: message.sha256.toString('hex'),
    receivedAt: message.receivedAt.toISOString(),
    deliveredAt: delivery.at.toISOString(),
    protectedBy: protectedBy(outcome, seal),
    reply: outcome.reply,
    marking: decision?.marking ?? null,
    policyVersion: decision?.policyVersion ?? null,
    clauses: hits
      .filter((hit) => hit.protection === 'required')
      .map(({ rule, clause }) => ({ rule, ...clause })),
    transport: outcome.evidence,
    proof: outcome.proof,
    openpgp: seal?.openpgp ?? null,
    salt: Buffer.from(delivery.salt).toString('hex'),
  };
}
