import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mail, MEMBER, runGateway, testWorld } from '../support/gateway.ts';
import type { TestGateway, TestWorld } from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;

const TO = ['ann@plain.example', 'bob@plain.example'];
const CLAUSE = '    rule: commercial-use\n    nudge: true\n';

beforeAll(async () => {
  world = await testWorld();
  const dir = path.join(world.dir, 'shadowed');
  await cp(world.config.policy.dir, dir, { recursive: true });
  const file = path.join(dir, 'councils', 'merebrook.yaml');
  const council = await readFile(file, 'utf8');
  const entry = /  - clause: '4\.3'\n.*\n.*\n {4}rule: commercial-use\n/.exec(council)?.[0] ?? '';
  const tried = `${entry}    shadow: true\n    gate: hold\n    queue: monitoring-officer\n`;
  await writeFile(file, council.replace(CLAUSE, `${CLAUSE}${tried}`));
  gate = await runGateway({ ...world.config, policy: { ...world.config.policy, dir } });
  for (const text of [
    'My brother can quote for the whole roof, and I get ten per cent of the price.',
    'The bins will be emptied on Friday.',
  ]) {
    const raw = mail({ to: TO[0] ?? '', subject: 'The roof', text: `${text}\n\nVera Lamb` });
    await gate.until(await gate.submit({ from: MEMBER, to: TO, raw }), 'delivered');
  }
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

const shadow = (...words: string[]) =>
  run(['policy', 'shadow', ...words], { db: gate.gateway.db, config: () => world.config });

it('counts what a clause in shadow would have held, and the mail was delivered', async () => {
  const figures: unknown = JSON.parse((await shadow('--json')).out);
  expect(figures).toMatchObject([
    {
      council: 'merebrook',
      rule: 'commercial-use',
      section: '4.3',
      gate: 'hold',
      protection: 'none',
      messages: 1,
      recipients: 2,
      differing: 2,
      released: 0,
      refused: 0,
      delivered: 2,
    },
  ]);
  expect((await shadow()).out).toMatch(/merebrook +commercial-use .* hold +1 +2 +2 +0 +0 +2/);
});

it('tells how held mail ended', async () => {
  const { db } = gate.gateway;
  await db`update recipients set gate = 'hold', status = 'rejected' where position = 0`;
  await db`update recipients set gate = 'hold' where position = 1`;
  const figures: unknown = JSON.parse((await shadow('--json')).out);
  expect(figures).toMatchObject([{ released: 1, refused: 1, delivered: 0 }]);
});

it('looks at one council and at the time it is asked for', async () => {
  expect((await shadow('--council', 'havering')).out).toContain('Nothing matched in shadow');
  expect((await shadow('--since', '2999-01-01')).out).toContain('Nothing matched in shadow');
  expect((await shadow('--since', 'soon')).error?.message).toContain('ISO 8601');
});
