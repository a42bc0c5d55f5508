import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import type { Activation } from '../../src/store/policies.ts';
import {
  eventually,
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import { run, type Run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;
let stricter: string;
const sent: Record<string, string> = {};

const COMMERCIAL = 'My brother can quote for the whole roof, and I get ten per cent of the price.';

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
  stricter = path.join(world.dir, 'stricter');
  await cp(world.config.policy.dir, stricter, { recursive: true });
  const file = path.join(stricter, 'councils', 'merebrook.yaml');
  const council = await readFile(file, 'utf8');
  const edited = council.replace(
    /rule: commercial-use\n {4}nudge: true/,
    'rule: commercial-use\n    gate: hold\n    queue: monitoring-officer',
  );
  await writeFile(file, edited);
  sent['roof'] = await send('The roof', COMMERCIAL, 'delivered');
  sent['bins'] = await send('Bins', 'The bins will be emptied on Friday.', 'delivered');
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

async function send(subject: string, text: string, status: 'delivered' | 'held'): Promise<string> {
  const to = 'ann@plain.example';
  const raw = mail({ to, subject, text: `${text}\n\nVera Lamb` });
  const queueId = await gate.submit({ from: MEMBER, to: [to], raw });
  await gate.until(queueId, status);
  return queueId;
}

const cli = (words: string[], policy: Partial<Config['policy']> = {}): Promise<Run> =>
  run(['policy', ...words], {
    db: gate.gateway.db,
    openSpool: () => Promise.resolve(gate.gateway.road.spool),
    config: () => ({ ...world.config, policy: { ...world.config.policy, ...policy } }),
  });

/** The gateway follows by itself, without a restart. */
async function untilRuns(dir: string): Promise<void> {
  const { version } = loadPolicy(dir);
  const runs = () => Promise.resolve(gate.gateway.road.policy().version === version || null);
  await eventually(runs, `Policy ${version} does not run`);
}

interface Report {
  replay: string;
  messages: number;
  inspected: number;
  counts: unknown[];
  score: unknown;
  changes: { queueId: string; beforeGate: string; afterGate: string; officer: string | null }[];
}

async function replayed(words: string[], dir: string): Promise<Report> {
  const { out, error } = await cli(['replay', '--json', ...words], { dir });
  if (error) throw error;
  return JSON.parse(out) as Report;
}

describe('policy replay', () => {
  it('finds nothing to change under the policy that runs, from what was recorded', async () => {
    expect(await replayed([], world.config.policy.dir)).toMatchObject({
      messages: 2,
      inspected: 0,
      changes: [],
    });
  });

  it('lists who would be held under a stricter one, counts first, and changes nothing', async () => {
    const report = await replayed([], stricter);
    expect(report).toMatchObject({
      messages: 2,
      inspected: 0,
      counts: [{ council: 'merebrook', rule: '+commercial-use', before: 'release', after: 'hold' }],
      score: { unneededHoldsSaved: 0, refusedNowPassing: 0, newHolds: 1 },
      changes: [{ queueId: sent['roof'], beforeGate: 'release', afterGate: 'hold' }],
    });
    await gate.until(sent['roof'] ?? '', 'delivered');
  });

  it('reads the bytes again where it is asked to, and where lists differ, to the same end', async () => {
    const again = await replayed(['--reinspect'], stricter);
    expect(again).toMatchObject({ messages: 2, inspected: 2 });
    expect(again.changes.map(({ queueId }) => queueId)).toEqual([sent['roof']]);
    const lists = path.join(world.dir, 'lists');
    await cp(world.config.policy.dir, lists, { recursive: true });
    await writeFile(
      path.join(lists, 'lists', 'dead-domains.yaml'),
      `${await readFile(path.join(lists, 'lists', 'dead-domains.yaml'), 'utf8')}# A note\n`,
    );
    expect(await replayed([], lists)).toMatchObject({ inspected: 2, changes: [] });
  });

  it('prints a report again, and takes up what was interrupted where it was left', async () => {
    const report = await replayed([], stricter);
    expect(await replayed(['--resume', report.replay], stricter)).toEqual(report);
    const { db } = gate.gateway;
    // As a run leaves it that dies after its first message.
    await db`
      update policy_replays set finished_at = null, messages = 1, cursor_queue_id = ${sent['roof'] ?? ''},
        cursor_received_at = (select received_at from messages where queue_id = ${sent['roof'] ?? ''})
      where id = ${report.replay}`;
    expect(await replayed(['--resume', report.replay], stricter)).toEqual(report);
    const nobody = await cli(['replay', '--resume', 'NOPE']);
    expect(nobody.error?.message).toBe('There is no replay "NOPE"');
  });

  it('looks at the time it is asked for', async () => {
    const report = await replayed(['--since', '2001-01-01', '--until', '2001-02-01'], stricter);
    expect(report.messages).toBe(0);
    expect((await cli(['replay', '--since', 'soon'])).error?.message).toContain('ISO 8601');
  });

  it('decides a folder of message files', async () => {
    const folder = path.join(world.dir, 'mail');
    await mkdir(path.join(folder, 'old'), { recursive: true });
    const head = { to: 'ann@plain.example', text: `${COMMERCIAL}\n\nVera Lamb` };
    await writeFile(path.join(folder, 'old', 'roof.eml'), mail({ ...head, subject: 'Roof' }));
    await writeFile(path.join(folder, 'notes.txt'), 'not a message');
    expect(await replayed(['--folder', folder], stricter)).toMatchObject({
      messages: 1,
      changes: [{ queueId: 'old/roof.eml', beforeGate: 'release', afterGate: 'hold' }],
    });
  });
});

describe('policy activations', () => {
  const listed = async (): Promise<Activation[]> =>
    JSON.parse((await cli(['versions', '--json'])).out) as Activation[];

  it('waits for a second officer where that is set, and runs without a restart', async () => {
    const needs = { dir: stricter, secondOfficer: true };
    const asked = await cli(['activate', '--officer', 'policy:1'], needs);
    expect(asked.out).toContain('waits for a second officer');
    const id = String((await listed())[0]?.id);
    const same = await cli(['approve', id, '--officer', 'Policy:1']);
    expect(same.error?.message).toContain('another officer must');
    expect((await cli(['approve', id, '--officer', 'mo:1'])).error).toBeNull();
    expect((await listed())[0]).toMatchObject({ state: 'active', approvedBy: 'mo:1' });
    await untilRuns(stricter);
    sent['held'] = await send('The roof again', COMMERCIAL, 'held');
  });

  it('scores a replay by what officers made of held mail', async () => {
    const { db } = gate.gateway;
    const scoreOf = async () =>
      (await replayed(['--from', loadPolicy(stricter).version], world.config.policy.dir)).score;
    expect(await scoreOf()).toEqual({ unneededHoldsSaved: 0, refusedNowPassing: 0, newHolds: 0 });
    await db`update recipients set status = 'rejected' where queue_id = ${sent['held'] ?? ''}`;
    expect(await scoreOf()).toMatchObject({ refusedNowPassing: 1 });
    await db`update recipients set status = 'delivered' where queue_id = ${sent['held'] ?? ''}`;
    expect(await scoreOf()).toMatchObject({ unneededHoldsSaved: 1 });
  });

  it('goes back at once, and an invalid set replaces nothing', async () => {
    const broken = path.join(world.dir, 'broken');
    await cp(stricter, broken, { recursive: true });
    await writeFile(path.join(broken, 'rules', 'political-content.yaml'), 'id: something-else\n');
    expect((await cli(['activate'], { dir: broken })).error?.message).toContain('problem');
    const back = await cli(['rollback', '--officer', 'ict:9']);
    expect(back.error).toBeNull();
    await untilRuns(world.config.policy.dir);
    sent['free'] = await send('The roof once more', COMMERCIAL, 'delivered');
  });

  it('goes back to a stricter version at once, and to a laxer one once two want it', async () => {
    const two = { secondOfficer: true };
    const back = await cli(['rollback', '--officer', 'ict:9'], two);
    expect(back.out).toContain('is active again');
    await untilRuns(stricter);
    const asked = await cli(['rollback', '--officer', 'ict:9'], two);
    expect(asked.out).toContain('waits for a second officer');
    expect(asked.out).toContain('- Merebrook, commercial-use: would do less');
    const [first] = await listed();
    expect(first).toMatchObject({ state: 'awaiting-approval', requestedBy: 'ict:9' });
    // Asked again, it is the same request.
    await cli(['rollback', '--officer', 'ict:9'], two);
    expect((await listed())[0]?.id).toBe(first?.id);
    expect(gate.gateway.road.policy().version).toBe(loadPolicy(stricter).version);
    const same = await cli(['approve', String(first?.id), '--officer', 'ict:9']);
    expect(same.error?.message).toContain('another officer must');
    expect((await cli(['approve', String(first?.id), '--officer', 'mo:1'])).error).toBeNull();
    await untilRuns(world.config.policy.dir);
    const rows = await gate.gateway.db`select data -> 'needsApproval' as waits from audit
      where event = 'policy-activated' and data -> 'rollBack' = 'true' order by id`;
    expect(rows.map(({ waits }) => waits as boolean)).toEqual([false, false, true]);
  });

  it('may be set for later and taken back until then', async () => {
    const later = await cli(['activate', '--at', '2999-01-01T00:00:00Z'], { dir: stricter });
    expect(later.out).toContain('from 2999-01-01');
    const id = String((await listed())[0]?.id);
    expect((await cli(['withdraw', id])).error).toBeNull();
    expect((await listed())[0]).toMatchObject({ state: 'withdrawn' });
    expect((await cli(['activate', '--at', '2001-01-01T00:00:00Z'])).error?.message).toContain(
      'in the past',
    );
    expect((await cli(['withdraw', 'x'])).error?.message).toContain('is a number');
    expect((await cli(['rollback', '--to', 'ffff'])).error?.message).toContain('no policy version');
  });
});
