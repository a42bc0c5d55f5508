import type { Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import bzip from 'seek-bzip';
import xz from 'xz-decompress';
import {
  createSink,
  gather,
  spendMember,
  Unreadable,
  type Extraction,
  type PackedType,
} from './extraction.ts';

type Unpacker = (bytes: Buffer, extraction: Extraction) => Promise<Buffer> | Buffer;

const UNPACKERS: Readonly<Record<PackedType, Unpacker>> = {
  'application/gzip': (bytes, extraction) => inflated(createGunzip(), bytes, extraction),
  'application/zstd': (bytes, extraction) => inflated(createZstdDecompress(), bytes, extraction),
  'application/x-bzip2': bunzipped,
  'application/x-xz': unxzipped,
};

/**
 * The text of the file that is packed in this one.
 * @throws {Unreadable} `limit-reached`, `corrupt-file`, `unsupported-archive`
 */
export async function packedText(
  type: PackedType,
  bytes: Buffer,
  extraction: Extraction,
): Promise<string> {
  spendMember(extraction);
  return extraction.member('', await UNPACKERS[type](bytes, extraction));
}

async function inflated(
  inflate: Transform,
  bytes: Buffer,
  extraction: Extraction,
): Promise<Buffer> {
  inflate.end(bytes);
  try {
    return await gather(inflate as Readable, bytes.length, extraction);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable('corrupt-file', error);
  }
}

const PIECE = 64 * 1024;

/** One stream or several in a row, as parallel packers write them. */
function bunzipped(bytes: Buffer, extraction: Extraction): Buffer {
  const sink = createSink(bytes.length, extraction);
  let piece = Buffer.allocUnsafe(PIECE);
  let filled = 0;
  let at = 0;
  const input = {
    readByte(): number {
      // Without this the library reads nothing, for ever.
      if (at >= bytes.length) throw new Unreadable('corrupt-file');
      return bytes[at++] ?? 0;
    },
    eof: () => at >= bytes.length,
  };
  const output = {
    writeByte(byte: number): void {
      piece[filled++] = byte;
      if (filled < PIECE) return;
      sink.add(piece);
      piece = Buffer.allocUnsafe(PIECE);
      filled = 0;
    },
  };
  try {
    bzip.decode(Object.assign(new bzip.Stream(), input), output, true);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable('corrupt-file', error);
  }
  sink.add(piece.subarray(0, filled));
  return sink.result();
}

// What xz-embedded answers where a dictionary is too large, and where a filter or check is not
// built in.
const XZ_UNSUPPORTED = /error code [346]$/;

async function unxzipped(bytes: Buffer, extraction: Extraction): Promise<Buffer> {
  try {
    const stream = new xz.XzReadableStream(new Blob([Uint8Array.from(bytes)]).stream());
    const sink = createSink(bytes.length, extraction);
    for await (const chunk of stream) sink.add(Buffer.from(chunk));
    return sink.result();
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const isOurs = error instanceof Error && XZ_UNSUPPORTED.test(error.message);
    throw new Unreadable(isOurs ? 'unsupported-archive' : 'corrupt-file', error);
  }
}
