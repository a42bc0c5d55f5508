import { MailParser } from 'mailparser';
import type { Readable } from 'node:stream';

/** A leaf of the MIME tree while it streams by, transfer encoding undone. */
export interface LeafStream {
  /** Lower case; guessed from the file name where the declared type says nothing. */
  contentType: string;
  /** Of Content-Type, names in lower case. */
  parameters: Record<string, string>;
  filename: string;
  content: Readable;
}

/** A node of the MIME tree when all has been read. */
export interface MimeNode {
  /** Lower case, as declared; `text/plain` where missing. */
  contentType: string;
  disposition: string;
  children: MimeNode[];
}

export interface MimeTree {
  root: MimeNode;
  /** Whether reading stopped early, and why. */
  problem: 'parts' | 'mime-structure' | null;
}

// What mailparser passes to its listeners, and the two of its fields that its type file leaves out.
interface AttachmentEvent {
  type: string;
  contentType?: string;
  filename?: string;
  headers: Map<string, unknown>;
  content: Readable;
  release(): void;
}
interface ParserNode {
  contentType?: string | false;
  node: { disposition?: string | false };
  children: ParserNode[];
}
interface ParserInside {
  textTypes: string[];
  tree: ParserNode | false;
}

/**
 * Streams a message through mailparser and hands every leaf to `onLeaf`, in document order and one
 * at a time: memory holds what `onLeaf` keeps. Hostile structure ends the reading early with a
 * `problem`.
 * @param maxParts MIME nodes, multiparts included.
 * @throws what `source` or `onLeaf` throws.
 */
export async function readParts(
  source: AsyncIterable<Buffer>,
  maxParts: number,
  onLeaf: (leaf: LeafStream) => Promise<void>,
): Promise<MimeTree> {
  const options = { checksumAlgo: 'sha1', ignoreEmbedded: true, maxChildNodes: maxParts };
  const parser = new MailParser({ ...options, skipTextToHtml: true, skipHtmlToText: true });
  const inside = parser as unknown as ParserInside;
  // With no type taken for body text, every leaf comes as a stream instead of being gathered whole.
  inside.textTypes = [];
  let failure: { error: unknown; ours: boolean } | null = null;
  let current: Readable | null = null;
  let reading: Promise<void> = Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    const fail = (error: unknown, ours: boolean): void => {
      failure ??= { error, ours };
      current?.destroy();
      parser.destroy();
      resolve();
    };
    parser.on('error', (error: unknown) => fail(error, false));
    parser.on('end', resolve);
    parser.on('data', (event: AttachmentEvent) => {
      if (event.type !== 'attachment') return;
      current = event.content;
      reading = onLeaf(leafOf(event)).then(
        () => event.release(),
        (error: unknown) => fail(error, true),
      );
    });
  });
  await feed(parser, source, ended, () => failure !== null);
  await ended;
  await reading;
  const { error, ours } = failure ?? { error: null, ours: false };
  if (ours) throw error;
  const root = inside.tree
    ? treeOf(inside.tree)
    : { contentType: 'text/plain', disposition: '', children: [] };
  return { root, problem: problemOf(root, error) };
}

async function feed(
  parser: MailParser,
  source: AsyncIterable<Buffer>,
  ended: Promise<void>,
  failed: () => boolean,
): Promise<void> {
  try {
    for await (const chunk of source) {
      // What is left is still read, unkept: a message around this one goes on behind it.
      if (failed()) continue;
      if (parser.write(chunk)) continue;
      await Promise.race([ended, new Promise((resolve) => parser.once('drain', resolve))]);
    }
  } catch (error) {
    parser.destroy();
    throw error;
  }
  if (!failed()) parser.end();
}

function leafOf(event: AttachmentEvent): LeafStream {
  const header = event.headers.get('content-type') as
    { params?: Record<string, string> } | undefined;
  return {
    contentType: (event.contentType ?? 'text/plain').toLowerCase(),
    parameters: header?.params ?? {},
    filename: event.filename ?? '',
    content: event.content,
  };
}

function treeOf(node: ParserNode): MimeNode {
  return {
    contentType: node.contentType || 'text/plain',
    disposition: node.node.disposition || '',
    children: node.children.map(treeOf),
  };
}

/**
 * A multipart without a part (no boundary, or one that never comes) hides whatever stands in it.
 */
function problemOf(root: MimeNode, error: unknown): MimeTree['problem'] {
  if (error !== null) {
    return error instanceof Error && error.message.includes('child nodes')
      ? 'parts'
      : 'mime-structure';
  }
  return hasEmptyMultipart(root) ? 'mime-structure' : null;
}

function hasEmptyMultipart(node: MimeNode): boolean {
  if (node.children.length > 0) return node.children.some(hasEmptyMultipart);
  return node.contentType.startsWith('multipart/');
}

/** Leaves in document order, each with the multiparts above it, outermost first. */
export function leavesOf(
  node: MimeNode,
  above: readonly MimeNode[] = [],
): { leaf: MimeNode; above: readonly MimeNode[] }[] {
  if (node.contentType.startsWith('multipart/')) {
    return node.children.flatMap((child) => leavesOf(child, [...above, node]));
  }
  return [{ leaf: node, above }];
}

/** Content types of every node in document order. */
export function structureOf(node: MimeNode): string[] {
  return [node.contentType, ...node.children.flatMap(structureOf)];
}
