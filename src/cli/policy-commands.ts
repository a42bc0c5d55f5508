import process from 'node:process';
import type { Command } from 'commander';
import { createExtractorPool } from '../extract/extractor-pool.ts';
import { createSentenceReader } from '../extract/sentence-meaning.ts';
import { createInspectors } from '../inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../mail/parse.ts';
import { FINDING_METHODS } from '../policy/condition.ts';
import { explain, explanationLines } from '../policy/explain.ts';
import { VARIABLES } from '../policy/variables.ts';
import { testOutcomes, testPolicy } from '../pipeline/policy-test.ts';
import { addPolicyReports } from './policy-reports.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';
import { examineFile, requestFor } from './inspect-batch.ts';
import { addActivationCommands } from './policy-activation-commands.ts';
import { loadChecked, loadFolder, outcomesOf } from './policy-folder.ts';
import { addReplayCommand } from './replay-command.ts';
import { addShadowCommand } from './shadow-command.ts';

/** `policy`: check, try and activate what the folder proposes. */
export function addPolicyCommands(program: Command, context: CliContext): void {
  const policy = program.command('policy').description('the councils’ rules');
  const json = ['--json', 'print JSON'] as const;
  policy
    .command('check')
    .description('read the whole folder and say everything that is wrong with it')
    .option(...json)
    .action((options: { json?: boolean }) => {
      const { version, councils, rules } = loadChecked(context, options);
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
  addReplayCommand(policy, context);
  addShadowCommand(policy, context);
  addPolicyReports(policy, context);
  addActivationCommands(policy, context);
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
  const policy = loadChecked(context, options);
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
