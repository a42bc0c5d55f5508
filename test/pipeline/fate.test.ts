import { describe, expect, it } from 'vitest';
import type {
  RecipientOutcome,
  TransportEvidence,
  TransportProof,
} from '../../src/delivery/delivery-job.ts';
import { fateOf } from '../../src/pipeline/fate.ts';

const AT = new Date('2026-11-22T10:00:00Z');
const EVIDENCE: TransportEvidence = {
  level: 'L0',
  mxHost: 'mx.plain.example',
  remoteAddress: '192.0.2.1',
  protocol: null,
  cipher: null,
  certificateSha256: null,
  provedBy: 'none',
  at: AT.toISOString(),
};
const PROOF: TransportProof = { names: [], certificateChain: [], policy: null };
const DEFERRED: RecipientOutcome = { kind: 'deferred', reply: null, cause: 'timeout' };

function fate(outcome: RecipientOutcome, giveUpInMinutes: number | null = 600, attemptCount = 1) {
  const giveUpAt =
    giveUpInMinutes === null ? null : new Date(AT.getTime() + giveUpInMinutes * 60_000);
  return fateOf({ attemptCount, giveUpAt }, outcome, AT, 'ID1');
}

function minutes(next: Date | null): number {
  return ((next?.getTime() ?? Number.NaN) - AT.getTime()) / 60_000;
}

describe('fateOf()', () => {
  it('ends with an acceptance, whatever the time', () => {
    const taken = { reply: '250 2.0.0 Taken', evidence: EVIDENCE, proof: PROOF };
    const delivered = { kind: 'delivered' as const, ...taken };
    expect(fate(delivered, -5)).toEqual({
      status: 'delivered',
      result: '250 2.0.0 Taken',
      nextAttemptAt: null,
      hopeless: false,
    });
  });

  it('ends with a permanent refusal, told in the server’s words or in ours', () => {
    const bounced = { kind: 'bounced' as const, cause: 'refused' };
    expect(fate({ ...bounced, reply: '550 5.1.1 Unknown' })).toMatchObject({
      status: 'bounced',
      result: '550 5.1.1 Unknown',
      nextAttemptAt: null,
    });
    expect(fate({ ...bounced, reply: '' }).result).toBe('refused');
  });

  it('waits a minute after the first attempt, and longer after the later ones', () => {
    const waits = [1, 2, 3, 4, 5].map((attempt) =>
      minutes(fate(DEFERRED, null, attempt).nextAttemptAt),
    );
    for (const [index, least] of [1, 5, 15, 30, 60].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(least * 1.1);
    }
  });

  it('makes the last try at the moment of giving up, and gives up after it', () => {
    expect(minutes(fate(DEFERRED, 0.5).nextAttemptAt)).toBe(0.5);
    expect(fate(DEFERRED, 0)).toMatchObject({
      status: 'expired',
      result: 'timeout',
      nextAttemptAt: null,
    });
    expect(fate(DEFERRED, -1).status).toBe('expired');
  });

  it('tells a server’s reply rather than our word for it', () => {
    expect(fate({ ...DEFERRED, reply: '451 4.7.1 Later' }).result).toBe('451 4.7.1 Later');
  });

  it('never sends what may not go unprotected, and says whether waiting can help', () => {
    const refused = { kind: 'unprotected' as const, cause: 'starttls-not-offered' as const };
    expect(fate({ ...refused, retryable: false })).toMatchObject({
      status: 'deferred',
      result: 'starttls-not-offered',
      hopeless: true,
    });
    expect(fate({ ...refused, retryable: true }).hopeless).toBe(false);
    expect(fate({ ...refused, retryable: false }, -1)).toMatchObject({
      status: 'expired',
      hopeless: false,
    });
  });
});
