import { createHash, randomBytes } from 'node:crypto';
import type { Decision } from '../../src/mail/decision.ts';
import type { Gate } from '../../src/mail/disposition.ts';
import type { Facts } from '../../src/mail/facts.ts';
import { insertMessage, type NewMessage, type NewRecipient } from '../../src/store/messages.ts';
import type { NewCase } from '../../src/store/cases.ts';
import type { Db } from '../../src/store/connect.ts';

export const T0 = new Date('2026-11-02T09:00:00Z');

export function later(seconds: number): Date {
  return new Date(T0.getTime() + seconds * 1000);
}

export function queueId(): string {
  return randomBytes(10).toString('hex');
}

export function newRecipient(address: string, change: Partial<NewRecipient> = {}): NewRecipient {
  return {
    address,
    domain: address.slice(address.indexOf('@') + 1),
    internal: address.endsWith('@merebrook.gov.uk'),
    orcpt: null,
    notify: [],
    status: 'spooled',
    route: 'outward',
    protection: 'none',
    giveUpAt: null,
    nextAttemptAt: null,
    ...change,
  };
}

export function newMessage(change: Partial<NewMessage> = {}): NewMessage {
  const id = change.queueId ?? queueId();
  return {
    queueId: id,
    council: 'merebrook',
    origin: 'received',
    arrival: {
      via: 'login',
      name: 'cllr.a@merebrook.gov.uk',
      council: 'merebrook',
      authenticatedAs: 'cllr.a@merebrook.gov.uk',
      remoteAddress: '127.0.0.1',
      helo: 'laptop.test',
      tls: null,
    },
    envelope: {
      mailFrom: 'cllr.a@merebrook.gov.uk',
      rcptTo: [],
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '8BITMIME',
    },
    actorId: null,
    actorAddress: 'cllr.a@merebrook.gov.uk',
    subject: 'Potholes in Mill Lane',
    messageId: '<1@merebrook.gov.uk>',
    sizeBytes: 1234,
    sha256: createHash('sha256').update(id).digest(),
    wrappedKey: randomBytes(88),
    receivedAt: T0,
    retentionClass: 'kept',
    eraseAfter: later(86_400),
    recipients: [newRecipient('a@charity.test'), newRecipient('b@charity.test')],
    ...change,
  };
}

/** A political hold of the Monitoring Officer's, unless `change` says otherwise. */
export function newCase(change: Partial<NewCase> & Pick<NewCase, 'id' | 'queueId'>): NewCase {
  return {
    council: 'merebrook',
    kind: 'hold',
    role: 'monitoring-officer',
    reason: 'Looks political',
    rule: 'political-content',
    document: 'Protocol',
    section: '4',
    marking: null,
    areas: ['political'],
    queues: ['monitoring-officer'],
    returningOfficers: false,
    privileged: false,
    parties: [],
    domains: [],
    actorAddress: 'cllr.a@merebrook.gov.uk',
    fourEyes: false,
    at: T0,
    firstLookDue: null,
    dueAt: null,
    escalateTo: null,
    senderMayReleaseAt: null,
    endsAt: null,
    ...change,
  };
}

/** Inserts it and returns the queue id. */
export async function given(db: Db, change: Partial<NewMessage> = {}): Promise<string> {
  const message = newMessage(change);
  await insertMessage(db, message);
  return message.queueId;
}

export const FACTS = { receivedAt: T0.toISOString() } as Facts;

export function decisionFor(addresses: string[], gate: Gate = 'release'): Decision {
  return {
    gate,
    protection: 'none',
    marking: null,
    recipients: addresses.map((address) => ({
      address,
      gate,
      protection: 'none',
      hits: [
        {
          rule: 'party-political',
          clause: { council: 'merebrook', document: 'Protocol', section: '4', quote: null },
          outcome: 'match',
          gate,
          protection: 'none',
          nudge: false,
          tag: false,
          notify: [],
          inert: null,
          findings: [0],
        },
      ],
    })),
    findings: [
      {
        kind: 'political',
        type: 'slogan',
        score: 0.9,
        summary: 'Asks for votes',
        evidence: [{ part: 'body', text: 'Vote for me', start: 0, end: 11 }],
        recipient: null,
        details: {},
      },
    ],
    policyVersion: 'p1',
    inputsHash: 'h1',
    faults: [],
  };
}

/** Events of one message's audit rows, in order. */
export async function eventsOf(db: Db, queueId: string): Promise<string[]> {
  const rows = await db<{ event: string }[]>`
    select event from audit where queue_id = ${queueId} order by id`;
  return rows.map((row) => row.event);
}

/** A recipient of `given` mail that is queued, by its id. */
export async function recipientIds(db: Db, queueId: string): Promise<number[]> {
  const rows = await db<{ id: number }[]>`
    select id from recipients where queue_id = ${queueId} order by position`;
  return rows.map((row) => row.id);
}
