import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An engine that we run ourselves, perhaps together with other processes of ours. */
export interface Engine {
  url: string;
  /** Ends this use of the engine; the last to leave stops it. */
  stop(): Promise<void>;
}

/** No start or stop takes longer; a lock that is older was left by a process that died. */
const LOCK_SECONDS = 120;

/** Runs `work` while no other process starts or stops the engine in this directory. */
export async function alone<T>(dir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'lock');
  for (;;) {
    const file = await open(path, 'wx').catch(ignore('EEXIST'));
    if (file) {
      await file.writeFile(await identity(process.pid));
      await file.close();
      break;
    }
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(30);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(ignore('ENOENT'));
  if (!found) return false;
  if (Date.now() - found.mtimeMs > LOCK_SECONDS * 1000) return true;
  const owner = await readFile(path, 'utf8').catch(ignore('ENOENT'));
  // Empty: its owner is about to write into it.
  return Boolean(owner) && !(await isAlive(owner ?? ''));
}

let uses = 0;

/**
 * Notes that this process uses the engine. The function that comes back ends the use and tells
 * whether no living process uses the engine any longer. Call both within `alone`.
 */
export async function beginUse(dir: string): Promise<() => Promise<boolean>> {
  const folder = join(dir, 'users');
  await mkdir(folder, { recursive: true });
  uses += 1;
  const path = join(folder, `${process.pid}-${uses}`);
  await writeFile(path, await identity(process.pid));
  return async () => {
    await rm(path, { force: true });
    for (const name of await readdir(folder)) {
      const other = join(folder, name);
      if (await isAlive(await readFile(other, 'utf8'))) return false;
      await rm(other, { force: true });
    }
    return true;
  };
}

/** A process id with the time at which that process began, since ids are given out again. */
async function identity(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc_pid_stat(5): the 22nd field, counted from behind the command's closing bracket.
  const startTime = line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startTime}`;
}

async function isAlive(owner: string): Promise<boolean> {
  const pid = Number(owner.split(' ')[0]);
  return pid > 0 && processExists(pid) && (await identity(pid)) === owner;
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** For `catch`: `undefined` in place of errors with this code. */
export function ignore(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error;
  };
}

/** A port of 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
