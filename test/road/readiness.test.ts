import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { openCourier, routesOf } from '../../src/gateway.ts';
import { inspectKey } from '../../src/pgp/keys.ts';
import { transaction, type Database } from '../../src/store/connect.ts';
import { certificatesOf } from '../../src/store/evidence.ts';
import { saveKey, setKeyState } from '../../src/store/keys.ts';
import {
  eventually,
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

const ACCEPTED = 'merevalleynhs.example';
const KEYED = 'jo@plain.example';

let world: TestWorld;
let gate: TestGateway;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
  const { publicKey: armored } = await generateKey({ userIDs: [{ email: KEYED }] });
  const at = new Date();
  const inspection = await inspectKey(armored, at);
  if (inspection.kind === 'refused') throw new Error(inspection.advice);
  const { fingerprint, addresses, expiresAt } = inspection.key;
  const key = { fingerprint, addresses, expiresAt, armored, source: 'test', addedAt: at };
  await transaction(gate.gateway.db, async (tx) => {
    await saveKey(tx, key);
    await setKeyState(tx, { fingerprint, state: 'trusted', by: 'officer', at });
  });
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

/** Runs one command as main.ts does; what it prints, and how it failed. */
async function run(...args: string[]): Promise<{ out: string; failed: string | null }> {
  let out = '';
  const context = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (out += text),
    now: () => new Date(),
    config: () => world.config,
    withRecord: (work: (db: Database) => Promise<unknown>) => work(gate.gateway.db),
    auditKey: () => Promise.resolve(gate.gateway.keys.auditKey),
    openCourier: () => openCourier(world.config, gate.gateway.db),
    routes: () => routesOf(world.config),
  } as unknown as CliContext;
  try {
    await createProgram(context).parseAsync(['node', 'portreeve', ...args]);
    return { out, failed: null };
  } catch (error) {
    return { out, failed: (error as Error).message };
  }
}

describe('portreeve readiness', () => {
  it.each<[string, RegExp, boolean]>([
    [ACCEPTED, /would be sent over verified TLS \(L2, a valid certificate, accepted/, true],
    ['plain.example', /would wait: the server offers no encryption; ask for a PGP key$/, false],
    [KEYED, /would be sent encrypted to the trusted OpenPGP key: the server offers no/, true],
    ['ann@plain.example', /would wait: the server offers no encryption; ask for a PGP/, false],
    ['nowhere.example', /would be returned: 550 5\.1\.2 The domain does not exist$/, false],
    [MEMBER, /would stay within the council's own mail system$/, true],
  ])('says of %s what would happen, and sends nothing', async (target, first, isReady) => {
    const { out, failed } = await run('readiness', target);
    const line = out.split('\n')[0] ?? '';
    expect(line.startsWith(`Marked mail to ${target} `)).toBe(true);
    expect(line).toMatch(first);
    expect(failed === null).toBe(isReady);
    const commands = [...world.plain.commands(), ...world.secure.commands()];
    expect(commands.filter((each) => /^(MAIL|RCPT|DATA)/i.test(each))).toEqual([]);
  });

  it('prints JSON with the servers, their certificates and the keys', async () => {
    const { out } = await run('readiness', ACCEPTED, '--json');
    expect(JSON.parse(out)).toMatchObject({
      ready: true,
      protectedBy: 'L2 pkix-accepted',
      acceptsL2: true,
      sts: null,
      hosts: [
        {
          host: 'mx.merevalleynhs.example',
          protocol: 'TLSv1.3',
          certificate: { problem: null, names: 'DNS:mx.merevalleynhs.example' },
        },
      ],
    });
  });

  it('goes through a watch list, and fails where one of them would wait', async () => {
    const file = path.join(world.dir, 'watch.txt');
    await writeFile(file, `# correspondents\n${ACCEPTED}\n\nplain.example  # the charity\n`);
    const { out, failed } = await run('readiness', '--watch-list', file);
    expect(out).toMatch(/^yes +merevalleynhs\.example +be sent over/m);
    expect(out).toMatch(/^no +plain\.example +wait: /m);
    expect(failed).toBe('Not ready: 1 of 2');
  });

  it.each([
    [[]],
    [['no spaces allowed']],
    [['a@b@c.example']],
    [['x.example', '--council', 'none']],
  ])('refuses %j', async (args) => {
    expect((await run('readiness', ...args)).failed).not.toBeNull();
  });
});

describe('portreeve evidence', () => {
  it('exports one file, which verifies against the published key and no other', async () => {
    const { db } = gate.gateway;
    const raw = mail({ to: `s@${ACCEPTED}`, subject: 'OFFICIAL-SENSITIVE', text: 'Words.' });
    const queueId = await gate.submit({ from: MEMBER, to: [`s@${ACCEPTED}`], raw });
    await gate.until(queueId, 'delivered');
    await eventually(async () => {
      const [found] = await certificatesOf(db, queueId);
      return found && found.audit !== 'unsealed' ? true : null;
    }, 'Not sealed');
    const file = path.join(world.dir, 'evidence.json');
    expect((await run('evidence', queueId, '--out', file)).failed).toBeNull();
    expect(await readFile(file, 'utf8')).not.toContain('Words.');
    const key = path.join(world.config.stateDir, 'keys', 'audit.pub');
    const verified = await run('evidence', 'verify', file, '--key', key);
    expect(verified).toMatchObject({ failed: null, out: expect.stringContaining('Proven: s@') });
    await writeFile(file, (await readFile(file, 'utf8')).replace('s@mere', 't@mere'));
    const refused = await run('evidence', 'verify', file, '--key', key);
    expect(refused.failed).toBe('The evidence does not prove what it says');
  });

  it('says that there is none about mail that needed no protection', async () => {
    const raw = mail({ to: 'ann@plain.example', subject: 'Bins', text: 'Friday.' });
    const queueId = await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
    await gate.until(queueId, 'delivered');
    expect((await run('evidence', queueId)).failed).toContain('was delivered under protection');
  });
});
