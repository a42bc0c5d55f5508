import { sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { DeliveryCertificate } from '../pipeline/delivery-certificate.ts';
import { canonicalJson } from '../policy/canonical-json.ts';
import type { SealedRow } from '../store/audit.ts';

const FORMAT = 'portreeve evidence v1';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
/** Strict: two spellings of the same bytes would be two files that both verify. */
const base64 = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'Is not base64');

const CERTIFICATE = z.strictObject({
  queueId: z.string(),
  recipientId: z.int(),
  recipient: z.string(),
  messageSha256: hex(32),
  receivedAt: z.iso.datetime(),
  deliveredAt: z.iso.datetime(),
  protectedBy: z.string(),
  reply: z.string(),
  marking: z.enum(['OFFICIAL', 'OFFICIAL-SENSITIVE', 'SECRET', 'TOP SECRET']).nullable(),
  policyVersion: z.string().nullable(),
  clauses: z.array(
    z.strictObject({
      rule: z.string(),
      council: z.string(),
      document: z.string(),
      section: z.string(),
      quote: z.string().nullable(),
    }),
  ),
  transport: z.strictObject({
    level: z.enum(['L0', 'L1', 'L2', 'L3']),
    mxHost: z.string(),
    remoteAddress: z.string(),
    protocol: z.string().nullable(),
    cipher: z.string().nullable(),
    certificateSha256: hex(32).nullable(),
    provedBy: z.enum(['dane', 'mta-sts', 'pkix-accepted', 'connector', 'none']),
    at: z.iso.datetime(),
  }),
  proof: z.strictObject({
    names: z.array(z.string()),
    certificateChain: z.array(base64),
    policy: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('mta-sts'), id: z.string(), text: z.string() }),
        z.strictObject({
          kind: z.literal('dane'),
          name: z.string(),
          records: z.array(z.string()),
        }),
        z.strictObject({ kind: z.literal('pkix-accepted'), accepted: z.string() }),
        z.strictObject({ kind: z.literal('connector') }),
      ])
      .nullable(),
  }),
  openpgp: z
    .strictObject({
      fingerprint: z.string(),
      encryptionKeyId: z.string(),
      encryptedSha256: hex(32),
    })
    .nullable(),
  salt: hex(16),
}) satisfies z.ZodType<DeliveryCertificate>;

const FILE = z.strictObject({
  format: z.literal(FORMAT),
  evidence: z.strictObject({
    queueId: z.string(),
    exportedAt: z.iso.datetime(),
    deliveries: z
      .array(
        z.strictObject({
          certificate: CERTIFICATE,
          /** The row of the audit trail, exactly as it was sealed. */
          auditRow: z.string(),
          batch: z.int(),
        }),
      )
      .min(1),
    batches: z.array(
      z.strictObject({
        id: z.int(),
        sealedAt: z.string(),
        rows: z.int(),
        hash: hex(32),
        previousHash: hex(32),
        signature: base64,
        /** SHA-256 of every row of the batch: the other rows are nobody's business. */
        rowHashes: z.array(hex(32)),
      }),
    ),
  }),
  /** Ed25519 by the audit key, over the format's name and the canonical JSON of `evidence`. */
  signature: base64,
});

export type EvidenceFile = z.infer<typeof FILE>;

/** What an outsider needs to check how one message was protected, signed by the audit key. */
export function makeEvidenceFile(
  queueId: string,
  deliveries: readonly { certificate: unknown; audit: SealedRow }[],
  signingKey: KeyObject,
  at: Date,
): EvidenceFile {
  const batches = new Map(deliveries.map(({ audit }) => [audit.batch.id, batchOf(audit)]));
  const evidence: EvidenceFile['evidence'] = {
    queueId,
    exportedAt: at.toISOString(),
    deliveries: deliveries.map(({ certificate, audit }) => ({
      certificate: CERTIFICATE.parse(certificate),
      auditRow: audit.line,
      batch: audit.batch.id,
    })),
    batches: [...batches.values()],
  };
  const signature = sign(null, signedBytes(evidence), signingKey).toString('base64');
  return { format: FORMAT, evidence, signature };
}

function batchOf({ batch, rowHashes }: SealedRow): EvidenceFile['evidence']['batches'][number] {
  return {
    ...batch,
    hash: batch.hash.toString('hex'),
    previousHash: batch.previousHash.toString('hex'),
    signature: batch.signature.toString('base64'),
    rowHashes: rowHashes.map((hash) => hash.toString('hex')),
  };
}

/**
 * Reads an evidence file of which every byte that it states is signed by `publicKey`, which must
 * come from elsewhere: a key inside the file would prove nothing.
 * @throws {Error} that says what is wrong.
 */
export function readEvidenceFile(text: string, publicKey: KeyObject): EvidenceFile['evidence'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error('The file is no JSON', { cause });
  }
  const read = FILE.safeParse(parsed);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join('.') || 'the file';
    throw new Error(`The file is no ${FORMAT}: ${where}: ${issue?.message ?? 'is wrong'}`);
  }
  const { evidence, signature } = read.data;
  if (!verify(null, signedBytes(evidence), publicKey, Buffer.from(signature, 'base64'))) {
    throw new Error('The signature is not by this key, or the file was changed');
  }
  return evidence;
}

function signedBytes(evidence: EvidenceFile['evidence']): Buffer {
  return Buffer.from(`${FORMAT}\n${canonicalJson(evidence)}`);
}
