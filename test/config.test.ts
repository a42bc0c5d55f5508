import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../src/config.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-config-'));
  file = path.join(dir, 'portreeve.yaml');
  return () => rm(dir, { recursive: true });
});

const ROUTES = 'routes: { merebrook: { inward: { kind: smarthost, host: mail.test } } }\n';

async function load(text: string, environment: NodeJS.ProcessEnv = {}) {
  await writeFile(file, text);
  return loadConfig(file, environment);
}

async function problems(text: string, environment: NodeJS.ProcessEnv = {}): Promise<string[]> {
  try {
    await load(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map((problem) => problem.replaceAll(`${dir}/`, ''));
    }
    throw error;
  }
  return [];
}

describe('loadConfig()', () => {
  it('stands on its defaults where there is no file', () => {
    const config = loadConfig(null, { HOME: dir, PORTREEVE_CONFIG: undefined });
    expect(config).toMatchObject({ source: null, databaseUrl: null, redisUrl: null });
    expect(config.limits.messageBytes).toBe(50 * 1024 * 1024);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('finds the file by --config, by PORTREEVE_CONFIG and in the XDG folder', async () => {
    await writeFile(file, `hostname: a.test\n${ROUTES}`);
    expect(loadConfig(null, { PORTREEVE_CONFIG: file }).hostname).toBe('a.test');
    expect(loadConfig(file, { PORTREEVE_CONFIG: '/nowhere' }).hostname).toBe('a.test');
  });

  it('takes paths as relative to the file', async () => {
    const config = await load(`stateDir: state\ntls: { caFile: ca.pem }\n${ROUTES}`);
    expect(config.stateDir).toBe(path.join(dir, 'state'));
    expect(config.tls.caFile).toBe(path.join(dir, 'ca.pem'));
  });

  it('says everything that is wrong at once, each with its line and column', async () => {
    const text = [
      'hostnme: gate.test',
      'connector: { port: 99999 }',
      'connectors:',
      '  - { name: exchange, council: merebrook, addresses: ["10.0.0.0/99"] }',
      'limits:',
      '  recipients: 5',
      'sweepSeconds: soon',
      '',
    ].join('\n');
    const found = await problems(text);
    const places = found.map((problem) => /^portreeve\.yaml:\d+/.exec(problem)?.[0]);
    expect(new Set(places)).toEqual(
      new Set([1, 2, 4, 6, 7].map((line) => `portreeve.yaml:${line}`)),
    );
    expect(found.join('\n')).toMatch(/yaml:1:\d+: unknown key "hostnme" at the top/);
    expect(found.join('\n')).toMatch(/yaml:4:\d+: .*"10\.0\.0\.0\/99" is no range/);
  });

  it('says where the YAML itself ends to make sense', async () => {
    expect((await problems('limits:\n  a: [1,\nb: 2\n'))[0]).toMatch(/^portreeve\.yaml:\d+:\d+: /);
    expect((await problems('hostname: a\nhostname: b\n'))[0]).toMatch(/unique/i);
  });

  it('says what no single field shows', async () => {
    const connector = (name: string, council: string) =>
      `  - { name: ${name}, council: ${council}, addresses: [127.0.0.1] }\n`;
    const text = `connectors:\n${connector('a', 'merebrook')}${connector('a', 'atlantis')}`;
    const found = (await problems(text)).join('\n');
    expect(found).toContain('connector "a" stands twice');
    expect(found).toContain('serves "atlantis", not in policy.councils');
    expect(found).toContain('routes."merebrook" is missing');
  });

  it('takes secrets from the environment or from files, and says what is wrong with them', async () => {
    const secret = path.join(dir, 'url');
    await writeFile(secret, 'postgres://u:p@db.test/portreeve\n');
    const config = await load(ROUTES, { DATABASE_URL_FILE: secret, REDIS_URL: 'redis://r.test' });
    expect(config.databaseUrl).toBe('postgres://u:p@db.test/portreeve');
    expect(config.redisUrl).toBe('redis://r.test');
    const found = await problems(ROUTES, {
      DATABASE_URL: 'mysql://u:hunter2@db.test',
      REDIS_URL_FILE: path.join(dir, 'none'),
    });
    expect(found).toHaveLength(2);
    expect(found.join('\n')).toContain('DATABASE_URL: expected postgres://');
    expect(found.join('\n')).toContain('REDIS_URL_FILE: "none" cannot be read (ENOENT)');
    expect(found.join('\n')).not.toContain('hunter2');
  });

  it('says so where the file cannot be read', () => {
    expect(() => loadConfig(path.join(dir, 'none.yaml'), {})).toThrow(ConfigError);
  });
});
