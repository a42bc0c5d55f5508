import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { json, transaction, type Db } from './connect.ts';

export interface AuditRow {
  event: string;
  queueId?: string;
  recipientId?: number;
  /** Officer, role or component. Never a councillor's address. */
  actor: string;
  /** Ids, rule ids and numbers only: these rows outlive the content. */
  data: Record<string, unknown>;
}

/** Writes one row of the trail; call it in the transaction of the change that it tells of. */
export async function appendAudit(tx: Db, row: AuditRow): Promise<void> {
  await tx`
    insert into audit (event, queue_id, recipient_id, actor, data)
    values (${row.event}, ${row.queueId ?? null}, ${row.recipientId ?? null}, ${row.actor},
      ${json(row.data)}::text::jsonb)`;
}

/**
 * The last batch as it stood once. Kept elsewhere, it shows that the end of the trail was cut off.
 */
export interface AuditHead {
  batchId: number;
  /** Hex. */
  hash: string;
}

export interface AuditVerdict {
  batches: number;
  rows: number;
  unsealed: number;
  head: AuditHead | null;
  /** The first thing that is wrong, `null` where the trail is whole. */
  problem: string | null;
}

/** What the sealer signed of some rows in order. */
export interface Batch {
  id: number;
  /** ISO 8601 UTC. */
  sealedAt: string;
  rows: number;
  hash: Buffer;
  previousHash: Buffer;
  signature: Buffer;
}

/** One sealed row as text, with the hashes that prove its place in its batch. */
export interface SealedRow {
  line: string;
  batch: Batch;
  /** SHA-256 of every line of the batch in order: the other rows stay private. */
  rowHashes: Buffer[];
}

/** Rows of one batch: bounds the memory of sealing and of verifying. */
const BATCH_ROWS = 5000;
const GENESIS = Buffer.alloc(32);

/**
 * Chains and signs (Ed25519) the committed rows that no batch has yet, and returns how many. One
 * sealer works at a time; another one that comes meanwhile does nothing. Rows that commit late join
 * a later batch.
 */
export async function sealAudit(db: Db, signingKey: KeyObject, at: Date): Promise<number> {
  let sealed = 0;
  for (;;) {
    const rows = await transaction(db, (tx) => sealBatch(tx, signingKey, at));
    sealed += rows;
    if (rows < BATCH_ROWS) return sealed;
  }
}

async function sealBatch(tx: Db, signingKey: KeyObject, at: Date): Promise<number> {
  const [lock] = await tx<{ ours: boolean }[]>`
    select pg_try_advisory_xact_lock(7411003) as ours`;
  if (!lock?.ours) return 0;
  const lines = await tx<{ id: number; line: string }[]>`
    select id, ${canonicalLine(tx)} as line from audit
    where batch_id is null order by id limit ${BATCH_ROWS}`;
  if (lines.length === 0) return 0;
  const [last] = await tx<{ id: number; hash: Buffer }[]>`
    select id, hash from audit_batches order by id desc limit 1`;
  const previousHash = last?.hash ?? GENESIS;
  const batch = {
    id: (last?.id ?? 0) + 1,
    sealedAt: at.toISOString(),
    rows: lines.length,
    hash: hashOf(previousHash, lines.map(rowHash)),
    previousHash,
  };
  const signature = sign(null, signedBytes(batch), signingKey);
  await tx`
    insert into audit_batches (id, sealed_at, rows, hash, previous_hash, signature)
    values (${batch.id}, ${at}, ${batch.rows}, ${batch.hash}, ${previousHash}, ${signature})`;
  await tx`
    update audit set batch_id = ${batch.id}
    where id = any(${lines.map((row) => row.id)}::bigint[])`;
  return lines.length;
}

/** One row as text: everything but its batch, the time to the microsecond. */
function canonicalLine(db: Db) {
  return db`jsonb_build_array(id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    event, queue_id, recipient_id, actor, data)::text`;
}

function rowHash({ line }: { line: string }): Buffer {
  return createHash('sha256').update(line).digest();
}

/** Over hashes, not lines: one row can be proven to an outsider who may not read the others. */
function hashOf(previousHash: Buffer, rowHashes: readonly Buffer[]): Buffer {
  return createHash('sha256')
    .update(Buffer.concat([previousHash, ...rowHashes]))
    .digest();
}

function signedBytes(batch: Omit<Batch, 'signature'>): Buffer {
  const { id, sealedAt, rows, hash, previousHash } = batch;
  const hex = [hash.toString('hex'), previousHash.toString('hex')];
  return Buffer.from(`portreeve audit v2\n${id}\n${sealedAt}\n${rows}\n${hex.join('\n')}\n`);
}

/**
 * Walks the whole trail in one snapshot and reports the first problem: a row that was changed,
 * added or taken away, a batch that is missing, a broken chain, a signature that is not ours. What
 * the newest batch alone cannot show, that later ones were cut off, `expectedHead` shows.
 */
export async function verifyAudit(
  db: Db,
  publicKey: KeyObject,
  options: { expectedHead?: AuditHead } = {},
): Promise<AuditVerdict> {
  return transaction(db, async (tx) => {
    await tx`set transaction isolation level repeatable read, read only`;
    const [counted] = await tx<{ unsealed: number }[]>`
      select count(*)::int as unsealed from audit where batch_id is null`;
    const verdict: AuditVerdict = {
      batches: 0,
      rows: 0,
      unsealed: counted?.unsealed ?? 0,
      head: null,
      problem: null,
    };
    let isHeadSeen = !options.expectedHead;
    for (;;) {
      const batch = await nextBatch(tx, verdict.batches);
      if (!batch) break;
      verdict.problem = await batchProblem(tx, publicKey, batch, verdict);
      if (verdict.problem) return verdict;
      verdict.batches += 1;
      verdict.rows += batch.rows;
      verdict.head = { batchId: batch.id, hash: batch.hash.toString('hex') };
      const { batchId, hash } = verdict.head;
      isHeadSeen ||=
        batchId === options.expectedHead?.batchId && hash === options.expectedHead.hash;
    }
    if (!isHeadSeen) {
      const { batchId } = options.expectedHead ?? {};
      verdict.problem = `Batch ${batchId} was the head once and is gone or another`;
    }
    return verdict;
  });
}

async function nextBatch(tx: Db, after: number): Promise<Batch | null> {
  const [batch] = await tx<(Omit<Batch, 'sealedAt'> & { sealedAt: Date })[]>`
    select id, sealed_at, rows, hash, previous_hash, signature from audit_batches
    where id > ${after} order by id limit 1`;
  return batch ? { ...batch, sealedAt: batch.sealedAt.toISOString() } : null;
}

async function batchProblem(
  tx: Db,
  publicKey: KeyObject,
  batch: Batch,
  before: AuditVerdict,
): Promise<string | null> {
  const { id } = batch;
  if (id !== before.batches + 1) return `Batch ${before.batches + 1} is missing`;
  const previous = before.head ? Buffer.from(before.head.hash, 'hex') : GENESIS;
  if (!batch.previousHash.equals(previous)) return `Batch ${id} does not continue the one before`;
  return sealProblem(publicKey, batch, await rowHashesOf(tx, id));
}

async function rowHashesOf(tx: Db, batchId: number): Promise<Buffer[]> {
  const rows = await tx<{ line: string }[]>`
    select ${canonicalLine(tx)} as line from audit where batch_id = ${batchId} order by audit.id`;
  return rows.map(rowHash);
}

/** Whether a batch is signed and its rows are those that were sealed; `null` where all is well. */
export function sealProblem(
  publicKey: KeyObject,
  batch: Batch,
  rowHashes: readonly Buffer[],
): string | null {
  const { id } = batch;
  if (!verify(null, signedBytes(batch), publicKey, batch.signature)) {
    return `The signature of batch ${id} is not by this key, or the batch was changed`;
  }
  if (rowHashes.length !== batch.rows) {
    return `Batch ${id} was sealed with ${batch.rows} rows and has ${rowHashes.length}`;
  }
  const hash = hashOf(batch.previousHash, rowHashes);
  return hash.equals(batch.hash) ? null : `A row of batch ${id} was changed`;
}

/**
 * The row that tells of the delivery to one recipient, with what proves it. `unsealed` for the
 * second until the sealer comes by.
 */
export async function sealedDelivery(
  db: Db,
  recipientId: number,
): Promise<SealedRow | 'unsealed' | null> {
  const [row] = await db<{ line: string; batchId: number | null }[]>`
    select ${canonicalLine(db)} as line, batch_id from audit
    where queue_id = (select queue_id from recipients where id = ${recipientId})
      and recipient_id = ${recipientId} and event = 'delivery'
    order by id desc limit 1`;
  if (!row) return null;
  const batch = row.batchId === null ? null : await nextBatch(db, row.batchId - 1);
  if (!batch) return 'unsealed';
  return { line: row.line, batch, rowHashes: await rowHashesOf(db, batch.id) };
}
