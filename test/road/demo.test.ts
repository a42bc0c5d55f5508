import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoRow } from '../../src/cli/demo-run.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { freshRedis } from '../support/redis.ts';

// The demo as a newcomer runs it: real processes, real SMTP, the demo's own servers and policy.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = path.join(ROOT, 'src', 'main.ts');

let dir: string;
let file: string;
let database: FreshDatabase;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-demo-'));
  database = await freshDatabase();
  const redis = await freshRedis();
  environment = { PATH: process.env['PATH'], HOME: dir };
  environment = { ...environment, DATABASE_URL: database.url, REDIS_URL: redis.url };
  file = path.join(dir, 'portreeve.yaml');
  await writeFile(
    file,
    `submission: { port: 0 }
connector: { port: 0 }
http: { port: 0 }
stateDir: ${path.join(dir, 'var')}
sweepSeconds: 1
policy: { dir: ${path.join(ROOT, 'policies')}, councils: [merebrook] }
routes: { merebrook: { inward: { kind: smarthost, host: 127.0.0.1 } } }
`,
  );
});
afterAll(async () => {
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

function portreeve(...words: string[]): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [MAIN, '--config', file, ...words], { env: environment });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => void (text += piece.toString()));
  }
  return { child, said: () => text };
}

async function run(...words: string[]): Promise<string> {
  const { child, said } = portreeve(...words);
  await once(child, 'close');
  return said();
}

async function started(): Promise<ChildProcess> {
  const { child, said } = portreeve('start', '--demo');
  while (!said().includes('"state":"started"')) {
    if (child.exitCode !== null) throw new Error(said());
    await once(child.stdout ?? child, 'data');
  }
  return child;
}

/** Ctrl-C, as npm passes it on: twice. Resolves with the exit code. */
async function interrupt(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  child.kill('SIGINT');
  const [code] = (await ended) as [number | null];
  return code;
}

it('the demo shows nine outcomes, stops on Ctrl-C and finds its data again', async () => {
  const first = await started();
  const rows = JSON.parse(await run('demo', '--json')) as DemoRow[];
  expect(rows.map(({ outcome, rule, notices }) => [outcome, rule, notices])).toEqual([
    ['delivered', '-', '-'],
    ['delivered', 'marked-official-sensitive', '-'],
    ['delivered', 'marked-official-sensitive', '-'],
    ['waits: starttls-not-offered', 'marked-official-sensitive', 'delayed'],
    ['diverted', 'auto-forward-personal', 'diverted'],
    ['held', 'political-content', 'held'],
    ['held', 'political-content', 'held'],
    ['held', 'bulk-personal-data', 'held'],
    ['held', 'identity-mismatch', 'held'],
    ['delivered', '-', '-'],
  ]);
  expect(rows[1]?.protectedBy).toMatch(/^L2 /);
  expect(rows[2]?.protectedBy).toBe('openpgp');
  expect(await interrupt(first)).toBe(0);

  const second = await started();
  const cases = JSON.parse(await run('case', 'list', '--json')) as unknown[];
  expect(cases).toHaveLength(4);
  expect(await run('audit', 'verify')).toContain('The chain is whole');
  expect(await interrupt(second)).toBe(0);
}, 90_000);
