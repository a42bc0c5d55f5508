import type { Lists } from '../mail/lists.ts';
import {
  nested,
  VARIABLES,
  type DecisionInput,
  type Reading,
  type Readings,
  type Variable,
  type View,
} from './variables.ts';

const OF_RECIPIENT = VARIABLES.filter(({ name }) => name.startsWith('recipient.'));
const OF_MESSAGE = VARIABLES.filter((variable) => !OF_RECIPIENT.includes(variable));

/**
 * Reads every variable. What is the same for all recipients is read once: a long text to five
 * hundred people would otherwise be searched five hundred times.
 */
export function readingsOf(input: DecisionInput, lists: Lists): Readings {
  const [first, ...others] = input.facts.recipients.map((recipient) => ({
    ...input,
    recipient,
    lists,
  }));
  if (!first) return { message: {}, recipients: [] };
  return {
    message: valuesOf(OF_MESSAGE, first),
    recipients: [first, ...others].map((reading) => valuesOf(OF_RECIPIENT, reading)),
  };
}

function valuesOf(variables: readonly Variable[], reading: Reading) {
  const values = variables.map((variable): [string, string | boolean | number] => {
    const value = variable.read(reading);
    return [variable.name, typeof value === 'bigint' ? Number(value) : value];
  });
  return Object.fromEntries(values);
}

/** True where every variable of today was read: an older release may have known fewer. */
export function isComplete({ message, recipients }: Readings): boolean {
  return (
    OF_MESSAGE.every(({ name }) => name in message) &&
    recipients.every((values) => OF_RECIPIENT.every(({ name }) => name in values))
  );
}

/** The views of all recipients, in their order. */
export function viewsOf(input: DecisionInput, lists: Lists): View[] {
  const { marking, findings, facts } = input;
  const readings = input.readings ?? readingsOf(input, lists);
  const shared = nested(celValues(OF_MESSAGE, readings.message));
  return facts.recipients.map((recipient, position) => ({
    marking,
    findings,
    facts,
    recipient,
    variables: {
      ...shared,
      ...nested(celValues(OF_RECIPIENT, readings.recipients[position] ?? {})),
    },
  }));
}

/** @throws where a value is missing: nothing may be decided on a guess */
function celValues(
  variables: readonly Variable[],
  values: Record<string, string | boolean | number>,
): [string, unknown][] {
  return variables.map(({ name, type }) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Variable "${name}" was not read`);
    return [name, type === 'int' ? BigInt(value) : value];
  });
}
