import type { ASTNode } from '@marcbachmann/cel-js';

/** Every node below, macros included: those keep their parts in plain objects. */
export function nodesOf(node: ASTNode): ASTNode[] {
  return [node, ...childrenOf(node.args)];
}

function childrenOf(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(childrenOf);
  if (typeof value !== 'object' || value === null) return [];
  if ('op' in value && 'args' in value) return nodesOf(value as ASTNode);
  if (Object.getPrototypeOf(value) === Object.prototype)
    return Object.values(value).flatMap(childrenOf);
  return [];
}

/** The terms that must all hold. */
export function conjuncts(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjuncts) : [node];
}

/** A text written out, `null` for anything else. */
export function stringIn(node: ASTNode | undefined): string | null {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : null;
}

/** The dotted name of a field access, `''` for anything else. */
export function dotted(node: ASTNode): string {
  if (node.op === 'id') return node.args;
  return node.op === '.' ? `${dotted(node.args[0])}.${node.args[1]}` : '';
}
