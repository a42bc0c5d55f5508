import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls';
import type { Certificate } from './certificates.ts';

export type SinkStage = 'greeting' | 'EHLO' | 'HELO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'dot';

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
  // The network side records and passes on; the mail server proper sits behind it, so that the
  // record holds what an eavesdropper would see, also after STARTTLS.
  const inner = await listen(
    createServer((socket) => {
      const session = sessions.find((candidate) => waiting.get(socket.remotePort ?? 0) === candidate);
      if (session) new Conversation(socket, session, () => behaviour).begin();
    }),
    '127.0.0.1',
    0,
  );
  const waiting = new Map<number, SinkSession>();
  const outer = createServer({ pauseOnConnect: true }, (client) => {
    const session: SinkSession = { wire: [], commands: [], secure: false, messages: [] };
    sessions.push(session);
    const bridge = connect((inner.address() as AddressInfo).port, '127.0.0.1');
    for (const socket of [client, bridge]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    bridge.on('close', () => client.destroy());
    client.on('close', () => bridge.destroy());
    // The port is known before the inner server's connection event, which comes a turn later.
    bridge.once('connect', () => {
      waiting.set(bridge.localPort ?? 0, session);
      client.on('data', (chunk: Buffer) => {
        session.wire.push(chunk);
        bridge.write(chunk);
      });
      bridge.on('data', (chunk: Buffer) => client.write(chunk));
      client.resume();
    });
  });
  await listen(outer, initial.host ?? '127.0.0.1', initial.port ?? 0);
  const { address, port } = outer.address() as AddressInfo;
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
      await Promise.all([outer, inner].map((server) => new Promise((done) => server.close(done))));
    },
  };
}
