import { X509Certificate } from 'node:crypto';
import { finished, type Readable } from 'node:stream';
import { TLSSocket, type SecureContext } from 'node:tls';
import SMTPConnection, { type SMTPError } from 'nodemailer/lib/smtp-connection';
import type { TlsFacts } from './channel.ts';
import type { ChannelFlaw, DeliveryJob } from './delivery-job.ts';

/** A reply on one line. `code` is 0 where the server's words were no SMTP reply. */
export interface Reply {
  code: number;
  text: string;
}

export interface SessionOptions {
  address: string;
  port: number;
  /** For SNI and the certificate; `null` for a relay known by address only. */
  serverName: string | null;
  heloName: string;
  localAddress: string | undefined;
  /**
   * `always`: STARTTLS or nothing. `if-offered`: it may stay clear. `never`: a handshake failed
   * before.
   */
  startTls: 'always' | 'if-offered' | 'never';
  implicitTls: boolean;
  secureContext: SecureContext;
  auth: { user: string; pass: string } | undefined;
  /** Connect, greeting, handshake, EHLO and login together; silence within a session. */
  setupMs: number;
  silenceMs: number;
}

export type SessionFailure =
  | { kind: 'channel'; flaw: ChannelFlaw; retryable: boolean }
  | { kind: 'connection'; cause: string; reply: Reply | null };

export type OutgoingMessage = Pick<
  DeliveryJob,
  'mailFrom' | 'ret' | 'envid' | 'smtpUtf8' | 'eightBit' | 'requireTls' | 'sizeBytes'
> & {
  recipients: readonly Pick<DeliveryJob['recipients'][number], 'address' | 'orcpt' | 'notify'>[];
};

/** How one transaction ended. `refused`: replies to RCPT TO, by address. */
export type Transaction = { refused: ReadonlyMap<string, Reply> } & (
  | { kind: 'answered'; stage: 'MAIL' | 'RCPT' | 'DATA'; reply: Reply }
  /** `doubtful`: everything was sent, so the server may have taken it. */
  | { kind: 'lost'; cause: string; doubtful: boolean }
);

/**
 * What nodemailer keeps to itself, of exactly the version that package.json pins: it knows DSN
 * parameters only for a whole envelope and SMTPUTF8 only by the addresses.
 */
interface Internals {
  _sendCommand(command: string, logged?: string): void;
  _supportedExtensions: string[];
  _plaintextEhlo: string | false;
  _maxAllowedSize: number;
}

/** Opens a session: connects, greets, starts TLS, logs in. Says nothing about any message yet. */
export async function openSession(
  options: SessionOptions,
  signal: AbortSignal,
): Promise<{ session: SmtpSession } | { failure: SessionFailure }> {
  const connection = new SMTPConnection({
    host: options.address,
    port: options.port,
    name: options.heloName,
    localAddress: options.localAddress,
    secure: options.implicitTls,
    requireTLS: options.startTls === 'always',
    opportunisticTLS: options.startTls === 'if-offered',
    ignoreTLS: options.startTls === 'never',
    connectionTimeout: options.setupMs,
    greetingTimeout: options.setupMs,
    socketTimeout: options.silenceMs,
    socketCloseTimeout: 2000,
    maxResponseSize: 65_536,
    ...(options.serverName === null ? {} : { servername: options.serverName }),
    // The certificate is judged afterwards, by what the recipient's policy and the mail ask.
    tls: { secureContext: options.secureContext, rejectUnauthorized: false },
  });
  // What goes wrong between two steps of a conversation interests nobody: `alive` tells of it.
  connection.on('error', () => {});
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.setupMs)]);
  try {
    await settled<void>(connection, bounded, (done) => connection.connect((error) => done(error)));
    if (options.auth) await login(connection, options.auth, bounded);
    return { session: new SmtpSession(connection) };
  } catch (error) {
    abandon(connection);
    return { failure: openFailure(error as SMTPError, connection) };
  }
}

/** One SMTP conversation, after EHLO. */
export class SmtpSession {
  /** `null` in clear. */
  readonly tls: TlsFacts | null;
  readonly remoteAddress: string;
  /** Finished ones. */
  transactions = 0;
  readonly #connection: SMTPConnection;
  readonly #extensions: ReadonlySet<string>;
  readonly #maxSizeBytes: number;
  #message: OutgoingMessage | null = null;

  constructor(connection: SMTPConnection) {
    this.#connection = connection;
    const socket = connection._socket || null;
    // Commands are small and wait for their answers: held back, each costs a delayed ACK.
    socket?.setNoDelay(true);
    this.tls = socket instanceof TLSSocket ? tlsFacts(socket) : null;
    this.remoteAddress = socket?.remoteAddress ?? '';
    const internals = connection as unknown as Internals;
    this.#extensions = new Set(internals._supportedExtensions);
    this.#maxSizeBytes = internals._maxAllowedSize;
    const sendCommand = internals._sendCommand.bind(connection);
    internals._sendCommand = (command, logged) => sendCommand(this.#complete(command), logged);
  }

  get alive(): boolean {
    return !this.#connection.destroyed;
  }

  offers(extension: 'DSN' | '8BITMIME' | 'SMTPUTF8' | 'REQUIRETLS'): boolean {
    return this.#extensions.has(extension);
  }

  /** Whether the server said that it takes messages of this size (RFC 1870). */
  takes(sizeBytes: number): boolean {
    return this.#maxSizeBytes === 0 || sizeBytes <= this.#maxSizeBytes;
  }

  /** Sends one message. The bytes of `body` go out as they are, but for dot-stuffing. */
  async send(message: OutgoingMessage, body: Readable, signal: AbortSignal): Promise<Transaction> {
    this.#message = message;
    const envelope = {
      from: message.mailFrom,
      to: message.recipients.map((recipient) => recipient.address),
      size: message.sizeBytes,
      use8BitMime: message.eightBit,
      requireTLSExtensionEnabled: message.requireTls,
      rejectedErrors: [] as SMTPError[],
    };
    let sentAll = false;
    body.once('end', () => (sentAll = true));
    const refused = (): Map<string, Reply> =>
      new Map(envelope.rejectedErrors.map((error) => [error.recipient ?? '', replyOf(error)]));
    try {
      const reply = await settled<string>(this.#connection, signal, (done) => {
        // A body that breaks off must not look finished: the connection goes before the final dot.
        finished(body, { writable: false }, (error) => {
          if (error) done(Object.assign(error, { code: 'ESTREAM' }));
        });
        this.#connection.send(envelope, body, (error, info) => done(error, info?.response));
      });
      this.transactions += 1;
      return { kind: 'answered', stage: 'DATA', reply: parseReply(reply), refused: refused() };
    } catch (error) {
      const ending = transactionFailure(error as SMTPError, sentAll);
      if (ending.kind === 'lost') this.abort();
      return { ...ending, refused: refused() };
    } finally {
      this.#message = null;
      body.destroy();
    }
  }

  /** Ends the session politely, for at most two seconds. */
  quit(): void {
    if (!this.alive) return;
    this.#connection.quit();
    setTimeout(() => abandon(this.#connection), 2000).unref();
  }

  /** Cuts the connection: what was not finished stays unfinished for the server. */
  abort(): void {
    abandon(this.#connection);
  }

  /** Adds what nodemailer cannot: SMTPUTF8 for a message, and DSN parameters per recipient. */
  #complete(command: string): string {
    const message = this.#message;
    if (!message) return command;
    const parameters: string[] = [];
    if (command.startsWith('MAIL FROM:')) {
      if (message.smtpUtf8 && !/ SMTPUTF8\b/.test(command)) parameters.push('SMTPUTF8');
      if (this.offers('DSN')) {
        if (message.ret) parameters.push(`RET=${message.ret}`);
        if (isXtext(message.envid, 100)) parameters.push(`ENVID=${message.envid}`);
      }
    }
    const to = /^RCPT TO:<(.*)>$/s.exec(command)?.[1];
    const recipient = message.recipients.find(({ address }) => address === to);
    if (recipient && this.offers('DSN')) {
      if (recipient.notify.length > 0) {
        parameters.push(`NOTIFY=${recipient.notify.join(',').toUpperCase()}`);
      }
      if (isXtext(recipient.orcpt, 500)) parameters.push(`ORCPT=${recipient.orcpt}`);
    }
    return [command, ...parameters].join(' ');
  }
}

/** RFC 3461 §4: what was received is passed on unchanged, if it cannot break the command. */
function isXtext(text: string | null, limit: number): text is string {
  return text !== null && text.length <= limit && /^[!-~]+$/.test(text);
}

/** A step of the conversation as a promise; nodemailer reports a lost connection by event only. */
function settled<T>(
  connection: SMTPConnection,
  signal: AbortSignal,
  start: (done: (error?: Error | null, result?: T) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      connection.off('error', fail).off('end', onEnd);
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    // The error that tells why comes right after the event, so it gets the first word.
    const onEnd = (): void => void setImmediate(fail, failure('ECONNECTION', 'Connection closed'));
    const onAbort = (): void => {
      fail(failure('ETIMEDOUT', 'Timed out'));
      abandon(connection);
    };
    connection.on('error', fail).on('end', onEnd);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) return onAbort();
    start((error, result) => {
      if (error) return fail(error);
      stop();
      resolve(result as T);
    });
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

async function login(
  connection: SMTPConnection,
  auth: { user: string; pass: string },
  signal: AbortSignal,
): Promise<void> {
  if (!connection.secure) throw failure('EAUTH', 'A password is never sent in clear');
  await settled<boolean>(connection, signal, (done) => connection.login({ ...auth }, done));
}

function abandon(connection: SMTPConnection): void {
  const socket = connection._socket;
  connection.close();
  if (socket) socket.destroy();
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw) {
    chain.push(new X509Certificate(certificate.raw));
    if (certificate.issuerCertificate === certificate || chain.length >= 10) break;
    certificate = certificate.issuerCertificate;
  }
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    chain,
    certificateError: socket.authorized ? null : String(socket.authorizationError),
  };
}

function openFailure(error: SMTPError, connection: SMTPConnection): SessionFailure {
  const detail = (error as { originalCode?: string }).originalCode ?? '';
  if (connection.upgrading || detail.startsWith('ERR_SSL_')) {
    // OpenSSL's names for "no common version" and "no common cipher".
    const tooOld = /VERSION|PROTOCOL|HANDSHAKE_FAILURE|NO_CIPHER|NO_SHARED_CIPHER/.test(detail);
    return tooOld
      ? { kind: 'channel', flaw: 'tls-too-old', retryable: false }
      : { kind: 'channel', flaw: 'tls-handshake', retryable: true };
  }
  const reply = error.response ? replyOf(error) : null;
  const { _plaintextEhlo: ehlo } = connection as unknown as Internals;
  if (error.code === 'ETLS' || (error.command === 'EHLO' && connection.options.requireTLS)) {
    const offered = typeof ehlo === 'string' && /[ -]STARTTLS\b/im.test(ehlo);
    const flaw = offered ? 'starttls-refused' : 'starttls-not-offered';
    return { kind: 'channel', flaw, retryable: offered && reply !== null && reply.code < 500 };
  }
  if (error.code === 'EAUTH') return { kind: 'connection', cause: 'login-refused', reply };
  if (error.code === 'ETIMEDOUT') return { kind: 'connection', cause: 'timeout', reply };
  if (reply) return { kind: 'connection', cause: 'session-refused', reply };
  const cause = detail === 'ECONNREFUSED' ? 'connection-refused' : 'connection-lost';
  return { kind: 'connection', cause, reply };
}

type Ending =
  | { kind: 'answered'; stage: 'MAIL' | 'RCPT' | 'DATA'; reply: Reply }
  | { kind: 'lost'; cause: string; doubtful: boolean };

function transactionFailure(error: SMTPError, sentAll: boolean): Ending {
  const reply = replyOf(error);
  if (error.code === 'ESTREAM') return { kind: 'lost', cause: 'body-unreadable', doubtful: false };
  if (reply.code === 421) return { kind: 'lost', cause: 'server-closing', doubtful: false };
  if (error.response && error.command === 'MAIL FROM') {
    return { kind: 'answered', stage: 'MAIL', reply };
  }
  if (error.response && error.command === 'RCPT TO') {
    return { kind: 'answered', stage: 'RCPT', reply };
  }
  if (error.response && error.command === 'DATA') {
    return { kind: 'answered', stage: 'DATA', reply };
  }
  const cause = error.code === 'ETIMEDOUT' ? 'timeout' : 'connection-lost';
  return { kind: 'lost', cause, doubtful: sentAll };
}

function replyOf(error: SMTPError): Reply {
  return parseReply(error.response ?? '');
}

/** Several lines become one; control characters go; 300 characters are enough for anyone. */
export function parseReply(response: string): Reply {
  const code = /^[2-5]\d\d(?=[ -]|$)/.exec(response)?.[0] ?? '0';
  const text = response
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line : line.replace(/^\d{3}[ -]?/, '')))
    .join(' ')
    // Control characters must not reach a log or a page.
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 300);
  return { code: Number(code), text: text.replace(/^(\d{3})-/, '$1 ') };
}
