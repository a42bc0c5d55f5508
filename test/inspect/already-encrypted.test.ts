import { generateKey, createMessage, encrypt, sign, createCleartextMessage } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { findingsOf, kindsOf, type Mail } from './mail-of.ts';

// A ContentInfo of RFC 5652 as far as its type: enveloped-data, signed-data.
const ENVELOPED = Buffer.from('308006092a864886f70d010703a0803080020100', 'hex');
const SIGNED = Buffer.from('308006092a864886f70d010702a0803080020101', 'hex');
const RPMSG = Buffer.from('76e8046 0c411e386'.replace(' ', ''), 'hex');

const noise = (head: Buffer): string =>
  Buffer.concat([head, Buffer.from('0001fe80c3ff'.repeat(60), 'hex')]).toString('base64');

const smime = (type: string, content: string): Mail => ({
  headers: [
    `Content-Type: application/pkcs7-mime; smime-type=${type}; name=smime.p7m`,
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=smime.p7m',
  ],
  body: content,
});

const pgpMime = (content: string): Mail => ({
  headers: ['Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'],
  body: [
    '--b',
    'Content-Type: application/pgp-encrypted',
    '',
    'Version: 1',
    '--b',
    'Content-Type: application/octet-stream; name=encrypted.asc',
    '',
    content,
    '--b--',
  ].join('\n'),
});

let encrypted = '';
let signed = '';
let cleartext = '';
let publicKey = '';

beforeAll(async () => {
  const key = await generateKey({
    userIDs: [{ email: 'a@b.example' }],
    type: 'ecc',
    curve: 'curve25519Legacy',
    format: 'object',
  });
  publicKey = key.publicKey.armor();
  const message = await createMessage({ text: 'The codes change on Monday.' });
  encrypted = String(await encrypt({ message, encryptionKeys: key.publicKey }));
  signed = String(await sign({ message, signingKeys: key.privateKey }));
  const clear = await createCleartextMessage({ text: 'In clear.' });
  cleartext = await sign({ message: clear, signingKeys: key.privateKey });
});

describe('the already-encrypted detector', () => {
  it('sees PGP/MIME, inline PGP and S/MIME', async () => {
    expect(await kindsOf(pgpMime(encrypted))).toEqual(['already-encrypted']);
    expect(await kindsOf({ body: `As agreed.\n\n${encrypted}\n\nMargaret` })).toEqual([
      'already-encrypted',
    ]);
    expect(await kindsOf(smime('enveloped-data', noise(ENVELOPED)))).toEqual(['already-encrypted']);
  });

  it('sees a rights-protected message of Microsoft', async () => {
    const mail: Mail = {
      headers: ['Content-Type: multipart/mixed; boundary=b'],
      body: [
        '--b',
        '',
        'This message is protected with Microsoft Purview.',
        '--b',
        'Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg',
        'Content-Transfer-Encoding: base64',
        'Content-Disposition: attachment; filename=message.rpmsg',
        '',
        noise(RPMSG),
        '--b--',
      ].join('\n'),
    };
    const [finding] = await findingsOf(mail, 'already-encrypted');
    expect(finding).toMatchObject({ type: 'rights-protected' });
  });

  it('says whether readable words stand beside it', async () => {
    const [whole] = await findingsOf(pgpMime(encrypted), 'already-encrypted');
    const [partly] = await findingsOf({ body: `Hello.\n\n${encrypted}` }, 'already-encrypted');
    expect(whole?.details.whole).toBe(true);
    expect(partly?.details.whole).toBe(false);
  });

  it('is not deceived by declared types', async () => {
    const clear = 'Dear Bert, the codes change on Monday. Margaret';
    expect(await kindsOf(pgpMime(clear))).toEqual([]);
    expect(
      await kindsOf(pgpMime(`-----BEGIN PGP MESSAGE-----\n\n${clear}\n-----END PGP MESSAGE-----`)),
    ).toEqual([]);
    expect(await kindsOf(smime('enveloped-data', Buffer.from(clear).toString('base64')))).toEqual(
      [],
    );
    // Signed data is readable by anybody, whatever its field says.
    expect(await kindsOf(smime('enveloped-data', noise(SIGNED)))).toEqual([]);
  });

  it('passes signatures, keys and locked files', async () => {
    expect(await kindsOf({ body: signed })).toEqual([]);
    expect(await kindsOf({ body: cleartext })).toEqual([]);
    expect(await kindsOf({ body: `My key:\n\n${publicKey}` })).toEqual([]);
    expect(await kindsOf(smime('signed-data', noise(SIGNED)))).toEqual([]);
    const letter = 'The towpath has been shut since Monday and nobody says why. '.repeat(30);
    expect(await kindsOf({ body: `${letter}\n\n${encrypted}` })).toEqual([]);
  });

  it('looks past a first line that is only talk, and not for ever', async () => {
    const begin = '-----BEGIN PGP MESSAGE-----\n';
    expect(await kindsOf({ body: `${begin}\n!\n\n${encrypted}` })).toEqual(['already-encrypted']);
    const body = `${begin.repeat(50_000)}-----END PGP MESSAGE-----`;
    expect(await kindsOf({ body })).toEqual([]);
  });

  it('sees S/MIME by what it is, and beside a letter only what cannot be read', async () => {
    const part = (type: string): string =>
      [
        '--b',
        `Content-Type: ${type}; name=smime.p7m`,
        'Content-Transfer-Encoding: base64',
        '',
        noise(ENVELOPED),
      ].join('\n');
    const headers = ['Content-Type: multipart/mixed; boundary=b'];
    const kinds = ['already-encrypted', 'uninspectable'] as const;
    for (const type of ['application/pkcs7-mime', 'application/octet-stream']) {
      const alone = { headers, body: `${part(type)}\n--b--` };
      expect(await findingsOf(alone, ...kinds)).toMatchObject([{ kind: 'already-encrypted' }]);
      const beside = { headers, body: `--b\n\nHello.\n${part(type)}\n--b--` };
      expect(await findingsOf(beside, ...kinds)).toMatchObject([
        { kind: 'uninspectable', type: 'encrypted-message' },
      ]);
    }
  });

  it('passes words about encryption, and half an armour', async () => {
    for (const body of [
      'Look for -----BEGIN PGP MESSAGE----- in the file.',
      '-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----',
      '-----BEGIN PGP MESSAGE-----\n\nhQGM',
      '-----BEGIN PGP MESSAGE-----\n\n!!!!\n-----END PGP MESSAGE-----',
    ]) {
      expect(await kindsOf({ body })).toEqual([]);
    }
  });
});
