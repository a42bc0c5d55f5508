import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, transaction } from '../../src/store/connect.ts';
import { appendAudit, sealAudit, verifyAudit } from '../../src/store/audit.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { later, T0 } from './fixtures.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

async function write(count: number): Promise<void> {
  await fresh.db`
    insert into audit (event, queue_id, actor, data)
    select 'reception', 'Q' || n, 'ingress', jsonb_build_object('n', n, 'b', 1, 'a', 'ä "x"')
    from generate_series(1, ${count}) n`;
}

/** As somebody would who owns the server: the triggers do not stop them, the chain tells. */
async function tamper(statement: string): Promise<void> {
  await transaction(fresh.db, async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(statement).simple();
  });
}

async function sealedThrice(): Promise<void> {
  for (const second of [1, 2, 3]) {
    await write(4);
    await sealAudit(fresh.db, privateKey, later(second));
  }
}

describe('sealAudit()', () => {
  test('seals every row once, in batches that verify', async () => {
    expect(await sealAudit(fresh.db, privateKey, T0)).toBe(0);
    await sealedThrice();
    await write(2);
    expect(await verifyAudit(fresh.db, publicKey)).toEqual({
      batches: 3,
      rows: 12,
      unsealed: 2,
      head: { batchId: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      problem: null,
    });
  });

  test('seals more rows than fit one batch', async () => {
    await write(12_000);
    expect(await sealAudit(fresh.db, privateKey, T0)).toBe(12_000);
    expect(await verifyAudit(fresh.db, publicKey)).toMatchObject({ batches: 3, rows: 12_000 });
  });

  test('of many sealers at once lets one work, and the chain stays whole', async () => {
    await write(100);
    const counts = await Promise.all(
      [1, 2, 3, 4].map((second) => sealAudit(fresh.db, privateKey, later(second))),
    );
    expect(counts.reduce((a, b) => a + b)).toBe(100);
    expect((await verifyAudit(fresh.db, publicKey)).problem).toBeNull();
  });

  test('takes rows that commit late into a later batch', async () => {
    const slow = connect(fresh.url, { max: 1 });
    await transaction(slow, async (tx) => {
      await appendAudit(tx, { event: 'slow', actor: 'test', data: {} });
      await write(3);
      expect(await sealAudit(fresh.db, privateKey, T0)).toBe(3);
    });
    expect(await sealAudit(fresh.db, privateKey, later(1))).toBe(1);
    expect(await verifyAudit(fresh.db, publicKey)).toMatchObject({ rows: 4, problem: null });
    await slow.end();
  });
});

describe('verifyAudit()', () => {
  test.each([
    [`update audit set data = '{"n": 99}' where id = 6`, 'A row of batch 2 was changed'],
    [`update audit set at = at + interval '1 microsecond' where id = 1`, 'A row of batch 1'],
    [`update audit set actor = 'nobody' where id = 12`, 'A row of batch 3 was changed'],
    ['delete from audit where id = 7', 'Batch 2 was sealed with 4 rows and has 3'],
    [
      `insert into audit (event, actor, batch_id) values ('forged', 'x', 1)`,
      'Batch 1 was sealed with 4 rows and has 5',
    ],
    ['update audit set batch_id = 3 where id = 7', 'Batch 2 was sealed with 4 rows'],
    ['delete from audit where batch_id = 2; delete from audit_batches where id = 2', 'Batch 2 is'],
    [
      `delete from audit where batch_id = 2; delete from audit_batches where id = 2;
       update audit set batch_id = 2 where batch_id = 3;
       update audit_batches set id = 2 where id = 3`,
      'Batch 2 does not continue',
    ],
    [`update audit_batches set hash = sha256('x') where id = 2`, 'The signature of batch 2'],
    [
      `update audit_batches set sealed_at = sealed_at + interval '1 s' where id = 3`,
      'The signature',
    ],
    ['update audit_batches set rows = 5 where id = 1', 'The signature of batch 1'],
  ])('finds out: %s', async (statement, problem) => {
    await sealedThrice();
    await tamper(statement);
    expect((await verifyAudit(fresh.db, publicKey)).problem).toContain(problem);
  });

  test('finds out a whole chain that another key signed', async () => {
    await write(2);
    await sealAudit(fresh.db, generateKeyPairSync('ed25519').privateKey, T0);
    expect((await verifyAudit(fresh.db, publicKey)).problem).toContain('not by this key');
  });

  test('finds out that the end was cut off where the head was kept elsewhere', async () => {
    await sealedThrice();
    const { head: expectedHead } = await verifyAudit(fresh.db, publicKey);
    if (!expectedHead) throw new Error('No head');
    await write(1);
    await sealAudit(fresh.db, privateKey, later(4));
    expect((await verifyAudit(fresh.db, publicKey, { expectedHead })).problem).toBeNull();
    await tamper('delete from audit where batch_id >= 3; delete from audit_batches where id >= 3');
    expect((await verifyAudit(fresh.db, publicKey)).problem).toBeNull();
    expect((await verifyAudit(fresh.db, publicKey, { expectedHead })).problem).toContain('Batch 3');
  });
});

test.each([
  `update audit set actor = 'x'`,
  'update audit set batch_id = null',
  'delete from audit',
  'truncate audit',
  'update audit_batches set rows = 0',
  'delete from audit_batches',
  'truncate audit_batches cascade',
])('the record refuses: %s', async (statement) => {
  await sealedThrice();
  await expect(fresh.db.unsafe(statement)).rejects.toThrow('append-only');
});
