import { describe, expect, it } from 'vitest';
import { nextAttempt } from '../../src/delivery/schedule.ts';

const AT = new Date('2027-04-01T10:00:00Z');
const waits = (queueId: string): number[] =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (count) => (nextAttempt(count, AT, queueId).getTime() - AT.getTime()) / 60_000,
  );

describe('nextAttempt()', () => {
  it('waits longer each time, up to four hours, and at most a tenth over', () => {
    const planned = [1, 5, 15, 30, 60, 120, 180, 240, 240];
    for (const [index, wait] of waits('Q1').entries()) {
      expect(wait).toBeGreaterThanOrEqual(planned[index] ?? 0);
      expect(wait).toBeLessThan((planned[index] ?? 0) * 1.1);
    }
  });

  it('gives the same answer twice, and another to another message', () => {
    expect(waits('Q1')).toEqual(waits('Q1'));
    expect(waits('Q1')).not.toEqual(waits('Q2'));
  });

  it.each([0, -1])('takes %i attempts for one', (count) => {
    expect(nextAttempt(count, AT, 'Q1').getTime()).toBeLessThan(AT.getTime() + 67_000);
  });
});
