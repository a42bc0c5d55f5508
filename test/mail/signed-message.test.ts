import forge from 'node-forge';
import { beforeAll, describe, expect, it } from 'vitest';
import { textPart, type ParsedMessage } from '../../src/mail/message.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';
import { signedContent } from '../../src/mail/signed-message.ts';

const ENTITY = 'Content-Type: text/plain\r\n\r\nVote for the towpath.\r\n';
const DATA = '06092a864886f70d010701';
const SIGNED_DATA = '06092a864886f70d010702';

let sign: (content: string, detached?: boolean) => Buffer;

beforeAll(() => {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair(1024);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.sign(privateKey, forge.md.sha256.create());
  sign = (content, detached = false) => {
    const signed = forge.pkcs7.createSignedData();
    signed.content = forge.util.createBuffer(content);
    signed.addCertificate(certificate);
    const { sha256 } = forge.pki.oids;
    signed.addSigner({ key: privateKey, certificate, digestAlgorithm: sha256 ?? '' });
    signed.sign({ detached });
    return Buffer.from(forge.asn1.toDer(signed.toAsn1()).getBytes(), 'binary');
  };
});

/** An element of indefinite length, as programs write what they do not hold in memory. */
const open = (tag: string, ...inner: string[]): string => `${tag}80${inner.join('')}0000`;
const octets = (text: string): string =>
  `04${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`;
const streamed = (...pieces: string[]): Buffer => {
  const content = open('30', DATA, open('a0', open('24', ...pieces)));
  const signed = open('30', '020101', open('31', open('30', SIGNED_DATA)), content, '3100');
  return Buffer.from(open('30', SIGNED_DATA, open('a0', signed)), 'hex');
};

const mail = (content: Buffer): string =>
  'Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n' +
  `Content-Transfer-Encoding: base64\r\n\r\n${content.toString('base64').replace(/.{76}/g, '$&\r\n')}`;
const parse = (raw: string): Promise<ParsedMessage> => parseMessage(Buffer.from(raw));

describe('signedContent()', () => {
  it('takes the content out of DER, whatever its length', () => {
    for (const content of ['', ENTITY, ENTITY.repeat(9000)]) {
      expect(String(signedContent(sign(content)))).toBe(content);
    }
  });

  it('joins the pieces of a streamed content, also where pieces lie in pieces', () => {
    expect(String(signedContent(streamed(octets('Vote '), octets('for'))))).toBe('Vote for');
    const nested = streamed(octets('a'), open('24', octets('b'), `2405${octets('c')}0400`));
    expect(String(signedContent(nested))).toBe('abc');
  });

  it('tells a signature by itself from a broken file', () => {
    expect(signedContent(sign(ENTITY, true))).toBe('detached');
    const bare = open('30', '020101', '3100', open('30', DATA), '3100');
    const certificates = Buffer.from(open('30', SIGNED_DATA, open('a0', bare)), 'hex');
    expect(signedContent(certificates)).toBe('detached');
    const whole = sign(ENTITY);
    expect(signedContent(whole.subarray(0, 100))).toBeNull();
    expect(signedContent(Buffer.from('3080'.repeat(10), 'hex'))).toBeNull();
    expect(signedContent(Buffer.alloc(0))).toBeNull();
  });

  it('goes once through pieces opened a million times and never closed', () => {
    expect(signedContent(streamed('2480'.repeat(1_000_000)))).toBeNull();
  });
});

describe('parseMessage() of a signed message', () => {
  it('reads it as every recipient does, with its attachments', async () => {
    const entity =
      'Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nVote for the towpath.\r\n' +
      '--in\r\nContent-Type: text/csv; name=a.csv\r\n\r\nname,street\r\n--in--\r\n';
    const message = await parse(`Subject: x\r\n${mail(sign(entity))}`);
    expect(textPart(message, 'body')).toEqual({
      name: 'body',
      text: 'Vote for the towpath.',
      spans: [{ role: 'own', start: 0, end: 21 }],
    });
    expect(textPart(message, 'attachment:1')?.text).toContain('name,street');
    expect(message.attachments).toMatchObject([{ filename: 'smime.p7m', uninspectable: null }]);
  });

  it('reads what was signed without being made a MIME entity, text and file', async () => {
    const text = await parse(mail(sign('Vote for the towpath.\r\n\r\nMargaret')));
    expect(textPart(text, 'body')?.text).toBe('Vote for the towpath.\n\nMargaret');
    const picture = '\x89PNG\r\n\x1A\n\0\r\0\n';
    const given: string[] = [];
    await parseMessage(Buffer.from(mail(sign(picture))), undefined, {
      reads: () => true,
      read({ type, bytes }) {
        given.push(type, bytes.toString('latin1'));
        return Promise.resolve({ text: '', uninspectable: null, failed: null });
      },
    });
    expect(given).toEqual(['image/png', picture]);
  });

  it('shows the Subject that was signed with it', async () => {
    const message = await parse(`Subject: ...\r\n${mail(sign(`Subject: Vote\r\n${ENTITY}`))}`);
    expect(textPart(message, 'body')?.text).toBe('Vote\nVote for the towpath.\n');
  });

  it('reads one beside a letter as an attachment, and signatures as none', async () => {
    const beside = (content: Buffer): string =>
      'Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\r\nHello\r\n' +
      `--out\r\n${mail(content)}\r\n--out--\r\n`;
    const message = await parse(beside(sign(ENTITY)));
    expect(textPart(message, 'body')?.text).toBe('Hello');
    expect(textPart(message, 'attachment:1')?.text).toBe('Vote for the towpath.\n');
    const signature = await parse(beside(sign(ENTITY, true)));
    expect(signature.texts.map(({ name }) => name)).toEqual(['subject', 'body']);
    expect(signature.attachments[0]?.uninspectable).toBeNull();
  });

  it('says where one is broken, too large or too deep', async () => {
    const broken = await parse(mail(sign(ENTITY).subarray(0, 100)));
    expect(broken.attachments[0]?.uninspectable).toBe('corrupt-file');
    const raw = Buffer.from(mail(sign(ENTITY)));
    const large = await parseMessage(raw, { ...DEFAULT_PARSE_LIMITS, attachmentBytes: 100 });
    expect(large.attachments[0]?.uninspectable).toBe('limit-reached');
    let deep = ENTITY;
    for (let depth = 0; depth < 12; depth++) deep = mail(sign(deep));
    const { limitsReached, attachments } = await parse(deep);
    expect(limitsReached).toEqual(['depth']);
    expect(attachments[0]?.uninspectable).toBe('limit-reached');
  });
});
