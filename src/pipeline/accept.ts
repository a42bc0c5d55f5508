import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';
import { domainOf } from '../mail/address.ts';
import type { Arrival, Envelope } from '../mail/envelope.ts';
import { readHeaderBlock, type RawField } from '../mail/header-block.ts';
import { decodeWords } from '../mail/encoded-words.ts';
import type { Person } from '../mail/person.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import { screen, tenantPinned, type TenantPin } from '../mail/screen.ts';
import { smtpReply, type SmtpReply } from '../mail/smtp-reply.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { retentionDue } from '../policy/retention.ts';
import { insertMessage } from '../store/messages.ts';
import { SpoolFull } from '../store/spool.ts';
import type { Road } from './road.ts';

/** A message offered by a client, before its data. */
export interface Submission {
  /**
   * How it came. Several where tenants of one service share a connection: the first whose pin the
   * header bears is meant.
   */
  arrivals: readonly Claim[];
  envelope: Envelope;
  /** The person who logged in. */
  person: Person | null;
}

export interface Claim {
  arrival: Arrival;
  /** The tenant header that this connector demands (Exchange Online), `null` where none. */
  tenantPin: TenantPin | null;
}

export type AcceptResult =
  | { kind: 'accepted'; queueId: string }
  /**
   * `close`: the client's framing cannot be trusted, so nothing after this may be read as commands.
   */
  | { kind: 'refused'; reply: SmtpReply; close: boolean; cause?: unknown };

export type Accept = (submission: Submission, body: Readable) => Promise<AcceptResult>;

/** What taking custody needs of the road. */
export interface AcceptRoad extends Pick<
  Road,
  'db' | 'spool' | 'log' | 'hostname' | 'clock' | 'random' | 'policy'
> {
  queues: Pick<Road['queues'], 'wake'>;
}

export interface AcceptLimits {
  /** RFC 1870 maximum, octets. */
  messageBytes: number;
  /** Header block, octets; a screen must read all of it before the first body byte is stored. */
  headerBytes: number;
  /** Free space that must remain in the spool after this message, octets. */
  reserveBytes: number;
}

/** A reply that ends the acceptance; thrown inside this file only. */
class Refusal extends Error {
  readonly reply: SmtpReply;
  readonly close: boolean;
  constructor(reply: SmtpReply, close = false, cause?: unknown) {
    super(reply.text, { cause });
    this.reply = reply;
    this.close = close;
  }
}

/**
 * The first half of the road: screens a message, takes it into custody, answers. The 250 goes out
 * only after the bytes are on disk (fsync) and message, recipients and audit row are committed:
 * after it the client may forget the message, and we may not (RFC 5321 §6.1). Only this function
 * and the listener answer 5xx; anything unexpected is 451 4.3.0.
 */
export function createAccept(road: AcceptRoad, limits: AcceptLimits): Accept {
  return async (submission, body) => {
    const bytes = guardedBytes(body, limits);
    try {
      return await take(road, limits, submission, bytes);
    } catch (error) {
      await drain(body);
      if (error instanceof Refusal) {
        return { kind: 'refused', reply: error.reply, close: error.close, cause: error.cause };
      }
      if (error instanceof SpoolFull) return { kind: 'refused', reply: NO_SPACE, close: false };
      return { kind: 'refused', reply: TRY_LATER, close: false, cause: error };
    }
  };
}

const NO_SPACE = smtpReply(452, '4.3.1', 'Insufficient system storage, try again later');
const NOT_OURS = smtpReply(550, '5.7.1', 'This connector does not serve your organisation');
const TRY_LATER = smtpReply(451, '4.3.0', 'Temporary failure, try again later');

async function take(
  road: AcceptRoad,
  limits: AcceptLimits,
  submission: Submission,
  bytes: AsyncGenerator<Buffer>,
): Promise<AcceptResult> {
  const { arrivals, envelope, person } = submission;
  if ((await road.spool.freeBytes()) < limits.reserveBytes) throw new Refusal(NO_SPACE);

  const head = await readHead(bytes, limits.headerBytes);
  const { fields } = readHeaderBlock(head.header);
  const claim = arrivals.find(({ tenantPin }) => !tenantPin || tenantPinned(fields, tenantPin));
  if (!claim) throw new Refusal(NOT_OURS);
  const { arrival } = claim;
  const council = road.policy().councils.get(arrival.council);
  if (!council) throw new Error(`No active policy for council "${arrival.council}"`);
  const refusal = screen({
    arrival,
    envelope,
    fields,
    hostname: road.hostname,
    person,
    council,
    at: road.clock(),
  });
  if (refusal) throw new Refusal(refusal);

  const receivedAt = road.clock();
  const queueId = makeQueueId(receivedAt, road.random(8));
  const read = claim.tenantPin ? withoutField(head, fields, claim.tenantPin.header) : head.read;
  const stored = await road.spool.write(queueId, Readable.from(rejoin(read, bytes)));
  try {
    // One statement: message, recipients and audit row stand together or not at all.
    await insertMessage(road.db, {
      queueId,
      council: council.id,
      origin: 'received',
      arrival,
      envelope: needsUtf8(envelope, head.header) ? envelope : { ...envelope, smtpUtf8: false },
      actorId: person?.id ?? null,
      actorAddress: arrival.authenticatedAs,
      subject: subjectOf(fields),
      messageId: fields.find((field) => field.name === 'message-id')?.value.trim() ?? null,
      ...stored,
      receivedAt,
      retentionClass: 'delivered',
      eraseAfter: retentionDue(council.settings.retention, 'delivered', receivedAt),
      recipients: recipientsOf(envelope, council),
    });
  } catch (error) {
    await road.spool.remove(queueId);
    throw error;
  }
  road.log.reception({
    queueId,
    council: council.id,
    via: arrival.via,
    sizeBytes: stored.sizeBytes,
  });
  // Not awaited: Redis may be away, and the sweep finds the message without it.
  void road.queues.wake('process', [queueId]);
  return { kind: 'accepted', queueId };
}

/**
 * Some clients say SMTPUTF8 always. Passed on where nothing needs it, the mail would bounce at
 * every server that is not internationalised (RFC 6531 §3.5).
 */
function needsUtf8({ mailFrom, rcptTo }: Envelope, header: Buffer): boolean {
  const addresses = [mailFrom, ...rcptTo.map(({ address }) => address)];
  return addresses.some((address) => !isAscii(Buffer.from(address))) || !isAscii(header);
}

function recipientsOf(envelope: Envelope, council: CouncilPolicy) {
  return envelope.rcptTo.map(({ address, orcpt, notify }) => {
    const internal = council.domains.includes(domainOf(address));
    return {
      address,
      domain: domainOf(address),
      internal,
      orcpt,
      notify,
      status: 'spooled' as const,
      route: internal ? ('inward' as const) : ('outward' as const),
      protection: 'none' as const,
      giveUpAt: null,
      nextAttemptAt: null,
    };
  });
}

/** The decoded Subject for the officers' queue, bounded; PostgreSQL text holds no NUL. */
function subjectOf(fields: readonly RawField[]): string | null {
  const field = fields.find(({ name }) => name === 'subject');
  return field ? decodeWords(field.value).replaceAll('\0', '').trim().slice(0, 998) : null;
}

/**
 * Passes the bytes on and refuses what a mail system must not take: a bare CR or LF, by which one
 * message can be smuggled inside another (RFC 5321 §4.1.1.4), and more than the announced maximum.
 */
async function* guardedBytes(body: Readable, limits: AcceptLimits): AsyncGenerator<Buffer> {
  let total = 0;
  let endsInCr = false;
  // The stream must survive a refusal half way: what follows has to be drained, not cut off.
  for await (const piece of body.iterator({ destroyOnReturn: false })) {
    const chunk = piece as Buffer;
    total += chunk.length;
    if (total > limits.messageBytes) {
      throw new Refusal(smtpReply(552, '5.3.4', 'Message is larger than this system accepts'));
    }
    if (hasBareLineBreak(chunk, endsInCr)) throw new Refusal(BARE_LINE_BREAK, true);
    endsInCr = chunk.at(-1) === CR;
    yield chunk;
  }
  if (endsInCr) throw new Refusal(BARE_LINE_BREAK, true);
}

const CR = 0x0d;
const LF = 0x0a;
const BARE_LINE_BREAK = smtpReply(550, '5.6.0', 'Bare CR or LF in message data, lines end in CRLF');

/** @param afterCr the chunk before this one ended in CR */
export function hasBareLineBreak(chunk: Buffer, afterCr: boolean): boolean {
  if (chunk.length === 0) return false;
  if (afterCr && chunk[0] !== LF) return true;
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
    if (at === 0 ? !afterCr : chunk[at - 1] !== CR) return true;
  }
  for (let at = chunk.indexOf(CR); at >= 0; at = chunk.indexOf(CR, at + 1)) {
    if (at + 1 < chunk.length && chunk[at + 1] !== LF) return true;
  }
  return false;
}

const HEADER_END = Buffer.from('\r\n\r\n');
const HEADER_TOO_BIG = smtpReply(552, '5.3.4', 'Message header is larger than this system accepts');

/**
 * Reads until the empty line. `read` is everything read so far, `header` the part up to that line.
 */
async function readHead(
  bytes: AsyncGenerator<Buffer>,
  headerBytes: number,
): Promise<{ header: Buffer; read: Buffer }> {
  const chunks: Buffer[] = [];
  let length = 0;
  // As if a line had ended before the first byte: an empty first line ends an empty header.
  let tail: Buffer = Buffer.from('\r\n');
  for (;;) {
    const { value: chunk, done } = await bytes.next();
    if (!done) chunks.push(chunk);
    // The empty line may straddle two chunks: look from three bytes before the new one.
    const window = done ? tail : Buffer.concat([tail, chunk]);
    const found = window.indexOf(HEADER_END);
    const end = found < 0 ? null : length - tail.length + found + 2;
    if (!done) length += chunk.length;
    if ((end ?? length) > headerBytes) throw new Refusal(HEADER_TOO_BIG);
    if (end !== null || done) {
      const read = Buffer.concat(chunks);
      return { header: read.subarray(0, end ?? length), read };
    }
    tail = window.subarray(-3);
  }
}

/**
 * The tenant's pin is for us alone: a recipient who saw its value could relay as the council. It is
 * the only thing that we ever take out of a message.
 */
function withoutField(
  { header, read }: { header: Buffer; read: Buffer },
  fields: readonly RawField[],
  name: string,
): Buffer {
  const dropped = name.trim().toLowerCase();
  const kept: Buffer[] = [];
  let from = 0;
  // Cut out by place, so that all else stays as it came, lines that are no fields too.
  for (const { raw } of fields.filter((field) => field.name === dropped)) {
    const at = raw.byteOffset - header.byteOffset;
    kept.push(read.subarray(from, at));
    from = at + raw.length;
  }
  return Buffer.concat([...kept, read.subarray(from)]);
}

async function* rejoin(read: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield read;
  yield* rest;
}

/** SMTP has no way to stop a client in DATA: what it still sends is read and thrown away. */
async function drain(body: Readable): Promise<void> {
  if (body.destroyed || body.readableEnded) return;
  try {
    for await (const piece of body) void piece;
  } catch {
    // The client has gone: there is nothing left to read, and nobody to answer.
  }
}
