import { createHash } from 'node:crypto';
import type { AttachmentReader } from './attachment-reader.ts';
import type { RoleText, TextContent } from './body-text.ts';
import {
  createLockDetector,
  detectType,
  HEAD_BYTES,
  isCredible,
  isSealed,
  isSigned,
  isTextless,
  isTextual,
  LONG_HEAD_BYTES,
  refusalOf,
  UNKNOWN_TYPE,
} from './file-type.ts';
import type { LeafStream } from './mime-parts.ts';
import { normaliseText } from './normal-text.ts';
import { asEntity, signedContent } from './signed-message.ts';

/** What is left to spend on one message and the messages inside it. */
export interface Budget {
  parts: number;
  textBytes: number;
  attachmentBytes: number;
  readonly textBytesPerPart: number;
  /** Names of limits that were reached. */
  readonly reached: Set<string>;
}

/** A leaf after it has streamed by. */
export interface Leaf {
  filename: string;
  detectedType: string;
  sizeBytes: number;
  sha256: string;
  /**
   * Not yet rendered, so that alternatives can be compared; `null` where there is no text to read.
   */
  content: TextContent | null;
  /** What a reader took out of it; `null` where none did. */
  text: RoleText | null;
  /** The MIME entity that was signed together with its signature; `null` where there is none. */
  signed: Buffer | null;
  uninspectable: string | null;
  failed: string | null;
}

/**
 * Streams one leaf through a hash and a lock detector; of its bytes only those are kept that are
 * text, or that `reader` can take text out of.
 */
export async function readLeaf(
  stream: LeafStream,
  budget: Budget,
  reader: AttachmentReader | null,
): Promise<Leaf> {
  const hash = createHash('sha256');
  const locks = createLockDetector();
  const declared = stream.contentType;
  const allowed = textRoom(budget);
  const roomFor = (type: string): number => {
    if (isTextual(type)) return allowed;
    return isSigned(type) || reader?.reads(type) ? budget.attachmentBytes : 0;
  };
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let sizeBytes = 0;
  let detectedType: string | null = null;
  const detect = (): string =>
    detectType(Buffer.concat(kept), declared, stream.parameters['charset']);
  for await (const chunk of stream.content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    if (detectedType === null || !isTextual(detectedType)) locks.write(chunk);
    // Until the type is known all is kept, which is at most a chunk more than its head.
    const room = detectedType === null ? chunk.length : roomFor(detectedType) - keptBytes;
    if (room > 0) kept.push(chunk.subarray(0, room));
    keptBytes += Math.max(0, Math.min(room, chunk.length));
    if (detectedType === null && keptBytes >= HEAD_BYTES) {
      const type = detect();
      if (type !== UNKNOWN_TYPE || keptBytes >= LONG_HEAD_BYTES) detectedType = type;
    }
  }
  detectedType ??= detect();
  const leaf = {
    filename: normaliseText(stream.filename).replaceAll('\n', ' ').slice(0, 255),
    detectedType,
    sizeBytes,
    sha256: hash.digest('hex'),
    content: null,
    text: null,
    signed: null,
    failed: null,
  };
  const bytes = Buffer.concat(kept);
  if (isTextual(detectedType)) {
    const read = plainText(bytes, leaf, budget, stream.parameters);
    const head = bytes.subarray(0, HEAD_BYTES);
    const isNoise = reader !== null && !isCredible(head, stream.parameters['charset'] ?? '');
    // What little of it may be words is read all the same.
    return { ...leaf, ...read, uninspectable: isNoise ? 'unknown-type' : read.uninspectable };
  }
  if (isSigned(detectedType)) return { ...leaf, ...unwrapped(bytes, leaf, budget) };
  const lock = isSealed(detectedType) ? refusalOf(detectedType) : locks.lock(detectedType);
  if (reader?.reads(detectedType) && sizeBytes > 0) {
    return { ...leaf, ...(await extracted(bytes, { ...leaf, lock }, budget, reader)) };
  }
  const isUnread = reader !== null && sizeBytes > 0 && !isTextless(detectedType);
  return { ...leaf, uninspectable: lock ?? (isUnread ? refusalOf(detectedType) : null) };
}

interface Sized {
  detectedType: string;
  sizeBytes: number;
}

function plainText(
  kept: Buffer,
  { detectedType, sizeBytes }: Sized,
  budget: Budget,
  parameters: Record<string, string>,
): Pick<Leaf, 'content' | 'uninspectable'> {
  const bytes = cut(kept, textRoom(budget));
  const isCut = sizeBytes > bytes.length;
  spendText(budget, bytes.length, isCut);
  return {
    content: contentOf(bytes, detectedType, parameters),
    uninspectable: isCut ? 'limit-reached' : null,
  };
}

/** The entity inside CMS SignedData; a signature without one is no text. */
function unwrapped(
  bytes: Buffer,
  { sizeBytes }: Sized,
  budget: Budget,
): Pick<Leaf, 'signed' | 'uninspectable'> {
  if (sizeBytes > budget.attachmentBytes) {
    budget.reached.add('attachment-bytes');
    return { signed: null, uninspectable: 'limit-reached' };
  }
  budget.attachmentBytes -= sizeBytes;
  const content = signedContent(bytes);
  if (content === 'detached') return { signed: null, uninspectable: null };
  if (content === null) return { signed: null, uninspectable: 'corrupt-file' };
  return { signed: asEntity(content), uninspectable: null };
}

/** The text that the reader takes out of a file; only of a whole one. */
async function extracted(
  bytes: Buffer,
  { detectedType, sizeBytes, lock }: Sized & { lock: string | null },
  budget: Budget,
  reader: AttachmentReader,
): Promise<Pick<Leaf, 'text' | 'uninspectable' | 'failed'>> {
  if (sizeBytes > budget.attachmentBytes) {
    budget.reached.add('attachment-bytes');
    return { text: null, uninspectable: lock ?? 'limit-reached', failed: null };
  }
  budget.attachmentBytes -= sizeBytes;
  const { text, uninspectable, failed } = await reader.read({ type: detectedType, bytes });
  const kept = text.slice(0, textRoom(budget));
  const isCut = text.length > kept.length;
  spendText(budget, kept.length, isCut);
  return {
    text: { text: kept, spans: [{ role: 'own', start: 0, end: kept.length }] },
    uninspectable: uninspectable ?? (isCut ? 'limit-reached' : null),
    failed,
  };
}

function textRoom({ textBytesPerPart, textBytes }: Budget): number {
  return Math.min(textBytesPerPart, textBytes);
}

function spendText(budget: Budget, length: number, isCut: boolean): void {
  if (isCut) {
    budget.reached.add(
      textRoom(budget) < budget.textBytesPerPart ? 'text-bytes' : 'text-bytes-per-part',
    );
  }
  budget.textBytes -= length;
}

function contentOf(bytes: Buffer, type: string, parameters: Record<string, string>): TextContent {
  const flowed = parameters['format']?.trim().toLowerCase() === 'flowed';
  const delSp = parameters['delsp']?.trim().toLowerCase() === 'yes';
  return { type, bytes, charset: parameters['charset'] ?? '', flowed, delSp };
}

/** At most `limit` bytes, without the beginning of a character that the limit falls into. */
function cut(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > limit - 4 && (bytes[end - 1] ?? 0) >= 0x80) end--;
  return bytes.subarray(0, Math.max(0, end));
}
