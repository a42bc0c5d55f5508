import type { AttachmentReader } from '../mail/attachment-reader.ts';
import { readText } from '../mail/body-text.ts';
import {
  detectType,
  isTextless,
  isTextual,
  LONG_HEAD_BYTES,
  refusalOf,
} from '../mail/file-type.ts';
import { normaliseText } from '../mail/normal-text.ts';
import { DEFAULT_PARSE_LIMITS, messageText, parseMessage } from '../mail/parse.ts';
import { asEntity, signedContent } from '../mail/signed-message.ts';
import { openCompoundFile } from './compound-file.ts';
import { excelText } from './excel-binary.ts';
import { ARCHIVE_TYPES, PACKED_TYPES, spendMember, UNREADABLE, Unreadable } from './extraction.ts';
import type { Extraction, ExtractLimits, UnreadableReason } from './extraction.ts';
import { imageText, type OcrEngine } from './image-text.ts';
import { isOfficeXml, officeXmlText } from './office-xml.ts';
import { isOpenDocument, openDocumentText } from './open-document.ts';
import { isOutlookMessage, outlookMessageText } from './outlook-message.ts';
import { pdfText } from './pdf-text.ts';
import { powerPointText } from './powerpoint-binary.ts';
import { propertySetsText } from './property-sets.ts';
import { rtfText } from './rtf-text.ts';
import { tarMembers } from './tar-file.ts';
import { tnefText } from './tnef-text.ts';
import { wordText } from './word-binary.ts';
import { openZip, type ZipMember } from './zip-file.ts';

export interface ExtractOptions {
  limits: ExtractLimits;
  /** `null`: pictures are not read. */
  ocr: OcrEngine | null;
}

type Reader = (
  bytes: Buffer,
  extraction: Extraction,
  ocr: OcrEngine | null,
) => Promise<string> | string;

/** For readers of several types. */
function readersOf<Type extends string>(
  types: readonly Type[],
  reader: (type: Type, bytes: Buffer, extraction: Extraction) => Promise<string>,
): Record<string, Reader> {
  return Object.fromEntries(
    types.map((type) => [
      type,
      (bytes: Buffer, extraction: Extraction) => reader(type, bytes, extraction),
    ]),
  );
}

/** Loaded with the first archive: few messages have one. */
async function archiveText(type: string, bytes: Buffer, extraction: Extraction): Promise<string> {
  return (await import('./archive-file.ts')).archiveText(type, bytes, extraction);
}

/** Files that hold files: their depth is limited. */
const CONTAINERS: Readonly<Record<string, Reader>> = {
  'application/zip': zipText,
  'application/x-cfb': compoundText,
  ...readersOf(ARCHIVE_TYPES, archiveText),
  ...readersOf(PACKED_TYPES, async (type, bytes, extraction) => {
    const { packedText } = await import('./packed-file.ts');
    return packedText(type, bytes, extraction);
  }),
  'application/x-tar': tarText,
  'application/vnd.ms-tnef': tnefText,
  'message/rfc822': mailText,
  'application/mbox': mailboxText,
  'application/pkcs7-mime; smime-type=signed-data': signedText,
  'application/pdf': pdfText,
};

/**
 * The text of one file and of the files inside it, by its content. Time and memory are bounded by
 * the limits for any file that the formats' readers can be trusted with; those that they cannot be
 * are why this runs in a process of its own.
 * @param type As `detectType` says.
 * @throws where a reader has a fault; what the sender locked or broke is in `uninspectable`
 */
export async function extractFile(
  file: { type: string; bytes: Buffer },
  { limits, ocr }: ExtractOptions,
): Promise<{ text: string; uninspectable: UnreadableReason | null }> {
  const reasons = new Set<UnreadableReason>();
  const { members, inflatedBytes, images } = limits;
  const left = { members, inflatedBytes, images };
  const note = (reason: UnreadableReason): void => void reasons.add(reason);
  const readAt = async (depth: number, type: string, bytes: Buffer): Promise<string> => {
    const member = async (name: string, inner: Buffer): Promise<string> => {
      if (inner.length === 0) return `${name}\n`;
      const innerType = detectType(inner.subarray(0, LONG_HEAD_BYTES), 'application/octet-stream');
      return `${name}\n${await readAt(depth + 1, innerType, inner)}\n`;
    };
    try {
      const isDeep = depth > limits.depth && Object.hasOwn(CONTAINERS, type);
      if (isDeep) throw new Unreadable('limit-reached');
      return await readType(type, bytes, { limits, left, note, member }, ocr);
    } catch (error) {
      note(reasonOf(error));
      return '';
    }
  };
  const text = normaliseText(await readAt(0, file.type, file.bytes));
  if (text.length > limits.textLength) note('limit-reached');
  const [uninspectable = null] = reasons;
  return { text: text.slice(0, limits.textLength), uninspectable };
}

/** @throws the error itself where it is a fault of ours */
function reasonOf(error: unknown): UnreadableReason {
  if (error instanceof Unreadable) return error.reason;
  // Reading beyond the end of a buffer: the file lies about a length.
  if (error instanceof RangeError && 'code' in error) return 'corrupt-file';
  throw error;
}

async function readType(
  type: string,
  bytes: Buffer,
  extraction: Extraction,
  ocr: OcrEngine | null,
): Promise<string> {
  const container = CONTAINERS[type];
  if (container !== undefined) return container(bytes, extraction, ocr);
  if (type === 'application/rtf') return rtfText(bytes);
  if (isTextual(type)) {
    return readText({ type, bytes, charset: charsetOf(bytes), flowed: false, delSp: false }).text;
  }
  if (ocr !== null && type === 'image/heic') {
    // Two megabytes of decoder, which only this needs.
    return (await import('./heif-image.ts')).heifText(bytes, extraction, ocr);
  }
  if (ocr !== null && type.startsWith('image/')) return imageText(bytes, type, extraction, ocr);
  if (isTextless(type)) return '';
  throw new Unreadable(refusalOf(type));
}

/** `''` leaves it to the reader of texts to guess. */
function charsetOf(bytes: Buffer): string {
  return { fffe: 'utf-16le', feff: 'utf-16be' }[bytes.toString('hex', 0, 2)] ?? '';
}

async function zipText(bytes: Buffer, extraction: Extraction): Promise<string> {
  const members = await openZip(bytes, extraction);
  if (isOfficeXml(members)) return officeXmlText(members, extraction);
  if (isOpenDocument(members)) return openDocumentText(members, extraction);
  // Newer methods of packing are known to libarchive only.
  if (members.some(({ isLocked, isPlain }) => !isLocked && !isPlain)) {
    return archiveText('application/zip', bytes, extraction);
  }
  const texts: string[] = [];
  for (const member of members) texts.push(await zipMemberText(member, extraction));
  return texts.join('\n');
}

/** One locked or broken member leaves the others readable. */
async function zipMemberText(member: ZipMember, extraction: Extraction): Promise<string> {
  try {
    return await extraction.member(member.name, await member.read());
  } catch (error) {
    extraction.note(reasonOf(error));
    return `${member.name}\n`;
  }
}

function compoundText(bytes: Buffer, extraction: Extraction): Promise<string> | string {
  const streams = openCompoundFile(bytes);
  const read = (name: string): Buffer | null =>
    streams.find(({ path }) => path.toLowerCase() === name.toLowerCase())?.read() ?? null;
  if (streams.some(({ path }) => path === 'EncryptedPackage')) {
    throw new Unreadable('encrypted-office-file');
  }
  if (isOutlookMessage(streams)) return outlookMessageText(streams, extraction);
  const document = documentText(read);
  if (document !== null) {
    const texts = [document, documentProperties(read, extraction)];
    return texts.filter((text) => text !== '').join('\n');
  }
  const object = read('\x01Ole10Native');
  const embedded = object === null ? read('Package') : packedObject(object);
  if (embedded !== null) return extraction.member('', embedded);
  throw new Unreadable('unknown-type');
}

/** Of Word, Excel and PowerPoint before 2007; `null` where the file is none of them. */
function documentText(read: (name: string) => Buffer | null): string | null {
  const word = read('WordDocument');
  if (word !== null) return wordText(word, read);
  const excel = read('Workbook') ?? read('Book');
  if (excel !== null) return excelText(excel);
  const slides = read('PowerPoint Document');
  return slides === null ? null : powerPointText(slides, read('Current User'));
}

/** Broken ones leave the text readable. */
function documentProperties(read: (name: string) => Buffer | null, extraction: Extraction): string {
  try {
    return propertySetsText(read);
  } catch (error) {
    extraction.note(reasonOf(error));
    return '';
  }
}

/** A file dragged into a document ([MS-OLEDS] 2.3.6): its names, then its bytes. */
function packedObject(stream: Buffer): Buffer {
  const afterText = (at: number): number => {
    const end = stream.indexOf(0, at);
    if (end < 0) throw new Unreadable('corrupt-file');
    return end + 1;
  };
  // Two names behind a size and flags, then flags and a third name behind its length.
  const names = afterText(afterText(6));
  const data = names + 8 + stream.readUInt32LE(names + 4);
  return stream.subarray(data + 4, data + 4 + stream.readUInt32LE(data));
}

async function tarText(bytes: Buffer, extraction: Extraction): Promise<string> {
  const texts: string[] = [];
  for (const member of tarMembers(bytes)) {
    spendMember(extraction);
    texts.push(await extraction.member(member.name, member.bytes));
  }
  return texts.join('\n');
}

const MESSAGE_START = /^From \S+[ \t][^\n]{0,60}\d{4}\r?\n/gm;

/** Messages in a row (RFC 4155). */
async function mailboxText(bytes: Buffer, extraction: Extraction): Promise<string> {
  // Each character a byte, so that places in the text are places in the file.
  const starts = [...bytes.toString('latin1').matchAll(MESSAGE_START)];
  const texts: string[] = [];
  for (const [index, { 0: line, index: start }] of starts.entries()) {
    spendMember(extraction);
    const message = bytes.subarray(start + line.length, starts[index + 1]?.index);
    texts.push(await mailText(message, extraction));
  }
  return texts.join('\n\n');
}

/** What was signed, without the signature. */
async function signedText(bytes: Buffer, extraction: Extraction): Promise<string> {
  const content = signedContent(bytes);
  if (content === null) throw new Unreadable('corrupt-file');
  return content === 'detached' ? '' : mailText(asEntity(content), extraction);
}

/** A mail file among others; one that is attached by itself is read with the message around it. */
async function mailText(bytes: Buffer, extraction: Extraction): Promise<string> {
  const { depth, members: parts } = extraction.limits;
  const reader: AttachmentReader = {
    reads: () => true,
    read: async (file) => ({
      text: normaliseText(await extraction.member('', file.bytes)),
      uninspectable: null,
      failed: null,
    }),
  };
  const message = await parseMessage(bytes, { ...DEFAULT_PARSE_LIMITS, depth, parts }, reader);
  if (message.limitsReached.length > 0) extraction.note('limit-reached');
  for (const reason of UNREADABLE) {
    if (message.attachments.some(({ uninspectable }) => uninspectable === reason)) {
      extraction.note(reason);
    }
  }
  return messageText(message).text;
}
