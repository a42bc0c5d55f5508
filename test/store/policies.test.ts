import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activatePolicy,
  activePolicy,
  approveActivation,
  listActivations,
  policiesLike,
  previousPolicy,
  withdrawActivation,
} from '../../src/store/policies.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later } from './fixtures.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

const running = async (seconds: number) =>
  (await activePolicy(fresh.db, { at: later(seconds) }))?.version ?? null;
const ask = (version: string, seconds: number, more: object = {}) =>
  activatePolicy(fresh.db, { version, files: {}, at: later(seconds), by: 'ict:3', ...more });

describe('policy activations', () => {
  test('run the one that took effect last, though it be an earlier set', async () => {
    expect(await running(0)).toBeNull();
    const files = { 'rules/a.yaml': 'id: a\n' };
    await ask('aa11', 1, { files });
    await ask('bb22', 2);
    expect(await running(2)).toBe('bb22');
    expect(await activePolicy(fresh.db, { at: later(2), known: 'bb22' })).toBeNull();
    await ask('aa11', 3, { files: { other: '' } });
    expect(await activePolicy(fresh.db, { at: later(3), known: 'bb22' })).toEqual({
      version: 'aa11',
      files,
      activatedAt: later(3),
      activatedBy: 'ict:3',
    });
    expect((await previousPolicy(fresh.db, later(3)))?.version).toBe('bb22');
  });

  test('wait for their time', async () => {
    await ask('cc33', 10, { effectiveAt: later(20) });
    expect(await running(19)).toBe('aa11');
    expect(await running(20)).toBe('cc33');
  });

  test('wait for a second officer, and take effect when the approval comes late', async () => {
    const id = await ask('dd44', 30, { needsApproval: true });
    expect(await running(40)).toBe('cc33');
    const by = (officer: string, seconds: number) =>
      approveActivation(fresh.db, { id, by: officer, at: later(seconds) });
    expect(await by('ICT:3', 41)).toBe('same-officer');
    expect(await by('mo:1', 42)).toBe('done');
    expect(await by('mo:2', 43)).toBe('not-open');
    expect(await running(41)).toBe('cc33');
    expect(await running(42)).toBe('dd44');
    expect(await approveActivation(fresh.db, { id: 999, by: 'mo:1', at: later(1) })).toBe(
      'unknown',
    );
  });

  test('may be withdrawn before they take effect, and not after', async () => {
    const id = await ask('ee55', 50, { effectiveAt: later(70) });
    const withdraw = (seconds: number) =>
      withdrawActivation(fresh.db, { id, by: 'mo:1', at: later(seconds) });
    expect(await withdraw(71)).toBe('not-open');
    expect(await withdraw(60)).toBe('done');
    expect(await withdraw(61)).toBe('not-open');
    expect(await running(80)).toBe('dd44');
  });

  test('are listed with their states, and each step left an audit row of its own', async () => {
    await ask('ff66', 90, { effectiveAt: later(99) });
    await ask('aa77', 90, { needsApproval: true });
    const listed = await listActivations(fresh.db, later(95));
    expect(listed.map(({ version, state }) => [version, state])).toEqual([
      ['aa77', 'awaiting-approval'],
      ['ff66', 'scheduled'],
      ['ee55', 'withdrawn'],
      ['dd44', 'active'],
      ['cc33', 'superseded'],
      ['aa11', 'superseded'],
      ['bb22', 'superseded'],
      ['aa11', 'superseded'],
    ]);
    const events = await fresh.db<{ event: string; count: number }[]>`
      select event, count(*)::int as count from audit group by event order by event`;
    expect(events.map(({ event, count }) => [event, count])).toEqual([
      ['policy-activated', 8],
      ['policy-approved', 1],
      ['policy-withdrawn', 1],
    ]);
  });

  test('find a set by the beginning of its hash', async () => {
    expect((await policiesLike(fresh.db, 'bb')).map(({ version }) => version)).toEqual(['bb22']);
    expect(await policiesLike(fresh.db, 'aa')).toHaveLength(2);
    expect(await policiesLike(fresh.db, '%')).toEqual([]);
  });
});
