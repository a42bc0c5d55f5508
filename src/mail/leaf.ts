import { createHash } from 'node:crypto';
import { readText, type RoleText, type TextContent } from './body-text.ts';
import { createLockDetector, detectType, HEAD_BYTES, isTextual } from './file-type.ts';
import type { LeafStream } from './mime-parts.ts';
import { normaliseText } from './normal-text.ts';

/** What is left to spend on one message and the messages inside it. */
export interface Budget {
  parts: number;
  textBytes: number;
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
  uninspectable: string | null;
}

/**
 * Readers of attachments whose bytes are not text by themselves, by detected type. They get at most
 * `textBytesPerPart` bytes.
 */
const READERS: Readonly<Record<string, (content: TextContent) => RoleText>> = {};

/** The text of a leaf. */
export function readLeafText(content: TextContent): RoleText {
  return (READERS[content.type] ?? readText)(content);
}

function isReadable(type: string): boolean {
  return isTextual(type) || Object.hasOwn(READERS, type);
}

/** Streams one leaf through a hash and a lock detector; of its bytes only readable text is kept. */
export async function readLeaf(stream: LeafStream, budget: Budget): Promise<Leaf> {
  const hash = createHash('sha256');
  const locks = createLockDetector();
  const declared = stream.contentType;
  const allowed = Math.min(budget.textBytesPerPart, budget.textBytes);
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let sizeBytes = 0;
  let detectedType: string | null = null;
  const detect = (): string => detectType(Buffer.concat(kept), declared);
  for await (const chunk of stream.content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    const isText = detectedType !== null && isReadable(detectedType);
    if (!isText) locks.write(chunk);
    if (detectedType !== null && !isText) continue;
    const room = Math.max(allowed, HEAD_BYTES) - keptBytes;
    if (room > 0) kept.push(chunk.subarray(0, room));
    keptBytes += Math.min(room, chunk.length);
    if (detectedType === null && keptBytes >= HEAD_BYTES) detectedType = detect();
  }
  detectedType ??= detect();
  const leaf = {
    filename: normaliseText(stream.filename).replaceAll('\n', ' ').slice(0, 255),
    detectedType,
    sizeBytes,
    sha256: hash.digest('hex'),
  };
  if (!isReadable(detectedType)) {
    return { ...leaf, content: null, uninspectable: locks.lock(detectedType) };
  }
  const bytes = cut(Buffer.concat(kept), allowed);
  budget.textBytes -= bytes.length;
  const isCut = sizeBytes > bytes.length;
  if (isCut)
    budget.reached.add(allowed < budget.textBytesPerPart ? 'text-bytes' : 'text-bytes-per-part');
  return {
    ...leaf,
    content: contentOf(bytes, detectedType, stream.parameters),
    uninspectable: isCut ? 'limit-reached' : null,
  };
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
