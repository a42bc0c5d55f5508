import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textPart, type ParsedMessage } from '../../src/mail/message.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/mail');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name));

const bytes = (text: string) => Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
const parse = (text: string) => parseMessage(bytes(text));
const textOf = (message: ParsedMessage, name: string) => textPart(message, name)?.text;

/** A multipart/mixed message of the given parts, each with its own header lines. */
const mixed = (...parts: string[]) =>
  `From: a@b.test\nContent-Type: multipart/mixed; boundary=sep\n\n${parts
    .map((part) => `--sep\n${part}\n`)
    .join('')}--sep--\n`;
const attached = (type: string, name: string, content: Buffer) =>
  `Content-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"\n` +
  `Content-Transfer-Encoding: base64\n\n${content.toString('base64')}`;

function* megabytes(count: number): Generator<Buffer> {
  for (let index = 0; index < count * 16; index++) yield Buffer.alloc(64 * 1024, 'a');
}

describe('parseMessage()', () => {
  it('reads a whole message: header, addresses, body with roles, attachments, structure', async () => {
    const message = await parseMessage(fixture('reply-with-spreadsheet.eml'));
    expect(message).toMatchObject({
      subject: 'RE: Café – minutes',
      messageId: '<reply-1@merebrook.gov.uk>',
      from: [{ name: 'Ann Example, Cllr', address: 'cllr.ann@merebrook.gov.uk' }],
      sender: null,
      to: [
        { name: 'Bo', address: 'bo@resident.test' },
        { name: '', address: 'clerk@parish.test' },
      ],
      cc: [],
      replyTo: [],
      contentType: { type: 'multipart/mixed', parameters: { boundary: 'outer;1' } },
      structure: [
        'multipart/mixed',
        'multipart/alternative',
        'text/plain',
        'text/html',
        'text/csv',
      ],
      limitsReached: [],
    });
    const body = textPart(message, 'body');
    expect(body?.spans.map(({ role }) => role)).toEqual(['own', 'signature', 'quoted']);
    expect(textOf(message, 'attachment:1')).toBe('name,street\nJoão,High Street\n');
    expect(message.attachments).toMatchObject([
      { number: 1, filename: 'list – May.csv', contentType: 'text/csv', detectedType: 'text/csv' },
    ]);
  });

  it('reads the same however the bytes arrive', async () => {
    const whole = fixture('reply-with-spreadsheet.eml');
    const expected = await parseMessage(whole);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
        const pieces: Buffer[] = [];
        for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
        expect(await parseMessage(Readable.from(pieces))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['iso-8859-1', 'caf\xe9 \x96 x', 'café – x'],
    ['windows-1252', 'caf\xe9', 'café'],
    ['koi8-r', '\xf0\xd2\xc9', 'При'],
    ['us-ascii', 'caf\xc3\xa9', 'café'],
    ['utf-8', 'caf\xe9', 'café'],
    ['klingon', 'caf\xe9', 'café'],
    ['base64', 'plain', 'plain'],
  ])('reads text in charset %s', async (charset, raw, text) => {
    const message = await parse(`Content-Type: text/plain; charset=${charset}\n\n${raw}`);
    expect(textOf(message, 'body')).toBe(text);
  });

  it('joins flowed lines, and with DelSp the words cut across them', async () => {
    const type = 'Content-Type: text/plain; format=flowed; delsp=yes';
    expect(textOf(await parse(`${type}\n\nOFFICIAL-SENSI \nTIVE\n`), 'body')).toBe(
      'OFFICIAL-SENSITIVE\n',
    );
  });

  it('joins the folded lines of a calendar entry', async () => {
    const event = 'Content-Type: text/calendar\n\nSUMMARY:OFFICIAL-SENS\n ITIVE visit\n';
    expect(textOf(await parse(event), 'attachment:1')).toBe('SUMMARY:OFFICIAL-SENSITIVE visit\n');
  });

  it('undoes base64 and quoted-printable, also where they are wrong', async () => {
    const base64 = 'Content-Transfer-Encoding: base64\n\n!aGVs*bG8=%\n';
    expect(textOf(await parse(base64), 'body')).toContain('hello');
    const quoted = 'Content-Transfer-Encoding: quoted-printable\n\nva=\nl=FCe =ZZ\n';
    expect(textOf(await parse(quoted), 'body')).toMatch(/^valüe =ZZ/);
  });

  it('reads a message inside a message as an attachment text, through every layer', async () => {
    const inner = mixed(
      '\ninner body',
      attached('text/csv', 'x.csv', Buffer.from('cell')),
    ).replaceAll('sep', 'in');
    const message = await parse(
      mixed('\nouter', `Content-Type: message/rfc822\n\nSubject: =?utf-8?Q?inn=65r?=\n${inner}`),
    );
    expect(textOf(message, 'body')).toBe('outer');
    expect(textOf(message, 'attachment:1')).toMatch(/subject: inner[^]*inner body\s+cell/);
    expect(message.structure).toEqual(['multipart/mixed', 'text/plain', 'message/rfc822']);
  });

  it('reads text by what it is, not by what it is called', async () => {
    const part = attached(
      'application/octet-stream',
      'a.bin',
      Buffer.from('plain words, no binary'),
    );
    const message = await parse(mixed('\nx', part));
    expect(message.attachments[0]).toMatchObject({ detectedType: 'text/plain' });
    expect(textOf(message, 'attachment:1')).toBe('plain words, no binary');
  });

  it('knows size, hash and type of an attachment that is no text', async () => {
    const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(200_000, 7)]);
    const message = await parse(mixed('\nx', attached('image/png', 'photo.png', content)));
    expect(message.attachments).toEqual([
      {
        number: 1,
        filename: 'photo.png',
        contentType: 'image/png',
        detectedType: 'application/pdf',
        inline: false,
        sizeBytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
        uninspectable: null,
        failed: null,
      },
    ]);
  });

  const zip = (flags: number, filler: number) => {
    const header = Buffer.from('PK\x03\x04\x14\0\0\0\x08\0', 'latin1');
    const locked = Buffer.from(header);
    locked[6] = flags;
    return Buffer.concat([header, Buffer.alloc(filler, 'z'), locked, Buffer.alloc(40)]);
  };
  const cfb = Buffer.concat([
    Buffer.from('D0CF11E0A1B11AE1', 'hex'),
    Buffer.alloc(70_000),
    Buffer.from('EncryptedPackage', 'utf16le'),
  ]);
  it.each([
    ['a locked ZIP', zip(1, 10), 'encrypted-archive'],
    ['a ZIP whose later entry is locked', zip(9, 65_530), 'encrypted-archive'],
    ['an open ZIP', zip(8, 65_530), null],
    ['a locked PDF', Buffer.from('%PDF-1.7\ntrailer << /Encrypt 12 0 R >>'), 'encrypted-pdf'],
    ['a PDF about /Encryption', Buffer.from('%PDF-1.7\n(/Encryption is good)'), null],
    ['a locked Office file', cfb, 'encrypted-office-file'],
    ['an old Office file', cfb.subarray(0, 70_000), null],
  ])('tells whether content is locked: %s', async (_, content, reason) => {
    const part = attached('application/octet-stream', 'f', content);
    const message = await parse(mixed('\nx', part));
    expect(message.attachments[0]?.uninspectable).toBe(reason);
  });

  it('lists encrypted and signed mail in structure and attachments', async () => {
    const pgp =
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=sep\n\n' +
      '--sep\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--sep\n' +
      'Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--sep--\n';
    expect((await parse(pgp)).structure).toEqual([
      'multipart/encrypted',
      'application/pgp-encrypted',
      'application/octet-stream',
    ]);
    const smime = await parse(
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n' +
        'Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CA\n',
    );
    expect(smime.structure).toEqual(['application/pkcs7-mime']);
    expect(smime.attachments[0]?.filename).toBe('smime.p7m');
    expect(smime.contentType.parameters['smime-type']).toBe('enveloped-data');
  });

  it('keeps every address of a group, and commas within encoded names', async () => {
    const message = await parse(
      'From: =?utf-8?Q?Smith=2C_Ann_=3Cevil=40x.test=3E?= <ann@b.test>\nTo: team: a@x.test, B <b@x.test>;\n\n',
    );
    expect(message.from).toEqual([{ name: 'Smith, Ann <evil@x.test>', address: 'ann@b.test' }]);
    expect(message.to.map(({ address }) => address)).toEqual(['a@x.test', 'b@x.test']);
  });

  it('takes a text part with a file name for an attachment, whatever its disposition', async () => {
    const message = await parse(
      mixed('\nbody', 'Content-Disposition: inline; filename=n.txt\n\nnote'),
    );
    expect([textOf(message, 'body'), textOf(message, 'attachment:1')]).toEqual(['body', 'note']);
  });

  it.each([
    ['', ''],
    ['\n', ''],
    ['\nbody', 'body'],
    ['Subject: x\nFrom: a@b.test', ''],
    ['Subject: x\n\nOFFI\0CIAL', 'OFFICIAL'],
    ['Content-Type: multipart/mixed\n\nno boundary named', 'no boundary named'],
    ['Content-Type: multipart/mixed; boundary=z\n\n--z\n\nnever closed', 'never closed'],
    ['Content-Type: nonsense\n\nbody', ''],
  ])('takes the odd message %j', async (raw, body) => {
    const message = await parse(raw);
    expect(textOf(message, 'body')?.trim()).toBe(body);
    expect(message.limitsReached).toEqual([]);
  });

  it.each([
    [
      'a boundary that never comes',
      'Content-Type: multipart/mixed; boundary=z\n\nhidden',
      'mime-structure',
    ],
    [
      'an inner multipart without boundary',
      mixed('Content-Type: multipart/mixed\n\nhidden'),
      'mime-structure',
    ],
    [
      'two different types',
      'Content-Type: text/plain\nContent-Type: text/html\n\nx',
      'mime-structure',
    ],
    [
      'a header line that is none',
      'Subject: x\nwhat is this\nFrom: a@b.test\n\nx',
      'header-malformed',
    ],
  ])('names %s as a place it could not read', async (_, raw, limit) => {
    expect((await parse(raw)).limitsReached).toEqual([limit]);
  });

  it('reads the first thousand of ten thousand parts and says so', async () => {
    const message = await parse(
      mixed(...Array.from({ length: 10_000 }, (_, index) => `\nn${index}`)),
    );
    expect(message.limitsReached).toEqual(['parts']);
    expect(textOf(message, 'body')).toContain('n999');
    expect(textOf(message, 'body')).not.toContain('n1000');
  }, 20_000);

  it('counts parts over all messages inside one another', async () => {
    const inner = `Content-Type: message/rfc822\n\n${mixed('\na', '\nb', '\nc')}`.replaceAll(
      'sep',
      'in',
    );
    const limits = { ...DEFAULT_PARSE_LIMITS, parts: 6 };
    const message = await parseMessage(bytes(mixed(inner, inner, inner)), limits);
    expect(message.limitsReached).toEqual(['parts']);
  });

  it('reads ten of a thousand messages inside one another and says so', async () => {
    let nested = 'Subject: core\n\ncore';
    for (let depth = 0; depth < 1000; depth++) {
      nested = `Subject: depth ${depth}\nContent-Type: message/rfc822\n\n${nested}`;
    }
    const message = await parse(nested);
    expect(message.limitsReached).toEqual(['depth']);
    expect(message.attachments[0]?.uninspectable).toBe('limit-reached');
    expect(textOf(message, 'attachment:1')).toContain('depth 990');
  });

  it('walks through a thousand multiparts inside one another', async () => {
    let head = 'Content-Type: multipart/mixed; boundary=b0\n\n';
    for (let depth = 1; depth < 900; depth++) {
      head += `--b${depth - 1}\nContent-Type: multipart/mixed; boundary=b${depth}\n\n`;
    }
    expect(textOf(await parse(`${head}--b899\n\ndeep\n`), 'body')).toContain('deep');
  });

  it('keeps a bounded part of a header line of a hundred megabytes, and reads the body behind it', async () => {
    const before = process.memoryUsage().rss;
    const source = Readable.from(
      (function* () {
        yield Buffer.from('Subject: ');
        yield* megabytes(100);
        yield Buffer.from('\r\n\r\nthe body');
      })(),
    );
    const message = await parseMessage(source);
    expect(message.limitsReached).toEqual(['header-bytes']);
    expect(message.subject.length).toBeLessThanOrEqual(DEFAULT_PARSE_LIMITS.headerBytes);
    expect(textOf(message, 'body')).toBe('the body');
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  }, 20_000);

  it('keeps a bounded part of a body line of a hundred megabytes', async () => {
    const source = Readable.from(
      (function* () {
        yield Buffer.from('Subject: x\r\n\r\n');
        yield* megabytes(100);
      })(),
    );
    const message = await parseMessage(source);
    expect(message.limitsReached).toEqual(['text-bytes-per-part']);
    expect(textOf(message, 'body')).toHaveLength(DEFAULT_PARSE_LIMITS.textBytesPerPart);
  }, 20_000);

  it('stops keeping text at the limit for the whole message', async () => {
    const limits = { ...DEFAULT_PARSE_LIMITS, textBytes: 5 };
    const message = await parseMessage(bytes(mixed('\nfour', '\nmore')), limits);
    expect(textOf(message, 'body')).toBe('four\nm');
    expect(message.limitsReached).toEqual(['text-bytes']);
  });

  it('survives a part header of many megabytes', async () => {
    const message = await parse(mixed(`X: ${'a'.repeat(3_000_000)}\n\nx`, '\ny'));
    expect(message.limitsReached).toEqual(['mime-structure']);
  });

  it('never throws and never leaves a gap between spans, whatever the bytes', async () => {
    const piece = fc.constantFrom(
      '--sep',
      '--sep--',
      '\r\n',
      '\n',
      'Content-Type: ',
      'multipart/mixed; boundary=sep',
      'text/html',
      'message/rfc822',
      'Content-Transfer-Encoding: base64',
      '<p>',
      '>',
      'Subject: ',
      '=?utf-8?B?',
      ' x',
      '\0',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        const message = await parseMessage(Buffer.from(pieces.join('')));
        for (const { text, spans } of message.texts) {
          expect(spans.reduce((at, span) => (span.start === at ? span.end : NaN), 0)).toBe(
            text.length,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ends with the error of its source', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from('Subject: x\r\n\r\nbody');
        await Promise.resolve();
        throw new Error('Disk is gone');
      })(),
    );
    await expect(parseMessage(source)).rejects.toThrow('Disk is gone');
  });
});
