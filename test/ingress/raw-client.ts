import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

const PATIENCE_MS = 8000;

/**
 * An SMTP client without opinions: it sends the bytes it is given and reads replies line by line.
 */
export class RawClient {
  #socket: Socket;
  #received = '';
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async connect(port: number, tls?: ConnectionOptions): Promise<RawClient> {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', ...tls })
      : connectTcp(port, '127.0.0.1');
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  #listen(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: unknown) => {
      this.#received += String(text);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('end', end);
    this.#socket.on('close', end);
    this.#socket.on('error', end);
  }

  /** Text is sent as UTF-8; nothing is added to it. */
  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next line without its CRLF, `null` once the server has closed. */
  async line(): Promise<string | null> {
    await this.#until(() => this.#received.includes('\r\n') || this.#ended);
    const end = this.#received.indexOf('\r\n');
    if (end < 0) return null;
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end + 2);
    return line;
  }

  /** All lines of the next reply. */
  async reply(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === null) return lines;
      lines.push(line);
      if (/^\d{3}(?: |$)/.test(line)) return lines;
    }
  }

  /** Sends one command and gives the last line of its reply. */
  async command(text: string): Promise<string | undefined> {
    this.send(`${text}\r\n`);
    return (await this.reply()).at(-1);
  }

  async startTls(options: ConnectionOptions = {}): Promise<void> {
    this.#socket.removeAllListeners();
    const secure: TLSSocket = connectTls({
      socket: this.#socket,
      rejectUnauthorized: false,
      ...options,
    });
    this.#socket = secure;
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', reject);
    });
    this.#listen();
  }

  /** Resolves once the server has ended the connection. */
  async closed(): Promise<void> {
    await this.#until(() => this.#ended);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The server stayed silent, last heard: "${this.#received}"`)),
        PATIENCE_MS,
      );
      this.#wake = () => {
        if (!condition()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
