import type { ASTNode } from '@marcbachmann/cel-js';
import { dotted, stringIn } from './cel-nodes.ts';
import { VARIABLES } from './variables.ts';

/** A part of a condition that no message can change, with its place. */
export interface ConstantPart {
  node: ASTNode;
  always: boolean;
}

/** More assignments than this are not tried: nothing is said then. */
const MOST_ASSIGNMENTS = 20_000;

type Value = string | number | boolean;

/** Something that varies from message to message, and the values that make a difference. */
interface Unknown {
  values: Set<Value>;
  numeric: { whole: boolean; highest: number } | null;
}

type Assignment = ReadonlyMap<string, Value>;

/**
 * The largest parts of a condition that are true, or false, whatever the message. Decided by trying
 * every combination of the values that matter: of a variable with few values all of them, of a
 * number those at and around what it is compared with. Terms are taken as independent of each
 * other, which can only hide a constant part and never accuse one that can vary.
 */
export function constantParts(root: ASTNode): ConstantPart[] {
  const unknowns = new Map<string, Unknown>();
  collect(root, unknowns);
  const assignments = combinations(unknowns);
  return assignments === null ? [] : largest(root, assignments);
}

function largest(node: ASTNode, assignments: readonly Assignment[]): ConstantPart[] {
  const results = new Set(assignments.map((assignment) => evaluate(node, assignment)));
  const [only] = results;
  // A bare `true` is judged with what it stands in.
  if (results.size === 1 && only !== undefined) return [{ node, always: only }];
  return partsOf(node).flatMap((part) => largest(part, assignments));
}

/** The operands of a logical operator. */
function partsOf(node: ASTNode): ASTNode[] {
  if (node.op === '&&' || node.op === '||') return node.args;
  return node.op === '!_' ? [node.args] : [];
}

const FLIPPED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;
type Comparison = keyof typeof FLIPPED;

/** `variable operator literals`, or null where a term is of another shape. */
interface Term {
  name: string;
  operator: Comparison | 'in';
  literals: Value[];
}

function termOf(node: ASTNode): Term | null {
  if (node.op === 'in') {
    const [left, right] = node.args;
    if (right.op !== 'list') return null;
    const literals = right.args.map(literalOf);
    const name = nameOf(left);
    if (name === null || literals.includes(null)) return null;
    return { name, operator: 'in', literals: literals.filter((value) => value !== null) };
  }
  if (!Object.hasOwn(FLIPPED, node.op)) return null;
  const operator = node.op as Comparison;
  const [left, right] = node.args as [ASTNode, ASTNode];
  for (const [variable, other, how] of [
    [left, right, operator],
    [right, left, FLIPPED[operator]],
  ] as const) {
    const name = nameOf(variable);
    const literal = literalOf(other);
    if (name !== null && literal !== null) return { name, operator: how, literals: [literal] };
  }
  return null;
}

/** A documented variable, or the score or number of a kind of finding. */
function nameOf(node: ASTNode): string | null {
  const name = dotted(node);
  if (VARIABLES.some((variable) => variable.name === name)) return name;
  if (node.op !== 'rcall') return null;
  const [method, receiver, args] = node.args;
  const literal = args.every((argument) => stringIn(argument) !== null);
  const counts = method === 'score' || method === 'number';
  return counts && literal && dotted(receiver) === 'findings' ? sourceOf(node) : null;
}

function literalOf(node: ASTNode): Value | null {
  if (node.op !== 'value') return null;
  const value: unknown = node.args;
  if (typeof value === 'bigint') return Number(value);
  return ['string', 'number', 'boolean'].includes(typeof value) ? (value as Value) : null;
}

function sourceOf(node: ASTNode): string {
  return node.input.slice(node.range.start, node.range.end).replace(/\s+/g, ' ');
}

function collect(node: ASTNode, unknowns: Map<string, Unknown>): void {
  const parts = partsOf(node);
  if (parts.length > 0) return parts.forEach((part) => collect(part, unknowns));
  if (literalOf(node) !== null) return;
  const term = termOf(node);
  if (!term) {
    const own = unknowns.get(sourceOf(node));
    if (!own) unknowns.set(sourceOf(node), { values: new Set([true, false]), numeric: null });
    return;
  }
  const known = unknowns.get(term.name) ?? fresh(term.name);
  unknowns.set(term.name, known);
  for (const literal of term.literals) addValues(known, literal);
}

/** A value that no literal can equal. */
const OTHER = '\u0000other';

function fresh(name: string): Unknown {
  const variable = VARIABLES.find((each) => each.name === name);
  if (!variable) {
    const highest = name.includes('score(') ? 1 : Infinity;
    return { values: new Set([0]), numeric: { whole: false, highest } };
  }
  if (variable.type === 'bool') return { values: new Set([true, false]), numeric: null };
  // Every number is a count: none is below nought.
  if (variable.type === 'int') {
    return { values: new Set([0]), numeric: { whole: true, highest: Infinity } };
  }
  return { values: new Set<Value>(variable.values ?? [OTHER]), numeric: null };
}

function addValues({ values, numeric }: Unknown, literal: Value): void {
  if (!numeric) {
    // Of a variable with documented values no other can come.
    if (values.has(OTHER)) values.add(literal);
    return;
  }
  if (typeof literal !== 'number') return;
  const near = numeric.whole ? 1 : 1e-9;
  for (const value of [literal - near, literal, literal + near]) {
    if (value >= 0 && value <= numeric.highest) values.add(value);
  }
  if (numeric.highest !== Infinity) values.add(numeric.highest);
}

function combinations(unknowns: ReadonlyMap<string, Unknown>): Assignment[] | null {
  let all: Map<string, Value>[] = [new Map()];
  for (const [name, { values }] of unknowns) {
    if (all.length * values.size > MOST_ASSIGNMENTS) return null;
    all = all.flatMap((one) => [...values].map((value) => new Map(one).set(name, value)));
  }
  return all;
}

function evaluate(node: ASTNode, assignment: Assignment): boolean {
  if (node.op === '&&') return node.args.every((part) => evaluate(part, assignment));
  if (node.op === '||') return node.args.some((part) => evaluate(part, assignment));
  if (node.op === '!_') return !evaluate(node.args, assignment);
  const literal = literalOf(node);
  if (literal !== null) return literal === true;
  const term = termOf(node);
  if (!term) return assignment.get(sourceOf(node)) === true;
  const value = assignment.get(term.name) ?? '';
  const [first = ''] = term.literals;
  switch (term.operator) {
    case 'in':
      return term.literals.includes(value);
    case '==':
      return value === first;
    case '!=':
      return value !== first;
    case '<':
      return value < first;
    case '<=':
      return value <= first;
    case '>':
      return value > first;
    case '>=':
      return value >= first;
  }
}
