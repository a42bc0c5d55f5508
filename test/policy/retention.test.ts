import { describe, expect, it } from 'vitest';
import { retentionDue } from '../../src/policy/retention.ts';

describe('retentionDue()', () => {
  const received = new Date('2026-03-15T10:00:00Z');
  for (const [name, deliveredDays, kind, expected] of [
    ['delivered mail after its days', 30, 'delivered', '2026-04-14T10:00:00.000Z'],
    ['delivered mail of an archive after its years', null, 'delivered', '2028-03-15T10:00:00.000Z'],
    ['kept mail after calendar years', 30, 'kept', '2028-03-15T10:00:00.000Z'],
  ] as const) {
    it(`gives ${name}`, () => {
      const due = retentionDue({ deliveredDays, keptYears: 2 }, kind, received);
      expect(due.toISOString()).toBe(expected);
      expect(received.toISOString()).toBe('2026-03-15T10:00:00.000Z');
    });
  }

  it('never ends before the years are over, leap day or not', () => {
    const due = retentionDue(
      { deliveredDays: 30, keptYears: 2 },
      'kept',
      new Date('2028-02-29T00:00:00Z'),
    );
    expect(due.toISOString()).toBe('2030-03-01T00:00:00.000Z');
  });
});
