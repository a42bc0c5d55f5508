import { HEAD_BYTES, looksTextual } from './file-type.ts';

/** An element of BER (X.690 §8.1): where its content begins and where it ends. */
interface Element {
  tag: number;
  start: number;
  /** `null` where only an end-of-contents mark says it (§8.1.3.6). */
  end: number | null;
}

const END_OF_CONTENTS = 0x00;
const INTEGER = 0x02;
const OCTETS = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const OCTETS_IN_PIECES = 0x24;
const SEQUENCE = 0x30;
const SET = 0x31;
const EXPLICIT = 0xa0;

/**
 * What CMS SignedData holds beside its signatures (RFC 5652 §5.1): the entity of an opaquely signed
 * message (RFC 8551 §3.5.2), which every recipient reads. DER, and BER of indefinite length as
 * openssl and Outlook stream it; one pass over the bytes.
 * @returns `detached` where it holds signatures or certificates alone, `null` where it is broken
 */
export function signedContent(bytes: Buffer): Buffer | 'detached' | null {
  let at: number | null = 0;
  for (const tag of [SEQUENCE, OBJECT_IDENTIFIER, EXPLICIT, SEQUENCE, INTEGER, SET]) {
    const element: Element | null = elementAt(bytes, at);
    if (element?.tag !== tag) return null;
    const isEntered = tag === SEQUENCE || tag === EXPLICIT;
    at = isEntered ? element.start : behind(bytes, element);
    if (at === null) return null;
  }
  const sequence = elementAt(bytes, at);
  const type = sequence?.tag === SEQUENCE ? elementAt(bytes, sequence.start) : null;
  if (!sequence || type?.tag !== OBJECT_IDENTIFIER || type.end === null) return null;
  if (type.end === sequence.end) return 'detached';
  const content = elementAt(bytes, type.end);
  if (content?.tag === END_OF_CONTENTS) return 'detached';
  const octets = content?.tag === EXPLICIT ? elementAt(bytes, content.start) : null;
  return octets ? octetsOf(bytes, octets) : null;
}

function elementAt(bytes: Buffer, at: number): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  // Tags of several bytes stand nowhere on the way to the content.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  if (first === 0x80) return { tag, start: at + 2, end: null };
  const size = first < 0x80 ? 0 : first - 0x80;
  if (size > 6 || at + 2 + size > bytes.length) return null;
  const start = at + 2 + size;
  const end = start + (size === 0 ? first : bytes.readUIntBE(at + 2, size));
  return end > bytes.length ? null : { tag, start, end };
}

/** Where the element behind this one begins. */
function behind(bytes: Buffer, element: Element): number | null {
  if (element.end !== null) return element.end;
  let at = element.start;
  for (let depth = 1; depth > 0;) {
    const inner = elementAt(bytes, at);
    if (inner === null) return null;
    if (inner.tag === END_OF_CONTENTS) depth--;
    if (inner.end === null) depth++;
    at = inner.end ?? inner.start;
  }
  return at;
}

/** An octet string, in one piece or in many (X.690 §8.7), however deep those lie in one another. */
function octetsOf(bytes: Buffer, { tag, start, end }: Element): Buffer | null {
  if (tag === OCTETS && end !== null) return bytes.subarray(start, end);
  if (tag !== OCTETS_IN_PIECES) return null;
  const pieces: Buffer[] = [];
  let at = start;
  // How many marks of the end are awaited.
  let open = end === null ? 1 : 0;
  while (end === null ? open > 0 : at < end) {
    const inner = elementAt(bytes, at);
    if (inner === null) return null;
    at = inner.end ?? inner.start;
    if (inner.tag === OCTETS && inner.end !== null) pieces.push(bytes.subarray(inner.start, at));
    else if (inner.tag === END_OF_CONTENTS) open--;
    else if (inner.tag !== OCTETS_IN_PIECES) return null;
    else if (inner.end === null) open++;
    else at = inner.start;
  }
  return Buffer.concat(pieces);
}

const MIME_HEADER = /^(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?content-[\w-]{1,40}:/i;
/** What is no text passes unharmed through a reader of lines. */
const AS_FILE =
  'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n';

/**
 * The signed content as a MIME entity: it should be one, but programs also sign a text or a file as
 * it is.
 */
export function asEntity(content: Buffer): Buffer {
  const head = content.subarray(0, HEAD_BYTES * 8);
  if (MIME_HEADER.test(head.toString('latin1'))) return content;
  if (looksTextual(content.subarray(0, HEAD_BYTES))) {
    return Buffer.concat([Buffer.from('\r\n'), content]);
  }
  return Buffer.from(AS_FILE + content.toString('base64').replace(/.{76}/g, '$&\r\n'));
}
