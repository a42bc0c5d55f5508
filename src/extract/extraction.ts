/** Bounds of the work on one attachment and everything inside it. */
export interface ExtractLimits {
  /** Containers inside containers. */
  depth: number;
  /** Members of all containers together. */
  members: number;
  /** Bytes that all members may inflate to. */
  inflatedBytes: number;
  /** How many times its packed size a member may inflate to, beyond its first MiB. */
  ratio: number;
  /** UTF-16 units of text kept. */
  textLength: number;
  /** Pages of a PDF. */
  pages: number;
  /** Images read by OCR. */
  images: number;
  /** Pixels of one image. */
  pixels: number;
}

export const DEFAULT_EXTRACT_LIMITS: ExtractLimits = {
  depth: 3,
  members: 1000,
  inflatedBytes: 64 * 1024 * 1024,
  ratio: 200,
  textLength: 2 * 1024 * 1024,
  pages: 500,
  images: 5,
  pixels: 25_000_000,
};

/** Archives that libarchive reads; it tells them apart by itself. */
export const ARCHIVE_TYPES = [
  'application/x-7z-compressed',
  'application/vnd.rar',
  'application/vnd.ms-cab-compressed',
  'application/x-iso9660-image',
  'application/x-cpio',
  'application/x-archive',
  'application/x-lzh-compressed',
  'application/x-xar',
] as const;

/** Formats that pack one file as a stream. */
export const PACKED_TYPES = [
  'application/gzip',
  'application/zstd',
  'application/x-bzip2',
  'application/x-xz',
] as const;
export type PackedType = (typeof PACKED_TYPES)[number];

/** Why a file, or a part of it, cannot be read: the sender's doing, so the policy decides. */
export const UNREADABLE = [
  'encrypted-archive',
  'encrypted-pdf',
  'encrypted-office-file',
  'encrypted-message',
  'unsupported-archive',
  'unknown-type',
  'corrupt-file',
  'limit-reached',
] as const;
export type UnreadableReason = (typeof UNREADABLE)[number];

/** Ends the reading of one file; what was read of the files around it stands. */
export class Unreadable extends Error {
  readonly reason: UnreadableReason;
  constructor(reason: UnreadableReason, cause?: unknown) {
    super(`The file cannot be read: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** The reading of one attachment: what is left to spend, and what could not be read. */
export interface Extraction {
  readonly limits: ExtractLimits;
  /** What is left, shared by everything inside the attachment. */
  readonly left: { members: number; inflatedBytes: number; images: number };
  /** Notes that a part of the file could not be read; reading goes on. */
  note(reason: UnreadableReason): void;
  /** The text of a file inside this one, under its name. Notes what cannot be read of it. */
  member(name: string, bytes: Buffer): Promise<string>;
}

/** Counts a member. @throws {Unreadable} `limit-reached` */
export function spendMember({ left }: Extraction): void {
  left.members -= 1;
  if (left.members < 0) throw new Unreadable('limit-reached');
}

const FREE_BYTES = 1024 * 1024;

/** Takes what a member inflates to, piece by piece. */
export interface Sink {
  /** @throws {Unreadable} `limit-reached` where it grows beyond the limits, whatever it claimed */
  add(chunk: Buffer): void;
  result(): Buffer;
}

/** @param packedBytes The member's size before. */
export function createSink(packedBytes: number, { left, limits }: Extraction): Sink {
  const chunks: Buffer[] = [];
  let total = 0;
  return {
    add(chunk) {
      total += chunk.length;
      left.inflatedBytes -= chunk.length;
      const isBomb = total > FREE_BYTES && total > packedBytes * limits.ratio;
      if (left.inflatedBytes < 0 || isBomb) throw new Unreadable('limit-reached');
      chunks.push(chunk);
    },
    result: () => Buffer.concat(chunks),
  };
}

/** Gathers what a member inflates to. @throws {Unreadable} as `Sink.add` */
export async function gather(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  packedBytes: number,
  extraction: Extraction,
): Promise<Buffer> {
  const sink = createSink(packedBytes, extraction);
  for await (const chunk of stream) sink.add(chunk);
  return sink.result();
}
