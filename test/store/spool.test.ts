import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  generateSpoolKeys,
  openSpool,
  SpoolDamaged,
  SpoolFull,
  spoolKeyId,
  type Spool,
} from '../../src/store/spool.ts';
import { queueId } from './fixtures.ts';

const CHUNK = 64 * 1024;
const SEALED = CHUNK + 16;
const START = 16 + 7;
const keys = generateSpoolKeys();
let dir: string;
let spool: Spool;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portreeve-spool-'));
});
afterAll(() => rm(dir, { recursive: true }));
beforeEach(async () => {
  await rm(dir, { recursive: true });
  spool = await openSpool({ dir, publicKey: keys.publicKey, privateKeys: [keys.privateKey] });
});

function place(id: string): string {
  return join(dir, id.slice(-2), id);
}

async function files(): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function write(size: number): Promise<{ id: string; plain: Buffer; wrappedKey: Buffer }> {
  const id = queueId();
  const plain = randomBytes(size);
  const { wrappedKey } = await spool.write(id, Readable.from([plain]));
  return { id, plain, wrappedKey };
}

describe('write() and read()', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])(
    'give back %i bytes as they were, with size and hash',
    async (size) => {
      const id = queueId();
      const plain = randomBytes(size);
      const pieces = [plain.subarray(0, size / 3), plain.subarray(size / 3)];
      const spooled = await spool.write(id, Readable.from(pieces));
      expect(spooled.sizeBytes).toBe(size);
      expect(spooled.sha256).toEqual(createHash('sha256').update(plain).digest());
      expect(await buffer(spool.read(id, spooled.wrappedKey))).toEqual(plain);
      expect(await files()).toEqual([id]);
    },
  );

  test('leave no plain text on the disk', async () => {
    const id = queueId();
    const secret = 'Child at risk in Mill Lane';
    await spool.write(id, Readable.from([Buffer.from(secret)]));
    expect((await readFile(place(id))).includes(secret)).toBe(false);
  });

  test('need the public half to write and the private one to read', async () => {
    const ingress = await openSpool({ dir, publicKey: keys.publicKey, privateKeys: null });
    const id = queueId();
    const { wrappedKey } = await ingress.write(id, Readable.from([Buffer.from('x')]));
    await expect(buffer(ingress.read(id, wrappedKey))).rejects.toThrow(spoolKeyId(keys.publicKey));
    expect((await buffer(spool.read(id, wrappedKey))).toString()).toBe('x');
  });

  test('read mail under a retired key after a rotation', async () => {
    const { id, plain, wrappedKey } = await write(10);
    const next = generateSpoolKeys();
    const rotated = await openSpool({
      dir,
      publicKey: next.publicKey,
      privateKeys: [next.privateKey, keys.privateKey],
    });
    expect(await buffer(rotated.read(id, wrappedKey))).toEqual(plain);
    const other = await rotated.write(queueId(), Readable.from([plain]));
    expect(other.wrappedKey.subarray(0, 8).toString('hex')).toBe(next.keyId);
  });
});

describe('write()', () => {
  test('leaves nothing behind when the source breaks off', async () => {
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(2 * CHUNK);
        throw new Error('Connection lost');
      })(),
    );
    await expect(spool.write(queueId(), broken)).rejects.toThrow('Connection lost');
    expect(await files()).toEqual([]);
  });

  test('never takes the place of a message that is there', async () => {
    const { id, plain, wrappedKey } = await write(10);
    await expect(spool.write(id, Readable.from([randomBytes(5)]))).rejects.toThrow('EEXIST');
    expect(await buffer(spool.read(id, wrappedKey))).toEqual(plain);
    expect(await files()).toEqual([id]);
  });

  test.each(['../../etc/passwd', 'a/b.c', '', '....'])('refuses the queue id %j', async (id) => {
    await expect(spool.write(id, Readable.from([]))).rejects.toThrow('not one of ours');
  });

  test('says SpoolFull when the disk is full, and leaves nothing behind', async ({ skip }) => {
    const small = await mkdtemp(join(tmpdir(), 'portreeve-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], {
        stdio: 'ignore',
      });
    } catch {
      await rm(small, { recursive: true });
      skip('Only a user who may mount can make a full disk');
    }
    try {
      const full = await openSpool({ dir: small, publicKey: keys.publicKey, privateKeys: null });
      const source = Readable.from([randomBytes(CHUNK), randomBytes(4 * CHUNK)]);
      await expect(full.write(queueId(), source)).rejects.toThrow(SpoolFull);
      const left = await readdir(small, { recursive: true, withFileTypes: true });
      expect(left.filter((entry) => entry.isFile())).toEqual([]);
    } finally {
      execFileSync('umount', [small]);
      await rm(small, { recursive: true });
    }
  });
});

async function changeBytes(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  change(bytes);
  await writeFile(path, bytes);
}

const DAMAGE: [string, (path: string) => Promise<void>][] = [
  ['cut off between two chunks', (path) => truncate(path, START + 2 * SEALED)],
  ['cut off within a chunk', (path) => truncate(path, START + 100)],
  ['cut off within a tag', (path) => truncate(path, START + 3 * SEALED + 3)],
  ['cut off in its header', (path) => truncate(path, 5)],
  ['empty', (path) => truncate(path, 0)],
  ['longer than it was', (path) => writeFile(path, randomBytes(5), { flag: 'a' })],
  ['another message’s', async (path) => rename(place((await write(9)).id), path)],
  ['gone', (path) => rm(path)],
  ['of another version', (path) => changeBytes(path, (bytes) => bytes.writeUInt8(2, START - 8))],
  [
    'changed in one bit',
    (path) =>
      changeBytes(path, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(START + SEALED + 9) ^ 1, START + SEALED + 9);
      }),
  ],
  [
    'in another order',
    (path) =>
      changeBytes(path, (bytes) => {
        const first = Buffer.from(bytes.subarray(START, START + SEALED));
        bytes.copy(bytes, START, START + SEALED, START + 2 * SEALED);
        first.copy(bytes, START + SEALED);
      }),
  ],
];

describe('read()', () => {
  test.each(DAMAGE)('gives out nothing false of a file that is %s', async (_what, change) => {
    const { id, plain, wrappedKey } = await write(3 * CHUNK + 5);
    await change(place(id));
    const given: Buffer[] = [];
    const reading = async () => {
      for await (const piece of spool.read(id, wrappedKey)) given.push(piece as Buffer);
    };
    await expect(reading()).rejects.toThrow(SpoolDamaged);
    const whole = Buffer.concat(given);
    expect(whole).toEqual(plain.subarray(0, whole.length));
    expect(whole.length).toBeLessThan(plain.length);
  });

  test('refuses a wrapped key that is another message’s, cut short or changed', async () => {
    const { id, wrappedKey } = await write(9);
    const other = await write(9);
    const changed = Buffer.from(wrappedKey);
    changed.writeUInt8(changed.readUInt8(60) ^ 1, 60);
    for (const key of [other.wrappedKey, wrappedKey.subarray(1), Buffer.alloc(0), changed]) {
      await expect(buffer(spool.read(id, key))).rejects.toThrow(SpoolDamaged);
    }
  });

  test('closes the file when the reader stops early', async () => {
    const { id, wrappedKey } = await write(9 * CHUNK);
    for await (const piece of spool.read(id, wrappedKey)) if (piece) break;
    await vi.waitFor(async () => {
      const open = await Promise.all(
        (await readdir('/dev/fd')).map((fd) => readlink(`/dev/fd/${fd}`).catch(() => '')),
      );
      expect(open.filter((path) => path.includes(id))).toEqual([]);
    });
  });
});

test('remove() removes, and does not mind what is gone', async () => {
  const { id } = await write(1);
  await spool.remove(id);
  await spool.remove(id);
  expect(await files()).toEqual([]);
});

test('olderThan() names messages and unfinished files of before', async () => {
  const { id } = await write(1);
  await write(1);
  const unfinished = queueId();
  await writeFile(`${place(id)}.part`.replace(id, unfinished), '');
  const past = new Date('2020-01-01T00:00:00Z');
  await utimes(place(id), past, past);
  await utimes(`${place(id)}.part`.replace(id, unfinished), past, past);
  const found: string[] = [];
  for await (const name of spool.olderThan(new Date('2020-01-01T00:00:01Z'))) found.push(name);
  expect(new Set(found)).toEqual(new Set([id, unfinished]));
});

test('freeBytes() knows the room that is left', async () => {
  expect(await spool.freeBytes()).toBeGreaterThan(0);
});

test('openSpool() refuses a key of another kind', async () => {
  await expect(openSpool({ dir, publicKey: 'nonsense', privateKeys: null })).rejects.toThrow('PEM');
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await expect(openSpool({ dir, publicKey: pem, privateKeys: null })).rejects.toThrow(
    'Spool key is "ed25519"',
  );
});
