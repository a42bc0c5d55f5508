import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls';
import type { Certificate } from './certificates.ts';

export type SinkStage =
  'greeting' | 'EHLO' | 'HELO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'dot';

export interface SinkBehaviour {
  /** Loopback address to listen on, `127.0.0.1` by default. */
  host?: string;
  port?: number;
  certificate?: Certificate;
  /** `offered` where there is a certificate. `stripped`: as if the offer had been cut out on the way. */
  startTls?: 'offered' | 'stripped';
  tls?: SecureContextOptions;
  /** EHLO keywords beside STARTTLS. */
  extensions?: string[];
  /**
   * Another reply at a stage: lines without final CRLF; `drop` cuts the connection, `hang` says nothing,
   * `null` is the usual reply. At `body`, when the first bytes of the message come; at `dot`, after it.
   */
  answer?: (stage: SinkStage, argument: string, session: SinkSession) => string | null;
}

export interface SinkMessage {
  mailFrom: string;
  rcptTo: string[];
  /** Between DATA and the final dot, dots unstuffed. */
  data: Buffer;
}

export interface SinkSession {
  /** Every byte that came over the network, encrypted or not. */
  wire: Buffer[];
  /** Commands as understood, after decryption. */
  commands: string[];
  secure: boolean;
  messages: SinkMessage[];
}

const DEFAULT_EXTENSIONS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN', 'SIZE 50000000'];

export interface SmtpSink {
  host: string;
  port: number;
  sessions: SinkSession[];
  /** All bytes of all sessions as seen on the network. */
  wire(): string;
  commands(): string[];
  messages(): SinkMessage[];
  behave(changes: SinkBehaviour): void;
  close(): Promise<void>;
}

/** A scripted fake mail server on a real socket, which records every byte that it is sent. */
export async function startSmtpSink(initial: SinkBehaviour = {}): Promise<SmtpSink> {
  let behaviour = initial;
  const sessions: SinkSession[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const session: SinkSession = { wire: [], commands: [], secure: false, messages: [] };
    sessions.push(session);
    const tap = tapped(socket, session.wire);
    const drop = (): void => void socket.destroy();
    converse(tap, session, () => behaviour, drop, 'greeting');
  });
  server.listen(initial.port ?? 0, initial.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    sessions,
    wire: () => Buffer.concat(sessions.flatMap((session) => session.wire)).toString('latin1'),
    commands: () => sessions.flatMap((session) => session.commands),
    messages: () => sessions.flatMap((session) => session.messages),
    behave: (changes) => void (behaviour = { ...behaviour, ...changes }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The socket as a stream whose incoming bytes are recorded as an eavesdropper would see them. */
function tapped(socket: Socket, record: Buffer[]): Duplex {
  const tap = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(() => done()),
  });
  socket.on('data', (chunk: Buffer) => {
    record.push(chunk);
    tap.push(chunk);
  });
  socket.on('close', () => tap.destroy());
  tap.on('error', () => socket.destroy());
  return tap;
}

function converse(
  stream: Duplex,
  session: SinkSession,
  behaviour: () => SinkBehaviour,
  drop: () => void,
  start: 'greeting' | 'EHLO',
): void {
  let room = Buffer.alloc(0);
  let buffered = room;
  /** How far the end of the content has been looked for. */
  let searched = 0;
  let message: SinkMessage | null = null;
  let inData = false;
  let silent = false;
  stream.on('error', drop);

  /** In room that doubles: joined anew for each chunk, a large message would take minutes. */
  function append(chunk: Buffer): void {
    const start = buffered.byteOffset - room.byteOffset;
    const end = start + buffered.length;
    if (end + chunk.length <= room.length) {
      chunk.copy(room, end);
      buffered = room.subarray(start, end + chunk.length);
      return;
    }
    const length = buffered.length + chunk.length;
    const next = Buffer.allocUnsafe(2 * length);
    buffered.copy(next);
    chunk.copy(next, buffered.length);
    room = next;
    buffered = next.subarray(0, length);
  }

  /** Says what the script says; `null` where that is to drop or to hang. */
  function reply(stage: SinkStage, argument: string, usual: string): string | null {
    const scripted = behaviour().answer?.(stage, argument, session) ?? usual;
    if (scripted === 'drop' || scripted === 'hang') {
      silent = true;
      if (scripted === 'drop') drop();
      return null;
    }
    stream.write(`${scripted}\r\n`);
    return scripted;
  }

  function startTls(): void {
    const { certificate, tls } = behaviour();
    stream.removeAllListeners('data');
    const secureContext = createSecureContext({ ...certificate, ...tls });
    const secured = new TLSSocket(stream, { isServer: true, secureContext });
    session.secure = true;
    converse(secured, session, behaviour, drop, 'EHLO');
  }

  function offersStartTls(): boolean {
    const { certificate, startTls: offer = 'offered' } = behaviour();
    return certificate !== undefined && offer === 'offered' && !session.secure;
  }

  function capabilities(): string {
    const { extensions = DEFAULT_EXTENSIONS } = behaviour();
    const lines = ['sink.test', ...(offersStartTls() ? ['STARTTLS'] : []), ...extensions];
    return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
  }

  function command(line: string): void {
    session.commands.push(line);
    const verb = line.split(' ', 1)[0]?.toUpperCase() ?? '';
    const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
    if (verb === 'EHLO') reply('EHLO', line, capabilities());
    else if (verb === 'HELO') reply('HELO', line, '250 sink.test');
    else if (verb === 'STARTTLS') {
      const usual = offersStartTls() ? '220 Go ahead' : '502 5.5.1 Not implemented';
      if (reply('STARTTLS', '', usual)?.startsWith('220')) startTls();
    } else if (verb === 'MAIL') {
      message = null;
      if (reply('MAIL', line, '250 2.1.0 Sender taken')?.startsWith('250')) {
        message = { mailFrom: address, rcptTo: [], data: Buffer.alloc(0) };
      }
    } else if (verb === 'RCPT') {
      const taken = reply('RCPT', address, '250 2.1.5 Recipient taken')?.startsWith('250');
      if (taken) message?.rcptTo.push(address);
    } else if (verb === 'DATA') {
      const usual = message?.rcptTo.length ? '354 Go ahead' : '503 5.5.1 No recipients';
      inData = reply('DATA', '', usual)?.startsWith('354') ?? false;
    } else if (verb === 'QUIT') {
      stream.end('221 2.0.0 Bye\r\n');
    } else stream.write('250 2.0.0 Done\r\n');
  }

  function content(): boolean {
    if (behaviour().answer?.('body', '', session) === 'drop') {
      drop();
      return false;
    }
    const terminated = buffered.subarray(0, 3).equals(Buffer.from('.\r\n')) ? 0 : -1;
    const end = terminated === 0 ? 0 : buffered.indexOf('\r\n.\r\n', searched) + 2;
    if (end === 1) {
      searched = Math.max(0, buffered.length - 4);
      return false;
    }
    searched = 0;
    const wire = buffered.subarray(0, end).toString('latin1');
    buffered = buffered.subarray(end + 3);
    inData = false;
    const taken = reply('dot', '', '250 2.0.0 Message taken')?.startsWith('250');
    if (message && taken) {
      message.data = Buffer.from(wire.replace(/^\./gm, ''), 'latin1');
      session.messages.push(message);
    }
    message = null;
    return true;
  }

  stream.on('data', (chunk: Buffer) => {
    append(chunk);
    for (;;) {
      if (silent) return;
      if (inData) {
        if (buffered.length === 0 || !content()) return;
        continue;
      }
      const end = buffered.indexOf('\r\n');
      if (end < 0) return;
      const line = buffered.subarray(0, end).toString('latin1');
      buffered = buffered.subarray(end + 2);
      command(line);
    }
  });
  if (start === 'greeting') reply('greeting', '', '220 sink.test ESMTP');
}
