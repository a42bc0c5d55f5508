import { Readable } from 'node:stream';
import { domainOf } from '../mail/address.ts';
import type { Notify } from '../mail/envelope.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { retentionDue } from '../policy/retention.ts';
import type { Db } from '../store/connect.ts';
import { insertMessage, type RecipientRoute } from '../store/messages.ts';
import type { Road } from './road.ts';

/** Mail that the gateway writes itself, to one recipient. */
export interface OwnMessage {
  id: string;
  council: CouncilPolicy;
  raw: Buffer;
  /** `''` for a DSN. */
  mailFrom: string;
  to: string;
  notify: Notify[];
  route: RecipientRoute;
  at: Date;
  /** Where it must not be erased before. */
  keepUntil?: Date;
}

/** The same each time the message is written. */
export function ownMessageId(hostname: string, id: string): string {
  return `<${id.toLowerCase()}@${hostname}>`;
}

/** Puts mail of ours into spool and record, uninspected and due at once. */
export async function putOwnMessage(
  road: Pick<Road, 'spool' | 'hostname'>,
  tx: Db,
  message: OwnMessage,
): Promise<void> {
  const { id, council, to, notify, route, at } = message;
  const { retention, giveUpAfterHours } = council.settings;
  const erasable = retentionDue(retention, 'delivered', at);
  const { keepUntil = erasable } = message;
  // A run that died before its commit has left a file that nothing refers to.
  await road.spool.remove(id);
  const stored = await road.spool.write(id, Readable.from([message.raw]));
  await insertMessage(tx, {
    queueId: id,
    council: council.id,
    origin: 'internal',
    arrival: {
      via: 'internal',
      name: 'gateway',
      council: council.id,
      authenticatedAs: null,
      remoteAddress: '',
      helo: road.hostname,
      tls: null,
    },
    envelope: {
      mailFrom: message.mailFrom,
      rcptTo: [{ address: to, notify, orcpt: null }],
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '7BIT',
    },
    actorId: null,
    actorAddress: null,
    subject: null,
    messageId: ownMessageId(road.hostname, id),
    ...stored,
    receivedAt: at,
    retentionClass: 'delivered',
    eraseAfter: keepUntil > erasable ? keepUntil : erasable,
    recipients: [
      {
        address: to,
        domain: domainOf(to),
        internal: route === 'inward',
        orcpt: null,
        notify,
        status: 'queued',
        route,
        protection: 'none',
        giveUpAt: new Date(at.getTime() + giveUpAfterHours.other * 3_600_000),
        nextAttemptAt: at,
      },
    ],
  });
}
