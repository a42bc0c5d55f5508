import process from 'node:process';
import type { Command } from 'commander';
import { createExtractorPool } from '../extract/extractor-pool.ts';
import { createSentenceReader } from '../extract/sentence-meaning.ts';
import { createInspectors } from '../inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../mail/parse.ts';
import { FINDING_METHODS } from '../policy/condition.ts';
import { checkNotices } from '../policy/check-notices.ts';
import { explain, explanationLines } from '../policy/explain.ts';
import { loadOutcomes, loadPolicy } from '../policy/load.ts';
import type { Outcomes } from '../policy/outcomes.ts';
import { PolicyError, type Policy } from '../policy/policy.ts';
import { VARIABLES } from '../policy/variables.ts';
import { transaction } from '../store/connect.ts';
import { activatePolicy } from '../store/policies.ts';
import { replay, type ReplayReport } from '../pipeline/replay.ts';
import { testOutcomes, testPolicy } from '../pipeline/policy-test.ts';
import { addPolicyReports, type FolderReader } from './policy-reports.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';
import { examineFile, requestFor } from './inspect-batch.ts';

/** `policy`: check, try and activate what the folder proposes. */
export function addPolicyCommands(program: Command, context: CliContext): void {
  const policy = program.command('policy').description('the councils’ rules');
  const json = ['--json', 'print JSON'] as const;
  policy
    .command('check')
    .description('read the whole folder and say everything that is wrong with it')
    .option(...json)
    .action((options: { json?: boolean }) => {
      const { version, councils, rules } = load(context, options);
      const found = { version, councils: [...councils.keys()], rules: rules.size };
      const names = found.councils.join(', ');
      const text = `Fine: ${rules.size} rules, councils ${names}, version ${version}`;
      print(context, options, found, text);
    });
  policy
    .command('test')
    .description('run every example of every rule and the table of outcomes; needs no services')
    .option(...json)
    .action((options: { json?: boolean }) => runTests(context, options));
  policy
    .command('explain <file>')
    .description('why each rule does or does not fire for a message file')
    .requiredOption('--to <address...>', 'envelope recipients')
    .option('--mail-from <address>', 'envelope sender')
    .option('--login <address>', 'the account that sent it')
    .option('--council <id>', 'whose policy', 'merebrook')
    .option('--at <time>', 'time of receipt, ISO 8601 with offset')
    .option(...json)
    .action((file: string, options: ExplainOptions) => explainFile(context, file, options));
  addVars(policy, context);
  addReplay(policy, context);
  addPolicyReports(policy, context, folderOf(context));
  policy
    .command('activate')
    .description('make the folder the policy that runs; the running gateway follows within seconds')
    .option('--officer <name>', 'who does this', context.user)
    .option(...json)
    .action(async (options: { officer: string; json?: boolean }) => {
      const { version, files } = load(context, options);
      const activation = { version, files, at: context.now(), by: options.officer };
      await context.withRecord((db) => transaction(db, (tx) => activatePolicy(tx, activation)));
      print(context, options, { version }, `Policy ${version} is active`);
    });
}

/** `policy replay`: what a change would have done, before it does it. */
function addReplay(policy: Command, context: CliContext): void {
  policy
    .command('replay')
    .description('decide past mail again under the folder and list every outcome that would change')
    .option('--since <time>', 'mail received from then on, ISO 8601', '1970-01-01T00:00:00Z')
    .option('--json', 'print JSON')
    .action(async (options: { since: string; json?: boolean }) => {
      const since = new Date(options.since);
      if (Number.isNaN(since.getTime())) {
        throw new UsageError(`--since takes an ISO 8601 time, not "${options.since}"`);
      }
      const proposed = load(context, options);
      const spool = await context.openSpool();
      const extractors = createExtractorPool(context.config().attachments);
      const meaningReader = createSentenceReader();
      const readers = { attachmentReader: () => extractors.forMessage(), meaningReader };
      const parseLimits = DEFAULT_PARSE_LIMITS;
      try {
        const report = await context.withRecord((db) =>
          replay({ db, spool, policy: proposed, parseLimits, ...readers, since }),
        );
        print(context, options, report, replayText(report));
      } finally {
        await Promise.all([extractors.close(), meaningReader.close()]);
      }
    });
}

function replayText({ messages, changes }: ReplayReport): string {
  const rows = changes.map(({ queueId, recipient, before, after, rules }) => [
    queueId,
    String(recipient),
    before,
    after,
    [...rules.gained.map((rule) => `+${rule}`), ...rules.lost.map((rule) => `-${rule}`)].join(' '),
  ]);
  const headings = ['message', 'recipient', 'was', 'would be', 'rules'];
  const sum = `${messages} messages decided again, ${changes.length} outcomes would change`;
  return changes.length === 0 ? sum : `${table(headings, rows)}\n${sum}`;
}

async function runTests(context: CliContext, options: { json?: boolean }): Promise<void> {
  const policy = loadFolder(context, options);
  const examples = await testPolicy(policy);
  const expected = outcomesOf(context, options);
  const outcomes = expected ? await testOutcomes(policy, expected) : [];
  const lines = [
    ...examples
      .filter(({ passed }) => !passed)
      .map(
        ({ rule, number, expected, got }) =>
          `${rule}, example ${number}: expected ${expected}, got ${JSON.stringify(got)}`,
      ),
    ...outcomes
      .filter(({ passed }) => !passed)
      .map(
        ({ message, council, expected, got }) =>
          `outcomes.yaml, ${message} from ${council}:\n  expected ${expected}\n  got      ${got}`,
      ),
  ];
  const all = [...examples, ...outcomes];
  const passed = all.filter((result) => result.passed).length;
  const what = `${examples.length} examples, ${outcomes.length} outcomes`;
  lines.push(`${passed} passed, ${all.length - passed} failed (${what})`);
  print(context, options, { examples, outcomes }, lines.join('\n'));
  if (passed < all.length) {
    throw new CommandFailed('The policy does not do what its examples and outcomes say');
  }
}

/** `policy vars`: for whoever writes a rule. */
function addVars(policy: Command, context: CliContext): void {
  policy
    .command('vars')
    .description('the variables and methods that a condition may use')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      const variables = VARIABLES.map(({ name, type, meaning, example }) => ({
        name,
        type,
        meaning,
        example,
      }));
      const methods = FINDING_METHODS.map(({ name, takes, returns, meaning, example }) => ({
        name: `findings.${name}(${takes.join(', ')})`,
        type: returns,
        meaning,
        example,
      }));
      const all = [...variables, ...methods];
      const rows = all.map(({ name, type, meaning, example }) => [name, type, meaning, example]);
      const text = table(['name', 'type', 'meaning', 'example'], rows);
      print(context, options, all, text);
    });
}

/** The policy folder. @throws {CommandFailed} with every problem, as file:line:column */
function load(context: CliContext, options: { json?: boolean }): Policy {
  return orFail(context, options, () => {
    const policy = loadPolicy(context.config().policy.dir);
    const problems = checkNotices(policy.files);
    if (problems.length > 0) throw new PolicyError(problems);
    return policy;
  });
}

/** The same without writing every notice once, which is what takes time. */
function loadFolder(context: CliContext, options: { json?: boolean }): Policy {
  return orFail(context, options, () => loadPolicy(context.config().policy.dir));
}

function folderOf(context: CliContext): FolderReader {
  return {
    policy: (options) => loadFolder(context, options),
    outcomes: (options) => outcomesOf(context, options),
  };
}

function outcomesOf(context: CliContext, options: { json?: boolean }): Outcomes | null {
  return orFail(context, options, () => loadOutcomes(context.config().policy.dir));
}

function orFail<T>(context: CliContext, options: { json?: boolean }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (options.json) context.out(`${JSON.stringify({ problems: error.problems }, null, 2)}\n`);
    throw new CommandFailed(error.message);
  }
}

interface ExplainOptions {
  to: string[];
  mailFrom?: string;
  login?: string;
  council: string;
  at?: string;
  json?: boolean;
}

async function explainFile(
  context: CliContext,
  file: string,
  options: ExplainOptions,
): Promise<void> {
  const policy = load(context, options);
  if (!policy.councils.has(options.council)) {
    throw new UsageError(`No policy for council "${options.council}"`);
  }
  const extractors = createExtractorPool(context.config().attachments);
  const meaningReader = createSentenceReader();
  try {
    const { input, decision } = await examineFile(requestFor(context, file, options), {
      policy,
      inspectors: createInspectors(policy.lists),
      parseLimits: DEFAULT_PARSE_LIMITS,
      people: null,
      council: options.council,
      baseDir: process.cwd(),
      attachmentReader: () => extractors.forMessage(),
      meaningReader,
    });
    const explanation = explain(policy, input, decision);
    print(context, options, explanation, explanationLines(explanation).join('\n'));
  } finally {
    await Promise.all([extractors.close(), meaningReader.close()]);
  }
}
