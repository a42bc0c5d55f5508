import type { RecipientOutcome } from '../delivery/delivery-job.ts';
import { nextAttempt } from '../delivery/schedule.ts';
import type { RecipientStatus } from '../mail/disposition.ts';

/** What one attempt made of a recipient. */
export interface Fate {
  status: Extract<RecipientStatus, 'delivered' | 'deferred' | 'bounced' | 'expired'>;
  /** The reply line, or a cause word: what the notice and the operator are told. */
  result: string;
  nextAttemptAt: Date | null;
  /** Retrying alone cannot help: the sender is told at once, not after the delay. */
  hopeless: boolean;
}

/**
 * Turns an outcome into the recipient's next state. Pure. Everything that is not an acceptance or a
 * permanent refusal waits, until the time to give up is past.
 */
export function fateOf(
  /** `attemptCount` counts the attempt that this is the outcome of. */
  recipient: { attemptCount: number; giveUpAt: Date | null },
  outcome: RecipientOutcome,
  at: Date,
  queueId: string,
): Fate {
  const ended = { nextAttemptAt: null, hopeless: false };
  switch (outcome.kind) {
    case 'delivered':
      return { ...ended, status: 'delivered', result: outcome.reply };
    case 'bounced':
      return { ...ended, status: 'bounced', result: outcome.reply || outcome.cause };
    case 'deferred':
    case 'unprotected': {
      const result = (outcome.kind === 'deferred' && outcome.reply) || outcome.cause;
      if (recipient.giveUpAt && at >= recipient.giveUpAt) {
        return { ...ended, status: 'expired', result };
      }
      const next = nextAttempt(recipient.attemptCount, at, queueId);
      // The last try is made at the moment of giving up, not hours after it.
      const beyond = recipient.giveUpAt !== null && next > recipient.giveUpAt;
      return {
        status: 'deferred',
        result,
        nextAttemptAt: beyond ? recipient.giveUpAt : next,
        hopeless: outcome.kind === 'unprotected' && !outcome.retryable,
      };
    }
  }
}
