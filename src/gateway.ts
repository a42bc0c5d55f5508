import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from './config.ts';
import { startHealth } from './console/health.ts';
import { createCourier, type Courier } from './delivery/courier.ts';
import type { Route } from './delivery/delivery-job.ts';
import { createResolver } from './delivery/resolve.ts';
import { startPostgres } from './embedded/postgres.ts';
import { startRedis } from './embedded/redis.ts';
import type { Engine } from './embedded/shared-use.ts';
import { createExtractorPool } from './extract/extractor-pool.ts';
import { createSentenceReader } from './extract/sentence-meaning.ts';
import { loadKeys, type GatewayKeys } from './keys.ts';
import { openListeners } from './listeners.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { domainKey } from './mail/address.ts';
import { DEFAULT_PARSE_LIMITS } from './mail/parse.ts';
import { readSigningKey } from './pgp/keys.ts';
import { createAccept, type AcceptLimits } from './pipeline/accept.ts';
import { announceEndings } from './pipeline/announce-endings.ts';
import { deliverMessage } from './pipeline/deliver.ts';
import { warnOfExpiry } from './pipeline/key-custody.ts';
import { openKeyDirectory } from './pipeline/key-directory.ts';
import { electionAlarms } from './policy/elections.ts';
import { endingExceptions } from './policy/exceptions.ts';
import { liveState } from './pipeline/live-state.ts';
import { writeNotice } from './pipeline/notify.ts';
import { processMessage } from './pipeline/process.ts';
import type { Road } from './pipeline/road.ts';
import type { CouncilRoutes } from './pipeline/routes.ts';
import { sweep } from './pipeline/sweep.ts';
import { createQueues } from './queue/queues.ts';
import { eraseDue } from './retention/erase.ts';
import { sealAudit } from './store/audit.ts';
import { connect, migrate, type Database } from './store/connect.ts';
import { createClamd, type MalwareScanner } from './scan/clamd.ts';
import { watched, type WatchedScanner } from './scan/watched-scanner.ts';
import { countRecipients } from './store/messages.ts';
import { openSpool } from './store/spool.ts';
import { stsPolicies } from './store/sts.ts';

/**
 * What a process of the gateway may do. `smtp` takes mail in, `worker` decides and delivers,
 * `console` serves officers.
 */
export const ROLES = ['smtp', 'worker', 'console'] as const;
export type Role = (typeof ROLES)[number];

export interface Gateway {
  road: Road;
  db: Database;
  keys: GatewayKeys;
  /** What listens where, for the line at the start and for the demo. */
  endpoints: Record<string, string>;
  /** Takes no more mail, lets work under way end, closes everything. */
  stop(): Promise<void>;
}

/** Two at night in London (domain G.1), when nobody waits. */
const ERASURE_HOUR = 2;
const ERASE_AT_ONCE = 10_000;

/** Closers run in the reverse order of their openers, each whatever became of the others. */
type Closer = () => Promise<void> | void;

export interface StartOptions {
  log: Log;
  roles: readonly Role[];
  /** Runs once the record is migrated and before any mail is taken. */
  prepare?: (db: Database) => Promise<void>;
  clock?: () => Date;
  /** One-time demo links may sign in to the console. */
  demo?: boolean;
  /** Stands between the parts and the road: tests count and cut its steps. */
  decorate?: (road: Road) => Road;
}

/**
 * Builds the gateway from its parts and starts it. Everything that it depends on is opened here and
 * handed down; if one part cannot start, those that did are closed again.
 * @throws where an engine, a listener, the policy or a key is missing: the gateway refuses to start
 */
export async function startGateway(config: Config, options: StartOptions): Promise<Gateway> {
  const closers: Closer[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        options.log.fault('stop', error);
      }
    }
  };
  try {
    return { ...(await open(config, options, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  config: Config,
  options: StartOptions,
  closers: Closer[],
): Promise<Omit<Gateway, 'stop'>> {
  const { roles } = options;
  const db = await openRecord(config, closers);
  await migrate(db);
  await options.prepare?.(db);
  const metrics = createMetrics(
    () => countRecipients(db),
    () => road.queues.waiting(),
    () => built.scanner?.isUp() ?? null,
  );
  const log = metrics.counting(options.log);
  const built = await buildRoad(config, db, { ...options, log }, closers);
  const road = options.decorate?.(built.road) ?? built.road;
  const endpoints: Record<string, string> = {};
  if (roles.includes('worker')) startWorker(config, road, built.refresh, closers);
  if (roles.includes('smtp')) {
    const opened = await openListeners(config, road, createAccept(road, acceptLimits(config)));
    closers.push(opened.close);
    Object.assign(endpoints, opened.endpoints);
  }
  if (roles.includes('console')) {
    // Loaded only where it is served: every other command would wait two seconds for it.
    const { openConsole } = await import('./console-server.ts');
    const { demo = false } = options;
    const opened = await openConsole(config, road, { keys: built.keys, demo });
    closers.push(opened.close);
    endpoints['console'] = opened.url;
  }
  if (!roles.includes('worker')) every(config.sweepSeconds, built.refresh, log, closers);
  const health = await startHealth({
    ...config.http,
    metrics: metrics.registry,
    notReady: () => notReady(road, roles),
  });
  closers.push(() => closeServer(health.server));
  endpoints['http'] = `http://${config.http.host}:${health.port}`;
  return { road, db, keys: built.keys, endpoints };
}

function acceptLimits({ limits }: Config): AcceptLimits {
  return {
    messageBytes: limits.messageBytes,
    headerBytes: limits.headerBytes,
    reserveBytes: limits.spoolReserveBytes,
  };
}

async function openRecord(config: Config, closers: Closer[]): Promise<Database> {
  let url = config.databaseUrl;
  if (url === null) {
    const engine = await startPostgres({ dir: path.join(config.stateDir, 'postgres') });
    closers.push(() => engine.stop());
    url = engine.url;
  }
  const db = connect(url, { max: 20 });
  closers.push(() => db.end({ timeout: 5 }));
  return db;
}

interface Built {
  road: Road;
  keys: GatewayKeys;
  scanner: WatchedScanner | null;
  refresh: () => Promise<void>;
}

async function buildRoad(
  config: Config,
  db: Database,
  { log, roles, clock = () => new Date() }: StartOptions,
  closers: Closer[],
): Promise<Built> {
  const keys = await loadKeys(
    path.join(config.stateDir, 'keys'),
    roles.includes('worker') || roles.includes('console'),
  );
  const live = await liveState(db, config.policy.councils, clock);
  const clamd = scannerOf(config);
  const scanner = clamd && watched(clamd, log, clock);
  const courier = await openCourier(config, db);
  closers.push(() => courier.close());
  const extractors = createExtractorPool(config.attachments);
  closers.push(() => extractors.close());
  const meaningReader = createSentenceReader();
  closers.push(() => meaningReader.close());
  // Opened last, so closed first: work under way still needs everything else.
  const redisUrl = config.redisUrl ?? (await embeddedRedis(config, closers)).url;
  const queues = createQueues({ redisUrl, prefix: 'portreeve', log });
  closers.push(() => queues.close());
  const road: Road = {
    db,
    spool: await openSpool({
      dir: path.join(config.stateDir, 'spool'),
      publicKey: keys.spoolPublicKey,
      privateKeys: keys.spoolPrivateKeys,
    }),
    queues,
    courier,
    log,
    hostname: config.hostname,
    clock,
    random: (bytes) => randomBytes(bytes),
    policy: () => live.policy,
    inspectors: () => live.inspectors,
    directory: () => live.directory,
    routes: await routesOf(config),
    parseLimits: {
      ...DEFAULT_PARSE_LIMITS,
      textBytesPerPart: config.limits.inspectTextBytes,
      attachmentBytes: config.attachments.messageBytes,
    },
    attachmentReader: () => extractors.forMessage(),
    scanner,
    meaningReader,
    delivery: config.delivery,
    noticeSecret: keys.noticeSecret,
    fingerprintSalt: keys.fingerprintSalt,
    auditKey: keys.auditKey,
    searchKey: keys.searchKey,
    consoleUrl: config.console.publicUrl,
    keyDirectory: await openKeyDirectory(config),
  };
  return { road, keys, scanner, refresh: () => live.refresh() };
}

/** The malware scanner as configured, `null` where there is none. */
export function scannerOf({ malware }: Config): MalwareScanner | null {
  if (malware.clamd === null) return null;
  return createClamd({ address: malware.clamd, timeoutMs: malware.timeoutSeconds * 1000 });
}

/** The SMTP client as configured, which remembers MTA-STS policies in the record. */
export async function openCourier(config: Config, db: Database): Promise<Courier> {
  const resolver = createResolver({
    ...(config.dns.servers.length > 0 ? { servers: config.dns.servers } : {}),
    trustAd: config.dns.trustAd,
  });
  return createCourier({
    resolver,
    heloName: config.hostname,
    port: config.delivery.port,
    ca: config.tls.caFile === null ? [] : [await readFile(config.tls.caFile, 'utf8')],
    timeouts: {
      setupMs: config.delivery.connectTimeoutSeconds * 1000,
      silenceMs: config.delivery.idleTimeoutSeconds * 1000,
    },
    stsStore: stsPolicies(db),
  });
}

async function embeddedRedis(config: Config, closers: Closer[]): Promise<Engine> {
  const engine = await startRedis({ dir: path.join(config.stateDir, 'redis') });
  closers.push(() => engine.stop());
  return engine;
}

export async function routesOf(config: Config): Promise<Map<string, CouncilRoutes>> {
  const routes = new Map<string, CouncilRoutes>();
  for (const [council, entry] of Object.entries(config.routes)) {
    routes.set(council, {
      outward: await routeOf(entry.outward),
      inward: await routeOf(entry.inward),
      domains: await domainRoutesOf(entry.domains),
      dkim: entry.dkim && {
        domain: entry.dkim.domain,
        selector: entry.dkim.selector,
        privateKey: await readFile(entry.dkim.keyFile, 'utf8'),
      },
      signingKey: entry.pgp && (await readSigningKey(await readFile(entry.pgp.keyFile, 'utf8'))),
    });
  }
  return routes;
}

async function domainRoutesOf(
  entries: Config['routes'][string]['domains'],
): Promise<CouncilRoutes['domains']> {
  const routes = new Map<string, Route>();
  for (const [domain, entry] of Object.entries(entries)) {
    routes.set(domainKey(domain), await routeOf(entry));
  }
  return routes;
}

async function routeOf(
  route: Config['routes'][string]['outward'],
): Promise<CouncilRoutes['outward']> {
  if (route.kind === 'mx') return route;
  const { user, passwordFile, ...rest } = route;
  if (user === undefined || passwordFile === undefined) return rest;
  return { ...rest, auth: { user, pass: (await readFile(passwordFile, 'utf8')).trim() } };
}

function startWorker(
  config: Config,
  road: Road,
  refresh: () => Promise<void>,
  closers: Closer[],
): void {
  const { queues, log, db } = road;
  queues.work(
    {
      process: (id) => processMessage(road, id),
      deliver: (id) => deliverMessage(road, id),
      notify: (id) => writeNotice(road, id),
      erase: async () => {
        const { spool, clock } = road;
        log.erasure(await eraseDue({ db, spool, clock, limit: ERASE_AT_ONCE }));
        await warnOfExpiry(road);
        electionAlarms(road.policy(), clock()).forEach((alarm) => log.electionAlarm(alarm));
        endingExceptions(road.policy(), clock()).forEach(({ id: exception, council, until }) =>
          log.exceptionEnding({ exception, council, until }),
        );
        await announceEndings(road);
      },
    },
    config.delivery.concurrency,
  );
  every(
    config.sweepSeconds,
    async () => {
      await refresh();
      await sweep(road);
      // Again each time: a wiped Redis has forgotten its schedule too.
      if (await queues.ready()) await queues.scheduleDaily('erase', ERASURE_HOUR, 'Europe/London');
    },
    log,
    closers,
  );
  every(1, async () => void (await sealAudit(db, road.auditKey, road.clock())), log, closers);
}

/** Runs `work` again and again, never twice at once; the closer waits for the run under way. */
function every(seconds: number, work: () => Promise<void>, log: Log, closers: Closer[]): void {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= work()
      .catch((error: unknown) => log.fault('periodic', error))
      .finally(() => {
        running = null;
      });
  }, seconds * 1000);
  closers.push(async () => {
    clearInterval(timer);
    await running;
  });
}

/**
 * What this process lacks for its work. One that takes mail in is ready without Redis: 250 rests on
 * disk and record alone, and a balancer that sent mail elsewhere would make an outage of a delay.
 */
async function notReady(
  { db, spool, queues, routes }: Road,
  roles: readonly Role[],
): Promise<string[]> {
  const wakes = !roles.includes('worker') || roles.includes('smtp') || (await queues.ready());
  const checks: [string, () => Promise<unknown>][] = [
    ['record', () => db`select 1`],
    ['spool', () => spool.freeBytes()],
    ['wake-up calls', async () => wakes || Promise.reject(new Error('away'))],
    ['routes', async () => routes.size > 0 || Promise.reject(new Error('none'))],
  ];
  const missing = await Promise.all(
    checks.map(async ([part, check]) => {
      try {
        await check();
        return [];
      } catch {
        return [part];
      }
    }),
  );
  return missing.flat();
}

function closeServer(server: { close(done: () => void): unknown; closeAllConnections(): void }) {
  return new Promise<void>((done) => {
    server.close(done);
    server.closeAllConnections();
  });
}
