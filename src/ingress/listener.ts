import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { getCACertificates, type TLSSocket } from 'node:tls';
import {
  SMTPServer,
  type SMTPServerAuthentication,
  type SMTPServerAuthenticationResponse,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Log } from '../log.ts';
import type { Accept } from '../pipeline/accept.ts';
import { connectorMatcher, type Connector, type ConnectorMatcher } from './connector.ts';
import { DEFAULT_INGRESS_LIMITS, type IngressLimits } from './limits.ts';
import { createLogin, type FindLogin } from './login.ts';
import { networkOf } from './network.ts';
import { SmtpSession, type DataCallback, type SessionContext } from './session.ts';

/** A certificate with its private key, both PEM, chain included. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

interface ListenerBase {
  host: string;
  /** 0 lets the system choose one. */
  port: number;
  /** TLS from the first byte (RFC 8314) instead of STARTTLS. */
  implicitTls: boolean;
}

/** For people's mail programs: they log in, over TLS only. */
export interface SubmissionListener extends ListenerBase {
  kind: 'submission';
  certificate: ServerCertificate;
  findLogin: FindLogin;
}

/**
 * For councils' mail systems, known by address and certificate. Anyone else is turned away at once.
 */
export interface ConnectorListener extends ListenerBase {
  kind: 'connector';
  /** Without one, STARTTLS is not offered. */
  certificate: ServerCertificate | null;
  /** In order of preference: the first that a session satisfies is the one that counts. */
  connectors: readonly Connector[];
}

export type ListenerOptions = (SubmissionListener | ConnectorListener) & {
  /** The name in the greeting and in the reply to EHLO. */
  hostname: string;
  accept: Accept;
  log: Log;
  clock: () => Date;
  limits?: Partial<IngressLimits>;
};

/** A listener that is open. */
export interface Listener {
  address: string;
  port: number;
  /** New sessions get this certificate; those that are open keep theirs. */
  renewCertificate(certificate: ServerCertificate): void;
  /**
   * Takes no more connections, says 421 to idle sessions, lets messages under way finish for
   * `closeSeconds`. When it resolves, no call of `accept` is running any more.
   */
  close(): Promise<void>;
}

/**
 * Opens one SMTP listener.
 * @throws {Error} for connectors that cannot work or would make an open relay, for a certificate
 * that is   none, and if the port cannot be had
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const server = new IngressServer(options);
  server.on('error', (error: Error & { code?: string; remoteAddress?: string }) =>
    options.log.lifecycle('smtp-session', 'failed', {
      remoteAddress: error.remoteAddress ?? '',
      code: error.code ?? error.name,
    }),
  );
  server.listen(options.port, options.host);
  await once(server.server, 'listening');
  const { address, port } = server.server.address() as AddressInfo;
  return {
    address,
    port,
    renewCertificate: ({ cert, key }) => server.updateSecureContext({ cert, key }),
    close: () => server.shutDown(),
  };
}

type AuthCallback = (error: Error | null, response?: SMTPServerAuthenticationResponse) => void;

class IngressServer extends SMTPServer {
  readonly #context: SessionContext;
  readonly #login: ReturnType<typeof createLogin> | null;
  readonly #sessions = new WeakMap<SMTPServerSession, SmtpSession>();
  readonly #accepting = new Set<Promise<void>>();

  constructor(options: ListenerOptions) {
    const limits = { ...DEFAULT_INGRESS_LIMITS, ...options.limits };
    const connectors =
      options.kind === 'connector' ? options.connectors.map(connectorMatcher) : null;
    super(serverOptions(options, limits, connectors));
    this.#context = { accept: options.accept, log: options.log, limits, connectors };
    this.#login =
      options.kind === 'submission' ? createLogin(options.findLogin, limits, options.clock) : null;
  }

  override connect(socket: Socket | TLSSocket, socketOptions?: SMTPConnectionOptions | null): void {
    const session = new SmtpSession(this, socket, socketOptions, this.#context);
    this.#sessions.set(session.session, session);
    this.connections.add(session);
    session.on('error', (error: Error) => this._onError(error));
    session.init();
  }

  override onConnect(session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    const { limits } = this.#context;
    const network = networkOf(session.remoteAddress);
    const neighbours = [...this.connections].filter(
      ({ remoteAddress }) => networkOf(remoteAddress) === network,
    );
    // A greeting bears no enhanced code (RFC 2034 §4).
    if (!this.#sessions.get(session)?.admissible) {
      return callback(refusal(554, 'No mail is accepted from your address'));
    }
    if (
      this.connections.size > limits.connections ||
      neighbours.length > limits.connectionsPerAddress
    ) {
      return callback(refusal(421, 'Too many connections, try again later'));
    }
    callback();
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: AuthCallback,
  ): void {
    void this.#authenticate(auth, session, callback);
  }

  async #authenticate(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: AuthCallback,
  ): Promise<void> {
    if (!this.#login) return callback(refusal(503, '5.5.1 Authentication is not offered'));
    const result = await this.#login({
      username: auth.username ?? '',
      password: auth.password ?? '',
      authzid: auth.authzid ?? '',
      remoteAddress: session.remoteAddress,
    });
    if ('person' in result) return callback(null, { user: result.person });
    if (result.cause !== undefined) this.#context.log.fault('login', result.cause);
    const { code, enhanced, text } = result.refusal;
    callback(refusal(code, `${enhanced} ${text}`));
  }

  override onData(body: Readable, session: SMTPServerSession, callback: DataCallback): void {
    const accepting = this.#sessions.get(session)?.receive(body, callback);
    if (!accepting) return callback(refusal(451, '4.3.0 Temporary failure, try again later'));
    this.#accepting.add(accepting);
    void accepting.finally(() => this.#accepting.delete(accepting));
  }

  async shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.close(resolve));
    for (const connection of this.connections) {
      if (connection instanceof SmtpSession) connection.shutDown();
    }
    await closed;
    await Promise.all(this.#accepting);
  }
}

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

function serverOptions(
  options: ListenerOptions,
  limits: IngressLimits,
  connectors: readonly ConnectorMatcher[] | null,
): SMTPServerOptions {
  const { certificate, hostname, implicitTls } = options;
  if (implicitTls && !certificate) throw new Error('Implicit TLS needs a certificate and a key');
  const unwanted = ['WIZ', 'SHELL', 'KILL', 'HELP', 'XCLIENT', 'XFORWARD'];
  if (!certificate) unwanted.push('STARTTLS');
  if (connectors) unwanted.push('AUTH');
  return {
    name: hostname,
    heloResponse: '%s',
    // The library logs user names and addresses; the log of this gateway is ours alone.
    logger: false,
    disableReverseLookup: true,
    secure: implicitTls,
    ...certificate,
    ...(connectors && certificate ? clientCertificates(connectors) : {}),
    minVersion: 'TLSv1.2',
    disabledCommands: unwanted,
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: connectors !== null,
    authRequiredMessage: '5.7.0 Authentication required, over TLS',
    maxAllowedUnauthenticatedCommands: limits.commandsBeforeLogin,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    hideREQUIRETLS: false,
    size: limits.messageBytes,
    maxCommandLength: limits.commandBytes,
    // Sessions are counted in onConnect; this bounds TLS handshakes that are still under way.
    maxClients: limits.connections,
    socketTimeout: limits.idleSeconds * 1000,
    closeTimeout: limits.closeSeconds * 1000,
  };
}

/**
 * Asks for a client certificate where a connector wants one; the connector judges it, not the
 * handshake.
 */
function clientCertificates(connectors: readonly ConnectorMatcher[]): SMTPServerOptions {
  const wanted = connectors.flatMap(({ connector }) => connector.certificate ?? []);
  if (wanted.length === 0) return {};
  const pinned = wanted.flatMap(({ issuers }) => issuers);
  const publicToo = wanted.some(({ issuers }) => issuers.length === 0);
  return {
    requestCert: true,
    rejectUnauthorized: false,
    ca: publicToo ? [...getCACertificates('default'), ...pinned] : pinned,
  };
}
