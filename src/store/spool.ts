import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  readPrivateKeys,
  readPublicKey,
  SpoolDamaged,
  unwrapKey,
  wrapKey,
  type PrivateKeys,
} from './spool-keys.ts';

export { generateSpoolKeys, SpoolDamaged, spoolKeyId } from './spool-keys.ts';

/** No room left for mail. Answer 452; nothing of the message stays behind. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull';
}

export interface SpoolOptions {
  dir: string;
  /** X25519 public key, PEM: enough to write. */
  publicKey: string;
  /** X25519 private keys, PEM, current and retired; `null` for a process that only writes. */
  privateKeys: string[] | null;
}

export interface Spooled {
  /** The data key under the public key: without it the file is noise. Belongs into the record. */
  wrappedKey: Buffer;
  sizeBytes: number;
  sha256: Buffer;
}

/** Accepted messages, one encrypted file each, under one data key each. */
export interface Spool {
  /**
   * Durable when it resolves. On any error no file of this write is left, and the source is
   * destroyed. A queue id that is already there is refused, never replaced.
   * @throws {SpoolFull}
   */
  write(queueId: string, source: Readable): Promise<Spooled>;
  /**
   * The message as written; every chunk is verified before it is given out. @throws {SpoolDamaged}
   */
  read(queueId: string, wrappedKey: Buffer): Readable;
  /**
   * Idempotent. Overwriting would prove nothing: what makes the file unreadable is the key's end.
   */
  remove(queueId: string): Promise<void>;
  /** Room on the file system for us, in bytes. */
  freeBytes(): Promise<number>;
  /** Queue ids of the files last changed before `before`, unfinished files included. */
  olderThan(before: Date): AsyncIterable<string>;
}

// A file is HEADER, 7 random bytes, then chunks of 64 KiB under AES-256-GCM in the STREAM
// construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): nonce = 7 bytes, 4 counter, 1 final
// flag. Counter and flag show reordering and truncation; the associated data binds each chunk to
// header and queue id.
const HEADER = Buffer.from('portreeve-spool\x01', 'latin1');
const PREFIX_BYTES = 7;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** @throws if a key is not X25519, or the directory cannot be made. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const publicKey = readPublicKey(options.publicKey);
  const privateKeys = readPrivateKeys(options.privateKeys ?? []);
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  return new FileSpool(options.dir, publicKey, privateKeys);
}

class FileSpool implements Spool {
  readonly #dir: string;
  readonly #publicKey: KeyObject;
  readonly #privateKeys: PrivateKeys;
  readonly #folders = new Set<string>();

  constructor(dir: string, publicKey: KeyObject, privateKeys: PrivateKeys) {
    this.#dir = dir;
    this.#publicKey = publicKey;
    this.#privateKeys = privateKeys;
  }

  async write(queueId: string, source: Readable): Promise<Spooled> {
    const { folder, path } = this.#place(queueId);
    const unfinished = `${path}.part`;
    try {
      await this.#makeFolder(folder);
      const dataKey = randomBytes(KEY_BYTES);
      const file = await open(unfinished, 'wx', 0o600);
      let placed = false;
      try {
        const measured = await encryptInto(file, source, dataKey, queueId);
        await file.sync();
        // Unlike a rename, a link never takes the place of a message that is already there.
        await link(unfinished, path);
        placed = true;
        await rm(unfinished);
        await syncFolder(folder);
        return { wrappedKey: wrapKey(dataKey, this.#publicKey, queueId), ...measured };
      } catch (error) {
        await rm(unfinished, { force: true });
        if (placed) await rm(path, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    } catch (error) {
      source.destroy();
      if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) {
        throw new SpoolFull('The spool has no room left: free space on its disk', { cause: error });
      }
      throw error;
    }
  }

  read(queueId: string, wrappedKey: Buffer): Readable {
    const { path } = this.#place(queueId);
    const openKey = () => unwrapKey(wrappedKey, this.#privateKeys, queueId);
    return Readable.from(decryptFrom(path, openKey, queueId), { objectMode: false });
  }

  async remove(queueId: string): Promise<void> {
    const { path } = this.#place(queueId);
    await rm(path, { force: true });
    await rm(`${path}.part`, { force: true });
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  async *olderThan(before: Date): AsyncIterable<string> {
    for (const folder of await entries(this.#dir)) {
      if (!folder.isDirectory()) continue;
      for (const entry of await entries(join(this.#dir, folder.name))) {
        const queueId = entry.name.replace(/\.part$/, '');
        if (!entry.isFile() || !QUEUE_ID.test(queueId)) continue;
        const found = await stat(join(entry.parentPath, entry.name)).catch(ignoreMissing);
        if (found && found.mtime < before) yield queueId;
      }
    }
  }

  #place(queueId: string): { folder: string; path: string } {
    if (!QUEUE_ID.test(queueId)) throw new RangeError(`Queue id "${queueId}" is not one of ours`);
    // The end of an id varies more than its beginning.
    const folder = join(this.#dir, queueId.slice(-2));
    return { folder, path: join(folder, queueId) };
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(this.#dir);
    this.#folders.add(folder);
  }
}

const QUEUE_ID = /^[A-Za-z0-9_-]{4,64}$/;

async function entries(dir: string): Promise<Dirent[]> {
  return (await readdir(dir, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function associatedData(queueId: string): Buffer {
  return Buffer.concat([HEADER, Buffer.from(queueId, 'latin1')]);
}

function nonce(prefix: Buffer, counter: number, final: boolean): Buffer {
  const value = Buffer.alloc(12);
  prefix.copy(value);
  value.writeUInt32BE(counter, PREFIX_BYTES);
  value[11] = final ? 1 : 0;
  return value;
}

async function encryptInto(
  file: FileHandle,
  source: Readable,
  dataKey: Buffer,
  queueId: string,
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const prefix = randomBytes(PREFIX_BYTES);
  const aad = associatedData(queueId);
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let counter = 0;
  let sizeBytes = 0;

  const put = async (final: boolean): Promise<void> => {
    const cipher = createCipheriv('aes-256-gcm', dataKey, nonce(prefix, counter, final));
    cipher.setAAD(aad);
    const sealed = [cipher.update(chunk.subarray(0, filled)), cipher.final(), cipher.getAuthTag()];
    await writeAll(file, counter === 0 ? [HEADER, prefix, ...sealed] : sealed);
    counter += 1;
    filled = 0;
  };

  for await (const piece of source) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : (piece as Buffer);
    hash.update(bytes);
    sizeBytes += bytes.length;
    for (let offset = 0; offset < bytes.length;) {
      // A full chunk is written only when more follows: the last one must bear the final flag.
      if (filled === CHUNK_BYTES) await put(false);
      const taken = bytes.copy(chunk, filled, offset, offset + CHUNK_BYTES - filled);
      filled += taken;
      offset += taken;
    }
  }
  await put(true);
  return { sizeBytes, sha256: hash.digest() };
}

/**
 * Small parts in one write, and the whole of it: a short write may mean that the disk just filled
 * up.
 */
async function writeAll(file: FileHandle, parts: Buffer[]): Promise<void> {
  let rest = Buffer.concat(parts);
  while (rest.length > 0) {
    const { bytesWritten } = await file.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

async function* decryptFrom(
  path: string,
  openKey: () => Buffer,
  queueId: string,
): AsyncGenerator<Buffer> {
  const dataKey = openKey();
  const file = await open(path, 'r').catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new SpoolDamaged(`Message "${queueId}" has no file in the spool`, { cause: error });
  });
  try {
    const damaged = (cause?: unknown) =>
      new SpoolDamaged(`Spool file of message "${queueId}" is damaged`, { cause });
    const aad = associatedData(queueId);
    const start = HEADER.length + PREFIX_BYTES;
    const head = await readExactly(file, 0, start);
    if (!head?.subarray(0, HEADER.length).equals(HEADER)) throw damaged();
    const prefix = head.subarray(HEADER.length);
    const sealedBytes = (await file.stat()).size - start;
    const sealedChunk = CHUNK_BYTES + TAG_BYTES;
    const chunks = Math.max(1, Math.ceil(sealedBytes / sealedChunk));
    for (let counter = 0; counter < chunks; counter += 1) {
      const final = counter === chunks - 1;
      const length = final ? sealedBytes - counter * sealedChunk : sealedChunk;
      const sealed = await readExactly(file, start + counter * sealedChunk, length);
      if (!sealed || length < TAG_BYTES) throw damaged();
      yield decryptChunk(sealed, dataKey, nonce(prefix, counter, final), aad, damaged);
    }
  } finally {
    await file.close();
  }
}

function decryptChunk(
  sealed: Buffer,
  dataKey: Buffer,
  iv: Buffer,
  aad: Buffer,
  damaged: (cause: unknown) => Error,
): Buffer {
  const body = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', dataKey, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(body));
  const plain = decipher.update(sealed.subarray(0, body));
  try {
    decipher.final();
  } catch (error) {
    throw damaged(error);
  }
  return plain;
}

async function readExactly(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(Math.max(0, length));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(
      buffer,
      filled,
      buffer.length - filled,
      position + filled,
    );
    if (bytesRead === 0) return null;
    filled += bytesRead;
  }
  return buffer;
}
