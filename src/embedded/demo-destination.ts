import { createSocket, type Socket } from 'node:dgram';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream';
import dnsPacket, { type ResourceRecord } from 'dns-packet';
import { SMTPServer } from 'smtp-server';
import { ownCertificates } from './certificates.ts';

/** The demo's outside world on loopback: real SMTP servers and the DNS that leads to them. */
export interface DemoDestination {
  /** Port of every demo mail server. */
  smtpPort: number;
  /** `ip:port` of the DNS server. */
  dnsServer: string;
  /** The council's own mail system, where notices arrive. */
  inward: { host: string; port: number };
  /** Signed the certificate of the host that offers TLS. */
  caFile: string;
  /** Messages that arrived lie here, a folder a host. */
  mailDir: string;
  stop(): Promise<void>;
}

/** The only domain whose server offers TLS; all others lead to a server without. */
export const DEMO_TLS_DOMAIN = 'merevalleynhs.example';

const TLS_HOST = { name: `mx.${DEMO_TLS_DOMAIN}`, address: '127.0.0.2' };
const PLAIN_HOST = { name: 'mx.plain.example', address: '127.0.0.3' };
const COUNCIL_HOST = { name: 'mail.merebrook.gov.uk', address: '127.0.0.4' };
const HOSTS = [TLS_HOST, PLAIN_HOST, COUNCIL_HOST];

/**
 * Starts it. Nothing that the gateway sends in the demo can leave the machine: this is all that its
 * DNS knows.
 */
export async function startDemoDestination(dir: string, at: Date): Promise<DemoDestination> {
  const { caFile, servers } = await ownCertificates(path.join(dir, 'tls'), [TLS_HOST.name], at);
  const files = servers[TLS_HOST.name];
  if (!files) throw new Error('The demo certificate is missing');
  const mailDir = path.join(dir, 'mail');
  const tls = { cert: await readFile(files.certFile), key: await readFile(files.keyFile) };
  const running: SMTPServer[] = [];
  let smtpPort = 0;
  for (const host of HOSTS) {
    const folder = path.join(mailDir, host.name);
    await mkdir(folder, { recursive: true });
    const server = mailServer(folder, host === TLS_HOST ? tls : null);
    smtpPort = await listen(server, smtpPort, host.address);
    running.push(server);
  }
  const dns = await startDns();
  return {
    smtpPort,
    dnsServer: `127.0.0.1:${dns.address().port}`,
    inward: { host: COUNCIL_HOST.address, port: smtpPort },
    caFile,
    mailDir,
    async stop() {
      dns.close();
      await Promise.all(running.map((server) => new Promise<void>((done) => server.close(done))));
    },
  };
}

function mailServer(folder: string, tls: { cert: Buffer; key: Buffer } | null): SMTPServer {
  let count = 0;
  const server = new SMTPServer({
    ...(tls ?? { hideSTARTTLS: true }),
    authOptional: true,
    disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hideDSN: false,
    logger: false,
    closeTimeout: 1000,
    onData(stream, session, callback) {
      count += 1;
      const file = path.join(folder, `${Date.now()}-${String(count).padStart(4, '0')}.eml`);
      const taken = `2.0.0 taken by the demo for ${session.envelope.rcptTo.length}`;
      pipeline(stream, createWriteStream(file), (error) => callback(error ?? null, taken));
    },
  });
  // A client that hangs up is no event in a demo.
  server.on('error', () => undefined);
  return server;
}

function listen(server: SMTPServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function startDns(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    try {
      socket.send(answer(message), peer.port, peer.address);
    } catch {
      // Not a DNS question: a resolver would hear nothing either.
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', resolve);
  });
  return socket;
}

function answer(message: Buffer): Buffer {
  const query = dnsPacket.decode(message);
  const question = query.questions?.[0];
  const name = question?.name.toLowerCase() ?? '';
  const host = HOSTS.find((each) => each.name === name);
  const answers: ResourceRecord[] = [];
  if (question?.type === 'A' && host) {
    answers.push({ type: 'A', name, ttl: 60, data: host.address });
  }
  if (question?.type === 'MX' && !host && !name.startsWith('_')) {
    const exchange = (name === DEMO_TLS_DOMAIN ? TLS_HOST : PLAIN_HOST).name;
    answers.push({ type: 'MX', name, ttl: 60, data: { preference: 10, exchange } });
  }
  return dnsPacket.encode({
    type: 'response',
    id: query.id ?? 0,
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE,
    questions: query.questions ?? [],
    answers,
  });
}
