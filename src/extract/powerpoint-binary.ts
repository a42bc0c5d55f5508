import iconv from 'iconv-lite';
import { Unreadable } from './extraction.ts';

// [MS-PPT] 2.13.24: records that hold text, as UTF-16, as its lower bytes, and as names and
// footers, which come last as they stand on every page.
const TEXT_CHARS = 0x0fa0;
const TEXT_BYTES = 0x0fa8;
const STRING = 0x0fba;
const CONTAINER = 0xf;

const ENCRYPTED_TOKEN = 0xf3d1c4df;

/**
 * The text of a PowerPoint 97 to 2003 file.
 * @param stream The stream `PowerPoint Document`.
 * @param user The stream `Current User`, which says whether the other is encrypted.
 * @throws {Unreadable} `encrypted-office-file`
 */
export function powerPointText(stream: Buffer, user: Buffer | null): string {
  if (user !== null && user.length >= 16 && user.readUInt32LE(12) === ENCRYPTED_TOKEN) {
    throw new Unreadable('encrypted-office-file');
  }
  const lines: string[] = [];
  const footers = new Set<string>();
  for (let at = 0; at + 8 <= stream.length;) {
    const isContainer = (stream.readUInt16LE(at) & 0xf) === CONTAINER;
    const type = stream.readUInt16LE(at + 2);
    const bytes = stream.subarray(at + 8, at + 8 + stream.readUInt32LE(at + 4));
    if (type === TEXT_CHARS) lines.push(bytes.toString('utf16le'));
    if (type === STRING) footers.add(bytes.toString('utf16le'));
    if (type === TEXT_BYTES) lines.push(iconv.decode(bytes, 'windows-1252'));
    // Stepping into a container is walking on behind its head: the records stand in one line.
    at += 8 + (isContainer ? 0 : bytes.length);
  }
  return [...lines, ...footers].join('\n').replace(/[\r\v]/g, '\n');
}
