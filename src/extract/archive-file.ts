import { libarchiveWasm, type LibarchiveWasm } from 'libarchive-wasm';
import {
  gather,
  spendMember,
  Unreadable,
  type Extraction,
  type UnreadableReason,
} from './extraction.ts';

interface Archive {
  lib: LibarchiveWasm;
  /** Its address in the memory of `lib`. */
  at: number;
}

/**
 * The text of every file in an archive, each under its name, of which some formats keep only what
 * is ASCII. One that is locked or broken leaves the others readable as far as the format allows.
 * @param type As `detectType` says, by its first bytes.
 * @param load A new instance for each archive, so that a crash harms no later one.
 * @throws {Unreadable} where nothing of it can be read
 * @throws where libarchive crashes
 */
export async function archiveText(
  type: string,
  bytes: Buffer,
  extraction: Extraction,
  load: () => Promise<LibarchiveWasm> = libarchiveWasm,
): Promise<string> {
  const archive = open(type, bytes, await load());
  const texts: string[] = [];
  let entries = 0;
  try {
    for (const entry of entriesOf(archive)) {
      spendMember(extraction);
      if (entries === 0) assertFormat(type, archive);
      entries += 1;
      const name = archive.lib.entry_pathname(entry).replaceAll('\\', '/');
      texts.push(await entryText(archive, entry, name, bytes.length, extraction));
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    extraction.note(error.reason);
    return texts.join('\n');
  }
  // Half an archive and an empty one look the same to libarchive.
  if (entries === 0) throw new Unreadable('corrupt-file');
  return texts.join('\n');
}

// A ZIP that is stored as the last file of one of these would be taken for the whole, so it is kept
// away from the end, where libarchive looks for a ZIP. None of them minds what follows it.
const MISTAKEN = new Set(['application/vnd.rar', 'application/x-lzh-compressed']);
const PADDING = 32 * 1024;

/** Only formats, no filters: what is packed around an archive is unpacked, and counted, by us. */
function open(type: string, bytes: Buffer, lib: LibarchiveWasm): Archive {
  const length = bytes.length + (MISTAKEN.has(type) ? PADDING : 0);
  const place = lib.module._malloc(length);
  if (place === 0) throw new Unreadable('limit-reached');
  lib.module.HEAP8.fill(0, place, place + length).set(bytes, place);
  const at = lib.read_new();
  lib.read_support_format_all(at);
  try {
    lib.read_open_memory(at, place, length);
  } catch (error) {
    // Its first bytes were those of an archive.
    throw isCrash(error) ? error : new Unreadable('corrupt-file', error);
  }
  return { lib, at };
}

const KNOWS_LOCKS = new Set(['application/vnd.rar', 'application/x-7z-compressed']);
const UNAWARE = -2;

/**
 * A file can be made to pass for two archives. Which one libarchive took it for it does not tell,
 * but whether that is one of those that know of locks.
 */
function assertFormat(type: string, { lib, at }: Archive): void {
  const isUnaware = lib.read_has_encrypted_entries(at) === UNAWARE;
  if (isUnaware && KNOWS_LOCKS.has(type)) throw new Unreadable('corrupt-file');
}

function* entriesOf(archive: Archive): Generator<number> {
  const { lib, at } = archive;
  for (let entry = lib.read_next_entry(at); entry !== 0; entry = lib.read_next_entry(at)) {
    yield entry;
  }
  // The list of a RAR 5 ends at a locked file, without a word.
  const words = lib.error_string(at);
  if (words || hasLocks(archive)) throw new Unreadable(reasonOf(archive, words));
}

const TYPE_BITS = 0o170000;
const DIRECTORY = 0o040000;

/**
 * Nothing else goes by its type: what its sender calls a pipe may be a plain file to whoever opens
 * it.
 */
function isFolder({ lib }: Archive, entry: number): boolean {
  return (lib.entry_filetype(entry) & TYPE_BITS) === DIRECTORY;
}

/** @throws {Unreadable} `limit-reached`: in most formats the way on leads through the rest of it */
async function entryText(
  archive: Archive,
  entry: number,
  name: string,
  packedBytes: number,
  extraction: Extraction,
): Promise<string> {
  const claimedBytes = archive.lib.entry_size(entry);
  const isEmptyFolder = isFolder(archive, entry) && claimedBytes === 0;
  if (isEmptyFolder) return `${name}\n`;
  try {
    // How much of the archive is this file's is not told, so all of it counts as its size.
    const content = await gather(chunksOf(archive, entry), packedBytes, extraction);
    const isShort = content.length < claimedBytes && !isFolder(archive, entry);
    if (isShort) extraction.note('corrupt-file');
    return await extraction.member(name, content);
  } catch (error) {
    if (!(error instanceof Unreadable) || error.reason === 'limit-reached') throw error;
    extraction.note(error.reason);
    return `${name}\n`;
  }
}

const CHUNK = 64 * 1024;

function* chunksOf(archive: Archive, entry: number): Generator<Buffer> {
  const { lib } = archive;
  if (lib.entry_is_encrypted(entry) !== 0) throw new Unreadable('encrypted-archive');
  const place = lib.module._malloc(CHUNK);
  for (let length = read(archive, place); length > 0; length = read(archive, place)) {
    yield Buffer.from(lib.module.HEAP8.slice(place, place + length).buffer);
  }
  lib.module._free(place);
}

function read(archive: Archive, place: number): number {
  try {
    return archive.lib.read_data(archive.at, place, CHUNK);
  } catch (error) {
    if (!(error instanceof Error) || isCrash(error)) throw error;
    throw new Unreadable(reasonOf(archive, error.message), error);
  }
}

/** What libarchive says comes as an Error; what WebAssembly throws is another kind. */
function isCrash(error: unknown): boolean {
  return !(error instanceof Error) || error.constructor !== Error;
}

/** libarchive tells what is wrong in words only. */
function reasonOf(archive: Archive, words: string): UnreadableReason {
  if (hasLocks(archive) || /encrypt/i.test(words)) return 'encrypted-archive';
  if (/memory|allocat/i.test(words)) return 'limit-reached';
  return /support|unknown/i.test(words) ? 'unsupported-archive' : 'corrupt-file';
}

function hasLocks({ lib, at }: Archive): boolean {
  return lib.read_has_encrypted_entries(at) > 0;
}
