import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPolicy } from '../../src/pipeline/policy-test.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
import { transaction } from '../../src/store/connect.ts';
import { activatePolicy, activePolicy } from '../../src/store/policies.ts';
import {
  eventually,
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

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

const cli = (...words: string[]) =>
  run(['case', ...words], {
    db: gate.gateway.db,
    openSpool: () => Promise.resolve(gate.gateway.road.spool),
  });

async function heldCase(more = ''): Promise<{ queueId: string; id: string }> {
  const to = ['maeve.quirke@plain.example'];
  const text =
    'Dear Mrs Quirke,\n\nPlease vote Labour on Thursday and put our candidate first. ' +
    `Ring me on 07700 900123.${more}\n\nKind regards\nVera Lamb`;
  const raw = mail({ to: to.join(), subject: 'Thursday, Mrs Quirke', text });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  await gate.until(queueId, 'held');
  const [row] = await gate.gateway.db<{ id: string }[]>`
    select id from cases where queue_id = ${queueId}`;
  return { queueId, id: row?.id ?? '' };
}

describe('case to-example', () => {
  it('writes what an officer overturned, redacted, as the rules’ files take it', async () => {
    const { queueId, id } = await heldCase();
    const out = path.join(world.dir, 'examples');
    expect((await cli('to-example', id, '--out', out)).error?.message).toContain('no hold that');
    await cli('release', id, '--reason', 'It is a quotation');
    await gate.until(queueId, 'delivered');
    const done = await cli('to-example', id, '--out', out, '--officer', 'helen');
    expect(done.error).toBeNull();
    expect(done.out).toContain('still matches political-content');
    expect(done.out).toContain('READ BOTH FILES BEFORE YOU SHARE THEM');
    const base = path.join(out, `case-${id.toLowerCase()}`);
    const eml = await readFile(`${base}.eml`, 'utf8');
    const yaml = await readFile(`${base}.yaml`, 'utf8');
    expect(eml).toContain('vote Labour on Thursday');
    for (const secret of ['Quirke', 'quirke', 'Vera', 'Lamb', '07700', MEMBER, 'plain.example']) {
      expect(eml).not.toContain(secret);
      expect(yaml).not.toContain(secret);
    }
    expect((await stat(`${base}.eml`)).mode & 0o777).toBe(0o600);
    const rows = await gate.gateway.db`
      select actor, data from audit where event = 'case-example' and queue_id = ${queueId}`;
    expect([...rows]).toEqual([{ actor: 'helen', data: { case: id } }]);
    expect((await cli('to-example', id, '--out', out)).error?.message).toContain(
      'is there already',
    );
    await takenByTheRules(yaml, eml, path.basename(`${base}.eml`));
  });

  it('names neither what matched in shadow, nor loses a rule that was put there since', async () => {
    const { db } = gate.gateway;
    const name = 'councils/merebrook.yaml';
    const { files } = (await activePolicy(db, { at: new Date() }))!;
    const runs = async (change: (council: string) => string) => {
      const policy = policyFromFiles({ ...files, [name]: change(files[name] ?? '') });
      const request = { version: policy.version, files: policy.files, at: new Date(), by: 'test' };
      await transaction(db, (tx) => activatePolicy(tx, request));
      const { road } = gate.gateway;
      const follows = () => Promise.resolve(road.policy().version === policy.version || null);
      await eventually(follows, `Policy ${policy.version} does not run`);
    };
    const bulk = 'rule: bulk-personal-data\n    gate: hold\n';
    const inShadow = bulk.replace(
      'gate:',
      'shadow: true\n    parameters: { subjects: 1.0 }\n    gate:',
    );
    const political = /rule: political-content\n {4}gate: hold\n/g;
    await runs((text) => text.replace(bulk, inShadow));
    const { queueId, id } = await heldCase(' Her National Insurance number is AB 12 34 56 C.');
    const hits = await db<{ rule: string; inert: string | null }[]>`
      select distinct hit ->> 'rule' as rule, hit ->> 'inert' as inert from messages,
        jsonb_path_query(decision, '$.recipients[*].hits[*]') as hit where queue_id = ${queueId}`;
    expect(hits).toContainEqual({ rule: 'bulk-personal-data', inert: 'shadow' });
    await cli('release', id, '--reason', 'It is a quotation');
    // Nothing political acts any more when the example is written.
    await runs((text) =>
      text.replace(political, (acts) => acts.replace('gate:', 'shadow: true\n    gate:')),
    );
    const out = path.join(world.dir, 'shadowed');
    const done = await cli('to-example', id, '--out', out, '--json');
    const { still, lost } = JSON.parse(done.out) as Record<'still' | 'lost', string[]>;
    expect(still).toContain('political-content');
    expect([...still, ...lost]).not.toContain('bulk-personal-data');
    const yaml = await readFile(path.join(out, `case-${id.toLowerCase()}.yaml`), 'utf8');
    expect(yaml).toContain('# policies/rules/political-content.yaml');
    expect(yaml).not.toContain('bulk-personal-data');
    await runs((text) => text);
  });

  it('says what is no case', async () => {
    expect((await cli('to-example', 'NONE')).error?.message).toContain('No case "NONE"');
  });
});

/** The entry put below `examples:` and the message beside the rules make an example that runs. */
async function takenByTheRules(yaml: string, eml: string, message: string): Promise<void> {
  const active = await activePolicy(gate.gateway.db, { at: new Date() });
  const name = 'rules/political-content.yaml';
  const entries = yaml
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
  const policy = policyFromFiles({
    ...active?.files,
    [name]: `${active?.files[name]?.trimEnd()}\n${entries}`,
    [`rules/examples/${message}`]: eml,
  });
  // The record carries the messages of the rules, so that no folder is needed to run them.
  const results = await testPolicy(policy);
  expect(results.filter(({ subject }) => subject.endsWith('-redirect.eml'))).toHaveLength(2);
  const added = results.findLast(({ rule }) => rule === 'political-content');
  // The rule as it stands still matches what the officer let go: whoever changes it sees this fail.
  expect(added).toMatchObject({ subject: `examples/${message}`, expected: false, got: true });
}
