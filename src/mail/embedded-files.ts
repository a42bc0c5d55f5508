import { isHtml, type TextContent } from './body-text.ts';
import { UNKNOWN_TYPE } from './file-type.ts';

/** A file that stands in a text instead of in a part of its own. */
export interface EmbeddedFile {
  /** As it is said there; `application/octet-stream` where nothing is. */
  contentType: string;
  /** `''` where it has none. */
  filename: string;
  bytes: Buffer;
}

/** What one text may hold; a newsletter has a few icons. */
const MOST_FILES = 50;

/**
 * The files that mail programs show or offer from within a text: pictures in `data:` addresses of
 * HTML (RFC 2397), and uuencoded blocks (POSIX uuencode), also of a part sent in `x-uuencode`.
 * @returns `isCut` where there are more than anybody writes; those are not read
 */
export function embeddedFiles({ type, bytes }: TextContent): {
  files: EmbeddedFile[];
  isCut: boolean;
} {
  // Each character a byte: both encodings are ASCII, whatever the charset.
  const text = bytes.toString('latin1');
  const files: EmbeddedFile[] = [];
  const found = isHtml(type) ? dataPictures(text) : uuencoded(text);
  for (const file of found) {
    if (files.length === MOST_FILES) return { files, isCut: true };
    files.push(file);
  }
  return { files, isCut: false };
}

const DATA_PICTURE =
  /\bdata:(image\/[a-z0-9.+-]{1,40})(?:;[a-z0-9=_-]{1,40}){0,3};base64,([a-z0-9+/=\s%]+)/gi;

function* dataPictures(html: string): Generator<EmbeddedFile> {
  for (const [, contentType = '', base64 = ''] of html.matchAll(DATA_PICTURE)) {
    const written = base64.replace(/%(2b|2f|3d)/gi, (code) => decodeURIComponent(code));
    const bytes = Buffer.from(written, 'base64');
    // A writer about such addresses gives a few letters of one.
    if (bytes.length < 16) continue;
    yield { contentType: contentType.toLowerCase(), filename: '', bytes };
  }
}

const BEGIN = /^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n/gm;

function* uuencoded(text: string): Generator<EmbeddedFile> {
  for (const { 0: begin, 1: filename = '', index } of text.matchAll(BEGIN)) {
    const pieces: Buffer[] = [];
    let at = index + begin.length;
    for (;;) {
      const end = text.indexOf('\n', at);
      const piece = decodedLine(text.slice(at, end < 0 ? text.length : end).trimEnd());
      if (piece === null) break;
      pieces.push(piece);
      if (end < 0) break;
      at = end + 1;
    }
    const bytes = Buffer.concat(pieces);
    if (bytes.length > 0) yield { contentType: UNKNOWN_TYPE, filename: filename.trim(), bytes };
  }
}

/** Sixty-four characters from the space on; the grave accent stands for it. */
const valueOf = (line: string, at: number): number =>
  at < line.length ? (line.charCodeAt(at) - 0x20) & 0x3f : 0;

/** Of one line: as many bytes as its first character says; `null` where it is none, or the last. */
function decodedLine(line: string): Buffer | null {
  const length = valueOf(line, 0);
  // Spaces at the end are lost on the way.
  if (length === 0 || !/^[ -`]+$/.test(line)) return null;
  if (line.length - 1 > Math.ceil(length / 3) * 4 + 2) return null;
  const bytes = Buffer.alloc(Math.ceil(length / 3) * 3);
  for (let group = 0; group * 3 < length; group++) {
    const at = 1 + group * 4;
    const bits =
      (valueOf(line, at) << 18) |
      (valueOf(line, at + 1) << 12) |
      (valueOf(line, at + 2) << 6) |
      valueOf(line, at + 3);
    bytes.writeUIntBE(bits, group * 3, 3);
  }
  return bytes.subarray(0, length);
}
