import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadKeys } from '../src/keys.ts';
import { openSpool } from '../src/store/spool.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-keys-'));
  return () => rm(dir, { recursive: true });
});

const file = (name: string): string => path.join(dir, name);

async function matches(keys: Awaited<ReturnType<typeof loadKeys>>): Promise<boolean> {
  const spool = await openSpool({
    dir: file('spool'),
    publicKey: keys.spoolPublicKey,
    privateKeys: keys.spoolPrivateKeys,
  });
  const { wrappedKey } = await spool.write('TEST1', Readable.from(['Words']));
  const read: Buffer[] = [];
  for await (const piece of spool.read('TEST1', wrappedKey)) read.push(piece as Buffer);
  await spool.remove('TEST1');
  return Buffer.concat(read).toString() === 'Words';
}

describe('loadKeys()', () => {
  it('makes what is missing, for our eyes alone, and finds it again', async () => {
    const first = await loadKeys(dir, true);
    expect(await matches(first)).toBe(true);
    for (const name of ['spool.key', 'audit.key', 'notice.secret']) {
      expect((await stat(file(name))).mode & 0o777).toBe(0o600);
    }
    const second = await loadKeys(dir, true);
    expect(second.spoolPrivateKeys).toEqual(first.spoolPrivateKeys);
    expect(second.noticeSecret).toEqual(first.noticeSecret);
    expect(second.auditPublicKey.equals(first.auditPublicKey)).toBe(true);
  });

  it('gives several processes that start at once the same keys', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadKeys(dir, true)));
    expect(new Set(all.map(({ spoolPublicKey }) => spoolPublicKey)).size).toBe(1);
    expect(new Set(all.map(({ noticeSecret }) => noticeSecret.toString('hex'))).size).toBe(1);
    for (const keys of all) expect(await matches(keys)).toBe(true);
    expect((await readdir(dir)).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([]);
  });

  it('starts again after a death between the two halves', async () => {
    const { spoolPrivateKeys } = await loadKeys(dir, true);
    await rm(file('spool.pub'));
    const again = await loadKeys(dir, true);
    expect(again.spoolPrivateKeys).toEqual(spoolPrivateKeys);
    expect(await matches(again)).toBe(true);
  });

  it('refuses to go on without the private half of what mail is wrapped in', async () => {
    await loadKeys(dir, true);
    await rm(file('spool.key'));
    await expect(loadKeys(dir, true)).rejects.toThrow('must come from the backup');
  });

  it('gives a process that only accepts no private half, and never reads one', async () => {
    await loadKeys(dir, true);
    await writeFile(file('spool.key'), 'not a key');
    expect((await loadKeys(dir, false)).spoolPrivateKeys).toBeNull();
    expect(await readFile(file('spool.key'), 'utf8')).toBe('not a key');
  });

  it('never makes a public half whose private half no worker holds', async () => {
    await expect(loadKeys(dir, false)).rejects.toThrow('a worker makes it at its first start');
  });

  it('reads the retired private half too', async () => {
    const { spoolPublicKey, spoolPrivateKeys } = await loadKeys(dir, true);
    await writeFile(file('spool-retired.key'), spoolPrivateKeys?.[0] ?? '');
    const keys = await loadKeys(dir, true);
    expect(keys.spoolPublicKey).toBe(spoolPublicKey);
    expect(keys.spoolPrivateKeys).toHaveLength(2);
  });
});
