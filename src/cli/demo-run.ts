import nodemailer from 'nodemailer';
import { setTimeout as wait } from 'node:timers/promises';
import type { RecipientStatus } from '../mail/disposition.ts';
import type { Db } from '../store/connect.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import { noticesAbout } from '../store/outbox.ts';
import { DEMO_MESSAGES, type DemoMessage } from './demo-messages.ts';
import { table } from './context.ts';

/** Where the running demo listens; main.ts has it from the gateway's start. */
export interface DemoAccess {
  submission: { host: string; port: number };
  connector: { host: string; port: number };
  /** Everybody's password in the demo. */
  password: string;
  /** PEM of the demo's authority, which signed the listener's certificate. */
  ca: string;
}

export interface DemoRow {
  message: string;
  recipient: string;
  outcome: string;
  protectedBy: string;
  rule: string;
  clause: string;
  notices: string;
}

const SETTLED: readonly RecipientStatus[] = [
  'held',
  'diverted',
  'delivered',
  'rejected',
  'bounced',
  'expired',
];
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 250;

/**
 * Sends the demo's messages through the running gateway by SMTP, waits until each recipient stands
 * somewhere, and returns a row for each.
 * @param db the record of the running gateway
 */
export async function runDemo(db: Db, access: DemoAccess, now: () => Date): Promise<DemoRow[]> {
  const sent: { message: DemoMessage; queueId: string }[] = [];
  for (const [index, message] of DEMO_MESSAGES.entries()) {
    sent.push({ message, queueId: await send(message, access, now(), index) });
  }
  const rows: DemoRow[] = [];
  for (const { message, queueId } of sent) {
    const stored = await settled(db, queueId, now);
    const notices = await noticesAbout(db, queueId);
    rows.push(...rowsOf(message, stored, notices.map(({ kind }) => kind).join(', ')));
  }
  return rows;
}

/** The rows as text. */
export function demoTable(rows: DemoRow[]): string {
  const headings = [
    'message',
    'recipient',
    'what happened',
    'protected by',
    'rule',
    'clause',
    'notice',
  ];
  return table(
    headings,
    rows.map((row) => Object.values(row)),
  );
}

async function send(
  message: DemoMessage,
  access: DemoAccess,
  at: Date,
  index: number,
): Promise<string> {
  const login = message.via === 'login';
  const transport = nodemailer.createTransport({
    ...(login ? access.submission : access.connector),
    requireTLS: login,
    tls: { ca: access.ca, servername: 'localhost' },
    ...(login ? { auth: { user: message.sender, pass: access.password } } : {}),
    ignoreTLS: !login,
  });
  const raw = message.raw
    .replaceAll('{{date}}', at.toUTCString().replace('GMT', '+0000'))
    .replaceAll('{{id}}', `demo.${at.getTime()}.${index}`)
    .replaceAll('\n', '\r\n');
  const info = await transport.sendMail({
    envelope: { from: message.mailFrom, to: message.to },
    raw,
  });
  transport.close();
  const queueId = /queued as (\w+)/.exec(info.response)?.[1];
  if (!queueId) throw new Error(`The gateway answered "${info.response}" and no queue id`);
  return queueId;
}

/**
 * Waits until nothing is under way: every recipient is at an end, waits for a person, or was tried.
 */
async function settled(db: Db, queueId: string, now: () => Date): Promise<StoredMessage> {
  const until = now().getTime() + PATIENCE_MS;
  for (;;) {
    const message = await loadMessage(db, queueId);
    const done = message?.recipients.every(
      ({ status, attemptCount, leaseToken }) =>
        SETTLED.includes(status) ||
        (status === 'deferred' && leaseToken === null && attemptCount >= 0),
    );
    const notices = await noticesAbout(db, queueId);
    const told = notices.every(({ writtenAt }) => writtenAt !== null);
    const delayed = message?.recipients.some(({ lastResult }) => lastResult !== null);
    const owed = message?.recipients.some(({ status }) => status === 'deferred') && delayed;
    if (message && done && told && (!owed || notices.length > 0)) return message;
    if (now().getTime() > until)
      throw new Error(`Message "${queueId}" has not settled in a minute`);
    await wait(LOOK_EVERY_MS);
  }
}

function rowsOf(message: DemoMessage, stored: StoredMessage, notices: string): DemoRow[] {
  const decided = stored.decision?.recipients ?? [];
  return stored.recipients.flatMap((recipient) => {
    const decision = decided[recipient.position];
    if (!decision) return [];
    const hits = decision.hits.filter(({ inert }) => inert === null);
    const hit =
      hits.find(({ gate }) => gate === decision.gate && gate !== 'release') ??
      hits.find(({ protection }) => protection === 'required') ??
      hits[0];
    return [
      {
        message: message.title,
        recipient: recipient.address ?? '',
        outcome:
          recipient.status === 'deferred' ? `waits: ${recipient.lastResult}` : recipient.status,
        protectedBy: recipient.protectedBy ?? '-',
        rule: hit?.rule ?? '-',
        clause: hit ? `${hit.clause.council} ${hit.clause.section}` : '-',
        notices: notices || '-',
      },
    ];
  });
}
