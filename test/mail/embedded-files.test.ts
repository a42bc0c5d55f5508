import { describe, expect, it } from 'vitest';
import type { AttachmentReader } from '../../src/mail/attachment-reader.ts';
import { textPart, type ParsedMessage } from '../../src/mail/message.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';

const PICTURE = Buffer.from(`\x89PNG\r\n\x1A\n\0\0\0\rIHDR${'\0'.repeat(20)}`, 'latin1');

/** Reads pictures, and keeps what it was given. */
function pictureReader(): AttachmentReader & { given: Buffer[] } {
  const given: Buffer[] = [];
  return {
    given,
    reads: (type) => type === 'image/png',
    read({ bytes }) {
      given.push(bytes);
      return Promise.resolve({ text: 'words of a picture', uninspectable: null, failed: null });
    },
  };
}

const html = (body: string): Buffer => Buffer.from(`Content-Type: text/html\r\n\r\n${body}\r\n`);
const source = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString('base64')}`;
const namesOf = ({ texts }: ParsedMessage): string[] => texts.map(({ name }) => name);

/** What `uuencode` writes (POSIX): lines of 45 bytes. */
function uuencoded(name: string, content: string): string {
  const bytes = Buffer.from(content);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 45) {
    const line = bytes.subarray(at, at + 45);
    let written = sign(line.length);
    for (let index = 0; index < line.length; index += 3) {
      const [a = 0, b = 0, c = 0] = line.subarray(index, index + 3);
      const bits = (a << 16) | (b << 8) | c;
      written += [18, 12, 6, 0].map((shift) => sign((bits >> shift) & 63)).join('');
    }
    lines.push(written);
  }
  return [`begin 644 ${name}`, ...lines, '`', 'end', ''].join('\r\n');
}
const sign = (value: number): string => (value === 0 ? '`' : String.fromCharCode(32 + value));

describe('parseMessage() of a text that holds files', () => {
  it('gives the pictures in the addresses of a page to the reader', async () => {
    const reader = pictureReader();
    const styled = `<p style='background:url(${source(PICTURE)})'>Hi</p>`;
    const raw = html(`<p>Hello <img src="${source(PICTURE)}" alt="Seal"></p>${styled}`);
    const message = await parseMessage(raw, DEFAULT_PARSE_LIMITS, reader);
    expect(reader.given).toEqual([PICTURE, PICTURE]);
    expect(textPart(message, 'body')?.text.replace(/\s+/g, ' ').trim()).toBe('Hello Seal Hi');
    expect(textPart(message, 'attachment:1')?.text).toBe('words of a picture');
    expect(message.attachments).toMatchObject([
      { number: 1, filename: '', contentType: 'image/png', inline: true, uninspectable: null },
      { number: 2 },
    ]);
  });

  it('says what such a picture hides, and how many it has not read', async () => {
    const noise = Buffer.from('0011fe80c3ff'.repeat(60), 'hex');
    const hidden = await parseMessage(
      html(`<img src="${source(noise)}">`),
      DEFAULT_PARSE_LIMITS,
      pictureReader(),
    );
    expect(hidden.attachments[0]?.uninspectable).toBe('unknown-type');
    const many = await parseMessage(html(`<img src="${source(PICTURE)}">`.repeat(60)));
    expect(many.attachments).toHaveLength(50);
    expect(many.limitsReached).toEqual(['parts']);
  });

  it('leaves words about such addresses alone', async () => {
    const message = await parseMessage(html('<p>Write data:image/png;base64,iVBO and so on</p>'));
    expect(message.attachments).toEqual([]);
  });

  it('decodes uuencoded files, whatever their length, also of a part sent so', async () => {
    for (const length of [1, 2, 3, 44, 45, 46, 200]) {
      const content = 'Vote for the towpath. '.repeat(10).slice(0, length);
      const block = uuencoded('my_leaflet.txt', content);
      const inText = await parseMessage(Buffer.from(`\r\nSee below.\r\n\r\n${block}Margaret\r\n`));
      expect(textPart(inText, 'attachment:1')?.text).toBe(content);
      expect(textPart(inText, 'file-name:1')?.text).toBe('my leaflet.txt');
      const asPart = await parseMessage(
        Buffer.from(
          `Content-Type: image/png\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n${block}`,
        ),
      );
      expect(textPart(asPart, 'attachment:2')?.text).toBe(content);
    }
  });

  it('decodes one in another as deep as messages lie, and says so', async () => {
    let block = 'Vote for the towpath.';
    for (let depth = 0; depth < 12; depth++) block = uuencoded('a', block);
    const message = await parseMessage(Buffer.from(`\r\n${block}`));
    expect(message.attachments).toHaveLength(10);
    expect(message.limitsReached).toEqual(['depth']);
  });

  it('takes a sentence for no file, and a block that breaks off as far as it goes', async () => {
    const talk = await parseMessage(
      Buffer.from('\r\nbegin 644 times\r\nand then we end\r\nend\r\n'),
    );
    expect(talk.attachments).toEqual([]);
    const broken = uuencoded('a', 'Vote for the towpath. '.repeat(9)).slice(0, 76);
    const cut = await parseMessage(Buffer.from(`\r\n${broken}`));
    expect(textPart(cut, 'attachment:1')?.text).toContain('Vote for the towpath.');
  });

  it('goes through a megabyte of beginnings in the time of one reading', async () => {
    const started = performance.now();
    for (const unit of ['begin 644 a\r\n', 'begin 644 a\r\n!`\r\n', `M${'A'.repeat(60)}\r\n`]) {
      const raw = Buffer.from(`\r\nbegin 644 b\r\n${unit.repeat(1_000_000 / unit.length)}`);
      await parseMessage(raw);
    }
    await parseMessage(html('data:image/png;base64,'.repeat(50_000)));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('parseMessage() of the names of files', () => {
  const named = (name: string, more = ''): string =>
    `--sep\r\nContent-Type: image/png; name="${name}"\r\n${more}Content-Transfer-Encoding: base64` +
    `\r\n\r\n${PICTURE.toString('base64')}\r\n`;
  const mixed = (...parts: string[]): string =>
    `Content-Type: multipart/mixed; boundary=sep\r\n\r\n--sep\r\n\r\nHi\r\n${parts.join('')}--sep--\r\n`;

  it('reads each as a text, but not that of a picture in the letter', async () => {
    const inline = named('image001.png', 'Content-Disposition: inline\r\n');
    const message = await parseMessage(Buffer.from(mixed(inline, named('Vote_for_me.png'))));
    expect(namesOf(message)).toEqual(['subject', 'body', 'file-name:2']);
    expect(textPart(message, 'file-name:2')).toEqual({
      name: 'file-name:2',
      text: 'Vote for me.png',
      spans: [{ role: 'own', start: 0, end: 15 }],
    });
  });

  it('reads those of a message inside with its texts', async () => {
    const inner = mixed(named('Vote_for_me.png')).replaceAll('sep', 'in');
    const part = `--sep\r\nContent-Type: message/rfc822\r\n\r\n${inner}`;
    const message = await parseMessage(Buffer.from(mixed(part)));
    expect(textPart(message, 'attachment:1')?.text).toContain('Vote for me.png');
  });
});
