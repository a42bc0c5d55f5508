import iconv from 'iconv-lite';
import { Unreadable, type Extraction } from './extraction.ts';
import { outlookText, type OutlookItem } from './outlook-text.ts';

// [MS-OXTNEF] 2.1.3.3: attributes.
const SUBJECT = 0x00018004;
const BODY = 0x0002800c;
const MESSAGE_PROPERTIES = 0x00069003;
const NEW_ATTACHMENT = 0x00069002;
const ATTACHMENT_DATA = 0x0006800f;
const ATTACHMENT_TITLE = 0x00018010;
const ATTACHMENT_PROPERTIES = 0x00069005;

/**
 * The text of a `winmail.dat` ([MS-OXTNEF]) and of the files packed in it.
 * @throws {Unreadable} `corrupt-file` where nothing of it can be read
 */
export async function tnefText(bytes: Buffer, extraction: Extraction): Promise<string> {
  const item: OutlookItem = { heading: [], plain: null, html: null, rtf: null, attachments: [] };
  let read = 0;
  for (let at = 6; at + 9 <= bytes.length; read++) {
    const id = bytes.readUInt32LE(at + 1);
    const length = bytes.readUInt32LE(at + 5);
    const data = bytes.subarray(at + 9, at + 9 + length);
    readAttribute(id, data, item);
    at += 9 + length + 2;
  }
  if (read === 0) throw new Unreadable('corrupt-file');
  return outlookText(item, extraction);
}

function readAttribute(id: number, data: Buffer, item: OutlookItem): void {
  const attachment = item.attachments.at(-1);
  if (id === SUBJECT) item.heading.push(narrow(data));
  else if (id === BODY) item.plain = narrow(data);
  else if (id === MESSAGE_PROPERTIES) {
    for (const { tag, value } of propertiesOf(data)) {
      if (tag === 0x1000001f) item.plain = wide(value);
      else if (tag === 0x1000001e) item.plain ??= narrow(value);
      else if (tag === 0x10130102) item.html = value;
      else if (tag === 0x10090102) item.rtf = value;
    }
  } else if (id === NEW_ATTACHMENT) item.attachments.push({ name: '', bytes: Buffer.alloc(0) });
  else if (attachment === undefined) return;
  else if (id === ATTACHMENT_DATA) attachment.bytes = data;
  else if (id === ATTACHMENT_TITLE) attachment.name = narrow(data);
  else if (id === ATTACHMENT_PROPERTIES) {
    for (const { tag, value } of propertiesOf(data)) {
      if (tag === 0x3707001f) attachment.name = wide(value);
      else if (tag === 0x3707001e) attachment.name = narrow(value);
      // An embedded object or message: an identifier of its interface, then its bytes.
      else if (tag === 0x3701000d && value.length > 16) attachment.bytes = value.subarray(16);
    }
  }
}

function narrow(bytes: Buffer): string {
  return iconv.decode(bytes, 'windows-1252').replace(/\0+$/, '');
}

function wide(bytes: Buffer): string {
  return bytes.toString('utf16le').replace(/\0+$/, '');
}

const NAMED = 0x8000;
const HAS_MANY = 0x1000;
const SIZES: Readonly<Record<number, number>> = {
  0x02: 4,
  0x03: 4,
  0x04: 4,
  0x0a: 4,
  0x0b: 4,
  0x05: 8,
  0x06: 8,
  0x07: 8,
  0x14: 8,
  0x40: 8,
  0x48: 16,
};

/** [MS-OXTNEF] 2.1.3.4: a list of MAPI properties. A broken one ends the list. */
function* propertiesOf(bytes: Buffer): Generator<{ tag: number; value: Buffer }> {
  const padded = (length: number): number => Math.ceil(length / 4) * 4;
  const u32 = (place: number): number => (place + 4 > bytes.length ? 0 : bytes.readUInt32LE(place));
  const count = u32(0);
  let at = 4;
  for (let index = 0; index < count && at + 4 <= bytes.length; index++) {
    const type = bytes.readUInt16LE(at);
    const id = bytes.readUInt16LE(at + 2);
    at += 4;
    if (id >= NAMED) at += u32(at + 16) === 0 ? 24 : 24 + padded(u32(at + 20));
    const size = SIZES[type & ~HAS_MANY];
    const isCounted = size === undefined || (type & HAS_MANY) !== 0;
    const values = isCounted ? u32(at) : 1;
    if (isCounted) at += 4;
    for (let each = 0; each < values && at < bytes.length; each++) {
      const length = size ?? u32(at);
      if (size === undefined) at += 4;
      yield { tag: id * 0x10000 + type, value: bytes.subarray(at, at + length) };
      at += padded(length);
    }
  }
}
