import { createHash } from 'node:crypto';
import { createMessage, encrypt } from 'openpgp';
import { readHeaderBlock, type RawField } from '../mail/header-block.ts';
import { armor } from './armor.ts';
import { checkEncrypted } from './check.ts';
import { inspectKey, privateKeyOf, publicKeyOf, STRICT } from './keys.ts';

export interface EncryptionJob {
  /** The whole message with CRLF line ends. */
  raw: Buffer;
  /** The one recipient; the key must bear this address. */
  to: string;
  /** Armoured public key. */
  key: string;
  /** What stands outside for all to read: the marking alone. Printable ASCII. */
  outerSubject: string;
  at: Date;
  /** Armoured, unlocked private key to sign with; the content is not signed without it. */
  signingKey?: string;
}

/** Fields that mail systems and threads need on the way. All others stand inside only. */
const OUTSIDE = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'auto-submitted',
  'x-auto-response-suppress',
]);

/**
 * Belongs to the journey, not to the message: stays outside, if at all. Signatures of the old
 * content would only fail, and Bcc is told to nobody.
 */
const NOT_INSIDE = new Set([
  'received',
  'return-path',
  'delivered-to',
  'dkim-signature',
  'authentication-results',
  'bcc',
  'resent-bcc',
  'mime-version',
  'hp-outer',
]);

/**
 * The message as PGP/MIME (RFC 3156) for one recipient: everything but a few header fields
 * inside, with header protection (RFC 9788, `hp="cipher"`). What it returns has passed
 * `checkEncrypted`.
 * @throws {Error} if the key cannot be used or the result is not as intended; nothing may be
 * sent then.
 */
export async function encryptMessage(job: EncryptionJob): Promise<Buffer> {
  if (!/^[ -~]+$/.test(job.outerSubject)) throw new Error('Outer subject is not printable ASCII');
  const inspection = await inspectKey(job.key, job.at, job.to);
  if (inspection.kind === 'refused') {
    const { fingerprint, advice } = inspection;
    throw new Error(`Cannot encrypt to key "${fingerprint ?? 'unknown'}": ${advice}`);
  }
  const { fields, body } = split(job.raw);
  const outer = [
    ...fields.filter(({ name }) => OUTSIDE.has(name) || name.startsWith('list-')).map(text),
    `Subject: ${job.outerSubject}\r\n`,
  ];
  const trace = fields.filter(({ name }) => name === 'received').map(text);
  const inner = Buffer.from(innerHeader(fields, outer), 'latin1');
  const packets = await encrypt({
    message: await createMessage({ binary: streamOf([inner, body]) }),
    encryptionKeys: await publicKeyOf(job.key),
    ...(job.signingKey ? { signingKeys: await privateKeyOf(job.signingKey) } : {}),
    date: job.at,
    config: STRICT,
    format: 'binary',
  });
  const output = await multipart(
    [...trace, ...outer].join(''),
    packets,
    inner.length + body.length,
  );
  await checkEncrypted(output, {
    encryptionKeyId: inspection.key.encryptionKeyId,
    outerSubject: job.outerSubject,
  });
  return output;
}

function split(raw: Buffer): { fields: RawField[]; body: Buffer } {
  const end = raw.indexOf('\r\n\r\n');
  const header = end < 0 ? raw : raw.subarray(0, end + 2);
  const { fields, problem } = readHeaderBlock(header);
  if (problem !== null)
    throw new Error(`Cannot encrypt a message with a broken header: ${problem}`);
  return { fields, body: end < 0 ? Buffer.alloc(0) : raw.subarray(end + 4) };
}

/**
 * RFC 9788 §2.2: HP-Outer repeats what stands outside, so that its reader can tell what was
 * hidden.
 */
function innerHeader(fields: readonly RawField[], outer: readonly string[]): string {
  const own = fields.filter(
    ({ name }) => !NOT_INSIDE.has(name) && !name.startsWith('arc-') && name !== 'content-type',
  );
  const type = fields.find(({ name }) => name === 'content-type');
  return [
    ...own.filter(({ name }) => !name.startsWith('content-')).map(text),
    ...outer.map((field) => `HP-Outer: ${field}`),
    ...own.filter(({ name }) => name.startsWith('content-')).map(text),
    type ? withCipherMark(text(type)) : 'Content-Type: text/plain; hp="cipher"\r\n',
    '\r\n',
  ].join('');
}

function withCipherMark(contentType: string): string {
  const bare = contentType.replace(/;\s*hp\s*=\s*("[^"]*"|[^\s;]+)/gi, '').replace(/[\s;]+$/, '');
  return `${bare};\r\n hp="cipher"\r\n`;
}

const CHUNK_OCTETS = 1 << 20;

/** In pieces openpgp.js needs little memory beside what it is given and what it makes. */
function streamOf(parts: readonly Buffer[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) {
        for (let at = 0; at < part.length; at += CHUNK_OCTETS) {
          controller.enqueue(part.subarray(at, at + CHUNK_OCTETS));
        }
      }
      controller.close();
    },
  });
}

/** The whole message: header, the version, and the packets in armour. */
async function multipart(
  header: string,
  packets: AsyncIterable<Uint8Array>,
  contentOctets: number,
): Promise<Buffer> {
  const blank = frameOf(header, `pgp-${'0'.repeat(40)}`);
  // Packets are hardly longer than what is in them.
  const expectedOctets = Math.ceil(contentOctets * 1.01) + 4096;
  const { output, armored } = await armor(packets, { ...blank, expectedOctets });
  // Drawn from the content, so it cannot stand in it: nobody finds a text with its own hash inside.
  const digest = createHash('sha256').update(armored).digest('hex');
  const { head, foot } = frameOf(header, `pgp-${digest.slice(0, 40)}`);
  head.copy(output);
  foot.copy(output, output.length - foot.length);
  return output;
}

/** What stands around the armour; as long with one boundary as with another of its length. */
function frameOf(header: string, boundary: string): { head: Buffer; foot: Buffer } {
  const head = [
    'MIME-Version: 1.0',
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
    ` boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: application/pgp-encrypted',
    'Content-Description: PGP/MIME version identification',
    '',
    'Version: 1',
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream; name="encrypted.asc"',
    'Content-Description: OpenPGP encrypted message',
    'Content-Disposition: inline; filename="encrypted.asc"',
    '',
    '',
  ].join('\r\n');
  return {
    head: Buffer.from(header + head, 'latin1'),
    foot: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

/** Bytes as characters, so that 8-bit headers come out as they went in. */
function text(field: RawField): string {
  const raw = field.raw.toString('latin1');
  return raw.endsWith('\r\n') ? raw : `${raw}\r\n`;
}
