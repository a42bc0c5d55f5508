import type { Readable } from 'node:stream';
import { fromBufferPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { gather, spendMember, Unreadable, type Extraction } from './extraction.ts';

export interface ZipMember {
  name: string;
  isLocked: boolean;
  /** Stored, or packed by the method of nearly all ZIPs. */
  isPlain: boolean;
  /** @throws {Unreadable} where it is locked, broken, packed in an unknown way, or too large */
  read(): Promise<Buffer>;
}

/**
 * The files in a ZIP, by its central directory.
 * @throws {Unreadable} `corrupt-file`; a limit ends the list early and is noted
 */
export async function openZip(bytes: Buffer, extraction: Extraction): Promise<ZipMember[]> {
  const members: ZipMember[] = [];
  try {
    // Names are decoded here: the library refuses a whole archive for one name with "..".
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    const zip = await fromBufferPromise(bytes, options);
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      if (name.endsWith('/')) continue;
      spendMember(extraction);
      members.push({
        name,
        isLocked: entry.isEncrypted(),
        isPlain: isPlain(entry),
        read: () => readEntry(zip, entry, extraction),
      });
    }
  } catch (error) {
    if (!(error instanceof Unreadable) && members.length === 0) {
      throw new Unreadable('corrupt-file', error);
    }
    extraction.note(error instanceof Unreadable ? error.reason : 'corrupt-file');
  }
  return members;
}

function nameOf(entry: Entry): string {
  const { generalPurposeBitFlag, extraFields } = entry;
  // Undecoded, as asked for; its type does not tell.
  const raw = entry.fileName as unknown as Buffer;
  return getFileNameLowLevel(generalPurposeBitFlag, raw, extraFields, false).replaceAll('\\', '/');
}

const STORED = 0;
const DEFLATED = 8;

function isPlain({ compressionMethod }: Entry): boolean {
  return compressionMethod === STORED || compressionMethod === DEFLATED;
}

async function readEntry(zip: ZipFile, entry: Entry, extraction: Extraction): Promise<Buffer> {
  if (entry.isEncrypted()) throw new Unreadable('encrypted-archive');
  if (!isPlain(entry)) throw new Unreadable('unsupported-archive');
  let stream: Readable | null = null;
  try {
    stream = await zip.openReadStreamPromise(entry);
    return await gather(stream as AsyncIterable<Buffer>, entry.compressedSize, extraction);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable('corrupt-file', error);
  } finally {
    stream?.destroy();
  }
}
