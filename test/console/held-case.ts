import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { queueId as makeQueueId } from '../../src/mail/queue-id.ts';
import { processMessage } from '../../src/pipeline/process.ts';
import { newStatusLink } from '../../src/pipeline/status-link.ts';
import { caseOfMessage } from '../../src/store/case-history.ts';
import { insertMessage } from '../../src/store/messages.ts';
import { newMessage, newRecipient } from '../store/fixtures.ts';
import { mail, MEMBER } from '../support/gateway.ts';
import type { ConsoleWorld } from './console-world.ts';

export const LEAFLET =
  'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA';

interface Held {
  /** Merebrook's unless given. */
  council?: string;
  to?: string[];
  subject?: string;
  text?: string;
  /** The whole message, in place of subject and text. */
  raw?: string;
  at?: Date;
}

/** A real message in the spool, inspected and held by the real policy. */
export async function heldCase(
  world: Pick<ConsoleWorld, 'gateway'>,
  held: Held = {},
): Promise<{ caseId: string; queueId: string }> {
  const { road } = world.gateway;
  const queueId = await passedMail(world, held);
  const found = await caseOfMessage(road.db, queueId);
  if (!found) throw new Error(`Nothing holds message ${queueId}`);
  if (held.council !== undefined) {
    // Another council's clauses need not hold it: the case moves there as it is.
    await road.db`update cases set council = ${held.council} where id = ${found.id}`;
    await road.db`update messages set council = ${held.council} where queue_id = ${queueId}`;
  }
  return { caseId: found.id, queueId };
}

/** A real message in the spool, inspected, and then what the real policy says. */
export async function passedMail(
  { gateway }: Pick<ConsoleWorld, 'gateway'>,
  held: Held = {},
): Promise<string> {
  const { road } = gateway;
  const { to = ['ann@plain.example', 'ben@plain.example'], subject = 'Thursday' } = held;
  const { text = LEAFLET, at = road.clock() } = held;
  const queueId = makeQueueId(at, randomBytes(8));
  const raw = Buffer.from(held.raw ?? mail({ to: to.join(', '), subject, text }));
  const stored = await road.spool.write(queueId, Readable.from([raw]));
  const message = newMessage({
    queueId,
    ...stored,
    subject,
    receivedAt: at,
    eraseAfter: new Date(at.getTime() + 700 * 86_400_000),
    actorAddress: MEMBER,
    recipients: to.map((address) => newRecipient(address)),
  });
  const { arrival, envelope } = message;
  await insertMessage(road.db, {
    ...message,
    arrival: { ...arrival, name: MEMBER, authenticatedAs: MEMBER },
    envelope: {
      ...envelope,
      mailFrom: MEMBER,
      rcptTo: to.map((address) => ({ address, orcpt: null, notify: [] })),
    },
  });
  await processMessage(road, queueId);
  return queueId;
}

/** The token of a link that a notice to the sender would have. */
export async function statusToken(
  { gateway }: Pick<ConsoleWorld, 'gateway'>,
  queueId: string,
): Promise<string> {
  const { road } = gateway;
  const notice = { kind: 'held', toAddress: MEMBER } as const;
  const message = { queueId, actorAddress: MEMBER };
  const world = { ...road, consoleUrl: 'https://localhost' };
  const link = await newStatusLink(world, road.db, notice, message);
  return new URL(link ?? '').pathname.slice('/m/'.length);
}
