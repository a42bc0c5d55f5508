import { checkNotices } from '../policy/check-notices.ts';
import { loadOutcomes, loadPolicy } from '../policy/load.ts';
import type { Outcomes } from '../policy/outcomes.ts';
import { PolicyError, type Policy } from '../policy/policy.ts';
import { CommandFailed, type CliContext } from './context.ts';

interface Options {
  json?: boolean;
}

/** The policy folder, notices written once. @throws {CommandFailed} with every problem */
export function loadChecked(context: CliContext, options: Options): Policy {
  return orFail(context, options, () => {
    const policy = loadPolicy(context.config().policy.dir);
    const problems = checkNotices(policy.files);
    if (problems.length > 0) throw new PolicyError(problems);
    return policy;
  });
}

/** The same without writing every notice once, which is what takes time. */
export function loadFolder(context: CliContext, options: Options): Policy {
  return orFail(context, options, () => loadPolicy(context.config().policy.dir));
}

/** The table of outcomes beside the policy; `null` where there is none. */
export function outcomesOf(context: CliContext, options: Options): Outcomes | null {
  return orFail(context, options, () => loadOutcomes(context.config().policy.dir));
}

function orFail<T>(context: CliContext, options: Options, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (options.json) context.out(`${JSON.stringify({ problems: error.problems }, null, 2)}\n`);
    throw new CommandFailed(error.message);
  }
}
