import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alone, beginUse, freePort, ignore, type Engine } from './shared-use.ts';

export interface RedisOptions {
  /** Where its data, configuration and log live; made when missing, kept between starts. */
  dir: string;
  /** A free one unless given. Only 127.0.0.1 listens. */
  port?: number;
  /** Further directives of redis.conf. */
  settings?: Record<string, string>;
}

interface Endpoint {
  port: number;
  password: string;
}

const START_TIMEOUT_MS = 30_000;

/**
 * Starts `redis-server`, or joins the one that runs on this directory already: another process of
 * ours started it, or died and left it behind.
 * @throws if redis-server is not installed or does not start.
 */
export async function startRedis(options: RedisOptions): Promise<Engine> {
  const dir = resolve(options.dir);
  return alone(dir, async () => {
    const endpoint = (await running(dir)) ?? (await start(dir, options));
    const endUse = await beginUse(dir);
    return {
      url: `redis://:${endpoint.password}@127.0.0.1:${endpoint.port}`,
      stop: () =>
        alone(dir, async () => {
          if (await endUse()) await shutDown(endpoint);
        }),
    };
  });
}

function endpointFile(dir: string): string {
  return join(dir, 'endpoint.json');
}

async function running(dir: string): Promise<Endpoint | null> {
  const text = await readFile(endpointFile(dir), 'utf8').catch(ignore('ENOENT'));
  if (text === undefined) return null;
  const endpoint = JSON.parse(text) as Endpoint;
  // Only ours knows the password, so whoever else has the port by now is not taken for it.
  return (await isReady(endpoint)) ? endpoint : null;
}

async function start(dir: string, options: RedisOptions): Promise<Endpoint> {
  const endpoint = {
    port: options.port ?? (await freePort()),
    password: randomBytes(24).toString('base64url'),
  };
  const configuration = join(dir, 'redis.conf');
  const directives = {
    bind: '127.0.0.1',
    port: String(endpoint.port),
    requirepass: endpoint.password,
    dir: JSON.stringify(dir),
    logfile: JSON.stringify(join(dir, 'server.log')),
    appendonly: 'yes',
    save: '""',
    // Under pressure it must refuse, never forget a job.
    'maxmemory-policy': 'noeviction',
    ...options.settings,
  };
  const lines = Object.entries(directives).map(([name, value]) => `${name} ${value}\n`);
  // The password stands in files that only we may read, never on a command line.
  await rm(configuration, { force: true });
  await writeFile(configuration, lines.join(''), { mode: 0o600 });
  await rm(endpointFile(dir), { force: true });
  await writeFile(endpointFile(dir), JSON.stringify(endpoint), { mode: 0o600 });
  await launch(dir, configuration, endpoint);
  return endpoint;
}

/** Detached, so that Ctrl-C reaches us alone and we stop it after our own work. */
async function launch(dir: string, configuration: string, endpoint: Endpoint): Promise<void> {
  const child = spawn('redis-server', [configuration], {
    cwd: dir,
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin' },
  });
  child.unref();
  let ended: Error | null = null;
  child.once('error', (cause) => {
    ended = new Error('No Redis: install redis-server or set REDIS_URL', { cause });
  });
  child.once('exit', (code) => {
    ended ??= new Error(`Redis ended with "${code}": see "${join(dir, 'server.log')}"`);
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(endpoint))) {
    if (ended) throw ended as Error;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`Redis is not ready after 30 seconds: see "${join(dir, 'server.log')}"`);
    }
    await sleep(20);
  }
}

async function isReady(endpoint: Endpoint): Promise<boolean> {
  return (await say(endpoint, 'PING')).includes('+PONG');
}

/** Resolves once it has let go of its port, which is the last thing that it does. */
async function shutDown(endpoint: Endpoint): Promise<void> {
  await say(endpoint, 'SHUTDOWN');
  while (await isReady(endpoint)) await sleep(20);
}

/** What it answers to one inline command, `''` where nobody of that password listens. */
async function say({ port, password }: Endpoint, command: string): Promise<string> {
  return new Promise((done) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
    });
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => done(answer));
  });
}
