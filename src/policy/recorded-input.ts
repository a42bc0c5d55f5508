import { NO_MARKING, type Marking } from '../mail/marking.ts';
import type { Decision } from '../mail/decision.ts';
import type { Facts } from '../mail/facts.ts';
import type { DecisionInput, Readings } from './variables.ts';

/** What the record keeps of a decided message. */
export interface Recorded {
  facts: Facts;
  decision: Decision;
  /** `null` for mail decided before they were recorded. */
  readings: Readings | null;
  sha256: Buffer;
}

/**
 * What a decision was made from, as the record has it: with the policy of that time it gives the
 * same decision again, without the message's bytes.
 */
export function recordedInput({ facts, decision, readings, sha256 }: Recorded): DecisionInput {
  return {
    message: null,
    ...(readings && { readings }),
    marking: markingOf(decision, readings?.message ?? {}),
    findings: decision.findings,
    facts,
    sha256: sha256.toString('hex'),
  };
}

function markingOf({ marking }: Decision, values: Readings['message']): Marking {
  const flag = (name: string): boolean => values[`message.marking.${name}`] === true;
  return {
    ...NO_MARKING,
    level: marking ?? 'NONE',
    misspelt: flag('misspelt'),
    negated: flag('negated'),
    encryptRequested: flag('encryptRequested'),
  };
}
