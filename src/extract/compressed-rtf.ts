import { Unreadable } from './extraction.ts';

const COMPRESSED = 0x75465a4c;
const DICTIONARY = 4096;
// [MS-OXRTFCP] 2.1.2.1: what every text starts from.
const START = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern ' +
    '\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0' +
    '\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/**
 * The RTF in a body as Outlook packs it ([MS-OXRTFCP]).
 * @throws {Unreadable} `corrupt-file`, `limit-reached`
 */
export function decompressRtf(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < 16) throw new Unreadable('corrupt-file');
  const rawBytes = bytes.readUInt32LE(4);
  if (rawBytes > maxBytes) throw new Unreadable('limit-reached');
  if (bytes.readUInt32LE(8) !== COMPRESSED) return bytes.subarray(16, 16 + rawBytes);
  const dictionary = Buffer.alloc(DICTIONARY, ' ');
  START.copy(dictionary);
  let place = START.length;
  const output = { bytes: Buffer.alloc(rawBytes), length: 0 };
  const emit = (byte: number): void => {
    output.bytes[output.length++] = byte;
    dictionary[place] = byte;
    place = (place + 1) % DICTIONARY;
  };
  let control = 0;
  let bitsLeft = 0;
  for (let at = 16; at < bytes.length && output.length < output.bytes.length; control >>= 1) {
    if (bitsLeft-- === 0) {
      control = (bytes[at++] ?? 0) << 1;
      bitsLeft = 8;
      continue;
    }
    if ((control & 1) === 0) {
      emit(bytes[at++] ?? 0);
      continue;
    }
    const reference = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    at += 2;
    const from = reference >> 4;
    // A reference to the place being written ends the text.
    if (from === place) break;
    for (let step = 0; step < (reference & 0xf) + 2; step++) {
      emit(dictionary[(from + step) % DICTIONARY] ?? 0);
    }
  }
  return output.bytes.subarray(0, Math.min(output.length, rawBytes));
}
