import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** What a scanner said of one message. */
export type ScanVerdict = { kind: 'clean' } | { kind: 'found'; signature: string };

export interface MalwareScanner {
  /**
   * The whole message, which the scanner takes apart itself.
   * @throws {ScannerUnavailable} where it is away, slow, or answers anything else
   */
  scan(message: Readable): Promise<ScanVerdict>;
  /**
   * Its name and version with the date of its signatures.
   * @throws {ScannerUnavailable}
   */
  version(): Promise<string>;
}

/** No verdict: whoever asked must ask again later, and must not go on without. */
export class ScannerUnavailable extends Error {
  override readonly name = 'ScannerUnavailable';
}

export interface ClamdSettings {
  /** `host:port`, `[address]:port`, or the absolute path of a Unix socket. */
  address: string;
  /** For connecting, and for each silence after it. */
  timeoutMs: number;
}

const REPLY_BYTES = 4096;
const CHUNK_BYTES = 64 * 1024;

/** The protocol of clamd(8): `INSTREAM` and `VERSION`, one connection each. */
export function createClamd({ address, timeoutMs }: ClamdSettings): MalwareScanner {
  return {
    async scan(message) {
      const reply = await ask(address, timeoutMs, 'INSTREAM', message);
      const found = /^stream: (.{1,200}) FOUND$/s.exec(reply)?.[1];
      if (found !== undefined) return { kind: 'found', signature: signatureName(found) };
      if (reply === 'stream: OK') return { kind: 'clean' };
      throw new ScannerUnavailable(
        /size limit exceeded/i.test(reply)
          ? 'clamd takes no message of this size: raise StreamMaxLength above limits.messageBytes'
          : 'clamd answered with an error; its own log says why',
      );
    },
    version: () => ask(address, timeoutMs, 'VERSION', null),
  };
}

/** Signatures are names of clamd's databases: nothing else of a reply is kept. */
function signatureName(text: string): string {
  return text.replace(/[^\w.:/-]/g, '_').slice(0, 100);
}

async function ask(
  address: string,
  timeoutMs: number,
  command: string,
  body: Readable | null,
): Promise<string> {
  const socket = connect(endpointOf(address));
  // Any failure ends the socket, which ends whatever waits for it below.
  const failed = new Promise<never>((_, reject) => {
    socket.on('error', reject);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('clamd is silent')));
  });
  failed.catch(() => undefined);
  try {
    return await Promise.race([talk(socket, command, body), failed]);
  } catch (cause) {
    if (cause instanceof ScannerUnavailable) throw cause;
    if (body?.errored) throw body.errored;
    throw new ScannerUnavailable('clamd cannot be reached or broke off', { cause });
  } finally {
    socket.destroy();
    body?.destroy();
  }
}

async function talk(socket: Socket, command: string, body: Readable | null): Promise<string> {
  const reply = replyOf(socket);
  reply.catch(() => undefined);
  await once(socket, 'connect');
  await write(socket, Buffer.from(`z${command}\0`));
  if (body) {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // It answers early where it will not take more.
      if (socket.readableEnded || !socket.writable) break;
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
        await write(socket, framed(chunk.subarray(at, at + CHUNK_BYTES)));
      }
    }
    if (socket.writable) await write(socket, Buffer.alloc(4));
  }
  return reply;
}

/** A chunk of INSTREAM: its length in four octets, network order, then its octets. */
function framed(chunk: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(4 + chunk.length);
  frame.writeUInt32BE(chunk.length);
  chunk.copy(frame, 4);
  return frame;
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain');
}

async function replyOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    const ends = chunk.includes(0);
    if (ends) return Buffer.concat(chunks).toString('latin1').replace(/\0.*$/s, '').trim();
    if (size > REPLY_BYTES) throw new ScannerUnavailable('clamd answers without an end');
  }
  throw new ScannerUnavailable('clamd broke off before its verdict');
}

function endpointOf(address: string) {
  if (address.startsWith('/')) return { path: address };
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(colon + 1)) };
}
