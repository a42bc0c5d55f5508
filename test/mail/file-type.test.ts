import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { AttachmentReader } from '../../src/mail/attachment-reader.ts';
import { textPart, type ParsedMessage } from '../../src/mail/message.ts';
import { parseMessage } from '../../src/mail/parse.ts';

/** Reads archives; what it is not asked to read is nobody's. */
const READER: AttachmentReader = {
  reads: (type) => type === 'application/zip',
  read: () => Promise.resolve({ text: 'words', uninspectable: null, failed: null }),
};

/** Bytes without any order, the same on every run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 7;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const parsed = (
  type: string,
  content: Buffer,
  disposition = 'attachment',
): Promise<ParsedMessage> =>
  parseMessage(
    Buffer.from(
      'Content-Type: multipart/mixed; boundary=sep\r\n\r\n--sep\r\n\r\nHello\r\n--sep\r\n' +
        `Content-Type: ${type}\r\nContent-Disposition: ${disposition}\r\n` +
        'Content-Transfer-Encoding: base64\r\n\r\n' +
        `${content.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--sep--\r\n`,
    ),
    undefined,
    READER,
  );

describe('the declared type of a file', () => {
  it.each([
    'text/plain',
    'text/plain; charset=utf-16',
    'text/csv',
    'text/calendar',
    'application/pgp-keys',
    'application/json',
    'image/x-foo',
    'image/png',
    'audio/mpeg',
    'video/mp4',
    'font/woff2',
    'application/ogg',
    'application/pkcs7-mime',
    'application/pkcs7-signature',
    'application/octet-stream',
  ])('is not believed of noise: %s', async (type) => {
    for (const length of [300, 5000]) {
      const { attachments } = await parsed(type, noise(length));
      expect(attachments[0]?.uninspectable).toBe('unknown-type');
    }
  });

  it('is not believed of an archive that is no longer known as one', async () => {
    const zip = Buffer.concat([Buffer.from('\x01PK\x03\x04', 'latin1'), noise(3000)]);
    for (const type of ['video/mp4', 'image/jpeg', 'text/plain']) {
      expect((await parsed(type, zip)).attachments[0]?.uninspectable).toBe('unknown-type');
    }
  });

  it('is not believed of a body either, whose words are read as far as there are any', async () => {
    const content = Buffer.concat([Buffer.from('Vote for the towpath. '), noise(2000)]);
    const message = await parsed('text/plain', content, 'inline');
    expect(message.attachments[0]?.uninspectable).toBe('unknown-type');
    expect(textPart(message, 'attachment:1')?.text).toContain('Vote for the towpath.');
  });

  const WELSH = 'Annwyl Siân, mae’r cyfarfod ddydd Iau yn Nhŷ’r Ŵyl. Cofion, Gwenllïan.\r\n';
  it.each([
    ['text/plain; charset=iso-8859-14', iconv.encode(WELSH, 'iso-8859-14')],
    ['text/plain; charset=windows-1252', iconv.encode(WELSH, 'windows-1252')],
    ['text/plain; charset=utf-8', Buffer.from(WELSH)],
    ['text/plain; charset=utf-16', iconv.encode(WELSH, 'utf-16')],
    ['text/plain; charset=utf-16be', iconv.encode(WELSH, 'utf-16be')],
    ['text/plain; charset=utf-32', iconv.encode(WELSH, 'utf-32')],
    ['text/plain', iconv.encode(WELSH, 'utf-16le')],
    ['text/csv', iconv.encode(WELSH, 'utf-16le', { addBOM: true })],
    ['application/octet-stream', iconv.encode(WELSH, 'utf-16le', { addBOM: true })],
    ['text/plain; charset=utf-16le', iconv.encode('会議は木曜日です。'.repeat(30), 'utf-16le')],
    ['text/plain; charset=utf-16le', iconv.encode('🙂🙃'.repeat(300), 'utf-16le')],
    ['text/plain; charset=iso-2022-jp', Buffer.from('\x1B$B2q5D\x1B(B '.repeat(50), 'latin1')],
    ['text/calendar', Buffer.from('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')],
    ['text/vcard', Buffer.from('BEGIN:VCARD\r\nFN:Siân\r\nEND:VCARD\r\n')],
    ['text/plain', Buffer.from('A form\ffeed, a \0 zero and \x07\x07 bells in a short text')],
    ['text/plain', Buffer.alloc(0)],
    ['text/plain', Buffer.from('é')],
  ])('is believed of a text: %s', async (type, content) => {
    const { attachments } = await parsed(type, content);
    expect(attachments[0]?.uninspectable).toBeNull();
  });

  it.each([
    ['image/jpeg', '\xFF\xD8\xFF\xE0\0\x10JFIF\0'],
    ['image/x-icon', '\0\0\x01\0\x01\0\x10\x10\0\0'],
    ['image/x-emf', `\x01\0\0\0${'\0'.repeat(36)} EMF\0\0`],
    ['audio/mpeg', '\xFF\xFB\x90\x64\0\0\0\0'],
    ['audio/wav', 'RIFF\x24\0\0\0WAVEfmt \0'],
    ['audio/amr', '#!AMR\n\x04\x01\0'],
    ['audio/mp4', '\0\0\0\x20ftypM4A \0\0'],
    ['video/quicktime', '\0\0\x08\0moov\0\0\0\0'],
    ['video/x-msvideo', 'RIFF\x24\0\0\0AVI LIST\0'],
    ['video/webm', '\x1A\x45\xDF\xA3\x01\0\0\0'],
    ['font/ttf', '\0\x01\0\0\0\x10\0\0'],
  ])('is believed of what begins like it: %s', async (type, head) => {
    const content = Buffer.concat([Buffer.from(head, 'latin1'), noise(2000)]);
    const { attachments } = await parsed(type, content);
    expect(attachments[0]?.uninspectable).toBeNull();
  });

  it('does not make a picture of a letter that begins like one and holds a zero', async () => {
    for (const text of ['BM: please\0 vote for us', 'MZ is\0 how I sign']) {
      const message = await parsed('text/plain', Buffer.from(text), 'inline');
      expect(textPart(message, 'body')?.text).toContain(text.replace('\0', ''));
    }
  });
});
