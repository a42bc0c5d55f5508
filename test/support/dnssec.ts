import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exchange } from '../../src/delivery/dns-exchange.ts';

const PATHS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

function find(program: string): string | null {
  for (const directory of PATHS) {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return path.join(directory, program);
    } catch {
      continue;
    }
  }
  return null;
}

/** Why tests against real DNSSEC cannot run here; `null` where they can. */
export function missingDnssec(): string | null {
  const missing = ['knotd', 'keymgr', 'unbound'].filter((program) => find(program) === null);
  return missing.length === 0 ? null : `${missing.join(', ')} not installed`;
}

export interface ZoneWish {
  /** Records as in a zone file, relative to the zone's name; SOA and NS are added. */
  records: string[];
  /** Signed by knot, and trusted by the resolver. */
  signed: boolean;
  /** Changes the signed zone file behind the signer's back. */
  tamper?: (zone: string) => string;
}

export interface Dnssec {
  /** `127.0.0.1:PORT` of a validating resolver: its AD bit is earned. */
  server: string;
  /** The same, but of a resolver whose calendar is a year ahead: every signature has expired. */
  expiredServer: string;
  close(): Promise<void>;
}

/** Authoritative zones signed by Knot DNS, behind Unbound, which validates them. All on loopback. */
export async function startDnssec(zones: Record<string, ZoneWish>): Promise<Dnssec> {
  const dir = await mkdtemp(path.join(tmpdir(), 'dnssec-'));
  const running: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.splice(0).map(stop));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    await mkdir(path.join(dir, 'db'));
    await writeZones(dir, zones);
    const signer = await startKnot(dir, port, zones, true);
    running.push(signer);
    await Promise.all(Object.keys(zones).map((zone) => answers(port, zone)));
    await signedFiles(dir, zones);
    await stop(signer);
    const anchors = Object.entries(zones).flatMap(([zone, { signed }]) =>
      signed ? keymgr(dir, zone) : [],
    );
    await tamper(dir, zones);
    running.push(await startKnot(dir, port, zones, false));
    await Promise.all(Object.keys(zones).map((zone) => answers(port, zone)));
    const servers = await Promise.all(
      [0, 365].map(async (daysAhead) => {
        const at = await freePort();
        running.push(await startUnbound(dir, at, port, { zones, anchors, daysAhead }));
        await answers(at, 'localhost');
        return `127.0.0.1:${at}`;
      }),
    );
    const [server = '', expiredServer = ''] = servers;
    return { server, expiredServer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeZones(dir: string, zones: Record<string, ZoneWish>): Promise<void> {
  for (const [zone, { records }] of Object.entries(zones)) {
    const head = ['$TTL 5', '@ SOA ns hostmaster 1 60 60 600 5', '@ NS ns', 'ns A 127.0.0.1'];
    await writeFile(path.join(dir, `${zone}.zone`), [...head, ...records, ''].join('\n'));
  }
}

async function startKnot(
  dir: string,
  port: number,
  zones: Record<string, ZoneWish>,
  signing: boolean,
): Promise<ChildProcess> {
  const lines = [
    'server:',
    `  listen: 127.0.0.1@${port}`,
    `  rundir: ${dir}`,
    'database:',
    `  storage: ${dir}/db`,
    'policy:',
    '  - id: one-key',
    '    algorithm: ecdsap256sha256',
    '    single-type-signing: on',
    'template:',
    '  - id: default',
    `    storage: ${dir}`,
    '    dnssec-policy: one-key',
    // Written at once, and never read back: what is served is what stands in the file.
    `    zonefile-sync: ${signing ? 0 : -1}`,
    `    zonefile-load: whole`,
    `    journal-content: none`,
    'zone:',
    ...Object.entries(zones).flatMap(([zone, { signed }]) => [
      `  - domain: ${zone}`,
      `    file: ${zone}.zone`,
      `    dnssec-signing: ${signing && signed ? 'on' : 'off'}`,
    ]),
  ];
  await writeFile(path.join(dir, 'knot.conf'), `${lines.join('\n')}\n`);
  return start('knotd', ['-c', path.join(dir, 'knot.conf')]);
}

/** The zone's trust anchor as Knot made it, as DS records. */
function keymgr(dir: string, zone: string): string[] {
  const program = find('keymgr') ?? '';
  const args = ['-c', path.join(dir, 'knot.conf'), zone, 'ds'];
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n');
}

async function signedFiles(dir: string, zones: Record<string, ZoneWish>): Promise<void> {
  const wanted = Object.keys(zones).filter((zone) => zones[zone]?.signed);
  await until(async () => {
    const files = wanted.map((zone) => readFile(path.join(dir, `${zone}.zone`), 'utf8'));
    return (await Promise.all(files)).every((text) => text.includes('RRSIG'));
  }, 'Knot has not written the signed zones');
}

async function tamper(dir: string, zones: Record<string, ZoneWish>): Promise<void> {
  for (const [zone, wish] of Object.entries(zones)) {
    if (!wish.tamper) continue;
    const file = path.join(dir, `${zone}.zone`);
    const before = await readFile(file, 'utf8');
    const after = wish.tamper(before);
    if (after === before) throw new Error(`Tampering changed nothing in zone "${zone}"`);
    await writeFile(file, after);
  }
}

async function startUnbound(
  dir: string,
  port: number,
  knotPort: number,
  wish: { zones: Record<string, ZoneWish>; anchors: string[]; daysAhead: number },
): Promise<ChildProcess> {
  const date = new Date(Date.now() + wish.daysAhead * 86_400_000);
  const override = date.toISOString().replace(/\D/g, '').slice(0, 14);
  const lines = [
    'server:',
    '  interface: 127.0.0.1',
    `  port: ${port}`,
    `  directory: "${dir}"`,
    '  username: ""',
    '  chroot: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  do-daemonize: no',
    '  do-not-query-localhost: no',
    '  module-config: "validator iterator"',
    ...(wish.daysAhead > 0 ? [`  val-override-date: "${override}"`] : []),
    ...wish.anchors.map((anchor) => `  trust-anchor: "${anchor}"`),
    'remote-control:',
    '  control-enable: no',
    ...Object.keys(wish.zones).flatMap((zone) => [
      'stub-zone:',
      `  name: "${zone}"`,
      `  stub-addr: 127.0.0.1@${knotPort}`,
    ]),
  ];
  const file = path.join(dir, `unbound-${port}.conf`);
  await writeFile(file, `${lines.join('\n')}\n`);
  return start('unbound', ['-d', '-c', file]);
}

function start(program: string, args: string[]): ChildProcess {
  return spawn(find(program) ?? program, args, { stdio: 'ignore' });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** A port that was free for UDP a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function answers(port: number, name: string): Promise<void> {
  const server = { address: '127.0.0.1', port };
  await until(
    () =>
      exchange(server, { name, type: 'SOA' }, 200).then(
        ({ rcode }) => rcode === 'NOERROR',
        () => false,
      ),
    `No DNS answer about "${name}"`,
  );
}

async function until(ask: () => Promise<boolean>, problem: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(problem);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
