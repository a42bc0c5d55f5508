import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { CONFIG_SCHEMA, type ConfigFile } from './config-schema.ts';

/** The file, completed by its defaults, and what only the environment may say. */
export interface Config extends ConfigFile {
  /** PostgreSQL, or `null` for the embedded engine. */
  databaseUrl: string | null;
  /** Redis, or `null` for the embedded engine. */
  redisUrl: string | null;
  /** Where the file was read, `null` where the defaults stand alone. */
  source: string | null;
}

/**
 * Every problem of a configuration at once, each with its place. The process ends with 78
 * (EX_CONFIG).
 */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`Configuration is wrong in ${problems.length} place(s)`);
    this.problems = problems;
  }
}

/**
 * Reads the file and the environment: DATABASE_URL, REDIS_URL, each also as `*_FILE` for mounted
 * secrets. Relative paths in the file are relative to the file.
 * @param file `--config`; `null` looks at PORTREEVE_CONFIG, then ./portreeve.yaml, then the XDG
 *   folder
 * @throws {ConfigError} with every problem
 */
export function loadConfig(file: string | null, environment: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const source = file ?? environment['PORTREEVE_CONFIG'] ?? defaultSource(environment);
  const parsed = source === null ? CONFIG_SCHEMA.parse({}) : readFile(source, problems);
  const databaseUrl = secret('DATABASE_URL', environment, problems);
  const redisUrl = secret('REDIS_URL', environment, problems);
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('DATABASE_URL: expected postgres://user:password@host:port/database');
  }
  if (redisUrl !== null && !/^rediss?:\/\//.test(redisUrl)) {
    problems.push('REDIS_URL: expected redis://host:port');
  }
  if (parsed && source) problems.push(...crossChecks(parsed, source));
  if (problems.length > 0 || !parsed) throw new ConfigError(problems);
  const base = source ? path.dirname(path.resolve(source)) : process.cwd();
  return Object.freeze({ ...absolute(parsed, base), databaseUrl, redisUrl, source });
}

function defaultSource(environment: NodeJS.ProcessEnv): string | null {
  const home = environment['XDG_CONFIG_HOME'] ?? path.join(environment['HOME'] ?? '/', '.config');
  const candidates = ['portreeve.yaml', path.join(home, 'portreeve', 'portreeve.yaml')];
  return candidates.find((candidate) => readable(candidate)) ?? null;
}

function readable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

function readFile(source: string, problems: string[]): ConfigFile | null {
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    problems.push(
      `${source}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    );
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (const error of document.errors) {
    const [at] = error.linePos ?? [{ line: 1, col: 1 }];
    problems.push(`${source}:${at.line}:${at.col}: ${error.message.split('\n')[0] ?? ''}`);
  }
  if (problems.length > 0) return null;
  const result = CONFIG_SCHEMA.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    problems.push(`${source}${placeOf(document, lines, issue)}: ${describe(issue)}`);
  }
  return null;
}

function placeOf(document: Document, lines: LineCounter, issue: z.core.$ZodIssue): string {
  const keys =
    issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const node = document.getIn(keys.slice(0, depth), true) as { range?: number[] } | undefined;
    const offset = node?.range?.[0];
    if (offset !== undefined) {
      const { line, col } = lines.linePos(offset);
      return `:${line}:${col}`;
    }
  }
  return '';
}

function describe(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = at === '' ? 'at the top' : `under "${at}"`;
    return `unknown key "${issue.keys.join('", "')}" ${where}`;
  }
  return `${at === '' ? '' : `"${at}": `}${issue.message}`;
}

/** What no single field shows. */
function crossChecks(config: ConfigFile, source: string): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const { name, council } of config.connectors) {
    if (names.has(name)) problems.push(`${source}: connector "${name}" stands twice`);
    names.add(name);
    if (!config.policy.councils.includes(council)) {
      problems.push(`${source}: connector "${name}" serves "${council}", not in policy.councils`);
    }
  }
  for (const council of config.policy.councils) {
    if (!config.routes[council]) {
      problems.push(`${source}: routes."${council}" is missing: its mail would have nowhere to go`);
    }
  }
  return [...problems, ...consoleProblems(config).map((problem) => `${source}: ${problem}`)];
}

/** A console in clear, or one whose sign-in crosses a network in clear, is none. */
function consoleProblems({
  console: { host, tls, publicUrl, oidc },
  policy,
}: ConfigFile): string[] {
  const isLoopback = (name: string): boolean => /^(127\.|::1$|\[::1\]$|localhost$)/.test(name);
  const problems: string[] = [];
  const isOpen = tls === null && !isLoopback(host) && !publicUrl?.startsWith('https:');
  if (isOpen) {
    problems.push(`console.host "${host}" needs console.tls, or an https publicUrl before a proxy`);
  }
  if (publicUrl !== null) {
    const { protocol, hostname, pathname } = new URL(publicUrl);
    if (protocol === 'http:' && !isLoopback(hostname)) {
      problems.push(`console.publicUrl "${publicUrl}" must begin with https`);
    }
    if (pathname !== '/') problems.push('console.publicUrl has a path; give the console a name');
  } else if (!isLoopback(host)) {
    problems.push('console.publicUrl is missing: links in mail and passkeys need it');
  }
  if (
    oidc &&
    new URL(oidc.issuer).protocol !== 'https:' &&
    !isLoopback(new URL(oidc.issuer).hostname)
  ) {
    problems.push(`console.oidc.issuer "${oidc.issuer}" must begin with https`);
  }
  for (const { council } of oidc?.roles ?? []) {
    if (!policy.councils.includes(council)) {
      problems.push(`console.oidc.roles names "${council}", not in policy.councils`);
    }
  }
  return problems;
}

function secret(name: string, environment: NodeJS.ProcessEnv, problems: string[]): string | null {
  const file = environment[`${name}_FILE`];
  if (file === undefined) return environment[name] || null;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(
      `${name}_FILE: "${file}" cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
    return null;
  }
}

/** Every path of the file, made absolute. */
function absolute(config: ConfigFile, base: string): ConfigFile {
  const at = (file: string): string => path.resolve(base, file);
  const tls = (pair: ConfigFile['submission']['tls']) =>
    pair && { certFile: at(pair.certFile), keyFile: at(pair.keyFile) };
  return {
    ...config,
    stateDir: at(config.stateDir),
    policy: { ...config.policy, dir: at(config.policy.dir) },
    submission: { ...config.submission, tls: tls(config.submission.tls) },
    connector: { ...config.connector, tls: tls(config.connector.tls) },
    console: {
      ...config.console,
      tls: tls(config.console.tls),
      oidc: config.console.oidc && {
        ...config.console.oidc,
        clientSecretFile: at(config.console.oidc.clientSecretFile),
      },
    },
    tls: { caFile: config.tls.caFile && at(config.tls.caFile) },
    connectors: config.connectors.map((each) => ({
      ...each,
      clientCertificate: each.clientCertificate && {
        ...each.clientCertificate,
        caFile: each.clientCertificate.caFile && at(each.clientCertificate.caFile),
      },
    })),
    routes: Object.fromEntries(
      Object.entries(config.routes).map(([council, routes]) => [
        council,
        {
          outward: absoluteRoute(routes.outward, at),
          inward: absoluteRoute(routes.inward, at),
          domains: Object.fromEntries(
            Object.entries(routes.domains).map(([domain, route]) => [
              domain,
              absoluteRoute(route, at),
            ]),
          ),
          dkim: routes.dkim && { ...routes.dkim, keyFile: at(routes.dkim.keyFile) },
          pgp: routes.pgp && { keyFile: at(routes.pgp.keyFile) },
        },
      ]),
    ),
  };
}

type RouteFile = ConfigFile['routes'][string]['outward'];

function absoluteRoute(route: RouteFile, at: (file: string) => string): RouteFile {
  if (route.kind === 'mx' || route.passwordFile === undefined) return route;
  return { ...route, passwordFile: at(route.passwordFile) };
}

/**
 * Files that the configuration names and that cannot be read, each with the setting that names it.
 */
export function unreadableFiles(config: Config): string[] {
  const named: [setting: string, file: string | null | undefined][] = [
    ...tlsFiles('submission.tls', config.submission.tls),
    ...tlsFiles('connector.tls', config.connector.tls),
    ...tlsFiles('console.tls', config.console.tls),
    ['console.oidc.clientSecretFile', config.console.oidc?.clientSecretFile],
    ['tls.caFile', config.tls.caFile],
    ...config.connectors.map(({ name, clientCertificate }): [string, string | null | undefined] => [
      `connectors "${name}" clientCertificate.caFile`,
      clientCertificate?.caFile,
    ]),
    ...Object.entries(config.routes).flatMap(([council, { outward, inward, dkim }]) => [
      ...passwordFile(`routes.${council}.outward`, outward),
      ...passwordFile(`routes.${council}.inward`, inward),
      [`routes.${council}.dkim.keyFile`, dkim?.keyFile] as [string, string | undefined],
    ]),
  ];
  return named.flatMap(([setting, file]) => {
    if (!file || readable(file)) return [];
    return [`${setting}: "${file}" cannot be read`];
  });
}

function tlsFiles(setting: string, files: ConfigFile['submission']['tls']): [string, string][] {
  if (!files) return [];
  return [
    [`${setting}.certFile`, files.certFile],
    [`${setting}.keyFile`, files.keyFile],
  ];
}

function passwordFile(setting: string, route: RouteFile): [string, string | undefined][] {
  return route.kind === 'mx' ? [] : [[`${setting}.passwordFile`, route.passwordFile]];
}
