import { enums, generateKey, PublicKey, readKey, readPrivateKey, revokeKey } from 'openpgp';
import type { PartialConfig } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectKey, readSigningKey } from '../../src/pgp/keys.ts';
import { startGpg, type Gpg } from '../support/gpg.ts';

const AT = new Date('2027-04-01T10:00:00Z');
const MADE = new Date('2027-01-01T00:00:00Z');

async function made(
  options: Partial<Omit<Parameters<typeof generateKey>[0], 'format'>> = {},
  config: PartialConfig = {},
): Promise<{ publicKey: string; privateKey: string }> {
  const { publicKey, privateKey } = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name: 'Clerk', email: 'Clerk@A.test' }],
    date: MADE,
    ...options,
    config: { minRSABits: 1024, ...config },
    format: 'armored',
  });
  return { publicKey, privateKey };
}

describe('inspectKey() with keys that gpg made', () => {
  let gpg: Gpg;
  beforeAll(() => {
    gpg = startGpg();
  });
  afterAll(() => gpg.close());

  it.each(['rsa', 'curve25519'] as const)('takes a key of kind %s', async (kind) => {
    const armored = gpg.makeKey(`${kind}@a.test`, kind);
    const inspection = await inspectKey(armored, new Date());
    expect(inspection).toMatchObject({
      kind: 'usable',
      key: {
        addresses: [`${kind}@a.test`],
        fingerprint: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
        encryptionKeyId: expect.stringMatching(/^[0-9A-F]{16}$/) as string,
        expiresAt: expect.any(Date) as Date,
      },
    });
  });

  it('refuses one that is bound by SHA-1', async () => {
    const armored = gpg.makeKey('sha1@a.test', 'rsa', ['--cert-digest-algo', 'SHA1']);
    expect(await inspectKey(armored, new Date())).toMatchObject({ problem: 'weak-signature' });
  });
});

describe('inspectKey()', () => {
  it('tells fingerprint, addresses and expiry', async () => {
    const { publicKey } = await made({ keyExpirationTime: 86_400 * 100 });
    const key = await readKey({ armoredKey: publicKey });
    const { subkeys } = key;
    expect(await inspectKey(publicKey, AT, 'clerk@a.test')).toEqual({
      kind: 'usable',
      key: {
        fingerprint: key.getFingerprint().toUpperCase(),
        encryptionKeyId: subkeys[0]?.getKeyID().toHex().toUpperCase(),
        addresses: ['clerk@a.test'],
        expiresAt: new Date(MADE.getTime() + 100 * 86_400_000),
      },
    });
  });

  it('takes a key of version 6', async () => {
    const { publicKey } = await made({ curve: undefined, type: 'curve25519' }, { v6Keys: true });
    expect(await inspectKey(publicKey, AT)).toMatchObject({
      kind: 'usable',
      key: { fingerprint: expect.stringMatching(/^[0-9A-F]{64}$/) as string, expiresAt: null },
    });
  });

  it('refuses an expired key, and says when it ended', async () => {
    const { publicKey } = await made({ keyExpirationTime: 86_400 });
    expect(await inspectKey(publicKey, AT)).toMatchObject({
      kind: 'refused',
      problem: 'expired',
      advice: expect.stringContaining('2027-01-02') as string,
    });
  });

  it('judges a key that it has seen before by the time at which it is asked', async () => {
    const { publicKey } = await made({ keyExpirationTime: 86_400 });
    const hour = (count: number): Date => new Date(MADE.getTime() + count * 3_600_000);
    const kinds = [1, 25, 2, -1].map((count) => inspectKey(publicKey, hour(count)));
    expect((await Promise.all(kinds)).map(({ kind }) => kind)).toEqual([
      'usable',
      'refused',
      'usable',
      'refused',
    ]);
  });

  it('refuses a key whose encrypting subkey alone has expired', async () => {
    const { publicKey } = await made({ subkeys: [{ keyExpirationTime: 86_400 }] });
    expect(await inspectKey(publicKey, AT)).toMatchObject({
      problem: 'expired',
      advice: expect.stringContaining('2027-01-02') as string,
    });
  });

  it('refuses a revoked key', async () => {
    const { privateKey } = await made();
    const revoked = await revokeKey({
      key: await readPrivateKey({ armoredKey: privateKey }),
      reasonForRevocation: { flag: enums.reasonForRevocation.keyCompromised },
      date: new Date('2027-02-01T00:00:00Z'),
    });
    expect(await inspectKey(revoked.publicKey, AT)).toMatchObject({ problem: 'revoked' });
  });

  it('refuses a key that cannot encrypt', async () => {
    const { publicKey } = await made({ subkeys: [{ sign: true }] });
    expect(await inspectKey(publicKey, AT)).toMatchObject({ problem: 'no-encryption-key' });
  });

  it('refuses a key that does not exist yet', async () => {
    const { publicKey } = await made();
    const before = new Date('2026-12-01T00:00:00Z');
    expect(await inspectKey(publicKey, before)).toMatchObject({ problem: 'no-encryption-key' });
  });

  it('refuses RSA below 2048 bits', async () => {
    const { publicKey } = await made({ type: 'rsa', curve: undefined, rsaBits: 1024 });
    expect(await inspectKey(publicKey, AT)).toMatchObject({ problem: 'weak-algorithm' });
  });

  it('refuses a key without the address', async () => {
    const { publicKey } = await made();
    const inspection = await inspectKey(publicKey, AT, 'mayor@a.test');
    expect(inspection).toMatchObject({ kind: 'refused', problem: 'no-address' });
  });

  it('believes no User ID that the key itself has not signed', async () => {
    const own = await readKey({ armoredKey: (await made()).publicKey });
    const other = await made({ userIDs: [{ email: 'mayor@a.test' }] });
    const [foreign] = (await readKey({ armoredKey: other.publicKey })).users;
    const packets = own.toPacketList();
    // Behind the primary key: User IDs stand before subkeys.
    packets.splice(1, 0, ...((foreign?.toPacketList() ?? []) as typeof packets));
    const forged = new PublicKey(packets).armor();
    expect((await readKey({ armoredKey: forged })).getUserIDs()).toContain('<mayor@a.test>');
    expect(await inspectKey(forged, AT)).toMatchObject({ key: { addresses: ['clerk@a.test'] } });
    expect(await inspectKey(forged, AT, 'mayor@a.test')).toMatchObject({ problem: 'no-address' });
  });

  it('refuses a private key, several keys, and what is no key', async () => {
    const { publicKey, privateKey } = await made();
    expect(await inspectKey(privateKey, AT)).toMatchObject({ problem: 'private-key' });
    const { publicKey: other } = await made();
    expect(await inspectKey(publicKey + other, AT)).toMatchObject({ problem: 'several-keys' });
    for (const text of ['', 'hello', publicKey.slice(0, 200), 'x'.repeat(1_000_000)]) {
      expect(await inspectKey(text, AT)).toMatchObject({
        problem: 'unreadable',
        fingerprint: null,
      });
    }
  });
});

describe('readSigningKey()', () => {
  it('takes a private key that can sign now', async () => {
    const { privateKey } = await made({ date: new Date() });
    expect(await readSigningKey(privateKey)).toBe(privateKey);
  });

  it('refuses a public key, a locked one, and one that cannot sign', async () => {
    const { publicKey } = await made();
    await expect(readSigningKey(publicKey)).rejects.toThrow('no armoured OpenPGP private key');
    const locked = await made({ passphrase: 'x' });
    await expect(readSigningKey(locked.privateKey)).rejects.toThrow('locked');
    const expired = await made({ date: new Date('2020-01-01'), keyExpirationTime: 60 });
    await expect(readSigningKey(expired.privateKey)).rejects.toThrow('cannot sign');
  });
});
