import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import { run, type Run } from './program.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'portreeve-policy-'));
cpSync(path.resolve(import.meta.dirname, '../../policies'), dir, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ofFolder = (words: string[]): Promise<Run> =>
  run(words, {
    now: () => new Date('2026-11-26T12:00:00Z'),
    config: () => ({
      ...CONFIG_SCHEMA.parse({ policy: { dir } }),
      databaseUrl: null,
      redisUrl: null,
      source: null,
    }),
  });

const council = path.join(dir, 'councils/west-lancashire.yaml');
const empty = readFileSync(council, 'utf8');
const exception = (id: string, from: string, until: string): string =>
  `  - { id: ${id}, permits: redirect, member: cllr.${id}@westlancs.gov.uk, ` +
  `recipient: ${id}@home.example, reason: Uses a screen reader, owner: Help Desk, ` +
  `approver: Head of ICT, from: ${from}, until: ${until} }\n`;

describe('policy exceptions', () => {
  it('says that there are none', async () => {
    expect((await ofFolder(['policy', 'exceptions'])).out).toBe('No exception is entered\n');
  });

  it('lists who approved what for whom, and what is about to end', async () => {
    const list =
      exception('ann', '2026-01-05', '2026-12-24') +
      exception('ben', '2026-01-05', '2026-11-25') +
      exception('cat', '2026-06-01', '2027-05-31');
    writeFileSync(council, empty.replace('exceptions: []', `exceptions:\n${list}`));
    const { out } = await ofFolder(['policy', 'exceptions']);
    expect(out).toMatch(/ben +expired +2026-11-25 +redirect +cllr\.ben@westlancs\.gov\.uk to ben@/);
    expect(out).toMatch(/ann +expiring .* Help Desk +Head of ICT +Uses a screen reader/);
    expect(out).toMatch(/cat +active /);
    expect(out).toContain('1 will end soon');
    const json = JSON.parse((await ofFolder(['policy', 'exceptions', '--json'])).out);
    expect(json.map(({ id, state }: Record<string, string>) => [id, state])).toEqual([
      ['ben', 'expired'],
      ['ann', 'expiring'],
      ['cat', 'active'],
    ]);
    writeFileSync(council, empty);
  });
});

describe('policy coverage', () => {
  it('counts clauses, rules and examples, and names what nothing tries', async () => {
    const { out } = await ofFolder(['policy', 'coverage']);
    expect(out).toMatch(/^council +clauses +rule +in shadow +kept +off +not enforced +our choice/);
    expect(out).toMatch(/st-helens +122 +24 +0 +19 +1 +78 /);
    expect(out).toMatch(/political-content +1 +2 +5 +0 +3\n/);
    expect(out).not.toContain('has no column');
  });

  it('counts a clause as enforced only where something acts, beside what is in shadow', async () => {
    const file = path.join(dir, 'councils/st-helens.yaml');
    const whole = readFileSync(file, 'utf8');
    const council = parse(whole);
    const [first, second] = council.clauses.filter(
      (each: Record<string, unknown>) => each['rule'] && !each['ourChoice'] && !each['off'],
    );
    council.clauses.push({ ...second, shadow: true });
    first.shadow = true;
    writeFileSync(file, stringify(council));
    const { out } = await ofFolder(['policy', 'coverage', '--council', 'st-helens']);
    writeFileSync(file, whole);
    expect(out).toMatch(/st-helens +122 +23 +1 +19 +1 +78 /);
    expect(out).toContain(`"${first.rule}" is in shadow: recorded, not acted on`);
  });

  it('names a council that the table of outcomes says nothing of', async () => {
    const file = path.join(dir, 'outcomes.yaml');
    const whole = readFileSync(file, 'utf8');
    const table = parse(whole);
    for (const { outcomes } of table.messages) delete outcomes.havering;
    writeFileSync(file, stringify(table));
    const { out } = await ofFolder(['policy', 'coverage']);
    expect(out).toContain('The table of outcomes has no column for "havering"');
    writeFileSync(file, whole);
  });

  it('gives the reason for every clause that no rule acts on', async () => {
    const { out } = await ofFolder(['policy', 'coverage', '--council', 'middlesbrough']);
    expect(out).toMatch(/8\.2 +not-enforced +Anger is a judgement; no detector makes it\./);
    expect(out).toMatch(/7\.1 +kept +A legal hold is entered when a request comes in\./);
  });
});
