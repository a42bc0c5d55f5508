import pino from 'pino';

/** Levels as pino names them. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * The whole vocabulary of the log: one function an event, one JSON line each. Lines carry ids,
 * codes and counts; never a subject, a body, matched words, an address or a password.
 */
export interface Log {
  /** A part of the gateway came up or went down. */
  lifecycle(part: string, state: string, details?: Record<string, string | number>): void;
  /** We answered 250: the message is in our custody. */
  reception(event: { queueId: string; council: string; via: string; sizeBytes: number }): void;
  /** We refused a message or a command before 250. */
  rejection(event: {
    remoteAddress: string;
    code: number;
    enhanced: string;
    cause?: unknown;
  }): void;
  decision(event: { queueId: string; gate: string; protection: string; findings: number }): void;
  delivery(event: { queueId: string; recipientId: number; host: string; level: string }): void;
  transientFailure(event: { queueId: string; recipientId: number; cause: string }): void;
  bounce(event: { queueId: string; recipientId: number; cause: string }): void;
  expiration(event: { queueId: string; recipientId: number }): void;
  notice(event: { outboxId: string; queueId: string; kind: string }): void;
  erasure(event: { erased: number; skipped: number }): void;
  /** An officer-trusted key ends soon, or has just ended. */
  keyExpiring(event: { fingerprint: string; expiresAt: Date }): void;
  /** The law's last day for a notice of election has come, and none was entered. */
  electionAlarm(event: {
    election: string;
    council: string;
    kind: string;
    latestNotice: string;
  }): void;
  /** An exception ends within a month; its own words stand in the policy. */
  exceptionEnding(event: { exception: string; council: string; until: string }): void;
  /** Something failed that should not: the work is kept and tried again. */
  fault(part: string, error: unknown, ids?: Record<string, string>): void;
}

/**
 * What of an unknown error may be logged. Libraries put addresses and replies into their messages,
 * so anything that looks like an address is masked and the length is bounded.
 */
export function describeError(error: unknown): { name: string; code?: string; message: string } {
  if (!(error instanceof Error)) return { name: 'NonError', message: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    message: withoutContent(error.message),
  };
}

/** Addresses go, and every quotation but a bare identifier: libraries quote what they choked on. */
function withoutContent(message: string): string {
  return message
    .replaceAll(/[^\s<>"']+@[^\s<>"']+/g, '<address>')
    .replaceAll(/(["'`])((?:(?!\1).)*)\1/gs, (whole, _quote, inner: string) =>
      /^[\w.:/-]{1,64}$/.test(inner) ? whole : '"…"',
    )
    .slice(0, 300);
}

/** @param write receives each line with its line break; standard output where it is left out. */
export function createLog(level: LogLevel = 'info', write?: (line: string) => void): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    write ? { write } : pino.destination({ fd: 1, sync: false }),
  );
  const info = (event: string, fields: object): void => logger.info({ event, ...fields });
  return {
    lifecycle: (part, state, details) => info('lifecycle', { part, state, ...details }),
    reception: (event) => info('reception', event),
    rejection: ({ cause, ...event }) =>
      info('rejection', {
        ...event,
        ...(cause === undefined ? {} : { cause: describeError(cause) }),
      }),
    decision: (event) => info('decision', event),
    delivery: (event) => info('delivery', event),
    transientFailure: (event) => info('transient-failure', event),
    bounce: (event) => info('bounce', event),
    expiration: (event) => info('expiration', event),
    notice: (event) => info('notice', event),
    erasure: (event) => info('erasure', event),
    keyExpiring: (event) => info('key-expiring', event),
    electionAlarm: (event) => logger.warn({ event: 'election-alarm', ...event }),
    exceptionEnding: (event) => logger.warn({ event: 'exception-ending', ...event }),
    fault: (part, error, ids) =>
      logger.error({ event: 'fault', part, ...ids, error: describeError(error) }),
  };
}
