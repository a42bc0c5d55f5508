import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import { transaction } from '../../src/store/connect.ts';
import { activatePolicy } from '../../src/store/policies.ts';
import { mail, MEMBER, runGateway, testWorld } from '../support/gateway.ts';
import type { TestGateway, TestWorld } from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;
let dir: string;

const TO = ['ann@plain.example', 'bob@plain.example'];
const BUSINESS = 'My brother can quote for the whole roof, and I get ten per cent of the price.';
const BINS = 'The bins will be emptied on Friday.';

/** Changes one file of the folder. */
async function edit(file: string, change: (text: string) => string): Promise<void> {
  const name = path.join(dir, file);
  const before = await readFile(name, 'utf8');
  expect(change(before)).not.toBe(before);
  await writeFile(name, change(before));
}

async function activate(at: string): Promise<void> {
  const { version, files } = loadPolicy(dir);
  const request = { version, files, at: new Date(at), by: 'test' };
  await transaction(world.database.db, (tx) => activatePolicy(tx, request));
}

/** The entry of a clause a second time, in shadow and with this for what it does. */
const beside = (entry: RegExp, effect: string) => (text: string) =>
  text.replace(entry, (acts) => acts + acts.replace('    nudge: true\n', effect));
const COMMERCIAL = / {2}- clause: '4\.3'\n.*\n.*\n {4}rule: commercial-use\n {4}nudge: true\n/;
const LARGE = / {2}- clause: '8\.3'\n.*\n.*\n {4}rule: large-mailing\n {4}nudge: true\n/;

beforeAll(async () => {
  world = await testWorld();
  dir = path.join(world.dir, 'shadowed');
  await cp(world.config.policy.dir, dir, { recursive: true });
  const council = 'councils/merebrook.yaml';
  const hold = '    shadow: true\n    gate: hold\n    queue: monitoring-officer\n';
  const two = '    shadow: true\n    nudge: true\n    parameters: { bytes: 0, recipients: 2 }\n';
  await edit(council, beside(COMMERCIAL, hold));
  await edit(council, beside(LARGE, two));
  await edit('rules/chain-letter.yaml', (text) => text.replace('\nwhen:', '\nshadow: true\nwhen:'));
  // What runs is the version of the record, not the folder.
  await activate('2026-02-01T00:00:00Z');
  gate = await runGateway(world.config);
  for (const text of [BUSINESS, BINS]) {
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
type Row = Record<string, unknown>;
const rows = async (...words: string[]) =>
  JSON.parse((await shadow('--json', ...words)).out) as Row[];
const rowOf = async (rule: string) => (await rows()).find((each) => each['rule'] === rule);

it('counts what an entry with other effects would have held, and the mail was delivered', async () => {
  expect(await rowOf('commercial-use')).toMatchObject({
    council: 'merebrook',
    section: '4.3',
    gate: 'hold',
    matched: 1,
    stopped: 1,
    diverted: 0,
    nudged: 0,
    alsoStopped: 0,
    released: 0,
    refused: 0,
    since: '2026-02-01T00:00:00.000Z',
  });
  expect((await shadow()).out).toMatch(
    /merebrook +commercial-use .* 2026-02-01 +1 +1 +0 +0 +0 +0 +0/,
  );
});

it('counts what other parameters would have matched beside those that act', async () => {
  const parameters = { bytes: 0, recipients: 2 };
  const counts = { matched: 2, stopped: 0, nudged: 2 };
  expect(await rowOf('large-mailing')).toMatchObject({ parameters, ...counts });
  expect((await shadow()).out).toContain('large-mailing (bytes: 0, recipients: 2)');
});

it('lists a whole rule in shadow that has matched nothing yet', async () => {
  const found = (await rows()).filter(({ rule }) => rule === 'chain-letter');
  const since = '2026-02-01T00:00:00.000Z';
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(each).toMatchObject({ matched: 0, since });
});

it('tells what else stopped the mail, and what officers made of it', async () => {
  const { db } = gate.gateway;
  const [hit] = await db<{ queueId: string }[]>`
    select queue_id from messages where decision::text like '%"commercial-use"%'`;
  const id = hit?.queueId ?? '';
  await db`update messages set decision = jsonb_set(jsonb_set(decision, '{recipients,0,gate}',
    '"hold"'), '{recipients,1,gate}', '"hold"') where queue_id = ${id}`;
  await db`update recipients set gate = 'hold' where queue_id = ${id}`;
  await db`update recipients set status = 'rejected' where queue_id = ${id} and position = 0`;
  const ended = { matched: 1, alsoStopped: 1, released: 1, refused: 1 };
  expect(await rowOf('commercial-use')).toMatchObject(ended);
});

it('looks at one council and at the time it is asked for', async () => {
  expect((await shadow('--council', 'havering')).out).not.toContain('merebrook');
  expect((await rows('--since', '2999-01-01')).every((each) => each['matched'] === 0)).toBe(true);
  expect((await shadow('--since', 'soon')).error?.message).toContain('ISO 8601');
  expect((await shadow('--council', 'nowhere')).error?.message).toContain('no council "nowhere"');
});

it('goes on counting over versions with the same entry, and anew once it is another', async () => {
  await edit('rules/commercial-use.yaml', (text) => text.replace('why: Private', 'why: A private'));
  await activate('2026-03-01T00:00:00Z');
  expect(await rowOf('commercial-use')).toMatchObject({ since: '2026-02-01T00:00:00.000Z' });
  await edit('councils/merebrook.yaml', (text) => text.replace('bytes: 0,', 'bytes: 1,'));
  await activate('2026-03-02T00:00:00Z');
  expect(await rowOf('large-mailing')).toMatchObject({ since: '2026-03-02T00:00:00.000Z' });
  expect(await rowOf('commercial-use')).toMatchObject({ since: '2026-02-01T00:00:00.000Z' });
  const acted = await readFile(path.join(world.config.policy.dir, 'councils/merebrook.yaml'));
  await writeFile(path.join(dir, 'councils/merebrook.yaml'), acted);
  await activate('2026-04-01T00:00:00Z');
  expect(await rowOf('commercial-use')).toBeUndefined();
});

it('reads what a version holds in shadow once: a version never changes', async () => {
  const before = await rowOf('chain-letter');
  expect(before).toMatchObject({ since: '2026-02-01T00:00:00.000Z' });
  const { db } = gate.gateway;
  // What cannot be read again must have been kept.
  const { version } = loadPolicy(dir);
  const older = await db<{ version: string }[]>`
    select version from policy_versions where version <> ${version}`;
  expect(older.length).toBeGreaterThan(0);
  await db`update policy_versions set files = '{}' where version <> ${version}`;
  expect(await rowOf('chain-letter')).toEqual(before);
});
