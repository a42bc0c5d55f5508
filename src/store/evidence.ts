import { canonicalHash } from '../policy/canonical-json.ts';
import { sealedDelivery, type SealedRow } from './audit.ts';
import { json, type Db } from './connect.ts';

/**
 * A delivery certificate as it is stored, with the hash that its audit row carries: SHA-256 over
 * the canonical JSON of exactly what will be read back, hex.
 */
export function certified(certificate: object): { stored: string; sha256: string } {
  const stored = json(certificate);
  return { stored, sha256: canonicalHash(JSON.parse(stored)) };
}

/** One certificate, with its row of the audit trail. */
export interface StoredCertificate {
  recipientId: number;
  certificate: unknown;
  /** `unsealed` for the second until the sealer comes by. */
  audit: SealedRow | 'unsealed' | null;
}

/** The certificates of a message, in the order of its recipients. */
export async function certificatesOf(db: Db, queueId: string): Promise<StoredCertificate[]> {
  const rows = await db<{ recipientId: number; certificate: unknown }[]>`
    select recipient_id, certificate from delivery_certificates
    where queue_id = ${queueId} order by recipient_id`;
  return Promise.all(
    rows.map(async (row) => ({ ...row, audit: await sealedDelivery(db, row.recipientId) })),
  );
}
