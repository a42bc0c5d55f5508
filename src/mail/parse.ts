import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import addressparser from 'nodemailer/lib/addressparser';
import type { Mailbox } from './address.ts';
import type { AttachmentReader } from './attachment-reader.ts';
import { bodyText, joinTexts, readText, type RoleText, type TextContent } from './body-text.ts';
import { decodeWords } from './encoded-words.ts';
import { splitHead } from './head.ts';
import { readHeaderBlock, type RawField } from './header-block.ts';
import { embeddedFiles } from './embedded-files.ts';
import { isSigned, isTextless } from './file-type.ts';
import { readLeaf, type Budget, type Leaf } from './leaf.ts';
import { subjectOf } from './marking.ts';
import type { Attachment, HeaderField, ParsedMessage, TextPart } from './message.ts';
import { leavesOf, readParts, structureOf, type LeafStream, type MimeNode } from './mime-parts.ts';
import { normaliseText } from './normal-text.ts';

export interface ParseLimits {
  /** Header bytes kept of the message, and of each message inside it. */
  headerBytes: number;
  /** MIME nodes, counted over the message and the messages inside it. */
  parts: number;
  /** Messages inside messages. */
  depth: number;
  /** Bytes of text kept of one part. */
  textBytesPerPart: number;
  /** Bytes of text kept of the whole message. */
  textBytes: number;
  /** Bytes of attachments, of the whole message, given to the reader of attachments. */
  attachmentBytes: number;
}

export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  headerBytes: 512 * 1024,
  parts: 1000,
  depth: 10,
  textBytesPerPart: 2 * 1024 * 1024,
  textBytes: 8 * 1024 * 1024,
  attachmentBytes: 25 * 1024 * 1024,
};

/**
 * Reads a message once, streaming, in memory bounded by `limits`. No content makes it throw: what
 * could not be read is named in `limitsReached` (`header-bytes`, `header-malformed`, `parts`,
 * `depth`, `mime-structure`, `text-bytes-per-part`, `text-bytes`, `attachment-bytes`) and in an
 * attachment's `uninspectable` (`encrypted-archive`, `encrypted-pdf`, `encrypted-office-file`,
 * `encrypted-message`, `unsupported-archive`, `unknown-type`, `corrupt-file`, `limit-reached`);
 * where our reading of an attachment failed, `failed` says how.
 * @param reader Reads attachments that are not text by themselves; without it they are passed over.
 * @throws whatever error `source` itself ends with.
 */
export async function parseMessage(
  source: Readable | Buffer,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
  reader: AttachmentReader | null = null,
): Promise<ParsedMessage> {
  const budget = { ...limits, reached: new Set<string>() };
  return readEntity(chunksOf(source), { limits, budget, reader, depth: 0 });
}

// Beyond the limit parts are passed over one by one; this many times the limit ends the reading at
// once.
const HARD_FACTOR = 10;

interface Reading {
  limits: ParseLimits;
  budget: Budget;
  reader: AttachmentReader | null;
  depth: number;
}

/** A leaf, with the message in it where it is one, and the files that stand in its text. */
interface ReadLeaf extends Leaf {
  inner: ParsedMessage | null;
  embedded: { node: LeafNode; found: ReadLeaf }[];
}

/** What a leaf says of itself. */
type LeafNode = Pick<MimeNode, 'contentType' | 'disposition'>;

async function readEntity(source: AsyncIterable<Buffer>, reading: Reading): Promise<ParsedMessage> {
  const { limits, budget } = reading;
  const { header, isCut, body } = await splitHead(source, limits.headerBytes);
  const { fields, problem } = readHeaderBlock(header);
  if (isCut) budget.reached.add('header-bytes');
  else if (problem !== null) budget.reached.add('header-malformed');
  if (hasTwoTypes(fields)) budget.reached.add('mime-structure');
  const read: (ReadLeaf | null)[] = [];
  const described = withMimeHeader(fields, body);
  const tree = await readParts(described, limits.parts * HARD_FACTOR, async (leaf) => {
    read.push(await readOne(leaf, reading));
  });
  if (tree.problem) budget.reached.add(tree.problem);
  const headers = fields.map(({ name, value }) => ({ name, value: decodeWords(value) }));
  return {
    headers,
    ...addressesOf(fields),
    subject: subjectOf(fields),
    messageId: messageIdOf(headers),
    contentType: contentTypeOf(fields),
    ...contentsOf(tree.root, read, subjectOf(fields)),
    structure: structureOf(tree.root),
    limitsReached: [...budget.reached],
  };
}

/** @returns `null` for a leaf beyond the limit of parts; its bytes are passed over. */
async function readOne(leaf: LeafStream, reading: Reading): Promise<ReadLeaf | null> {
  const { limits, budget, reader, depth } = reading;
  if (budget.parts-- <= 0) {
    budget.reached.add('parts');
    leaf.content.resume();
    return null;
  }
  const isMessage = /^message\/(?:rfc822|global)$/.test(leaf.contentType);
  const isDeep = depth >= limits.depth;
  if (isMessage && !isDeep) return readMessage(leaf, reading);
  const read = await readLeaf(leaf, budget, reader);
  if (isDeep && (isMessage || read.signed)) {
    budget.reached.add('depth');
    return { ...read, uninspectable: 'limit-reached', inner: null, embedded: [] };
  }
  if (read.content) {
    return { ...read, inner: null, embedded: await readEmbedded(read.content, reading) };
  }
  if (!read.signed) return { ...read, inner: null, embedded: [] };
  const inner = await readEntity(chunksOf(read.signed), { ...reading, depth: depth + 1 });
  return withInner(read, inner);
}

async function readMessage(leaf: LeafStream, reading: Reading): Promise<ReadLeaf> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of leaf.content as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
  const inner = await readEntity(watched(), { ...reading, depth: reading.depth + 1 });
  const { filename, contentType: detectedType } = leaf;
  const sha256 = hash.digest('hex');
  return withInner({ filename, detectedType, sizeBytes, sha256, content: null, text: null }, inner);
}

/** The files that stand in a text, each a level deeper than it. */
async function readEmbedded(content: TextContent, reading: Reading): Promise<ReadLeaf['embedded']> {
  const { limits, budget, depth } = reading;
  const { files, isCut } = embeddedFiles(content);
  if (isCut) budget.reached.add('parts');
  if (files.length > 0 && depth >= limits.depth) budget.reached.add('depth');
  if (depth >= limits.depth) return [];
  const embedded: ReadLeaf['embedded'] = [];
  for (const { contentType, filename, bytes } of files) {
    const leaf = { contentType, parameters: {}, filename, content: Readable.from([bytes]) };
    const found = await readOne(leaf, { ...reading, depth: depth + 1 });
    if (found) embedded.push({ node: { contentType, disposition: 'inline' }, found });
  }
  return embedded;
}

/** What cannot be read of the message inside cannot be read of the leaf. */
function withInner(
  leaf: Omit<Leaf, 'signed' | 'uninspectable' | 'failed'>,
  inner: ParsedMessage,
): ReadLeaf {
  return {
    ...leaf,
    signed: null,
    uninspectable: inner.attachments.find((each) => each.uninspectable)?.uninspectable ?? null,
    failed: inner.attachments.find((each) => each.failed)?.failed ?? null,
    inner,
    embedded: [],
  };
}

/** Sorts the leaves into the body and the attachments. */
function contentsOf(
  root: MimeNode,
  read: readonly (ReadLeaf | null)[],
  subject: string,
): { texts: TextPart[]; attachments: Attachment[] } {
  const choices = new Map<MimeNode, TextContent[]>();
  const attachments: Attachment[] = [];
  const attached: TextPart[] = [];
  const names: TextPart[] = [];
  const signed: RoleText[] = [];
  const attach = (node: LeafNode, found: ReadLeaf, text: RoleText): void => {
    const number = attachments.length + 1;
    attachments.push(attachmentOf(number, node, found));
    if (text.text !== '') attached.push({ name: `attachment:${number}`, ...text });
    const name = nameText(node, found);
    if (name.text !== '') names.push({ name: `file-name:${number}`, ...name });
  };
  for (const [index, { leaf, above }] of leavesOf(root).entries()) {
    const found = read[index];
    // Past the limit of parts, or where reading stopped: `limitsReached` says so.
    if (!found) break;
    if (isBody(leaf, found) && found.content) {
      const choice = above.findLast((node) => node.contentType === 'multipart/alternative') ?? leaf;
      choices.set(choice, [...(choices.get(choice) ?? []), found.content]);
    } else {
      // A message signed as a whole is that message, and no attachment to an empty one.
      const whole = above.length === 0 && isSigned(found.detectedType) ? found.inner : null;
      if (whole) signed.push(signedBody(whole, subject));
      attach(leaf, found, whole ? joinTexts(attachedTexts(whole)) : attachedText(found));
    }
    for (const file of withEmbedded(found)) attach(file.node, file.found, attachedText(file.found));
  }
  const body = joinTexts([bodyText([...choices.values()]), ...signed]);
  const first = [
    { name: 'subject', ...ownText(subject) },
    { name: 'body', ...body },
  ];
  return { texts: [...first, ...attached, ...names], attachments };
}

function isBody(leaf: MimeNode, { content, filename, uninspectable }: ReadLeaf): boolean {
  if (leaf.disposition === 'attachment' || filename !== '') return false;
  // What cannot be a text is listed, so that it can be said.
  if (uninspectable === 'unknown-type') return false;
  return content !== null && /^text\/(?:plain|html|enriched|richtext)$/.test(leaf.contentType);
}

function withEmbedded({ embedded }: ReadLeaf): ReadLeaf['embedded'] {
  return embedded.flatMap((file) => [file, ...withEmbedded(file.found)]);
}

/** Names that mail programs give, which say nothing. */
const GIVEN_NAME =
  /^(?:smime|signature|openpgp\w*|encrypted|winmail|message|(?:image|att)\d*)\.\w+$/i;

/** The name under which the reader sees a file; of a picture in a letter none is shown. */
function nameText({ disposition }: LeafNode, { filename, detectedType }: ReadLeaf): RoleText {
  const isPicture = disposition === 'inline' && isTextless(detectedType);
  return ownText(isPicture || GIVEN_NAME.test(filename) ? '' : filename.replaceAll(/[_+]/g, ' '));
}

function attachmentOf(number: number, leaf: LeafNode, found: ReadLeaf): Attachment {
  const { filename, detectedType, sizeBytes, sha256, uninspectable, failed } = found;
  return {
    number,
    filename,
    contentType: leaf.contentType,
    detectedType,
    inline: leaf.disposition === 'inline',
    sizeBytes,
    sha256,
    uninspectable,
    failed,
  };
}

/** Whoever attaches a text sends it: a thread or a letterhead in it hides nothing. */
function attachedText({ content, text, inner }: ReadLeaf): RoleText {
  if (inner) return ownText(messageText(inner).text);
  return ownText(text?.text ?? (content ? readText(content).text : ''));
}

/** RFC 9788: a Subject that was signed too is the one that its reader sees. */
function signedBody(inner: ParsedMessage, subject: string): RoleText {
  const own = inner.subject === subject ? '' : inner.subject;
  return joinTexts([ownText(own), ...inner.texts.filter(({ name }) => name === 'body')]);
}

function attachedTexts({ texts }: ParsedMessage): TextPart[] {
  return texts.filter(({ name }) => name !== 'subject' && name !== 'body');
}

/** A message inside a message as its reader sees it: who, what about, then all of its texts. */
export function messageText(inner: ParsedMessage): RoleText {
  const shown = inner.headers.filter(({ name }) => /^(?:from|to|cc|date|subject)$/.test(name));
  const head = shown.map(({ name, value }) => `${name}: ${value}`).join('\n');
  const texts = inner.texts.filter(({ name }) => name !== 'subject');
  return joinTexts([ownText(head === '' ? '' : `${head}\n\n`), ...texts]);
}

function ownText(raw: string): RoleText {
  const text = normaliseText(raw);
  return { text, spans: text === '' ? [] : [{ role: 'own', start: 0, end: text.length }] };
}

const CHUNK = 64 * 1024;

async function* chunksOf(source: Readable | Buffer): AsyncGenerator<Buffer> {
  if (!Buffer.isBuffer(source)) {
    for await (const chunk of source) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    return;
  }
  for (let at = 0; at < source.length; at += CHUNK) yield source.subarray(at, at + CHUNK);
}

/**
 * What mailparser sees: the fields that say how to read the body, and the body. The other fields
 * are ours to read, tolerantly and within limits. A multipart that names no boundary is read as
 * text, as mail programs show it.
 */
async function* withMimeHeader(
  fields: readonly RawField[],
  body: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const { type, parameters } = contentTypeOf(fields);
  const isOpen =
    type.startsWith('multipart/') &&
    !Object.keys(parameters).some((name) => name.startsWith('boundary'));
  const names = ['content-transfer-encoding', 'content-disposition'];
  if (!isOpen) names.push('content-type');
  for (const name of names) {
    const value = fields.find((field) => field.name === name)?.value;
    if (value !== undefined) yield Buffer.from(`${name}: ${value}\r\n`);
  }
  yield Buffer.from('\r\n');
  yield* body;
}

/** Programs differ on which of two Content-Types counts, so something may hide from one of them. */
function hasTwoTypes(fields: readonly RawField[]): boolean {
  const types = fields.filter((field) => field.name === 'content-type').map((field) => field.value);
  return new Set(types).size > 1;
}

const PARAMETER = /;\s*([^\s=;]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;

function contentTypeOf(fields: readonly RawField[]): ParsedMessage['contentType'] {
  const value = fields.find((field) => field.name === 'content-type')?.value ?? 'text/plain';
  const type = value
    .replace(/[;(].*$/s, '')
    .trim()
    .toLowerCase();
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, token] of value.matchAll(PARAMETER)) {
    parameters[name.toLowerCase()] ??= (quoted?.replace(/\\(.)/g, '$1') ?? token ?? '').trim();
  }
  return { type, parameters };
}

function messageIdOf(headers: readonly HeaderField[]): string {
  const value = headers.find(({ name }) => name === 'message-id')?.value ?? '';
  return /<[^<>]*>/.exec(value)?.[0] ?? (value === '' ? '' : `<${value}>`);
}

function addressesOf(
  fields: readonly RawField[],
): Pick<ParsedMessage, 'from' | 'sender' | 'to' | 'cc' | 'replyTo'> {
  // Addresses are parsed before encoded-words are decoded: a decoded name may hold commas and
  // brackets.
  const read = (wanted: string): Mailbox[] =>
    fields
      .filter((field) => field.name === wanted)
      .flatMap((field) => addressparser(field.value, { flatten: true }))
      .map(({ name, address }) => ({ name: decodeWords(name).trim(), address }));
  return {
    from: read('from'),
    sender: read('sender')[0] ?? null,
    to: read('to'),
    cc: read('cc'),
    replyTo: read('reply-to'),
  };
}
