import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const cli = (words: string[]) =>
  run(words, {
    db: gate.gateway.db,
    openSpool: () => Promise.resolve(gate.gateway.road.spool),
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
