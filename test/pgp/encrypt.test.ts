import { randomBytes } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEncrypted } from '../../src/pgp/check.ts';
import { encryptMessage, type EncryptionJob } from '../../src/pgp/encrypt.ts';
import { inspectKey } from '../../src/pgp/keys.ts';
import { startGpg, type Gpg } from '../support/gpg.ts';

const SECRET = 'Placement of child K';
const PHOTO = randomBytes(50_000);
const RAW = Buffer.from(
  [
    'Received: from pc by gateway; Thu, 1 Apr 2027 10:00:00 +0100',
    'DKIM-Signature: v=1; b=old',
    'From: "Cllr A" <cllr.a@merebrook.test>',
    'To: clerk@a.test,',
    ' second@b.test',
    'Bcc: hidden@c.test',
    `Subject: OFFICIAL-SENSITIVE: ${SECRET}`,
    'Date: Thu, 1 Apr 2027 10:00:00 +0100',
    'Message-ID: <1@merebrook.test>',
    'References: <0@merebrook.test>',
    'X-Ward: Millgate',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed;',
    '\tboundary=mix',
    '',
    '--mix',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: 8bit',
    '',
    `${SECRET}, caf\xe9`,
    '.',
    '--mix',
    'Content-Type: image/jpeg; name=photo.jpg',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=photo.jpg',
    '',
    PHOTO.toString('base64').replace(/(.{76})/g, '$1\r\n'),
    '--mix--',
    '',
  ].join('\r\n'),
  'latin1',
);

let gpg: Gpg;
const keys: Record<string, string> = {};
beforeAll(() => {
  gpg = startGpg();
  keys['rsa'] = gpg.makeKey('clerk@a.test', 'rsa');
  keys['curve25519'] = gpg.makeKey('Mayor@a.test', 'curve25519');
});
afterAll(() => gpg.close());

function job(changes: Partial<EncryptionJob> = {}): EncryptionJob {
  return {
    raw: RAW,
    to: 'clerk@a.test',
    key: keys['rsa'] ?? '',
    outerSubject: 'OFFICIAL-SENSITIVE',
    at: new Date(),
    ...changes,
  };
}

function armorOf(message: Buffer): string {
  return (
    /-----BEGIN PGP MESSAGE-----[^]*-----END PGP MESSAGE-----/.exec(message.toString())?.[0] ?? ''
  );
}

describe('encryptMessage()', () => {
  it.each([
    ['rsa', 'clerk@a.test'],
    ['curve25519', 'mayor@a.test'],
  ])('makes what gpg decrypts with a key of kind %s', async (kind, to) => {
    const output = await encryptMessage(job({ key: keys[kind] ?? '', to }));
    const { plain, report } = gpg.decrypt(armorOf(output));
    expect(report).toContain('GOODMDC');
    const inner = await simpleParser(plain);
    expect(inner.subject).toBe(`OFFICIAL-SENSITIVE: ${SECRET}`);
    expect(inner.text).toBe(`${SECRET}, café\n.`);
    expect(inner.attachments.map(({ content }) => content)).toEqual([PHOTO]);
  });

  it('keeps the body byte by byte, and marks the header as protected', async () => {
    const { plain } = gpg.decrypt(armorOf(await encryptMessage(job())));
    const [header = '', ...body] = plain.toString('latin1').split('\r\n\r\n');
    expect(body.join('\r\n\r\n')).toBe(
      RAW.toString('latin1').split('\r\n\r\n').slice(1).join('\r\n\r\n'),
    );
    expect(header.split(/\r\n(?![ \t])/)).toEqual([
      'From: "Cllr A" <cllr.a@merebrook.test>',
      'To: clerk@a.test,\r\n second@b.test',
      `Subject: OFFICIAL-SENSITIVE: ${SECRET}`,
      'Date: Thu, 1 Apr 2027 10:00:00 +0100',
      'Message-ID: <1@merebrook.test>',
      'References: <0@merebrook.test>',
      'X-Ward: Millgate',
      'HP-Outer: From: "Cllr A" <cllr.a@merebrook.test>',
      'HP-Outer: To: clerk@a.test,\r\n second@b.test',
      'HP-Outer: Date: Thu, 1 Apr 2027 10:00:00 +0100',
      'HP-Outer: Message-ID: <1@merebrook.test>',
      'HP-Outer: References: <0@merebrook.test>',
      'HP-Outer: Subject: OFFICIAL-SENSITIVE',
      'Content-Type: multipart/mixed;\r\n\tboundary=mix;\r\n hp="cipher"',
    ]);
  });

  it('shows outside only what mail systems need, and nothing of the content', async () => {
    const output = await encryptMessage(job());
    const outside = output.toString('latin1').replace(armorOf(output), '');
    expect(outside).not.toContain(SECRET);
    expect(outside).not.toMatch(/hidden@|Millgate|photo|DKIM/);
    const parsed = await simpleParser(output);
    expect(parsed.subject).toBe('OFFICIAL-SENSITIVE');
    expect(parsed.messageId).toBe('<1@merebrook.test>');
    expect(parsed.headers.get('content-type')).toMatchObject({
      value: 'multipart/encrypted',
      params: { protocol: 'application/pgp-encrypted' },
    });
    expect(output.toString('latin1')).not.toMatch(/[^\r]\n/);
    expect(output.toString('latin1').split('\r\n')[0]).toMatch(/^Received: from pc/);
  });

  it.each<[string, string, string]>([
    ['no content type', 'Subject: x\r\n\r\nhello\r\n', 'Content-Type: text/plain; hp="cipher"'],
    ['no body', 'Subject: x\r\n', 'Content-Type: text/plain; hp="cipher"'],
    [
      'a header that was protected before',
      'Content-Type: text/plain; hp="clear"; charset=utf-8;\r\n\r\nhello\r\n',
      'Content-Type: text/plain; charset=utf-8;\r\n hp="cipher"',
    ],
  ])('takes a message with %s', async (_case, raw, type) => {
    const output = await encryptMessage(job({ raw: Buffer.from(raw) }));
    const { plain } = gpg.decrypt(armorOf(output));
    expect(plain.toString()).toContain(`${type}\r\n\r\n${raw.split('\r\n\r\n')[1] ?? ''}`);
  });

  it('signs where it is given a key for it', async () => {
    const { privateKey } = await generateKey({ userIDs: [{ email: 'council@merebrook.test' }] });
    const output = await encryptMessage(job({ signingKey: privateKey }));
    expect(gpg.decrypt(armorOf(output)).report).toMatch(/ERRSIG|NO_PUBKEY/);
  });

  it.each<[string, () => Partial<EncryptionJob>, RegExp]>([
    [
      'the key is for another address',
      () => ({ to: 'mayor@a.test' }),
      /^Cannot encrypt to key "[0-9A-F]{40}": No valid User ID/,
    ],
    [
      'the key has expired',
      () => ({ at: new Date(Date.now() + 400 * 86_400_000) }),
      /The key expired on/,
    ],
    ['there is no key', () => ({ key: '' }), /Cannot encrypt to key "unknown"/],
    [
      'the subject would break the header',
      () => ({ outerSubject: 'x\r\nBcc: y' }),
      /not printable ASCII/,
    ],
    [
      'the header is broken',
      () => ({ raw: Buffer.from('no header\r\n\r\nx\r\n') }),
      /broken header/,
    ],
    [
      'lines end bare',
      () => ({ raw: Buffer.from('From: a\nTo: b\n\nx\n') }),
      /Encrypted message failed|broken header/,
    ],
  ])('throws where %s', async (_case, changes, problem) => {
    await expect(encryptMessage(job(changes()))).rejects.toThrow(problem);
  });
});

describe('checkEncrypted()', () => {
  async function expected(): Promise<{ encryptionKeyId: string; outerSubject: string }> {
    const inspection = await inspectKey(keys['rsa'] ?? '', new Date());
    if (inspection.kind === 'refused') throw new Error(inspection.advice);
    return { encryptionKeyId: inspection.key.encryptionKeyId, outerSubject: 'OFFICIAL-SENSITIVE' };
  }

  it.each<[string, (text: string) => string, RegExp]>([
    ['a bare line feed', (text) => text.replace('\r\n', '\n'), /line ends/],
    ['another subject', (text) => text.replace('Subject: ', `Subject: ${SECRET} `), /subject/],
    [
      'a second subject',
      (text) => text.replace('Subject: ', `Subject: ${SECRET}\r\nSubject: `),
      /subject/,
    ],
    [
      'a stray field',
      (text) => text.replace('Subject: ', 'X-Ward: Millgate\r\nSubject: '),
      /"x-ward"/,
    ],
    [
      'another type',
      (text) => text.replace('multipart/encrypted', 'multipart/mixed'),
      /content type/,
    ],
    [
      'a third part',
      (text) => text.replace(/(--pgp-[0-9a-f]+)--/, `$1\r\n\r\n${SECRET}\r\n$1--`),
      /two parts/,
    ],
    ['words after the end', (text) => `${text}${SECRET}\r\n`, /two parts/],
    [
      'words before the first part',
      (text) => text.replace('\r\n\r\n--pgp', `\r\n\r\n${SECRET}\r\n--pgp`),
      /two parts/,
    ],
    [
      'words beside the version',
      (text) => text.replace('\r\nVersion: 1', `\r\nVersion: 1\r\n${SECRET}`),
      /version/,
    ],
    [
      'words beside the armour',
      (text) => text.replace('-----BEGIN', `${SECRET}\r\n-----BEGIN`),
      /not one armoured/,
    ],
    [
      'no armour',
      (text) => text.replace(/-----BEGIN[^]*END PGP MESSAGE-----/, SECRET),
      /not one armoured/,
    ],
  ])('finds %s', async (_case, spoil, problem) => {
    const output = await encryptMessage(job());
    await checkEncrypted(output, await expected());
    const spoilt = Buffer.from(spoil(output.toString('latin1')), 'latin1');
    expect(spoilt.equals(output)).toBe(false);
    await expect(checkEncrypted(spoilt, await expected())).rejects.toThrow(problem);
  });

  it('finds another key', async () => {
    const output = await encryptMessage(job({ key: keys['curve25519'] ?? '', to: 'mayor@a.test' }));
    await expect(checkEncrypted(output, await expected())).rejects.toThrow('another key');
  });
});
