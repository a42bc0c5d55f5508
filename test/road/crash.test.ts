import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noticesAbout } from '../../src/store/outbox.ts';
import { eventually, mail, MEMBER, send, testWorld, type TestWorld } from '../support/gateway.ts';

const GATEWAY = fileURLToPath(new URL('../support/crashing-gateway.ts', import.meta.url));
// Past the last step of the longest road below.
const LAST_STEP = 60;
const STRIDE = 3;
/** Most of the time goes by while leases run out, so several gateways die side by side. */
const LANES = 4;

interface Child {
  process: ChildProcess;
  endpoints: Record<string, string>;
  ended: Promise<unknown>;
}

async function start(configFile: string, deadlyStep: number): Promise<Child> {
  const child = fork(GATEWAY, [configFile, String(deadlyStep)], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const [endpoints] = (await once(child, 'message')) as [Record<string, string>];
  return { process: child, endpoints, ended };
}

async function stop(child: Child): Promise<void> {
  if (child.process.connected) child.process.send('stop');
  await child.ended;
}

/** Hands over one message the way a mail system does: again and again until somebody says 250. */
async function handOver(child: Child, raw: string, to: string[]): Promise<boolean> {
  try {
    await send(child.endpoints['submission'] ?? '', { from: MEMBER, to, raw }, MEMBER);
    return true;
  } catch {
    return false;
  }
}

/** Every message of the record with this subject: one that was accepted twice stands twice. */
async function recipientsOf(
  { database }: TestWorld,
  subject: string,
): Promise<{ queueId: string; status: string }[]> {
  const rows = await database.db`
    select r.queue_id, r.status from recipients r join messages m using (queue_id)
    where m.subject = ${subject}`;
  return rows.map((row) => ({ queueId: String(row['queueId']), status: String(row['status']) }));
}

const ENDS = ['delivered', 'held'];

async function settled(world: TestWorld, subject: string): Promise<void> {
  await eventually(async () => {
    const plain = await recipientsOf(world, subject);
    const held = await recipientsOf(world, `${subject}, held`);
    const done = [...plain, ...held].every(({ status }) => ENDS.includes(status));
    return plain.length >= 2 && held.length > 0 && done ? true : null;
  }, `"${subject}" did not settle`);
}

const TO = ['ann@plain.example', 'ben@resident.example'];

/** One death: `victim` dies before its step, and the gateway that `reborn` starts ends its work. */
async function dieAndRecover(
  world: TestWorld,
  step: number,
  victim: Child,
  reborn: () => Promise<Child>,
): Promise<Child> {
  const subject = `Killed at ${step}`;
  const raw = mail({ to: 'ann@plain.example', subject, text: `Body of ${subject}.` });
  const held = mail({
    to: 'ann@plain.example',
    subject: `${subject}, held`,
    text: 'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA',
  });
  victim.process.send('arm');
  const accepted = await handOver(victim, raw, TO);
  const acceptedHeld = accepted && (await handOver(victim, held, ['ann@plain.example']));
  if (accepted && acceptedHeld) await Promise.race([victim.ended, settled(world, subject)]);
  victim.process.kill('SIGKILL');
  await victim.ended;

  const next = await reborn();
  if (!accepted) expect(await handOver(next, raw, TO)).toBe(true);
  if (!acceptedHeld) expect(await handOver(next, held, ['ann@plain.example'])).toBe(true);
  await settled(world, subject);
  const [queueId] = (await recipientsOf(world, `${subject}, held`)).map((row) => row.queueId);
  await eventually(async () => {
    const notices = await noticesAbout(world.database.db, queueId ?? '');
    return notices.some(({ writtenAt }) => writtenAt !== null) ? true : null;
  }, `The notice about "${subject}" was never written`);

  for (const { status } of await recipientsOf(world, subject)) expect(status).toBe('delivered');
  const copies = world.plain.messages().filter(({ data }) => data.includes(`Body of ${subject}.`));
  expect(new Set(copies.flatMap(({ rcptTo }) => rcptTo))).toEqual(new Set(TO));
  return next;
}

describe.concurrent('a gateway that is killed between any two steps', () => {
  const steps = Array.from({ length: LAST_STEP / STRIDE }, (_, index) => 1 + index * STRIDE);
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    steps.filter((_step, index) => index % LANES === lane),
  );
  it.each(lanes.map((lane) => ({ lane })))(
    'loses nothing when it dies before step $lane',
    { timeout: 300_000 },
    async ({ lane }) => {
      const world = await testWorld();
      const configFile = path.join(world.dir, 'config.json');
      const delivery = { ...world.config.delivery, leaseSeconds: 2 };
      await writeFile(configFile, JSON.stringify({ ...world.config, delivery }));
      let child = await start(configFile, lane[0] ?? 0);
      try {
        for (const [index, step] of lane.entries()) {
          // Whoever recovers is the next to die.
          const reborn = () => start(configFile, lane[index + 1] ?? 0);
          child = await dieAndRecover(world, step, child, reborn);
        }
      } finally {
        await stop(child);
        await world.close();
      }
    },
  );
});
