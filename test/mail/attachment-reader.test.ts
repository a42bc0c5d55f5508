import { describe, expect, it } from 'vitest';
import type { AttachmentReader, AttachmentText } from '../../src/mail/attachment-reader.ts';
import { textPart } from '../../src/mail/message.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';

const ZIP = Buffer.from('PK\x03\x04\x14\0\0\0\x08\0 packed', 'latin1');

/** Reads ZIP files, and keeps what it was given. */
function reader(answer: Partial<AttachmentText> = {}) {
  const given: Buffer[] = [];
  const made: AttachmentReader = {
    reads: (type) => type === 'application/zip',
    read({ bytes }) {
      given.push(bytes);
      return Promise.resolve({ text: 'words', uninspectable: null, failed: null, ...answer });
    },
  };
  return { ...made, given };
}

const part = (content: Buffer, type = 'application/octet-stream') =>
  `--sep\r\nContent-Type: ${type}; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
  `${content.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`;
const mail = (...parts: string[]) =>
  Buffer.from(
    'From: a@b.test\r\nContent-Type: multipart/mixed; boundary=sep\r\n\r\n--sep\r\n\r\nbody\r\n' +
      `${parts.join('')}--sep--\r\n`,
  );

const parse = (raw: Buffer, made: AttachmentReader, limits = {}) =>
  parseMessage(raw, { ...DEFAULT_PARSE_LIMITS, ...limits }, made);

describe('parseMessage() with a reader of attachments', () => {
  it('gives it the bytes as they were sent, and names its text after the attachment', async () => {
    const content = Buffer.concat([ZIP, Buffer.alloc(300_000, 7)]);
    const made = reader();
    const message = await parse(mail(part(Buffer.from('hi')), part(content)), made);
    expect(made.given.map((bytes) => bytes.equals(content))).toEqual([true]);
    expect(textPart(message, 'attachment:2')).toEqual({
      name: 'attachment:2',
      text: 'words',
      spans: [{ role: 'own', start: 0, end: 5 }],
    });
  });

  it('passes on why a part could not be read, also beside text', async () => {
    const message = await parse(mail(part(ZIP)), reader({ uninspectable: 'encrypted-archive' }));
    expect(message.attachments[0]).toMatchObject({ uninspectable: 'encrypted-archive' });
    expect(textPart(message, 'attachment:1')?.text).toBe('words');
  });

  it('passes on our own failure, through messages inside messages', async () => {
    const made = reader({ text: '', failed: 'extractor-timeout' });
    const inner = mail(part(ZIP)).toString('latin1').replaceAll('sep', 'in');
    const raw = mail(part(ZIP), `--sep\r\nContent-Type: message/rfc822\r\n\r\n${inner}`);
    const { attachments } = await parse(raw, made);
    expect(attachments.map(({ failed }) => failed)).toEqual(
      Array.from({ length: 2 }, () => 'extractor-timeout'),
    );
  });

  it('reads attachments up to so many bytes a message, and says so', async () => {
    const made = reader();
    const message = await parse(mail(part(ZIP), part(ZIP), part(ZIP)), made, {
      attachmentBytes: ZIP.length * 2 + 1,
    });
    expect(made.given).toHaveLength(2);
    expect(message.attachments.map(({ uninspectable }) => uninspectable)).toEqual([
      null,
      null,
      'limit-reached',
    ]);
    expect(message.limitsReached).toEqual(['attachment-bytes']);
  });

  it('keeps so much of its text', async () => {
    const message = await parse(mail(part(ZIP), part(ZIP)), reader(), { textBytes: 12 });
    expect(textPart(message, 'attachment:2')?.text).toBe('wor');
    expect(message.limitsReached).toEqual(['text-bytes']);
  });

  it.each([
    ['a program', Buffer.from('MZ\x90\0\x03\0\0\0'), 'unknown-type'],
    ['a 7z', Buffer.from('377abcaf271c0004', 'hex'), 'unsupported-archive'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1A\n\0\0', 'latin1'), null],
    ['nothing', Buffer.alloc(0), null],
    ['a letter that begins like a program', Buffer.from('MZ is how I sign. Regards'), null],
  ])('says whether %s holds what nobody reads', async (_, content, reason) => {
    const message = await parse(mail(part(content)), reader());
    expect(message.attachments[0]?.uninspectable).toBe(reason);
  });

  it('reads a body that begins like a program or a sound', async () => {
    for (const text of ['MZ is how I sign', 'ID3 and BZh are letters', 'BM: agreed']) {
      const message = await parse(Buffer.from(`Subject: x\r\n\r\n${text}`), reader());
      expect(textPart(message, 'body')?.text).toBe(text);
    }
  });
});
