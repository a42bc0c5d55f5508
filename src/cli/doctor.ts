import { access, constants, mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { electionAlarms } from '../policy/elections.ts';
import { endingExceptions } from '../policy/exceptions.ts';
import { loadPolicy } from '../policy/load.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { PolicyError } from '../policy/policy.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, type CliContext } from './context.ts';

interface Check {
  what: string;
  problem: string | null;
}

/** `doctor`: what is in force and what is wrong, before the mail finds out. */
export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('print the configuration in force and check what it depends on')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const config = context.config();
      const checks = await examine(context, config);
      const wrong = checks.filter(({ problem }) => problem !== null);
      const lines = [
        `configuration: ${config.source ?? 'defaults'}`,
        JSON.stringify(
          { ...config, databaseUrl: hidden(config.databaseUrl), redisUrl: hidden(config.redisUrl) },
          null,
          2,
        ),
        ...checks.map(
          ({ what, problem }) =>
            `${problem ? 'WRONG' : 'fine '}  ${what}${problem ? `: ${problem}` : ''}`,
        ),
      ];
      print(context, options, { source: config.source, checks }, lines.join('\n'));
      if (wrong.length > 0) throw new CommandFailed(`${wrong.length} thing(s) are wrong`);
    });
}

/** A URL holds a password. */
function hidden(url: string | null): string {
  return url === null ? 'embedded' : url.replace(/\/\/[^@/]*@/, '//***@');
}

async function examine(context: CliContext, config: Config): Promise<Check[]> {
  return Promise.all([
    check('state directory can be written', async () => {
      await mkdir(config.stateDir, { recursive: true });
      await access(config.stateDir, constants.W_OK);
    }),
    check('files that the configuration names', () => {
      const missing = context.unreadableFiles();
      return missing.length === 0
        ? Promise.resolve()
        : Promise.reject(new Error(missing.join('; ')));
    }),
    check('policy folder', () => {
      loadPolicy(config.policy.dir);
      return Promise.resolve();
    }),
    check('record answers and a policy is active', () =>
      context.withRecord(async (db) => {
        if (!(await activePolicy(db, { at: context.now() })))
          throw new Error('run "portreeve policy activate"');
      }),
    ),
    check('no notice of election is missing', () =>
      context.withRecord(async (db) => {
        const active = await activePolicy(db, { at: context.now() });
        const alarms = active ? electionAlarms(policyFromFiles(active.files), context.now()) : [];
        if (alarms.length > 0) throw new Error('see "portreeve elections"');
      }),
    ),
    check('no exception of the policy is about to end', () =>
      context.withRecord(async (db) => {
        const active = await activePolicy(db, { at: context.now() });
        const ending = active ? endingExceptions(policyFromFiles(active.files), context.now()) : [];
        const names = ending.map(({ council, id, until }) => `${council}: "${id}" on ${until}`);
        if (names.length > 0) throw new Error(names.join('; '));
      }),
    ),
    check('DNSSEC is believed, so that DANE counts', () =>
      config.dns.trustAd || config.dns.servers.some((server) => /^(127\.|\[?::1)/.test(server))
        ? Promise.resolve()
        : Promise.reject(new Error('name a validating resolver on loopback in dns.servers')),
    ),
    scannerCheck(context, config),
    check('somebody can send', () =>
      config.submission.tls || config.connectors.length > 0
        ? Promise.resolve()
        : Promise.reject(new Error('neither submission.tls nor connectors are configured')),
    ),
  ]);
}

/** Off is allowed, and said: whoever reads this must not believe that mail is scanned. */
function scannerCheck(context: CliContext, config: Config): Promise<Check> {
  const scanner = context.scanner();
  if (!scanner) {
    return check('nothing is scanned for malware (malware.clamd is not set)', () =>
      Promise.resolve(),
    );
  }
  return check('the malware scanner answers and takes the largest message', async () => {
    await scanner.version();
    await scanner.scan(zeros(config.limits.messageBytes));
  });
}

/** A message of nothing, as large as one may be. */
function zeros(bytes: number): Readable {
  const chunk = Buffer.alloc(64 * 1024);
  const count = Math.ceil(bytes / chunk.length);
  return Readable.from(Array.from({ length: count }, () => chunk));
}

async function check(what: string, work: () => Promise<unknown>): Promise<Check> {
  try {
    await work();
    return { what, problem: null };
  } catch (error) {
    if (error instanceof PolicyError) return { what, problem: error.message };
    return { what, problem: error instanceof Error ? error.message : 'failed' };
  }
}
