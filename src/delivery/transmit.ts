import type { SecureContext } from 'node:tls';
import { admit, certificateNames, judgeChannel, type TlsFacts } from './channel.ts';
import type {
  DeliveryJob,
  JobRecipient,
  RecipientOutcome,
  TransportEvidence,
  TransportProof,
} from './delivery-job.ts';
import { transportEvidence, transportProof } from './transport-evidence.ts';
import { needsProtection, type Failure, type Target } from './route-plan.ts';
import type { SessionPool } from './session-pool.ts';
import { openSession } from './smtp-session.ts';
import type { Reply, SessionFailure, SessionOptions, SmtpSession } from './smtp-session.ts';

export type Outcomes = Map<JobRecipient['id'], RecipientOutcome>;

/**
 * What one address came to. Recipients without an outcome may be tried at the next, for
 * `failure`.
 */
export interface AttemptResult {
  outcomes: Outcomes;
  failure: Failure | null;
}

export interface TransmitContext {
  pool: SessionPool;
  heloName: string;
  localAddress: string | undefined;
  contexts: { strict: SecureContext; lenient: SecureContext };
  timeouts: { setupMs: number; silenceMs: number; transactionMs: number };
  clock: () => number;
}

export interface Attempt {
  job: DeliveryJob;
  /** Those without an outcome so far. */
  recipients: readonly JobRecipient[];
  target: Target;
  address: string;
  signal: AbortSignal;
  /** Where given, nothing is said of any message: what was seen is told, and the session ends. */
  look?: (sight: Sight) => void;
}

/** What was seen of one server before anything would have been sent. */
export interface Sight {
  /** `null` in clear. */
  tls: TlsFacts | null;
  /** What would stand in the record; `null` where nothing would be sent. */
  admitted: { evidence: TransportEvidence; proof: TransportProof } | null;
}

/** Tries to hand a job to one address. Not a word of it is said before the channel is judged. */
export async function transmit(attempt: Attempt, context: TransmitContext): Promise<AttemptResult> {
  const { job, target } = attempt;
  if (needsProtection(job) || job.requireTls || target.policy.kind !== 'none') {
    return overSession(attempt, context, 'always');
  }
  const result = await overSession(attempt, context, 'if-offered');
  // Only mail that nothing obliges gets here; it may go in clear where no handshake succeeds.
  const handshakeFailed =
    result.failure?.kind === 'flaw' && result.failure.cause.startsWith('tls-');
  return handshakeFailed ? overSession(attempt, context, 'never') : result;
}

async function overSession(
  attempt: Attempt,
  context: TransmitContext,
  startTls: SessionOptions['startTls'],
): Promise<AttemptResult> {
  const { target, address, signal } = attempt;
  const host = `${address} ${target.port}`;
  const profile = JSON.stringify([target.serverName, startTls, target.auth?.user ?? null]);
  const open = (): ReturnType<typeof openSession> =>
    openSession(sessionOptions(attempt, context, startTls), signal);
  const announce = once(() => attempt.job.onAttempt(target.host, address));
  for (;;) {
    const opened = await context.pool.acquire(host, profile, signal, open).catch(() => null);
    if (!opened) return next({ kind: 'connection', cause: 'timeout', reply: null });
    if ('failure' in opened) return notOpened(opened.failure, attempt);
    const { session } = opened;
    const reused = session.transactions > 0;
    let handed: Handed | null = null;
    try {
      handed = await handOver(attempt, context, session, announce);
    } finally {
      context.pool.release(host, profile, session, handed?.clean ?? false);
    }
    // A kept session may have ended unseen; that says nothing about the server.
    if (!(reused && handed.silent)) return handed.result;
  }
}

interface Handed {
  result: AttemptResult;
  /** The session may serve another message. */
  clean: boolean;
  /** The connection broke before the server said a word about this message. */
  silent: boolean;
}

async function handOver(
  attempt: Attempt,
  { clock, timeouts }: TransmitContext,
  session: SmtpSession,
  announce: () => Promise<void>,
): Promise<Handed> {
  const { job, target } = attempt;
  const names = certificateNames(target, job);
  const judged = judgeChannel(session.tls, target.policy, names, clock());
  const admitted = admit(job, target.policy, judged, target.host);
  const stop = (result: AttemptResult): Handed => ({ result, clean: false, silent: false });
  attempt.look?.({ tls: session.tls, admitted: null });
  if ('flaw' in admitted) {
    return stop(next({ kind: 'flaw', cause: admitted.flaw, retryable: false }));
  }
  if (job.requireTls && !session.offers('REQUIRETLS')) {
    return stop(next({ kind: 'flaw', cause: 'requiretls-not-offered', retryable: false }));
  }
  const seen = { job, target, address: attempt.address, tls: session.tls };
  const evidence = transportEvidence(seen, admitted.verdict, clock());
  const proof = transportProof(seen, admitted.verdict);
  if (attempt.look) {
    attempt.look({ tls: session.tls, admitted: { evidence, proof } });
    return stop({ outcomes: new Map(), failure: null });
  }
  const { outcomes, sendable } = withinAbilities(attempt, session);
  if (sendable.length === 0) return stop({ outcomes, failure: null });
  await announce();
  const signal = AbortSignal.any([attempt.signal, AbortSignal.timeout(timeouts.transactionMs)]);
  const unique = [...new Map(sendable.map((entry) => [entry.address, entry])).values()];
  const message = { ...job, recipients: unique };
  const transaction = await session.send(message, job.body(), signal);
  const sentAt = { ...evidence, at: new Date(clock()).toISOString() };

  let failure: Failure | null = null;
  for (const recipient of sendable) {
    const refused = transaction.refused.get(recipient.address);
    if (refused) outcomes.set(recipient.id, refusal(refused));
    else if (transaction.kind === 'answered' && !refusesSession(transaction)) {
      outcomes.set(recipient.id, answer(transaction.reply, sentAt, proof));
    } else if (transaction.kind === 'lost' && mustNotGoOn(transaction)) {
      const cause = transaction.doubtful ? 'reply-lost' : transaction.cause;
      outcomes.set(recipient.id, { kind: 'deferred', reply: null, cause });
    } else if (transaction.kind === 'lost') {
      failure = { kind: 'connection', cause: transaction.cause, reply: null };
    } else {
      failure = { kind: 'connection', cause: 'sender-deferred', reply: transaction.reply.text };
    }
  }
  const clean = transaction.kind === 'answered' && transaction.reply.code === 250;
  const silent = transaction.kind === 'lost' && failure !== null && transaction.refused.size === 0;
  return { result: { outcomes, failure }, clean, silent };
}

/** A temporary no to MAIL FROM is about the server's state, not the mail: another host may do. */
function refusesSession({ stage, reply }: { stage: string; reply: Reply }): boolean {
  return stage === 'MAIL' && reply.code < 500;
}

/** The server may have the message already, or we cannot read it: no other host is tried now. */
function mustNotGoOn({ cause, doubtful }: { cause: string; doubtful: boolean }): boolean {
  return doubtful || cause === 'body-unreadable';
}

/** Sorts out what this server cannot take. The bytes are never converted, so it bounces. */
function withinAbilities(
  { job, recipients }: Attempt,
  session: SmtpSession,
): { outcomes: Outcomes; sendable: JobRecipient[] } {
  const outcomes: Outcomes = new Map();
  const utf8 = session.offers('SMTPUTF8');
  const forAll = !session.takes(job.sizeBytes)
    ? bounce('552 5.3.4 The message is larger than the server takes', 'too-big')
    : job.eightBit && !session.offers('8BITMIME')
      ? bounce('554 5.6.3 The server does not take 8-bit content', 'eight-bit-not-offered')
      : (job.smtpUtf8 || !isAscii(job.mailFrom)) && !utf8
        ? bounce('550 5.6.7 The server does not take SMTPUTF8 messages', 'smtputf8-not-offered')
        : null;
  const sendable: JobRecipient[] = [];
  for (const recipient of recipients) {
    if (forAll) outcomes.set(recipient.id, forAll);
    else if (!utf8 && !isAscii(recipient.address)) {
      const reply = '553 5.6.7 The server does not take internationalised addresses';
      outcomes.set(recipient.id, bounce(reply, 'smtputf8-not-offered'));
    } else sendable.push(recipient);
  }
  return { outcomes, sendable };
}

function notOpened(failure: SessionFailure, { recipients }: Attempt): AttemptResult {
  if (failure.kind === 'channel') {
    return next({ kind: 'flaw', cause: failure.flaw, retryable: failure.retryable });
  }
  const { cause, reply } = failure;
  // RFC 7504: this host never takes mail.
  if (reply && (reply.code === 521 || reply.code === 556)) {
    const outcome = bounce(reply.text, 'host-accepts-no-mail');
    return { outcomes: new Map(recipients.map(({ id }) => [id, outcome])), failure: null };
  }
  return next({ kind: 'connection', cause, reply: reply?.text ?? null });
}

function answer(
  reply: Reply,
  evidence: TransportEvidence,
  proof: TransportProof,
): RecipientOutcome {
  const accepted = reply.code >= 200 && reply.code < 300;
  return accepted ? { kind: 'delivered', reply: reply.text, evidence, proof } : refusal(reply);
}

function refusal(reply: Reply): RecipientOutcome {
  if (reply.code >= 500) return bounce(reply.text, 'refused');
  const cause = reply.code >= 400 ? 'refused-for-now' : 'unreadable-reply';
  return { kind: 'deferred', reply: reply.text, cause };
}

function bounce(reply: string, cause: string): RecipientOutcome {
  return { kind: 'bounced', reply, cause };
}

function next(failure: Failure): AttemptResult {
  return { outcomes: new Map(), failure };
}

function sessionOptions(
  { target, address }: Attempt,
  { heloName, localAddress, contexts, timeouts }: TransmitContext,
  startTls: SessionOptions['startTls'],
): SessionOptions {
  return {
    address,
    port: target.port,
    serverName: target.serverName,
    heloName,
    localAddress,
    startTls,
    implicitTls: target.implicitTls,
    secureContext: startTls === 'always' ? contexts.strict : contexts.lenient,
    auth: target.auth,
    setupMs: timeouts.setupMs,
    silenceMs: timeouts.silenceMs,
  };
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | null = null;
  return () => (result ??= action());
}
