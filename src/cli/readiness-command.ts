import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readinessOf, type HostReport, type Readiness } from '../pipeline/readiness.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

interface ReadinessOptions {
  watchList?: string;
  council?: string;
  json?: boolean;
}

/** Asked at the same time, so that a list of correspondents is done in minutes, not hours. */
const AT_ONCE = 5;

/** `readiness`: what would happen to marked mail sent there now, without sending any. */
export function addReadinessCommand(program: Command, context: CliContext): void {
  program
    .command('readiness')
    .description('what would happen to OFFICIAL-SENSITIVE mail sent there now, and why; sends none')
    .argument('[target]', 'a domain or an address')
    .option('--watch-list <file>', 'ask about each domain or address of the file, one a line')
    .option('--council <id>', 'whose accepted servers and routes; the first that is live')
    .option('--json', 'print JSON')
    .action((target: string | undefined, options: ReadinessOptions) =>
      ask(context, target, options),
    );
}

async function ask(
  context: CliContext,
  target: string | undefined,
  options: ReadinessOptions,
): Promise<void> {
  const targets = await targetsOf(target, options.watchList);
  const found = await probeAll(context, targets, options.council);
  const [only] = found;
  if (options.watchList !== undefined) {
    print(context, options, found, table(['ready', 'to', 'how or why not'], found.map(rowOf)));
  } else if (only) {
    print(context, options, only, [only.summary, ...details(only)].join('\n'));
  }
  const waiting = found.filter(({ ready }) => !ready).length;
  if (waiting > 0) throw new CommandFailed(`Not ready: ${waiting} of ${found.length}`);
}

async function targetsOf(target: string | undefined, file: string | undefined): Promise<string[]> {
  if ((target === undefined) === (file === undefined)) {
    throw new UsageError('Name a domain, an address, or a --watch-list');
  }
  const lines =
    file === undefined
      ? [target ?? '']
      : (await readFile(file, 'utf8')).split('\n').map((line) => line.replace(/#.*/, '').trim());
  const targets = lines.filter((line) => line !== '');
  const wrong = targets.find((each) => !/^(?:[^\s@]+@)?[^\s@.]+(?:\.[^\s@.]+)+$/.test(each));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is neither a domain nor an address`);
  return targets;
}

async function probeAll(
  context: CliContext,
  targets: readonly string[],
  named: string | undefined,
): Promise<Readiness[]> {
  const id = named ?? context.config().policy.councils[0] ?? '';
  const routes = (await context.routes()).get(id);
  return context.withRecord(async (db) => {
    const active = await activePolicy(db, { at: context.now() });
    const council: CouncilPolicy | undefined =
      active === null ? undefined : policyFromFiles(active.files).councils.get(id);
    if (!council || !routes) {
      throw new CommandFailed(`Council "${id}" has no active policy or no routes: see "doctor"`);
    }
    const courier = await context.openCourier(db);
    const world = { courier, db, clock: context.now };
    try {
      const found: Readiness[] = [];
      for (let start = 0; start < targets.length; start += AT_ONCE) {
        const some = targets.slice(start, start + AT_ONCE);
        found.push(
          ...(await Promise.all(some.map((target) => readinessOf(world, council, routes, target)))),
        );
      }
      return found;
    } finally {
      courier.close();
    }
  });
}

function rowOf({ ready, target, summary }: Readiness): string[] {
  return [ready ? 'yes' : 'no', target, summary.replace(`Marked mail to ${target} would `, '')];
}

function details({ hosts, sts, trustedKeys, acceptsL2 }: Readiness): string[] {
  return [
    ...hosts.flatMap(hostLines),
    `MTA-STS: ${stsWords(sts)}`,
    `OpenPGP keys trusted: ${trustedKeys.join(', ') || 'none'}`,
    `Council accepts a valid certificate alone: ${acceptsL2 ? 'yes' : 'no'}`,
  ];
}

function hostLines(host: HostReport): string[] {
  const { certificate, level, cause } = host;
  const channel = host.protocol === null ? 'no TLS' : `${host.protocol} ${host.cipher ?? ''}`;
  const verdict = level === null ? `not used: ${cause ?? 'unknown'}` : `would be used, ${level}`;
  return [
    `Server ${host.host} [${host.address ?? 'no address'}]: ${channel}, ${verdict}`,
    ...(host.demanded === null || host.demanded === 'none' ? [] : [`  held to ${host.demanded}`]),
    ...(certificate
      ? [
          `  certificate for ${certificate.names || certificate.subject}, ` +
            `valid until ${certificate.validUntil.slice(0, 10)}, ` +
            (certificate.problem ?? 'chain and name valid'),
        ]
      : []),
  ];
}

function stsWords(sts: Readiness['sts']): string {
  if (sts === null) return 'none';
  if ('failed' in sts) return `could not be asked (${sts.failed})`;
  return `${sts.mode}, id ${sts.id}, max_age ${sts.maxAgeSeconds} s`;
}
