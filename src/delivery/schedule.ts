import { createHash } from 'node:crypto';

const MINUTES = [1, 5, 15, 30];

/**
 * When to try again after the `attemptCount`th attempt (1 for the first): after 1, 5, 15 and 30
 * minutes, then after an hour more each time, at most 4 hours. Up to a tenth longer, by the
 * message's id, so that mail which failed together does not come back together, and yet the same
 * answer twice.
 */
export function nextAttempt(attemptCount: number, at: Date, queueId: string): Date {
  const step = Math.max(attemptCount, 1) - 1;
  const minutes = MINUTES[step] ?? Math.min(step - MINUTES.length + 1, 4) * 60;
  const spread = createHash('sha256').update(`${queueId} ${attemptCount}`).digest().readUInt16BE(0);
  return new Date(at.getTime() + minutes * 60_000 * (1 + spread / 65_536 / 10));
}
