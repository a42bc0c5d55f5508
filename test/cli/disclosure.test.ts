import { execFileSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import type { ReplayReport } from '../../src/pipeline/replay.ts';
import {
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;
let queueId: string;
let raw: string;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
  const text = 'My brother can quote for the whole roof, and I get ten per cent of the price.';
  raw = mail({ to: 'ann@plain.example', subject: 'The roof', text: `${text}\n\nVera Lamb` });
  queueId = await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
  await gate.until(queueId, 'delivered');
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

const cli = (words: string[], policyDir = world.config.policy.dir) =>
  run(words, {
    db: gate.gateway.db,
    openSpool: () => Promise.resolve(gate.gateway.road.spool),
    config: () => ({
      ...CONFIG_SCHEMA.parse({}),
      policy: { dir: policyDir, councils: ['merebrook'] },
      databaseUrl: null,
      redisUrl: null,
      source: null,
    }),
  });

describe('export', () => {
  const words = (out: string, id = queueId): string[] => {
    const request = ['--reference', 'FOI 12', '--reason', 'Request'];
    return ['export', '--message', id, ...request, '--out', out];
  };

  it('writes the bytes as received, the history, and sums that anybody can check', async () => {
    const out = path.join(world.dir, 'pack');
    expect((await cli(words(out))).error).toBeNull();
    expect(await readFile(path.join(out, 'messages', `${queueId}.eml`), 'utf8')).toBe(raw);
    const record = await readFile(path.join(out, 'records', `${queueId}.json`), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ queueId, attempts: [{ outcome: 'delivered' }] });
    expect(record).not.toContain('wrappedKey');
    execFileSync('sha256sum', ['--quiet', '-c', 'manifest.sha256'], { cwd: out });
    const rows = await gate.gateway.db`
      select data from audit where event = 'export' and queue_id = ${queueId}`;
    expect(rows[0]?.['data']).toEqual({ reference: 'FOI 12', reason: 'Request' });
  });

  it('refuses a folder that is there, and a message that is not', async () => {
    const out = path.join(world.dir, 'pack');
    expect((await cli(words(out))).error?.message).toContain('cannot be made (EEXIST)');
    const other = await cli(words(path.join(world.dir, 'other'), 'NOPE'));
    expect(other.error?.message).toContain('There is no message "NOPE"');
  });
});

describe('policy replay', () => {
  const replayed = async (policyDir?: string): Promise<ReplayReport> => {
    const { out, error } = await cli(['policy', 'replay', '--json'], policyDir);
    if (error) throw error;
    return JSON.parse(out) as ReplayReport;
  };

  it('finds nothing to change under the policy that runs', async () => {
    expect(await replayed()).toEqual({ messages: 1, changes: [] });
  });

  it('lists who would be held under a stricter one, and changes nothing', async () => {
    const folder = path.join(world.dir, 'stricter');
    await cp(world.config.policy.dir, folder, { recursive: true });
    const file = path.join(folder, 'councils', 'merebrook.yaml');
    const council = await readFile(file, 'utf8');
    const stricter = council.replace(
      /rule: commercial-use\n {4}nudge: true/,
      'rule: commercial-use\n    gate: hold\n    queue: monitoring-officer',
    );
    expect(stricter).not.toBe(council);
    await writeFile(file, stricter);
    const { changes } = await replayed(folder);
    expect(changes).toEqual([
      {
        queueId,
        recipient: 0,
        before: 'release, protection none',
        after: 'hold, protection none',
        rules: { lost: [], gained: [] },
      },
    ]);
    await gate.until(queueId, 'delivered');
  });
});
