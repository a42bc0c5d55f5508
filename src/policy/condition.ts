import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { addressKey } from '../mail/address.ts';
import { constantParts } from './condition-constancy.ts';
import { FINDING_KINDS, type Finding, type FindingKind, typesOf } from '../mail/finding.ts';
import {
  asksFindings,
  conjuncts,
  dotted,
  nodesOf,
  partsOf,
  sourceOf,
  stringIn,
} from './cel-nodes.ts';
import type { Parameter, ParameterValue } from './policy.ts';
import { suggestion } from './source.ts';
import { nested, VARIABLES, type View } from './variables.ts';

/** Yes, no, or that it could not be evaluated (with CEL's error code, which carries no content). */
export type Verdict = boolean | { unknown: string };

/** A compiled condition of a rule. Immutable; evaluation never throws. */
export interface Condition {
  source: string;
  /** Kinds of finding that it reads: what a match rests on. */
  kinds: readonly FindingKind[];
  evaluate(view: View, parameters: Record<string, ParameterValue>): Verdict;
  /** The terms that must all hold, each with its own verdict: why it did or did not match. */
  terms: readonly Term[];
}

/** One of the terms that must all hold. */
export interface Term {
  source: string;
  evaluate: Condition['evaluate'];
  /** The variables, parameters and findings that it reads, as they stand in this view. */
  values(view: View, parameters: Record<string, ParameterValue>): PartValue[];
}

/** One part of a term with its value; a list only as its parameter. */
export interface PartValue {
  source: string;
  /** `null` where it could not be evaluated. */
  value: ParameterValue | null;
  /** Findings that were asked for, by kind, finer type and score. */
  findings?: Pick<Finding, 'kind' | 'type' | 'score'>[];
}

/** What is wrong with a condition, with an offset into its source. */
export interface ConditionProblem {
  offset: number;
  message: string;
}

interface FindingView {
  kind: FindingKind;
  type: string;
  score: number;
  details: Record<string, unknown>;
}

const FINDINGS = 'list<map<string, dyn>>';

const ofKind = (list: FindingView[], kind: string): FindingView[] =>
  list.filter((finding) => finding.kind === kind);

/**
 * Methods of `findings`: those of this recipient and those of the whole message. All take texts.
 */
export const FINDING_METHODS = [
  {
    name: 'found',
    takes: ['kind'],
    returns: 'bool',
    meaning: 'A detector stands behind a finding of this kind',
    example: 'findings.found("political")',
    handler: (list: FindingView[], kind: string) => ofKind(list, kind).length > 0,
  },
  {
    name: 'found',
    takes: ['kind', 'type'],
    returns: 'bool',
    meaning: 'The same, of this finer type',
    example: 'findings.found("abusive", "threat")',
    handler: (list: FindingView[], kind: string, type: string) =>
      ofKind(list, kind).some((finding) => finding.type === type),
  },
  {
    name: 'score',
    takes: ['kind'],
    returns: 'double',
    meaning: 'Highest score of this kind, 0.0 where there is none',
    example: 'findings.score("political") >= 0.9',
    handler: (list: FindingView[], kind: string) =>
      Math.max(0, ...ofKind(list, kind).map(({ score }) => score)),
  },
  {
    name: 'number',
    takes: ['kind', 'detail'],
    returns: 'double',
    meaning: 'Highest number under this detail, 0.0 where there is none',
    example: 'findings.number("personal-data", "subjects") >= 10.0',
    handler: (list: FindingView[], kind: string, detail: string) =>
      Math.max(0, ...ofKind(list, kind).map(({ details }) => Number(details[detail]) || 0)),
  },
  {
    name: 'flag',
    takes: ['kind', 'detail'],
    returns: 'bool',
    meaning: 'This detail is true in a finding of this kind',
    example: 'findings.flag("manual-forward-personal", "own")',
    handler: (list: FindingView[], kind: string, detail: string) =>
      ofKind(list, kind).some(({ details }) => details[detail] === true),
  },
] as const;

function environment(parameters: Record<string, Parameter>): Environment {
  const schema = nested(VARIABLES.map(({ name, type }) => [name, type]));
  const env = new Environment({ limits: { maxAstNodes: 400, maxDepth: 40 } });
  for (const [name, fields] of Object.entries(schema)) {
    env.registerVariable({ name, schema: fields as Record<string, string> });
  }
  const declared = Object.entries(parameters).map(([name, { type }]) => [name, type]);
  env.registerVariable({ name: 'params', schema: Object.fromEntries(declared) });
  env.registerVariable('findings', FINDINGS);
  for (const { name, takes, returns, handler } of FINDING_METHODS) {
    env.registerFunction({
      name,
      receiverType: FINDINGS,
      returnType: returns,
      params: takes.map((param) => ({ name: param, type: 'string' })),
      handler,
    });
  }
  return env;
}

/** Compiles a CEL condition, or says everything about it that is wrong. */
export function compileCondition(
  source: string,
  parameters: Record<string, Parameter>,
): { condition: Condition } | { problems: ConditionProblem[] } {
  const env = environment(parameters);
  const checked = env.check(source);
  if (!checked.valid) {
    return { problems: [celProblem(checked.error, source)] };
  }
  const ast = env.parse(source).ast;
  const problems = [
    ...(String(checked.type) === 'bool'
      ? []
      : [
          {
            offset: 0,
            message: `Condition gives ${String(checked.type)}; it must give true or false`,
          },
        ]),
    ...constancy(env, ast),
    ...literalProblems(ast),
  ];
  if (problems.length > 0) return { problems };
  const kinds = kindsRead(ast);
  return {
    condition: {
      source,
      kinds,
      evaluate: evaluator(env, source, parameters),
      terms: conjuncts(ast).map((term) => ({
        source: sourceOf(term),
        evaluate: evaluator(env, sourceOf(term), parameters),
        values: valuesReader(env, term, parameters),
      })),
    },
  };
}

// Every name that may stand between the dots.
const NAMES = VARIABLES.flatMap(({ name }) => name.split('.'));

function celProblem(error: unknown, source: string): ConditionProblem {
  const { range, summary } = error as {
    range?: { start: number; end: number };
    summary?: string;
  };
  const word = range ? source.slice(range.start, range.end) : '';
  const close = NAMES.includes(word) ? '' : suggestion(word, [...NAMES, 'findings', 'params']);
  return { offset: range?.start ?? 0, message: `Condition: ${summary ?? String(error)}${close}` };
}

function evaluator(
  env: Environment,
  source: string,
  declared: Record<string, Parameter>,
): Condition['evaluate'] {
  const run = env.parse(source);
  return (view, parameters) => {
    try {
      const result: unknown = run(contextOf(view, declared, parameters));
      return typeof result === 'boolean' ? result : { unknown: 'not_a_bool' };
    } catch (error) {
      return { unknown: errorCode(error) };
    }
  };
}

const IS_VARIABLE = new Set(VARIABLES.map(({ name }) => name));

/** Reads the values of a term's parts, for whoever asks why it holds or does not. */
function valuesReader(
  env: Environment,
  term: ASTNode,
  declared: Record<string, Parameter>,
): Term['values'] {
  const isVariable = (name: string): boolean =>
    IS_VARIABLE.has(name) || (name.startsWith('params.') && name.slice(7) in declared);
  const parts = partsOf(term, isVariable).map((node) => ({
    source: sourceOf(node),
    kinds: asksFindings(node) ? kindsRead(node) : null,
    run: env.parse(sourceOf(node)),
  }));
  return (view, parameters) => {
    const context = contextOf(view, declared, parameters);
    return parts.map(({ source, kinds, run }) => ({
      source,
      value: plainValue(() => run(context)),
      ...(kinds && { findings: askedFor(view, kinds) }),
    }));
  };
}

function askedFor(view: View, kinds: readonly FindingKind[]): PartValue['findings'] {
  return findingsFor(view)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, type, score }) => ({ kind, type, score }));
}

function plainValue(read: () => unknown): ParameterValue | null {
  try {
    const value = read();
    return typeof value === 'bigint' ? Number(value) : (value as ParameterValue);
  } catch {
    return null;
  }
}

/** CEL's own code, never its message: that may quote what the sender wrote. */
function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'failed';
}

function contextOf(
  view: View,
  declared: Record<string, Parameter>,
  set: Record<string, ParameterValue>,
): Record<string, unknown> {
  const values = Object.entries(declared).map(([name, { type, default: byDefault }]) => {
    const value = set[name] ?? byDefault;
    return [name, type === 'int' ? BigInt(value as number) : value];
  });
  return {
    ...view.variables,
    params: Object.fromEntries(values),
    findings: findingsFor(view),
  };
}

/** Findings about the message as a whole and about this recipient, not about the others. */
function findingsFor({ findings, recipient }: View): FindingView[] {
  return findings
    .filter((finding) => concerns(finding, recipient.address))
    .map(({ kind, type, score, details }) => ({ kind, type, score, details }));
}

/** True where a finding is about everybody or about this address. */
export function concerns(finding: Finding, address: string): boolean {
  return finding.recipient === null || finding.recipient === addressKey(address);
}

/** A condition that is always true or always false is a mistake, not a rule. */
function constancy(env: Environment, ast: ASTNode): ConditionProblem[] {
  const result = folded(env, ast);
  if (result !== null) return [constant(ast, ast, result)];
  return constantParts(ast).map(({ node, always }) => constant(ast, node, always));
}

function constant(root: ASTNode, { input, range }: ASTNode, always: boolean): ConditionProblem {
  const part = `"${input.slice(range.start, range.end)}" of the condition`;
  const message = `is always ${always}; it must depend on the message`;
  if (range.start === root.range.start && range.end === root.range.end) {
    return { offset: 0, message: `Condition ${message}` };
  }
  return { offset: range.start, message: `${part} ${message}` };
}

function folded(env: Environment, node: ASTNode): boolean | null {
  if (node.op === '&&' || node.op === '||') {
    const sides = node.args.map((side) => folded(env, side));
    const decisive = node.op === '||';
    if (sides.includes(decisive)) return decisive;
    return sides.every((side) => side === !decisive) ? !decisive : null;
  }
  if (node.op === '!_') {
    const inner = folded(env, node.args);
    return inner === null ? null : !inner;
  }
  if (nodesOf(node).some(({ op }) => op === 'id')) return null;
  try {
    const value: unknown = env.evaluate(sourceOf(node));
    return typeof value === 'boolean' ? value : null;
  } catch {
    // It can only fail, at every message: as good as never true.
    return false;
  }
}

/**
 * Words that no message can ever bear: a misspelt kind or level would never match, and nobody would
 * know.
 */
function literalProblems(ast: ASTNode): ConditionProblem[] {
  const check = (node: ASTNode, name: string, allowed: readonly string[]): ConditionProblem[] =>
    (node.op === 'list' ? node.args : [node]).flatMap((item) => {
      const value = stringIn(item);
      if (value === null || allowed.includes(value)) return [];
      const message = `Condition: ${name} is never "${value}"; it is one of ${allowed.join(', ')}`;
      return [{ offset: item.range.start, message: message + suggestion(value, allowed) }];
    });
  return nodesOf(ast).flatMap((node) => {
    if (node.op === 'rcall' && node.args[0] === 'matches') return patternProblem(node.args[2][0]);
    if (node.op === 'rcall') {
      const [, receiver, args] = node.args;
      const isFindings = receiver.op === 'id' && receiver.args === 'findings';
      if (!isFindings || !args[0]) return [];
      const types = node.args[0] === 'found' && args[1] ? typesOf(stringIn(args[0])) : null;
      return [
        ...check(args[0], 'the kind of a finding', FINDING_KINDS),
        ...(types && args[1] ? check(args[1], `the type of "${stringIn(args[0])}"`, types) : []),
      ];
    }
    if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') return [];
    const [left, right] = node.args;
    return [[left, right] as const, [right, left] as const].flatMap(([field, value]) => {
      const allowed = VARIABLES.find(({ name }) => name === dotted(field))?.values;
      if (allowed) return check(value, dotted(field), allowed);
      return dotted(field).endsWith('.kind') ? check(value, dotted(field), FINDING_KINDS) : [];
    });
  });
}

/** A pattern that does not compile would fail at every message. */
function patternProblem(node: ASTNode | undefined): ConditionProblem[] {
  const pattern = stringIn(node);
  if (!node || pattern === null || compiles(pattern)) return [];
  return [{ offset: node.range.start, message: `Condition: "${pattern}" is no pattern` }];
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

function kindsRead(ast: ASTNode): FindingKind[] {
  const nodes = nodesOf(ast);
  const literals = new Set(nodes.map(stringIn));
  const kinds = FINDING_KINDS.filter((kind) => literals.has(kind));
  const marking = nodes.some((node) => dotted(node).startsWith('message.marking'));
  return marking && !kinds.includes('marking') ? [...kinds, 'marking'] : kinds;
}
