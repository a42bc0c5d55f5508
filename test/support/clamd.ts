import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** clamd looks for it in whatever is taken out of a message. Harmless, and known to us alone. */
export const MADE_UP_VIRUS = 'Portreeve-Made-Up-Virus-Of-The-Tests';

/** The test string of the anti-virus industry (eicar.org), put together here so as not to alarm. */
export const EICAR = [
  String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$`,
  'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*',
].join('');

export const hasClamd = spawnSync('clamd', ['--version']).status === 0;

export interface TestClamd {
  tcp: string;
  unix: string;
  stop(): Promise<void>;
}

/** A real clamd on a free port, with a signature database of two entries. */
export async function startClamd(port?: number): Promise<TestClamd> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'clamd-'));
  const tcpPort = port ?? (await freePort());
  const unix = path.join(dir, 'clamd.ctl');
  const eicar = createHash('md5').update(EICAR).digest('hex');
  await writeFile(path.join(dir, 'own.hdb'), `${eicar}:${EICAR.length}:Portreeve.Eicar\n`);
  const hex = Buffer.from(MADE_UP_VIRUS).toString('hex');
  await writeFile(path.join(dir, 'own.ndb'), `Portreeve.MadeUp:0:*:${hex}\n`);
  const file = path.join(dir, 'clamd.conf');
  await writeFile(
    file,
    [
      `DatabaseDirectory ${dir}`,
      `LocalSocket ${unix}`,
      `TCPSocket ${tcpPort}`,
      'TCPAddr 127.0.0.1',
      'Foreground yes',
      'StreamMaxLength 2M',
      'AlertEncrypted yes',
      '',
    ].join('\n'),
  );
  const child = spawn('clamd', ['--config-file', file], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(dir, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 300; tries++) {
    if (await accepts(tcpPort)) return { tcp: `127.0.0.1:${tcpPort}`, unix, stop };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error('clamd did not start');
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
