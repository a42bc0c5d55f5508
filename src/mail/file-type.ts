import { decodeBytes } from './charset.ts';

/** How many leading bytes `detectType` wants. */
export const HEAD_BYTES = 1024;
/** How many it wants where those say nothing: an ISO 9660 image begins with 32 KiB for others. */
export const LONG_HEAD_BYTES = 0x8006;

const MAGIC: readonly [type: string, offset: number, bytes: string][] = [
  ['application/pdf', 0, '%PDF-'],
  ['application/zip', 0, 'PK\x03\x04'],
  ['application/zip', 0, 'PK\x05\x06'],
  ['application/x-cfb', 0, '\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1'],
  ['application/rtf', 0, '{\\rtf'],
  ['application/x-7z-compressed', 0, '7z\xBC\xAF\x27\x1C'],
  ['application/vnd.rar', 0, 'Rar!\x1A\x07'],
  ['application/zstd', 0, '\x28\xB5\x2F\xFD'],
  ['application/x-lz4', 0, '\x04\x22\x4D\x18'],
  ['application/x-cpio', 0, '070701'],
  ['application/x-cpio', 0, '070702'],
  ['application/x-cpio', 0, '070707'],
  ['application/x-cpio', 0, '\xC7\x71'],
  ['application/x-archive', 0, '!<arch>\n'],
  ['application/x-xar', 0, 'xar!\x00\x1C'],
  ['application/x-lzh-compressed', 2, '-lh'],
  ['application/vnd.ms-cab-compressed', 0, 'MSCF'],
  ['application/gzip', 0, '\x1F\x8B'],
  ['application/x-bzip2', 0, 'BZh'],
  ['application/x-xz', 0, '\xFD7zXZ\x00'],
  ['application/vnd.ms-tnef', 0, '\x78\x9F\x3E\x22'],
  ['application/vnd.microsoft.portable-executable', 0, 'MZ'],
  ['application/x-executable', 0, '\x7FELF'],
  ['image/png', 0, '\x89PNG\r\n\x1A\n'],
  ['image/jpeg', 0, '\xFF\xD8\xFF'],
  ['image/gif', 0, 'GIF8'],
  ['image/bmp', 0, 'BM'],
  ['image/tiff', 0, 'II*\x00'],
  ['image/tiff', 0, 'MM\x00*'],
  ['image/webp', 8, 'WEBP'],
  // ISO/IEC 23008-12: what the file is compatible with, first of all.
  ...['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'].map(
    (brand): [string, number, string] => ['image/heic', 4, `ftyp${brand}`],
  ),
  ['image/avif', 4, 'ftypavif'],
  ['video/mp4', 4, 'ftyp'],
  ['audio/mpeg', 0, 'ID3'],
  ['application/ogg', 0, 'OggS'],
  ['application/x-tar', 257, 'ustar'],
  ['application/x-iso9660-image', 0x8001, 'CD001'],
  // MS-OFFCRYPTO §1.3: a message under rights protection.
  ['application/x-microsoft-rpmsg-message', 0, '\x76\xE8\x04\x60\xC4\x11\xE3\x86'],
];

/**
 * How other pictures, sounds and fonts begin. Some begin with too little to be known by it alone,
 * so they are believed only where the declared type agrees.
 */
const BORNE_OUT: readonly (readonly [declared: RegExp, head: RegExp])[] = (
  [
    [/^image\//, String.raw`\x00\x00[\x01\x02]\x00|8BPS|II\+\x00|MM\x00\+|\xFF\x0A`],
    [/^image\//, String.raw`\xD7\xCD\xC6\x9A|\x01\x00[^]{38} EMF|[^]{4}(?:jP {2}|JXL )\r\n`],
    // MPEG and ADTS frames, without a tag in front.
    [/^audio\//, String.raw`\xFF[\xE2\xE3\xF0-\xF3\xF8-\xFB]|fLaC|#!AMR|MThd|\.snd`],
    [/^audio\//, 'RIFF[^]{4}WAVE|FORM[^]{4}AIF'],
    [/^video\//, String.raw`RIFF[^]{4}AVI |\x00\x00\x01[\xB3\xBA]|FLV\x01|G[^]{187}G[^]{187}G`],
    [/^video\//, '[^]{4}(?:moov|mdat|wide|free|skip)'],
    [/^(?:audio|video)\//, String.raw`\x1A\x45\xDF\xA3|\x30\x26\xB2\x75\x8E\x66\xCF\x11`],
    [/^font\//, String.raw`wOFF|wOF2|OTTO|ttcf|\x00\x01\x00\x00\x00`],
  ] as const
).map(([declared, head]) => [declared, new RegExp(`^(?:${head})`)]);

/** What an S/MIME body holds is said by its first object identifier (RFC 5652 §3, RFC 5083 §2). */
const CMS_CONTENTS: readonly [smimeType: string, oid: string][] = [
  ['enveloped-data', '2a864886f70d010703'],
  ['signed-data', '2a864886f70d010702'],
  ['authenveloped-data', '2a864886f70d0109100117'],
];

/** The type of what nobody knows. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * The type that the first bytes say, so that a renamed file is still known. Where they say nothing,
 * the declared type if it is textual (`isCredible` tells whether they can be a text); of other
 * files that read as text `text/plain`, or `text/html` where it plainly is; else the declared type,
 * or `application/octet-stream` where it claims a picture or sound that the bytes do not bear out.
 * @param head At least the first HEAD_BYTES bytes, or everything; of an unknown binary file
 *   LONG_HEAD_BYTES.
 * @param charset As declared, for a text of which every other byte may be zero.
 */
export function detectType(head: Buffer, declared: string, charset = ''): string {
  const start = head.subarray(0, HEAD_BYTES);
  const isText = looksTextual(start);
  const isLetter = isTextual(declared) && isCredible(start, charset);
  // PDF readers accept up to a kilobyte of other bytes in front of the signature.
  if (start.indexOf('%PDF-', 0, 'latin1') >= 0 && !isLetter) return 'application/pdf';
  const cms = cmsContent(head);
  if (cms !== null) return `application/pkcs7-mime; smime-type=${cms}`;
  for (const [type, offset, bytes] of MAGIC) {
    // A letter may begin with "MZ" or "ID3"; what these files begin with is no letter.
    if (isText && !TEXT_FORMATS.has(type)) continue;
    if (isLetter && !TEXT_FORMATS.has(type) && /^[ -~]+$/.test(bytes)) continue;
    if (head.toString('latin1', offset, offset + bytes.length) === bytes) return type;
  }
  if (isTextual(declared)) return declared;
  if (wideMark(head) !== null && isCredible(start, '')) return 'text/plain';
  if (!isText) return believed(declared, start);
  const text = start.toString('latin1');
  return TEXT_KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'text/plain';
}

/** Of bytes that say nothing: only they could bear out that there are no words in the file. */
function believed(declared: string, start: Buffer): string {
  if (!isTextless(declared)) return declared;
  const text = start.toString('latin1');
  return BORNE_OUT.some(([type, head]) => type.test(declared) && head.test(text))
    ? declared
    : UNKNOWN_TYPE;
}

/** The content type of a DER or BER ContentInfo, `null` where the bytes are none. */
function cmsContent(head: Buffer): string | null {
  const [tag, length = 0] = head;
  if (tag !== 0x30) return null;
  // Short, indefinite, or so many bytes of length.
  const identifier = 2 + (length > 0x80 ? length - 0x80 : 0);
  if (head[identifier] !== 0x06) return null;
  const size = head[identifier + 1] ?? 0;
  const oid = head.toString('hex', identifier + 2, identifier + 2 + size);
  return CMS_CONTENTS.find(([, known]) => known === oid)?.[0] ?? null;
}

const TEXT_FORMATS = new Set(['application/pdf', 'application/rtf']);

// Texts that are read in a way of their own.
const TEXT_KINDS: readonly [type: string, pattern: RegExp][] = [
  ['text/html', /^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!doctype html|<html|<body|<div|<table|<p\b)/i],
  ['image/svg+xml', /^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!doctype svg[^>]{0,200}>\s*)?<svg\b/i],
  ['text/calendar', /^\s*BEGIN:VCALENDAR/i],
  ['text/vcard', /^\s*BEGIN:VCARD/i],
  // RFC 4155 appendix A: messages in a row, a line with a date before each.
  ['application/mbox', /^From \S+[ \t][^\n]{0,60}\d{4}\r?\n[\w-]{1,60}:/],
  // A saved web page, whose fields are in no usual order.
  ['message/rfc822', /^(?:[\w-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?mime-version:\s*1\.0/i],
  [
    'message/rfc822',
    new RegExp(
      '^(?:(?:return-path|received|delivered-to|from|to|date|subject|message-id|mime-version|' +
        String.raw`x-[\w-]{1,60}):[^\n]*\n(?:[ \t][^\n]*\n)*){3}`,
      'i',
    ),
  ],
];

/** Types that hold no words but those that a picture shows or a voice speaks. */
export function isTextless(type: string): boolean {
  return /^(?:image|audio|video|font)\/|^application\/ogg$/.test(type);
}

/** CMS SignedData, which anybody can read; detached signatures too. */
export function isSigned(type: string): boolean {
  return type.endsWith('; smime-type=signed-data');
}

const ARCHIVES = new RegExp(
  '^application/(?:x-7z-compressed|vnd[.]rar|x-bzip2|x-xz|x-lz4|vnd[.]ms-cab-compressed|x-cpio|' +
    'x-archive|x-xar|x-lzh-compressed|x-iso9660-image)$',
);

/** Why nobody can read a file of this type, where there is no reader for it. */
export function refusalOf(
  type: string,
): 'encrypted-message' | 'unsupported-archive' | 'unknown-type' {
  if (isSealed(type)) return 'encrypted-message';
  return ARCHIVES.test(type) ? 'unsupported-archive' : 'unknown-type';
}

/** An S/MIME message that only its recipients can read. */
export function isSealed(type: string): boolean {
  return /; smime-type=(?:auth)?enveloped-data$/.test(type);
}

/** Types whose bytes are text for a reader, or become it without a special parser. */
export function isTextual(type: string): boolean {
  return (
    type.startsWith('text/') ||
    /^message\/(?!rfc822|global$)/.test(type) ||
    /^application\/(?:json|xml|javascript|ics|yaml|pgp-(?:encrypted|keys|signature))$/.test(type) ||
    /\+(?:xml|json)$/.test(type)
  );
}

/** UTF-16 by its byte order mark, which spreadsheets write in front of "Unicode text". */
function wideMark(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  const mark = head.toString('hex', 0, 2);
  return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : null;
}

/** Bytes that speak for a text without being told that they are one. */
export function looksTextual(head: Buffer): boolean {
  return head.length > 0 && !head.includes(0) && controlsIn(head) * 50 < head.length;
}

function controlsIn(bytes: Buffer): number {
  let controls = 0;
  for (const byte of bytes) {
    if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d && byte !== 0x0b)) controls++;
  }
  return controls;
}

const ESCAPE = 0x1b;

/** How many odd ones a text may hold: of a short one up to an eighth, of a long one a part. */
const oddAllowed = (length: number): number => Math.max(Math.min(8, length / 8), length * 0.04);

/**
 * Whether the first bytes of what is called a text can be one: a few odd ones may stand in it, and
 * the escapes of ISO 2022. Of packed or encrypted bytes every tenth is a control.
 */
export function isCredible(head: Buffer, charset: string): boolean {
  const wide = /^(?:utf-?(?:16|32)|ucs-?[24])/i.test(charset) ? charset : wideMark(head);
  if (wide !== null) return isWideText(head, wide);
  const escapes = head.filter((byte) => byte === ESCAPE).length;
  if (controlsIn(head) - escapes <= oddAllowed(head.length)) return true;
  return ['utf-16le', 'utf-16be'].some(
    (name) => isWideText(head, name) && isMostlyLatin(head, name),
  );
}

const ODD_CHARACTERS = /[\p{Cc}\p{Cn}\p{Co}\uFFFD]/gu;

/** Random units are halves of a pair three times in a hundred, and as often nothing at all. */
function isWideText(head: Buffer, charset: string): boolean {
  const text = decodeBytes(head.subarray(0, head.length & ~3), charset);
  const odd = text.toWellFormed().replace(/\s/g, '').match(ODD_CHARACTERS)?.length ?? 0;
  return odd <= oddAllowed(text.length);
}

function isMostlyLatin(head: Buffer, charset: string): boolean {
  const text = decodeBytes(head.subarray(0, head.length & ~1), charset);
  return (text.match(/[\s!-~]/g)?.length ?? 0) * 10 > text.length * 7;
}

const OVERLAP = 64;
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Watches an attachment stream by for a lock that keeps its content from us, in constant memory:
 * the encryption bit of a ZIP entry (local or central), a PDF's /Encrypt, Office's
 * EncryptedPackage.
 */
export function createLockDetector(): {
  write(chunk: Buffer): void;
  lock(type: string): string | null;
} {
  let tail: Buffer = Buffer.alloc(0);
  const seen = new Set<string>();
  return {
    write(chunk) {
      const window = Buffer.concat([tail, chunk]);
      if (hasLockedEntry(window)) seen.add('application/zip');
      if (hasPdfEncrypt(window)) seen.add('application/pdf');
      if (window.includes(ENCRYPTED_PACKAGE)) seen.add('application/x-cfb');
      tail = Buffer.from(window.subarray(-OVERLAP));
    },
    lock: (type) => (seen.has(type) ? (REASONS[type] ?? null) : null),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  'application/zip': 'encrypted-archive',
  'application/pdf': 'encrypted-pdf',
  'application/x-cfb': 'encrypted-office-file',
};

/**
 * APPNOTE.TXT 4.4.4: bit 0 of the general purpose flags, at offset 6 of a local and 8 of a central
 * header.
 */
function hasLockedEntry(window: Buffer): boolean {
  for (let at = window.indexOf('PK'); at >= 0; at = window.indexOf('PK', at + 1)) {
    const signature = window.toString('latin1', at + 2, at + 4);
    const flags = signature === '\x03\x04' ? at + 6 : signature === '\x01\x02' ? at + 8 : -1;
    if (flags >= 0 && flags < window.length && ((window[flags] ?? 0) & 1) === 1) return true;
  }
  return false;
}

/** ISO 32000-1 §7.6.1: the trailer (or cross-reference stream) names an encryption dictionary. */
function hasPdfEncrypt(window: Buffer): boolean {
  for (let at = window.indexOf('/Encrypt'); at >= 0; at = window.indexOf('/Encrypt', at + 1)) {
    const after = window.toString('latin1', at + 8, at + 40);
    if (/^\s*(?:\d+\s+\d+\s+R|<<)/.test(after)) return true;
  }
  return false;
}
