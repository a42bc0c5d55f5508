#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { CommanderError } from 'commander';
import { CommandFailed, UsageError, type CliContext } from './cli/context.ts';
import { demoTable, runDemo } from './cli/demo-run.ts';
import { PeopleFileError } from './cli/people-file.ts';
import { createProgram } from './cli/program.ts';
import { ConfigError, loadConfig, unreadableFiles, type Config } from './config.ts';
import { demoStateFile, prepareDemo, startDemoWorld, type DemoState } from './demo.ts';
import { startPostgres } from './embedded/postgres.ts';
import {
  openCourier,
  ROLES,
  routesOf,
  scannerOf,
  startGateway,
  type Gateway,
  type Role,
} from './gateway.ts';
import { loadKeys } from './keys.ts';
import { demoSignInLinks } from './demo-officers.ts';
import { createLog, describeError } from './log.ts';
import { NoActivePolicy } from './pipeline/live-state.ts';
import { PolicyError } from './policy/policy.ts';
import { connect, migrate, type Database } from './store/connect.ts';
import { openSpool } from './store/spool.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_CONFIG = 78;

const context: CliContext = {
  stdin: process.stdin,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  now: () => new Date(),
  random: (bytes) => randomBytes(bytes),
  user: os.userInfo().username,
  config: () => loadConfig(configOption(), process.env),
  unreadableFiles: () => unreadableFiles(context.config()),
  withRecord,
  openSpool: async () => {
    const { stateDir } = context.config();
    const keys = await loadKeys(path.join(stateDir, 'keys'), true);
    const { spoolPublicKey: publicKey, spoolPrivateKeys: privateKeys } = keys;
    return openSpool({ dir: path.join(stateDir, 'spool'), publicKey, privateKeys });
  },
  auditKey: async () => {
    const keys = await loadKeys(path.join(context.config().stateDir, 'keys'), false);
    return keys.auditKey;
  },
  openCourier: (db) => openCourier(context.config(), db),
  routes: () => routesOf(context.config()),
  scanner: () => scannerOf(context.config()),
  auditPublicKey: () => readFile(path.join(context.config().stateDir, 'keys', 'audit.pub'), 'utf8'),
  start,
  demo,
};

const program = createProgram(context);

function configOption(): string | null {
  return program.opts<{ config?: string }>().config ?? null;
}

/** Opens the record: by DATABASE_URL, else the embedded engine, which may be running already. */
async function withRecord<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const config = context.config();
  const engine =
    config.databaseUrl === null
      ? await startPostgres({ dir: path.join(config.stateDir, 'postgres') })
      : null;
  try {
    const db = connect(config.databaseUrl ?? engine?.url ?? '', { max: 2 });
    try {
      await migrate(db);
      return await work(db);
    } finally {
      await db.end({ timeout: 5 });
    }
  } finally {
    await engine?.stop();
  }
}

async function start(options: { roles: string[]; demo: boolean }): Promise<void> {
  const roles = rolesOf(options.roles);
  const config = context.config();
  const missing = unreadableFiles(config);
  if (missing.length > 0) throw new ConfigError(missing);
  const log = createLog(config.logLevel);
  let gateway: Gateway;
  let stopDemo = (): Promise<void> => Promise.resolve();
  // Heard from here on: a signal during the start ends the engines too.
  const toldToStop = stopSignal();
  if (options.demo) {
    const at = context.now();
    const demo = await startDemoWorld(config, at);
    gateway = await startGateway(demo.config, {
      log,
      roles,
      demo: true,
      prepare: (db) => prepareDemo(db, demo.config, demo.password, at),
    }).catch(async (error: unknown) => {
      await demo.destination.stop();
      throw error;
    });
    const state: DemoState = {
      submission: endpoint(gateway.endpoints['submission']),
      connector: endpoint(gateway.endpoints['connector']),
      password: demo.password,
      ca: await readFile(demo.caFile, 'utf8'),
      mailDir: demo.destination.mailDir,
    };
    await writeFile(demoStateFile(config), JSON.stringify(state), { mode: 0o600 });
    stopDemo = async () => {
      await rm(demoStateFile(config), { force: true });
      await demo.destination.stop();
    };
    const { console: url } = gateway.endpoints;
    const links = url ? await demoSignInLinks(gateway.road, 'merebrook', url) : [];
    context.err(welcome(gateway, state, config, links));
  } else {
    gateway = await startGateway(config, { log, roles });
  }
  log.lifecycle('gateway', 'started', gateway.endpoints);
  await toldToStop;
  log.lifecycle('gateway', 'stopping');
  await gateway.stop();
  await stopDemo();
  log.lifecycle('gateway', 'stopped');
  // A delivery that was given up at the stop may still hold a connection, and with it this process.
  process.exit();
}

function rolesOf(names: string[]): Role[] {
  const unknown = names.find((name) => !(ROLES as readonly string[]).includes(name));
  if (unknown) throw new UsageError(`--role is one of ${ROLES.join(', ')}, not "${unknown}"`);
  return names.length === 0 ? [...ROLES] : (names as Role[]);
}

function endpoint(text: string | undefined): { host: string; port: number } {
  const [host = '127.0.0.1', port = '0'] = (text ?? '').split(':');
  return { host, port: Number(port) };
}

function welcome(
  gateway: Gateway,
  state: DemoState,
  config: Config,
  links: { role: string; url: string }[],
): string {
  const { submission, connector, http } = gateway.endpoints;
  const officers = links.map(({ role, url }) => `  ${role.padEnd(26)}${url}`).join('\n');
  return `
Portreeve runs with the demo council Merebrook. Nothing it sends leaves this machine.

  submission  ${submission}  STARTTLS, then AUTH
              as cllr.imogen.ashdown@merebrook.gov.uk / ${state.password}
  connector   ${connector}  from 127.0.0.1, as the council's mail system
  health      ${http}/readyz  and ${http}/metrics
  state       ${config.stateDir}, what arrives lies in ${state.mailDir}

Review console: each link signs an officer in once
${officers}

Try in another terminal:  npm run demo
Ctrl-C stops everything.

`;
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    // npm passes Ctrl-C on as well: the second must not end us before the engines have stopped.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

async function demo(json: boolean): Promise<number> {
  const config = context.config();
  let state: DemoState;
  try {
    state = JSON.parse(await readFile(demoStateFile(config), 'utf8')) as DemoState;
  } catch {
    throw new CommandFailed(
      'The demo is not running: start it with "npm start" in another terminal',
    );
  }
  const rows = await withRecord((db) => runDemo(db, state, context.now));
  context.out(json ? `${JSON.stringify(rows, null, 2)}\n` : `${demoTable(rows)}\n`);
  return 0;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof UsageError) {
    context.err(`${error.message}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof ConfigError) {
    context.err(`${[error.message, ...error.problems].join('\n')}\n`);
    return EXIT_CONFIG;
  }
  if (error instanceof NoActivePolicy || error instanceof PolicyError) {
    context.err(`${error.message}\n`);
    return EXIT_CONFIG;
  }
  if (error instanceof PeopleFileError) {
    context.err(`${error.problems.join('\n')}\n`);
    return EXIT_FAILURE;
  }
  if (error instanceof CommandFailed) {
    context.err(`${error.message}\n`);
    return EXIT_FAILURE;
  }
  const { name, code, message } = describeError(error);
  context.err(`${name}${code ? ` ${code}` : ''}: ${message}\n`);
  return EXIT_FAILURE;
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
