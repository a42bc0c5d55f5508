import { createLog, type Log } from '../../src/log.ts';
import type { Connector } from '../../src/ingress/connector.ts';
import type { IngressLimits } from '../../src/ingress/limits.ts';
import { openListener, type Listener } from '../../src/ingress/listener.ts';
import { hashPassword } from '../../src/mail/password.ts';
import type { Person } from '../../src/mail/person.ts';
import { smtpReply } from '../../src/mail/smtp-reply.ts';
import type { Accept, AcceptResult, Submission } from '../../src/pipeline/accept.ts';
import { makeCertificate } from './certificates.ts';

export const SERVER = makeCertificate('gateway.test');
export const PASSWORD = 'correct horse';
const HASH = await hashPassword(PASSWORD, Buffer.alloc(16, 7), { N: 1024, r: 8, p: 1 });

export const MEMBER: Person = {
  id: '00000000-0000-4000-8000-000000000001',
  council: 'merebrook',
  name: 'Ann Example',
  class: 'member',
  addresses: ['cllr.a@merebrook.test'],
  delegateOf: [],
  personalAddresses: [],
  ward: null,
  group: null,
  officeFrom: null,
  officeUntil: null,
  suspended: null,
};

export const EXCHANGE: Connector = {
  name: 'exchange',
  council: 'merebrook',
  addresses: ['127.0.0.0/8'],
  certificate: null,
  tenantPin: null,
  requireTls: false,
};

/** What a fake `accept` was handed, with the data it read. */
export interface Offered extends Submission {
  data: string;
}

/**
 * Reads everything; refuses a bare CR or LF as the real one does; the sender's name asks for
 * trouble.
 */
export function fakeAccept(offered: Offered[]): Accept {
  return async (submission, body): Promise<AcceptResult> => {
    const { mailFrom } = submission.envelope;
    if (mailFrom.startsWith('unread')) {
      return { kind: 'refused', reply: smtpReply(550, '5.7.1', 'Not read'), close: false };
    }
    if (mailFrom.startsWith('throws')) throw new Error('Secret detail of the database');
    const piecemeal = body.iterator({ destroyOnReturn: mailFrom.startsWith('half') });
    if (mailFrom.startsWith('half') || mailFrom.startsWith('first')) {
      for await (const chunk of piecemeal) {
        throw new Error(`Gave up after ${String(chunk).length} characters`);
      }
    }
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    const data = Buffer.concat(chunks).toString('latin1');
    if (/(?:^|[^\r])\n|\r(?!\n)/.test(data)) {
      const reply = smtpReply(550, '5.6.0', 'Bare CR or LF in message data, lines end in CRLF');
      return { kind: 'refused', reply, close: true };
    }
    if (mailFrom.startsWith('refused')) {
      return { kind: 'refused', reply: smtpReply(550, '5.7.1', 'Not authorised'), close: false };
    }
    offered.push({ ...submission, data });
    return { kind: 'accepted', queueId: `ID${offered.length}` };
  };
}

export interface Gateway extends Listener {
  offered: Offered[];
  log: string[];
}

export interface GatewayOptions {
  kind: 'submission' | 'connector';
  connectors?: Connector[];
  certificate?: typeof SERVER | null;
  implicitTls?: boolean;
  port?: number;
  accept?: (offered: Offered[]) => Accept;
  clock?: () => Date;
  limits?: Partial<IngressLimits>;
}

/** A real listener on a free port of the loopback. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const offered: Offered[] = [];
  const lines: string[] = [];
  const log: Log = createLog('info', (line) => lines.push(line));
  const base = {
    host: '127.0.0.1',
    port: options.port ?? 0,
    implicitTls: options.implicitTls ?? false,
    hostname: 'gateway.test',
    accept: (options.accept ?? fakeAccept)(offered),
    log,
    clock: options.clock ?? (() => new Date('2027-03-01T09:00:00Z')),
    limits: { closeSeconds: 1, ...options.limits },
  };
  const listener = await openListener(
    options.kind === 'submission'
      ? { ...base, kind: 'submission', certificate: SERVER, findLogin }
      : {
          ...base,
          kind: 'connector',
          certificate: options.certificate === undefined ? SERVER : options.certificate,
          connectors: options.connectors ?? [EXCHANGE],
        },
  );
  return { ...listener, offered, log: lines };
}

async function findLogin(address: string) {
  if (address === 'broken@merebrook.test') throw new Error('Database is away');
  return address === 'cllr.a@merebrook.test' ? { person: MEMBER, passwordHash: HASH } : null;
}

/** The argument of AUTH PLAIN. */
export function plain(username: string, password: string, authzid = ''): string {
  return Buffer.from(`${authzid}\0${username}\0${password}`).toString('base64');
}
