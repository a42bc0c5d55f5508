import { z } from 'zod';

/** The part of JSON Schema that zod writes for a configuration. */
interface Node {
  type?: string;
  const?: string;
  enum?: string[];
  description?: string;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | false;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
}

/**
 * Every setting of a configuration schema as a table in Markdown: path, what it takes, default,
 * meaning. `[]` in a path stands for each entry of a list, `*` for each key of a mapping.
 */
export function configReference(schema: z.ZodType): string {
  const root = z.toJSONSchema(schema, { io: 'input' }) as Node;
  const rows = rowsBelow('', root);
  return ['| setting | takes | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function rowsBelow(path: string, node: Node): string[] {
  const shapes = shapesOf(node);
  const settings = new Map<string, { each: Node; required: boolean }>();
  for (const { properties = {}, required = [] } of shapes) {
    for (const [name, each] of Object.entries(properties)) {
      const before = settings.get(name)?.each;
      settings.set(name, {
        each: each.const ? oneOfMany(before, each, each.const) : each,
        required: required.includes(name),
      });
    }
  }
  const named = [...settings].flatMap(([name, { each, required }]) =>
    rowsOf(path === '' ? name : `${path}.${name}`, each, required),
  );
  const keyed = shapes.flatMap(({ additionalProperties }) =>
    additionalProperties ? rowsBelow(`${path}.*`, additionalProperties) : [],
  );
  return [...named, ...keyed];
}

/** What tells the shapes of a union apart is one setting with several values. */
function oneOfMany(before: Node | undefined, each: Node, value: string): Node {
  const meanings = [before?.description, each.description].filter((text) => text !== undefined);
  return {
    enum: [...(before?.enum ?? []), value],
    ...(meanings.length > 0 ? { description: meanings.join('; ') } : {}),
  };
}

function rowsOf(path: string, node: Node, required: boolean): string[] {
  const below = node.items ? rowsBelow(`${path}[]`, node.items) : rowsBelow(path, node);
  const isPlainSection = below.length > 0 && node.type === 'object';
  // A section without a word about itself says nothing that its settings do not.
  if (isPlainSection && node.description === undefined) return below;
  const otherwise = required ? 'required' : '';
  const standard = node.default === undefined || isPlainSection ? otherwise : code(node.default);
  const cells = [`\`${path}\``, kindOf(node), standard, node.description ?? ''];
  return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...below];
}

/** The objects that a value may be: one, the several of a union, or none. */
function shapesOf(node: Node): Node[] {
  return [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(
    ({ type }) => type === 'object',
  );
}

function kindOf(node: Node): string {
  const choices = node.anyOf ?? node.oneOf;
  if (choices) return [...new Set(choices.map(kindOf))].join(' or ');
  if (node.enum) return node.enum.map(code).join(', ');
  if (node.type === 'object') return 'section';
  if (node.type === 'array') return node.items?.type === 'object' ? 'list of sections' : 'list';
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'integer') return `number${rangeOf(node)}`;
  return node.type === 'null' ? code(null) : 'text';
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: Node): string {
  const from = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  // The largest whole number that JavaScript can tell apart is no limit of ours.
  const to = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  return [from === undefined ? '' : ` from ${from}`, to === undefined ? '' : ` to ${to}`].join('');
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
