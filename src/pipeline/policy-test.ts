import { createInspectors, inspect } from '../inspect/inspect.ts';
import { markingOf } from '../mail/marking.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../mail/parse.ts';
import { runExamples, type ExampleResult } from '../policy/examples.ts';
import type { Policy } from '../policy/policy.ts';

/** Runs every example of every rule with the real parser and detectors. No services are needed. */
export function testPolicy(policy: Policy): Promise<ExampleResult[]> {
  const inspectors = createInspectors(policy.lists);
  return runExamples(policy, {
    examine: async (raw, facts) => {
      const message = await parseMessage(raw, DEFAULT_PARSE_LIMITS);
      return {
        message,
        marking: markingOf(message.headers, facts.council.labels),
        findings: inspect(inspectors, { message, facts }),
      };
    },
  });
}
