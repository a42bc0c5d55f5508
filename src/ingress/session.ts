import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Log } from '../log.ts';
import { addressKey } from '../mail/address.ts';
import type { Arrival, Envelope } from '../mail/envelope.ts';
import type { Person } from '../mail/person.ts';
import type { TenantPin } from '../mail/screen.ts';
import { smtpReply, type SmtpReply } from '../mail/smtp-reply.ts';
import type { Accept, AcceptResult } from '../pipeline/accept.ts';
import { parseMail, parseRcpt } from './command.ts';
import { chooseConnectors, type ClientCertificate, type ConnectorMatcher } from './connector.ts';
import type { IngressLimits } from './limits.ts';

/** What a session needs of its listener. */
export interface SessionContext {
  accept: Accept;
  limits: IngressLimits;
  log: Log;
  /** The relays that this listener takes mail from; `null` where clients log in instead. */
  connectors: readonly ConnectorMatcher[] | null;
}

/**
 * Answers the end of DATA: an error becomes its `responseCode` and message, a text becomes a 250.
 */
export type DataCallback = (error?: Error | null, message?: string) => void;

/** Whom this session may be sending for; more than one where only the message can tell. */
interface Sender {
  person: Person | null;
  claims: readonly (Pick<Arrival, 'via' | 'name' | 'council' | 'authenticatedAs'> & {
    tenantPin: TenantPin | null;
  })[];
}

const OK_SENDER = smtpReply(250, '2.1.0', 'Sender OK');
const OK_RECIPIENT = smtpReply(250, '2.1.5', 'Recipient OK');
const NESTED_MAIL = smtpReply(503, '5.5.1', 'Sender already given');
const NEED_MAIL = smtpReply(503, '5.5.1', 'Need MAIL command');
const NOT_LOGGED_IN = smtpReply(530, '5.7.0', 'Authentication required');
const REQUIRETLS_IN_CLEAR = smtpReply(530, '5.7.10', 'REQUIRETLS needs a TLS session');
const TOO_BIG = smtpReply(552, '5.3.4', 'Message is larger than this system accepts');
const TOO_MANY_RECIPIENTS = smtpReply(
  452,
  '4.5.3',
  'Too many recipients, send the rest separately',
);
const TOO_MANY_MESSAGES = smtpReply(421, '4.7.0', 'Too many messages in one session');
const TOO_SLOW = smtpReply(421, '4.4.2', 'Message took too long');
const NO_LOGIN = smtpReply(421, '4.4.2', 'No login in time');
const TRY_LATER = smtpReply(451, '4.3.0', 'Temporary failure, try again later');

// The library knows only a guess for each code; these are the guesses that mislead (RFC 3463,
// 5248).
const ENHANCED_BY_CODE: Readonly<Record<number, string>> = {
  252: '2.0.0',
  421: '4.7.0',
  500: '5.5.1',
  538: '5.7.11',
};
const ENHANCED_BY_TEXT: Readonly<Record<string, string>> = {
  'Timeout - closing connection': '4.4.2',
  'Server shutting down': '4.3.2',
  'Error: Command line too long': '4.5.2',
};

/**
 * One client. The library does the protocol: lines, TLS, SASL, dot-unstuffing, timeouts. This class
 * owns the envelope (so that parameters and addresses stay as they were sent), decides who may
 * send, and makes every reply bear exactly one enhanced code.
 */
export class SmtpSession extends SMTPConnection {
  readonly #context: SessionContext;
  readonly #candidates: readonly ConnectorMatcher[];
  #sender: Sender | null = null;
  #envelope: Envelope | null = null;
  #recipients = new Set<string>();
  #hangUpAfterReply = false;

  constructor(
    server: SMTPServer,
    socket: Socket | TLSSocket,
    options: SMTPConnectionOptions | null | undefined,
    context: SessionContext,
  ) {
    super(server, socket, options);
    this.#context = context;
    this.#candidates =
      context.connectors?.filter((each) => each.fromAddress(this.remoteAddress)) ?? [];
  }

  /**
   * True for a client that may go on after its greeting: a relay that we know, or anyone who can
   * log in.
   */
  get admissible(): boolean {
    return this.#context.connectors === null || this.#candidates.length > 0;
  }

  /** True while message data is on its way or being accepted. */
  get busy(): boolean {
    return Boolean(this._dataStream);
  }

  /** Ends the session now, or where a message is on its way, after its reply. */
  shutDown(): void {
    if (this.busy) this.#hangUpAfterReply = true;
    else this.send(421, 'Server shutting down');
  }

  /**
   * The library waits 100 ms before each greeting, to catch clients that talk too soon. Relays of a
   * council are known by address, and some open a connection for every message: they need not wait.
   */
  override init(): void {
    if (this.#candidates.length > 0) return this._setListeners(() => this.connectionReady());
    super.init();
    if (this.#context.connectors === null) this.#expectLogin();
  }

  #expectLogin(): void {
    const late = (): void => {
      if (!this.session.user && this._server.connections.has(this)) this.#answer(NO_LOGIN);
    };
    setTimeout(late, this.#context.limits.loginSeconds * 1000).unref();
  }

  /**
   * The only place where replies are written. Our own texts bring their code; it must not come
   * twice.
   */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) {
      // RFC 4954 §4: what is not permitted in clear is not offered in clear.
      const lines = this.secure ? data : data.filter((line) => !line.startsWith('AUTH '));
      return super.send(code, lines, context);
    }
    const enhanced = this.#enhancedCode(code, data ?? '', context);
    super.send(code, enhanced ? `${enhanced} ${data}` : data, false);
    if (code >= 400) {
      const [, logged] = /^(\d\.\d+\.\d+) /.exec(data ?? '') ?? [];
      this.#context.log.rejection({
        remoteAddress: this.remoteAddress,
        code,
        enhanced: enhanced || logged || '',
      });
    }
    if (this.#hangUpAfterReply) this.close();
  }

  #enhancedCode(code: number, text: string, context: string | false | undefined): string {
    if (context === false || text.startsWith(`${Math.floor(code / 100)}.`)) return '';
    const ours = ENHANCED_BY_TEXT[text] ?? ENHANCED_BY_CODE[code];
    const guess = this._getEnhancedStatusCode(code, context);
    return guess && ours ? ours : guess;
  }

  /** EHLO, RSET, STARTTLS, end of DATA: the transaction is over. */
  override _resetSession(): void {
    super._resetSession();
    this.#sender = null;
    this.#envelope = null;
    this.#recipients = new Set();
  }

  override handler_MAIL(line: Buffer, callback: () => void): void {
    this.#answer(this.#mail(line));
    callback();
  }

  override handler_RCPT(line: Buffer, callback: () => void): void {
    this.#answer(this.#rcpt(line));
    callback();
  }

  #answer(reply: SmtpReply): void {
    this.send(reply.code, `${reply.enhanced} ${reply.text}`);
  }

  #mail(line: Buffer): SmtpReply {
    const { limits } = this.#context;
    if (this.#envelope) return NESTED_MAIL;
    if (this._transactionCounter >= limits.messagesPerConnection) return TOO_MANY_MESSAGES;
    const sender = this.#whoSends();
    if ('refusal' in sender) return sender.refusal;
    const parsed = parseMail(line);
    if ('refusal' in parsed) return parsed.refusal;
    const { sizeBytes, ...envelope } = parsed.command;
    if (sizeBytes !== null && sizeBytes > limits.messageBytes) return TOO_BIG;
    if (envelope.requireTls && !this.secure) return REQUIRETLS_IN_CLEAR;
    this.#sender = sender;
    this.#envelope = { ...envelope, rcptTo: [] };
    // The library's own envelope serves only its checks of command order.
    this.session.envelope.mailFrom = { address: envelope.mailFrom, args: false };
    return OK_SENDER;
  }

  #rcpt(line: Buffer): SmtpReply {
    if (!this.#envelope) return NEED_MAIL;
    const parsed = parseRcpt(line, this.#envelope.smtpUtf8);
    if ('refusal' in parsed) return parsed.refusal;
    const recipient = parsed.command;
    const key = addressKey(recipient.address);
    // Given twice, it gets the message once.
    if (this.#recipients.has(key)) return OK_RECIPIENT;
    if (this.#recipients.size >= this.#context.limits.recipients) return TOO_MANY_RECIPIENTS;
    this.#recipients.add(key);
    this.#envelope.rcptTo.push(recipient);
    this.session.envelope.rcptTo.push({ address: recipient.address, args: false });
    return OK_RECIPIENT;
  }

  /** Asked at each MAIL, because a session may have become a TLS session since it began. */
  #whoSends(): Sender | { refusal: SmtpReply } {
    if (this.#context.connectors === null) {
      const person = this.session.user as Person | undefined;
      if (!person || !this.secure) return { refusal: NOT_LOGGED_IN };
      const address = person.addresses[0] ?? '';
      const { council } = person;
      const login = { via: 'login' as const, name: address, council, authenticatedAs: address };
      return { person, claims: [{ ...login, tenantPin: null }] };
    }
    const chosen = chooseConnectors(this.#candidates, this.secure, this.#clientCertificate());
    if ('refusal' in chosen) return chosen;
    const claims = chosen.map(({ name, council, tenantPin }) => {
      return { via: 'connector' as const, name, council, authenticatedAs: null, tenantPin };
    });
    return { person: null, claims };
  }

  #clientCertificate(): ClientCertificate | null {
    if (!(this._socket instanceof TLSSocket)) return null;
    const certificate = this._socket.getPeerX509Certificate();
    return certificate ? { certificate, verified: this._socket.authorized } : null;
  }

  /**
   * Hands the data to `accept` and answers as it says. Never throws, never leaves a client waiting.
   */
  async receive(body: Readable, reply: DataCallback): Promise<void> {
    const { limits, log } = this.#context;
    // Whoever reads the stream sees the error; this keeps it from ending the process when nobody
    // does.
    body.on('error', () => undefined);
    const deadline = setTimeout(() => {
      this.#answer(TOO_SLOW);
      body.destroy(new Error('Message data did not end in time'));
    }, limits.dataSeconds * 1000);
    body.once('close', () => clearTimeout(deadline));
    const result = await this.#offer(body);
    // What was left unread must still be taken off the wire before the reply.
    body.resume();
    if (result.kind === 'accepted') return reply(null, `2.0.0 queued as ${result.queueId}`);
    if (result.cause !== undefined) log.fault('accept', result.cause);
    if (result.close) this.#hangUpAfterReply = true;
    const { code, enhanced, text } = result.reply;
    reply(Object.assign(new Error(`${enhanced} ${text}`), { responseCode: code }));
  }

  async #offer(body: Readable): Promise<AcceptResult> {
    try {
      if (!this.#sender || !this.#envelope) throw new Error('DATA came without an envelope');
      const { person, claims } = this.#sender;
      const session = {
        remoteAddress: this.remoteAddress,
        helo: this.hostNameAppearsAs || '',
        tls: this.#tls(),
      };
      const arrivals = claims.map(({ tenantPin, ...claim }) => {
        return { arrival: { ...claim, ...session }, tenantPin };
      });
      return await this.#context.accept({ arrivals, envelope: this.#envelope, person }, body);
    } catch (cause) {
      return { kind: 'refused', reply: TRY_LATER, close: false, cause };
    }
  }

  #tls(): Arrival['tls'] {
    if (!(this._socket instanceof TLSSocket)) return null;
    return {
      protocol: this._socket.getProtocol() ?? 'unknown',
      cipher: this._socket.getCipher().standardName,
    };
  }
}
