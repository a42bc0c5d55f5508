import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { eventually, mail, MEMBER } from '../support/gateway.ts';
import { freshRedis } from '../support/redis.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = path.join(ROOT, 'src', 'main.ts');

let dir: string;
let database: FreshDatabase;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-cli-'));
  database = await freshDatabase();
  const redis = await freshRedis();
  environment = { PATH: process.env['PATH'], HOME: dir };
  environment = { ...environment, DATABASE_URL: database.url, REDIS_URL: redis.url };
});
afterAll(async () => {
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

function launch(words: string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: dir, env: environment });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => void (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => void (said.err += text.toString()));
  return { child, said };
}

async function portreeve(...words: string[]) {
  const { child, said } = launch(words);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

let files = 0;
/** A configuration file; every listener gets a free port unless it says otherwise. */
async function configuration(text: string): Promise<string> {
  files += 1;
  const file = path.join(dir, `config-${files}.yaml`);
  await writeFile(file, text);
  return file;
}

const LISTENERS = 'submission: { port: 0 }\nconnector: { port: 0 }\n';
const HTTP = 'http: { port: 0 }\n';
const ROUTES = 'routes: { merebrook: { inward: { kind: smarthost, host: mail.test } } }\n';
const POLICY = `policy: { dir: ${path.join(ROOT, 'policies')} }\n`;
const CONNECTOR =
  'connectors: [{ name: exchange, council: merebrook, addresses: [127.0.0.1/32] }]\n';

describe.concurrent('portreeve ends with', () => {
  it('0 where all is fine', async () => {
    const config = await configuration(POLICY + ROUTES);
    const { code, out } = await portreeve('--config', config, 'policy', 'check');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Fine: \d+ rules/)]);
  });

  it('0 after --help, with the exit codes in it', async () => {
    const { code, out } = await portreeve('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('Exit codes: 0 fine')]);
  });

  it('1 for a message that would not be released', async () => {
    const config = await configuration(POLICY + ROUTES);
    const file = path.join(dir, 'leaflet.eml');
    const text =
      'Please vote Labour. Promoted by A. Agent on behalf of V. Lamb, 1 High St, MB1 1AA';
    await writeFile(file, mail({ to: 'a@x.test', subject: 'Thursday', text }));
    const options = `--to a@x.test --login ${MEMBER} --at 2027-04-01T10:00:00+01:00 --json`;
    const words = ['--config', config, 'inspect', file, ...options.split(' ')];
    const { code, out } = await portreeve(...words);
    expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ gate: 'hold' })]);
  });

  it('1 for a policy with a typo, with file, line and column', async () => {
    const policies = path.join(dir, 'policies-with-typo');
    await cp(path.join(ROOT, 'policies'), policies, { recursive: true });
    const rule = path.join(policies, 'rules', 'marked-official-sensitive.yaml');
    await writeFile(rule, (await readFile(rule, 'utf8')).replace(/^why:/m, 'wyh:'));
    const config = await configuration(`policy: { dir: ${policies} }\n${ROUTES}`);
    const { code, err } = await portreeve('--config', config, 'policy', 'check');
    expect(code).toBe(1);
    expect(err).toMatch(/rules\/marked-official-sensitive\.yaml:\d+:\d+: .*wyh/);
  });

  it('2 for a command or option that there is not', async () => {
    const [command, option] = await Promise.all([portreeve('shout'), portreeve('start', '--fast')]);
    expect([command.code, option.code]).toEqual([2, 2]);
    expect(command.err).toContain("unknown command 'shout'");
    const role = await portreeve('start', '--role', 'cook');
    expect([role.code, role.err]).toEqual([2, expect.stringContaining('not "cook"')]);
    const config = await configuration(POLICY + ROUTES);
    const inspect = `inspect x.eml --to a@x.test --at soon`;
    const at = await portreeve('--config', config, ...inspect.split(' '));
    expect([at.code, at.err]).toEqual([2, expect.stringContaining('--at')]);
  });

  it('78 for a wrong configuration, with all that is wrong', async () => {
    const config = await configuration('hostnme: a\nsweepSeconds: soon\n');
    const { code, err } = await portreeve('--config', config, 'start');
    expect(code).toBe(78);
    expect(err).toMatch(/:1:\d+: unknown key "hostnme"/);
    expect(err).toMatch(/:2:\d+: "sweepSeconds"/);
  });

  it('78 for files that the configuration names and that are not there, all of them', async () => {
    const file = await configuration(
      `submission: { port: 0, tls: { certFile: no.pem, keyFile: no.key } }\n${HTTP}${ROUTES}`,
    );
    const { code, err } = await portreeve('--config', file, 'start');
    expect(code).toBe(78);
    expect(err).toContain('submission.tls.certFile: "');
    expect(err).toContain('submission.tls.keyFile: "');
  });

  it('78 where no policy is active, with what to do', async () => {
    const config = await configuration(LISTENERS + HTTP + ROUTES + CONNECTOR);
    const { code, err } = await portreeve('--config', config, 'start');
    expect([code, err]).toEqual([78, expect.stringContaining('run "portreeve policy activate"')]);
  });
});

describe('portreeve start', () => {
  const running = async (words: string[]) => {
    const started = launch(words);
    await eventually(
      () => Promise.resolve(started.said.out.includes('"state":"started"') || null),
      `It does not start: ${started.said.err}`,
    );
    return started;
  };

  it('runs once a policy is active, says which port is taken, and stops at a signal', async () => {
    const config = await configuration(POLICY + LISTENERS + HTTP + ROUTES + CONNECTOR);
    const active = await portreeve('--config', config, 'policy', 'activate');
    expect([active.code, active.out]).toEqual([0, expect.stringContaining('is active')]);
    const { child, said } = await running(['--config', config, 'start']);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const busy = await configuration(
      `${POLICY}submission: { port: 0 }\nconnector: { port: ${port} }\n${HTTP}${ROUTES}${CONNECTOR}`,
    );
    const second = await portreeve('--config', busy, 'start');
    expect(second.code).toBe(1);
    expect(second.err).toBe(
      `Error EADDRINUSE: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    );
    taken.close();
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    expect([code, said.err]).toEqual([0, '']);
    expect(said.out).toContain('"state":"stopped"');
  });

  it('leaves no engine of its own behind when a port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const config = await configuration(
      `${POLICY}stateDir: own\n${LISTENERS}http: { port: ${port} }\n${ROUTES}`,
    );
    const { DATABASE_URL: _db, REDIS_URL: _redis, ...embedded } = environment;
    const before = environment;
    environment = embedded;
    const { code, err } = await portreeve('--config', config, 'start', '--demo');
    environment = before;
    taken.close();
    expect([code, err]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
    expect(await enginesIn(path.join(dir, 'own'))).toEqual([]);
  });
});

/** Processes that work in this folder, by what the kernel says of them. */
async function enginesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(folder)) found.push(`${pid} ${line.replaceAll('\0', ' ')}`);
  }
  return found;
}
