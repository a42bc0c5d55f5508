import type { ASTNode } from '@marcbachmann/cel-js';

/** Every node from this one down, macros included: those keep their parts in plain objects. */
export function nodesOf(node: ASTNode): ASTNode[] {
  return [node, ...childrenOf(node.args)];
}

function childrenOf(value: unknown): ASTNode[] {
  return nodesIn(value).flatMap(nodesOf);
}

/** The nodes directly in the arguments of another. */
export function nodesIn(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('op' in value && 'args' in value) return [value as ASTNode];
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(nodesIn);
  }
  return [];
}

/** The text that a node was read from. */
export function sourceOf({ input, range }: ASTNode): string {
  return input.slice(range.start, range.end);
}

/** The terms that must all hold. */
export function conjuncts(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjuncts) : [node];
}

/** The text of a literal, `null` for anything else. */
export function stringIn(node: ASTNode | undefined): string | null {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : null;
}

/** The dotted name of a field access, `''` for anything else. */
export function dotted(node: ASTNode): string {
  if (node.op === 'id') return node.args;
  return node.op === '.' ? `${dotted(node.args[0])}.${node.args[1]}` : '';
}

/** True for a method called on the findings. */
export function asksFindings(node: ASTNode): boolean {
  return node.op === 'rcall' && node.args[1].op === 'id' && node.args[1].args === 'findings';
}

/**
 * The parts of a term that have a value of their own: variables, parameters and questions to the
 * findings, in the order of the text, each once.
 */
export function partsOf(term: ASTNode, isVariable: (name: string) => boolean): ASTNode[] {
  const found = new Map<string, ASTNode>();
  const walk = (node: ASTNode): void => {
    const name = dotted(node);
    if (isVariable(name) || asksFindings(node)) found.set(sourceOf(node), node);
    if (name !== '' && isVariable(name)) return;
    nodesIn(node.args).forEach(walk);
  };
  walk(term);
  return [...found.values()];
}
