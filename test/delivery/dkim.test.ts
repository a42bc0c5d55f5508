import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import { dkimSign } from '../../src/delivery/dkim.ts';

const AT = new Date('2027-04-01T10:00:00Z');
const MESSAGE = Buffer.from(
  'Received: from x\r\nFrom: a@merebrook.test\r\nTo: b@a.test\r\nSubject: Bins\r\n\r\nHello  \xe9\r\n\r\n',
  'latin1',
);
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ED25519 = generateKeyPairSync('ed25519');

function dnsRecord(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return publicKey.asymmetricKeyType === 'rsa'
    ? `v=DKIM1; k=rsa; p=${spki.toString('base64')}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`;
}

async function verdict(message: Buffer, publicKey: KeyObject): Promise<string | undefined> {
  const { results } = await dkimVerify(Readable.from([message]), {
    resolver: () => Promise.resolve([[dnsRecord(publicKey)]]),
    curTime: AT,
  });
  return results[0]?.status.result;
}

describe('dkimSign()', () => {
  it.each([
    ['RSA', RSA, 'a=rsa-sha256'],
    ['Ed25519', ED25519, 'a=ed25519-sha256'],
  ])('makes a field that verifies, with an %s key', async (_kind, pair, algorithm) => {
    const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = { domain: 'merebrook.test', selector: 'gw1', privateKey };
    const chunks = [MESSAGE.subarray(0, 10), MESSAGE.subarray(10)];
    const field = await dkimSign(Readable.from(chunks), key, AT);
    expect(field).toMatch(/^DKIM-Signature: [^]*\r\n$/);
    expect(field).not.toMatch(/\r\n\r\n|[^\r]\n/);
    expect(field).toContain(algorithm);
    expect(field).toContain('c=relaxed/relaxed');
    const signed = Buffer.concat([Buffer.from(field), MESSAGE]);
    expect(await verdict(signed, pair.publicKey)).toBe('pass');
    const changed = Buffer.from(signed.toString('latin1').replace('Bins', 'Bats'), 'latin1');
    expect(await verdict(changed, pair.publicKey)).toBe('fail');
    expect(await dkimSign(MESSAGE, key, AT)).toBe(field);
  });

  it.each([
    '',
    'no key',
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  ])('throws where the key cannot sign', async (privateKey) => {
    const key = { domain: 'merebrook.test', selector: 'gw1', privateKey };
    await expect(dkimSign(MESSAGE, key, AT)).rejects.toThrow('Cannot sign for "merebrook.test"');
  });
});
