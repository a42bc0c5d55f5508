import { Readable } from 'node:stream';
import type {
  DeliveryJob,
  RecipientOutcome,
  Route,
  SealingFlaw,
} from '../delivery/delivery-job.ts';
import { dkimSign } from '../delivery/dkim.ts';
import { protectedRoute } from '../delivery/route-plan.ts';
import { domainOf } from '../mail/address.ts';
import type { Protection } from '../mail/disposition.ts';
import { receivedField } from '../mail/trace.ts';
import { encryptMessage } from '../pgp/encrypt.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { closeCaseIfDone } from '../store/cases.ts';
import { transaction } from '../store/connect.ts';
import {
  claimRecipients,
  extendLease,
  hastenDelayNotice,
  recordOutcome,
  startAttempt,
} from '../store/deliveries.ts';
import { loadMessage, type StoredMessage, type StoredRecipient } from '../store/messages.ts';
import {
  deliveryCertificate,
  openPgpSeal,
  protectedBy,
  SEALED_BY_SENDER,
  type Seal,
} from './delivery-certificate.ts';
import { divertedField } from './inward.ts';
import { addFailureNotice } from './failure-notice.ts';
import { fateOf, type Fate } from './fate.ts';
import { asksForPgp, pgpKeyFor, type KeyChoice, type UsableKey } from './pgp-request.ts';
import type { Road } from './road.ts';
import { outwardRoute } from './routes.ts';

/** Recipients that one SMTP transaction may serve together. */
interface Group {
  route: Route;
  domain: string;
  protection: Protection;
  recipients: Due[];
}

/** A recipient that is due has its address: erasure passes over what is under way. */
type Due = StoredRecipient & { address: string };

/** By recipient id; somebody who is missing has no outcome yet. */
type Outcomes = ReadonlyMap<number | bigint, RecipientOutcome>;

/**
 * Delivers what is due of one message: claims recipients under a lease, sends per route and
 * protection, records each outcome with its audit row. A crash between the server's 250 and our
 * record means one possible duplicate, which SMTP tolerates (RFC 5321 §4.5.4.2 has the same gap);
 * never a loss.
 */
export async function deliverMessage(road: Road, queueId: string): Promise<void> {
  const at = road.clock();
  const { leaseSeconds } = road.delivery;
  const claim = await claimRecipients(road.db, { queueId, at, leaseSeconds });
  if (claim.recipients.length === 0) return;
  const message = await loadMessage(road.db, queueId);
  const council = message && road.policy().councils.get(message.council);
  if (!message?.envelope || !message.arrival || !message.wrappedKey || !council) {
    throw new Error(`Message "${queueId}" has recipients due but cannot be delivered`);
  }
  const delivery: Delivery = { road, message, council, token: claim.token, notices: [] };
  // One domain that hangs must not delay the others, nor expose them.
  const due = claim.recipients.filter((each): each is Due => each.address !== null);
  const renewal = setInterval(() => void renew(delivery), (leaseSeconds * 1000) / 3);
  try {
    const groups = groupsOf(delivery, due).map((group) => sendGroup(delivery, group));
    // Until the last has ended: a lease that is no longer renewed would let a second copy out.
    const failed = (await Promise.allSettled(groups)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  } finally {
    clearInterval(renewal);
    // Only now: one notice names everybody who failed in this run. The sweep has those of a hang.
    await road.queues.wake('notify', delivery.notices);
  }
}

/**
 * A short lease frees the work of a killed process soon; a long transfer keeps its own by renewal.
 */
async function renew({ road, message, token }: Delivery): Promise<void> {
  try {
    await extendLease(road.db, token, road.clock(), road.delivery.leaseSeconds);
  } catch (error) {
    road.log.fault('lease', error, { queueId: message.queueId });
  }
}

interface Delivery {
  road: Road;
  message: StoredMessage;
  council: CouncilPolicy;
  token: string;
  /** Ids of failure notices that this run put into the outbox. */
  notices: string[];
}

function groupsOf({ road, message }: Delivery, recipients: Due[]): Group[] {
  const routes = road.routes.get(message.council);
  if (!routes) throw new Error(`No routes configured for council "${message.council}"`);
  const groups = new Map<string, Group>();
  for (const recipient of recipients) {
    const domain = recipient.domain ?? domainOf(recipient.address);
    const isInward = recipient.route === 'inward';
    const route = isInward ? routes.inward : outwardRoute(routes, domain);
    // Mail inward never leaves the council's own system: protection is a matter of the internet.
    const protection = isInward ? 'none' : recipient.protection;
    const chosen = protection === 'required' ? protectedRoute(route) : route;
    const target = chosen.kind === 'mx' ? domain : `${chosen.host}:${chosen.port}`;
    const key = [recipient.route, target, protection].join(' ');
    const group = groups.get(key);
    if (group) group.recipients.push(recipient);
    else groups.set(key, { route: chosen, domain, protection, recipients: [recipient] });
  }
  return [...groups.values()];
}

async function sendGroup(delivery: Delivery, group: Group): Promise<void> {
  const sealed = group.protection === 'required' && isEncryptedBySender(delivery.message);
  const rest = sealed ? group.recipients : await sendAsAsked(delivery, group);
  if (rest.length === 0) return;
  const outcomes = await attempt(
    delivery,
    { ...group, recipients: rest },
    { contentEncrypted: sealed },
  );
  for (const recipient of rest) {
    const outcome = outcomes.get(recipient.id) ?? noOutcome();
    if (outcome.kind === 'unprotected' && !sealed) {
      const key = await keyFor(delivery, recipient);
      if (key.kind === 'usable') await sendEncrypted(delivery, group, recipient, key);
      // TLS could not be proven and there is no key: the message waits (domain E.2).
      else if (key.kind === 'none') await settle(delivery, recipient, outcome, null);
      else await settle(delivery, recipient, unsealed(key.cause), null);
    } else await settle(delivery, recipient, outcome, sealed ? SEALED_BY_SENDER : null);
  }
}

/**
 * `[PGP]` asks for PGP also where TLS would do. Returns those who have no key: for them the mail is
 * to be protected in any way there is.
 */
async function sendAsAsked(delivery: Delivery, group: Group): Promise<Due[]> {
  if (group.protection !== 'required' || !asksForPgp(delivery.message)) return group.recipients;
  const rest: Due[] = [];
  for (const recipient of group.recipients) {
    const key = await keyFor(delivery, recipient);
    if (key.kind === 'usable') await sendEncrypted(delivery, group, recipient, key);
    else rest.push(recipient);
  }
  return rest;
}

function keyFor({ road, council, message }: Delivery, recipient: Due): Promise<KeyChoice> {
  return pgpKeyFor(road, council, message, recipient.address);
}

/** Another try with the same key would fail again: the sender hears of it at once. */
function unsealed(cause: SealingFlaw): RecipientOutcome {
  return { kind: 'unprotected', cause, retryable: false };
}

function noOutcome(): RecipientOutcome {
  return { kind: 'deferred', reply: null, cause: 'no-outcome' };
}

/**
 * Only where nothing readable stands beside the block: a part in clear is not protected by the
 * rest.
 */
function isEncryptedBySender({ decision }: StoredMessage): boolean {
  const found = decision?.findings.find(({ kind }) => kind === 'already-encrypted');
  return found?.details['whole'] === true;
}

/** One copy for one recipient, so that Bcc never leaks. */
async function sendEncrypted(
  delivery: Delivery,
  group: Group,
  recipient: Due,
  { armored, info }: UsableKey,
): Promise<void> {
  const { road, message } = delivery;
  const signingKey = road.routes.get(message.council)?.signingKey;
  let sealedBytes: Buffer;
  try {
    sealedBytes = await encryptMessage({
      raw: await collect(original(delivery)),
      to: recipient.address,
      key: armored,
      outerSubject: message.decision?.marking ?? 'Encrypted message',
      at: road.clock(),
      ...(signingKey && { signingKey }),
    });
  } catch (error) {
    road.log.fault('pgp', error, { queueId: message.queueId });
    await settle(delivery, recipient, unsealed('pgp-failed'), null);
    return;
  }
  const outcomes = await attempt(
    delivery,
    { ...group, recipients: [recipient] },
    { contentEncrypted: true, bytes: sealedBytes },
  );
  const outcome = outcomes.get(recipient.id) ?? noOutcome();
  await settle(delivery, recipient, outcome, openPgpSeal(info, sealedBytes));
}

async function attempt(
  delivery: Delivery,
  group: Group,
  content: { contentEncrypted: boolean; bytes?: Buffer },
): Promise<Outcomes> {
  const { road, message, council } = delivery;
  const envelope = message.envelope;
  if (!envelope) throw new Error(`Message "${message.queueId}" was erased`);
  const jobWith = (prefix: Buffer): DeliveryJob => ({
    queueId: message.queueId,
    route: group.route,
    domain: group.domain,
    protection: group.protection,
    contentEncrypted: content.contentEncrypted,
    mailFrom: envelope.mailFrom,
    recipients: group.recipients.map(({ id, address, orcpt, notify }) => ({
      id,
      address,
      orcpt,
      notify,
    })),
    ret: envelope.ret,
    envid: envelope.envid,
    smtpUtf8: envelope.smtpUtf8,
    eightBit: content.bytes ? false : envelope.body === '8BITMIME',
    requireTls: envelope.requireTls,
    acceptL2: council.settings.acceptL2,
    sizeBytes: prefix.length + (content.bytes?.length ?? message.sizeBytes),
    body: () => withPrefix(prefix, content.bytes ?? original(delivery)),
    onAttempt: async (host, remoteAddress) => {
      await startAttempt(road.db, {
        queueId: message.queueId,
        recipientIds: group.recipients.map(({ id }) => id),
        at: road.clock(),
        host,
        remoteAddress,
      });
    },
  });
  // Whatever fails is an attempt without an outcome: it is retried by the schedule, and it ends.
  try {
    return await road.courier.send(jobWith(await prependedFields(delivery, content.bytes)));
  } catch (error) {
    road.log.fault('courier', error, { queueId: message.queueId });
    return new Map();
  }
}

/** The original bytes as received. */
function original({ road, message }: Delivery): Readable {
  if (!message.wrappedKey) throw new Error(`Message "${message.queueId}" was erased`);
  return road.spool.read(message.queueId, message.wrappedKey);
}

/**
 * DKIM over everything below it, then our Received: all that we ever add to a message that leaves.
 */
async function prependedFields(delivery: Delivery, bytes: Buffer | undefined): Promise<Buffer> {
  const { road, message } = delivery;
  const { arrival, envelope } = message;
  if (!arrival || !envelope) throw new Error(`Message "${message.queueId}" was erased`);
  const received =
    message.origin === 'internal'
      ? ''
      : receivedField({
          hostname: road.hostname,
          helo: arrival.helo,
          remoteAddress: arrival.remoteAddress,
          tls: arrival.tls,
          authenticated: arrival.via === 'login',
          queueId: message.queueId,
          at: message.receivedAt,
          smtpUtf8: envelope.smtpUtf8,
        });
  const isDiverted = message.decision?.gate === 'divert';
  const fields = received + (isDiverted ? divertedField(road.noticeSecret, message.queueId) : '');
  const dkim = road.routes.get(message.council)?.dkim;
  if (!dkim) return Buffer.from(fields);
  const signed = withPrefix(Buffer.from(fields), bytes ?? original(delivery));
  const signature = await dkimSign(signed, dkim, road.clock());
  return Buffer.from(signature + fields);
}

function withPrefix(prefix: Buffer, rest: Buffer | Readable): Readable {
  return Readable.from(
    (async function* bytes() {
      if (prefix.length > 0) yield prefix;
      if (Buffer.isBuffer(rest)) yield rest;
      else yield* rest;
    })(),
    { objectMode: false },
  );
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Records one outcome, and the notice that a failure calls for, in one transaction. */
async function settle(
  delivery: Delivery,
  recipient: StoredRecipient,
  outcome: RecipientOutcome,
  seal: Seal | null,
): Promise<void> {
  const { road, message, token } = delivery;
  const { queueId } = message;
  const at = road.clock();
  const fate = fateOf(recipient, outcome, at, queueId);
  const delivered = outcome.kind === 'delivered';
  const certificate = delivered
    ? deliveryCertificate({ message, recipient, outcome, seal, at, salt: road.random(16) })
    : null;
  const notice = await transaction(road.db, async (tx) => {
    const changed = await recordOutcome(tx, {
      token,
      recipientId: recipient.id,
      status: fate.status,
      at,
      result: fate.result,
      nextAttemptAt: fate.nextAttemptAt,
      protectedBy: delivered ? protectedBy(outcome, seal) : null,
      evidence: delivered ? outcome.evidence : null,
      ...(certificate && { certificate }),
      reply: 'reply' in outcome ? outcome.reply : null,
      unprotected: outcome.kind === 'unprotected',
    });
    if (!changed) return null;
    if (fate.hopeless) await hastenDelayNotice(tx, recipient.id, at);
    if (fate.status !== 'deferred') await closeCaseIfDone(tx, queueId, at);
    const kind = FAILURE_NOTICES[fate.status];
    return kind ? addFailureNotice(road, tx, message, kind) : null;
  });
  if (notice) delivery.notices.push(notice);
  logFate(road, queueId, recipient.id, fate, outcome);
}

const FAILURE_NOTICES: Partial<Record<Fate['status'], 'undelivered' | 'expired'>> = {
  bounced: 'undelivered',
  expired: 'expired',
};

function logFate(
  road: Road,
  queueId: string,
  recipientId: number,
  fate: Fate,
  outcome: RecipientOutcome,
): void {
  if (outcome.kind === 'delivered') {
    const { mxHost, level } = outcome.evidence;
    road.log.delivery({ queueId, recipientId, host: mxHost, level });
  } else if (fate.status === 'deferred') {
    road.log.transientFailure({ queueId, recipientId, cause: outcome.cause });
  } else if (fate.status === 'expired') {
    road.log.expiration({ queueId, recipientId });
  } else {
    road.log.bounce({ queueId, recipientId, cause: outcome.cause });
  }
}
