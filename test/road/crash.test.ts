import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noticesAbout } from '../../src/store/outbox.ts';
import { eventually, mail, MEMBER, send, testWorld, type TestWorld } from '../support/gateway.ts';

const GATEWAY = fileURLToPath(new URL('../support/crashing-gateway.ts', import.meta.url));
// Past the last step of the longest road below: a run that is not cut shows that the count was enough.
const LAST_STEP = 60;
const STRIDE = 3;

let world: TestWorld;
let configFile: string;

beforeAll(async () => {
  world = await testWorld();
  configFile = path.join(world.dir, 'config.json');
  const delivery = { ...world.config.delivery, leaseSeconds: 2 };
  await writeFile(configFile, JSON.stringify({ ...world.config, delivery }));
});
afterAll(() => world?.close());

interface Child {
  process: ChildProcess;
  endpoints: Record<string, string>;
  ended: Promise<unknown>;
}

async function start(deadlyStep: number): Promise<Child> {
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
async function recipientsOf(subject: string): Promise<{ queueId: string; status: string }[]> {
  const rows = await world.database.db`
    select r.queue_id, r.status from recipients r join messages m using (queue_id)
    where m.subject = ${subject}`;
  return rows.map((row) => ({ queueId: String(row['queueId']), status: String(row['status']) }));
}

const ENDS = ['delivered', 'held'];

describe('a gateway that is killed between any two steps', () => {
  const steps = Array.from({ length: LAST_STEP / STRIDE }, (_, index) => 1 + index * STRIDE);
  for (const offset of steps) {
    it(`loses nothing when it dies before step ${offset} of ${LAST_STEP}`, async () => {
      const subject = `Killed at ${offset}`;
      const raw = mail({ to: 'ann@plain.example', subject, text: `Body of ${subject}.` });
      const held = mail({
        to: 'ann@plain.example',
        subject: `${subject}, held`,
        text: 'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA',
      });
      const first = await start(offset);
      first.process.send('arm');
      const accepted = await handOver(first, raw, ['ann@plain.example', 'ben@resident.example']);
      const acceptedHeld = accepted && (await handOver(first, held, ['ann@plain.example']));
      if (accepted && acceptedHeld) await Promise.race([first.ended, settled(subject)]);
      first.process.kill('SIGKILL');
      await first.ended;

      const second = await start(0);
      if (!accepted)
        expect(await handOver(second, raw, ['ann@plain.example', 'ben@resident.example'])).toBe(
          true,
        );
      if (!acceptedHeld) expect(await handOver(second, held, ['ann@plain.example'])).toBe(true);
      await settled(subject);
      const [queueId] = (await recipientsOf(`${subject}, held`)).map((row) => row.queueId);
      await eventually(async () => {
        const notices = await noticesAbout(world.database.db, queueId ?? '');
        return notices.some(({ writtenAt }) => writtenAt !== null) ? true : null;
      }, 'The notice was never written');
      await stop(second);

      for (const { status } of await recipientsOf(subject)) expect(status).toBe('delivered');
      const copies = world.plain
        .messages()
        .filter(({ data }) => data.includes(`Body of ${subject}.`));
      const receivers = new Set(copies.flatMap(({ rcptTo }) => rcptTo));
      expect(receivers).toEqual(new Set(['ann@plain.example', 'ben@resident.example']));
    });
  }

  async function settled(subject: string): Promise<void> {
    await eventually(async () => {
      const plain = await recipientsOf(subject);
      const held = await recipientsOf(`${subject}, held`);
      const all = [...plain, ...held];
      const done = all.every(({ status }) => ENDS.includes(status));
      return plain.length >= 2 && held.length > 0 && done ? true : null;
    }, `"${subject}" did not settle`);
  }
});
