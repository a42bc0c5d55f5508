import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/context.ts';
import { addAccount } from '../../src/pipeline/officer-accounts.ts';
import type { OfficerRole } from '../../src/policy/permissions.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
import { loadDirectory } from '../../src/store/people.ts';
import { activePolicy } from '../../src/store/policies.ts';
import { MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
  const { db } = world.database;
  const active = await activePolicy(db, { at: new Date() });
  const policy = policyFromFiles(active?.files ?? {});
  const directory = await loadDirectory(db);
  const accounts = {
    db,
    clock: () => new Date(),
    random: (bytes: number) => randomBytes(bytes),
    policy: () => policy,
    directory: () => directory,
  };
  const officers: [string, OfficerRole][] = [
    ['helen', 'monitoring-officer'],
    ['tom', 'deputy-monitoring-officer'],
    ['ivy', 'investigator'],
  ];
  for (const [name, role] of officers) {
    const roles = [{ council: 'merebrook', role }];
    await addAccount(accounts, {
      name,
      addresses: [`${name}@merebrook.gov.uk`],
      roles,
      by: 'test',
    });
  }
});
afterAll(() => world.close());

const investigation = (...words: string[]) =>
  run(['investigation', ...words], { db: world.database.db });
const NOW = new Date();
const day = (days: number) =>
  new Date(NOW.getTime() + days * 86_400_000).toISOString().slice(0, 10);
const OPEN = (
  'open --council merebrook --reference INV/9 --allegation Business ' +
  `--investigator ivy@merebrook.gov.uk --member ${MEMBER} ` +
  `--mail-from ${day(-30)} --mail-until ${day(0)} --until ${day(20)}`
).split(' ');

it('investigation opens, lists and closes, the last by two officers', async () => {
  const opened = await investigation(
    ...OPEN,
    '--authorised-by',
    'helen@merebrook.gov.uk',
    '--json',
  );
  expect(opened.error).toBeNull();
  const { id } = JSON.parse(opened.out) as { id: string };
  expect((await investigation('list', '--open')).out).toMatch(
    new RegExp(`${id}  INV/9 .*open .*${MEMBER}`),
  );
  const close = (who: string) =>
    investigation('close', id, '--officer', `${who}@merebrook.gov.uk`, '--reason', 'Done');
  expect((await close('ivy')).error?.message).toMatch(/may close/);
  expect((await close('helen')).out).toMatch(/^Asked/);
  expect((await investigation('list')).out).toContain('closing asked');
  expect((await close('helen')).error?.message).toMatch(/another one must confirm/);
  expect((await close('tom')).out).toBe('Closed\n');
  expect((await investigation('list', '--open')).out).not.toContain(id);
});

it('investigation open refuses whoever may not authorise or look, and tells what is wrong', async () => {
  const by = (who: string, ...more: string[]) =>
    investigation(...OPEN, ...more, '--authorised-by', `${who}@merebrook.gov.uk`);
  expect((await by('ivy')).error?.message).toMatch(/lets them authorise/);
  const both = await by('helen', '--investigator', 'helen@merebrook.gov.uk');
  expect(both.error?.message).toMatch(/cannot be named/);
  expect((await by('nobody')).error?.message).toMatch(/No officer signs in/);
  const wrong = await by('helen', '--until', 'soon');
  expect(wrong.error).toBeInstanceOf(UsageError);
  expect((await by('helen', '--action', 'delete')).error?.message).toMatch(/search-person/);
});
