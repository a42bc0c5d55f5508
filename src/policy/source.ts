import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import type { PolicyProblem } from './policy.ts';

type Path = readonly PropertyKey[];

/** One YAML file with the positions of everything in it. */
export interface Source {
  file: string;
  value: unknown;
  /** A problem at a path; `key: true` points at the key, `offset` goes into a scalar's text. */
  problem(path: Path, message: string, at?: { key?: boolean; offset?: number }): PolicyProblem;
}

// Characters that nobody can see or type on purpose: they make two names look alike. No-break
// spaces too. Written as a text: in a pattern's own source the combining ones would join their
// neighbours.
const INVISIBLE = new RegExp(
  '[\\p{Cf}\\p{Co}\\p{Cs}\\u{A0}\\u{34F}\\u{115F}\\u{1160}\\u{17B4}\\u{17B5}\\u{180B}-\\u{180F}' +
    '\\u{2028}\\u{2029}\\u{3164}\\u{FE00}-\\u{FE0F}\\u{FFA0}]|(?![\\t\\n\\r])\\p{Cc}',
  'gu',
);

/** Invisible characters in a file's text, each with its place. */
export function invisibleCharacters(file: string, text: string): PolicyProblem[] {
  return text.split('\n').flatMap((line, index) =>
    Array.from(line.matchAll(INVISIBLE), (match) => ({
      file,
      line: index + 1,
      column: match.index + 1,
      message: `Invisible character ${codePoint(match[0])}; delete it, or type what was meant`,
    })),
  );
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Parses one YAML 1.2 document, or says everything about its text that is wrong. */
export function readYaml(
  file: string,
  text: string,
): { source: Source | null; problems: PolicyProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const source: Source = {
    file,
    value: null,
    problem: (path, message, at = {}) => ({
      file,
      ...place(offsetOf(document, path, at)),
      message,
    }),
  };
  const problems = [
    ...invisibleCharacters(file, text),
    ...[...document.errors, ...document.warnings].map((error) => ({
      file,
      ...place(error.pos[0]),
      message: error.message,
    })),
  ];
  if (problems.length > 0) return { source: null, problems };
  source.value = document.toJS({ maxAliasCount: 0 }) as unknown;
  const hidden = hiddenIn(source, source.value, []);
  return { source: hidden.length > 0 ? null : source, problems: hidden };
}

/** An escape (`"\u200b"`) hides what the file's own text does not show. */
function hiddenIn(source: Source, value: unknown, path: Path): PolicyProblem[] {
  if (typeof value === 'string') {
    const match = value.match(INVISIBLE)?.[0];
    return match ? [source.problem(path, `Invisible character ${codePoint(match)}`)] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    hiddenIn(source, member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function offsetOf(
  document: Document,
  path: Path,
  { key = false, offset }: { key?: boolean; offset?: number },
): number {
  const parent = path.length > 0 ? nodeAt(document, path.slice(0, -1)) : null;
  if (key && isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  // What is missing has no place of its own; its nearest parent has.
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = nodeAt(document, path.slice(0, depth));
    if (node?.range) return node.range[0] + (depth === path.length ? within(node, offset) : 0);
  }
  return 0;
}

function nodeAt(document: Document, path: Path): Node | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return (node as Node | null | undefined) ?? null;
}

/**
 * Folded and block texts are re-flowed, so a place inside them is only known to begin at their
 * start.
 */
function within(node: Node, offset: number | undefined): number {
  if (offset === undefined || !isScalar(node)) return 0;
  if (node.type === 'PLAIN') return offset;
  return node.type?.startsWith('QUOTE') ? offset + 1 : 0;
}

/** Checks a file against its schema; every issue becomes a problem with its place. */
export function checkShape<T extends z.ZodType>(
  source: Source,
  schema: T,
): { value: z.output<T> | null; problems: PolicyProblem[] } {
  const result = schema.safeParse(source.value);
  if (result.success) return { value: result.data, problems: [] };
  return {
    value: null,
    problems: result.error.issues.flatMap((issue) => problemsOf(source, schema, issue)),
  };
}

function problemsOf(source: Source, schema: z.ZodType, issue: z.core.$ZodIssue): PolicyProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path);
    return issue.keys.map((name) =>
      source.problem(
        [...issue.path, name],
        `Unknown key "${name}"; allowed: ${allowed.join(', ')}${suggestion(name, allowed)}`,
        { key: true },
      ),
    );
  }
  const found = shown(valueAt(source.value, issue.path));
  const name = issue.path.join('.');
  const subject = name ? `"${name}"` : 'The file';
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const close = suggestion(found.replaceAll('"', ''), allowed);
    const message = `${subject} is ${found}; allowed: ${allowed.join(', ')}${close}`;
    return [source.problem(issue.path, message)];
  }
  return [source.problem(issue.path, `${subject} is ${found}; ${issue.message}`)];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** The keys of the object schema at a path, through arrays, records and optional members. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let current: unknown = schema;
  for (const key of [...path, null]) {
    let def = definition(current);
    while (def && 'innerType' in def) {
      current = def['innerType'];
      def = definition(current);
    }
    const shape = def?.['shape'] as Record<string, unknown> | undefined;
    if (key === null) return Object.keys(shape ?? {});
    current = shape?.[String(key)] ?? def?.['element'] ?? def?.['valueType'];
  }
  return [];
}

function definition(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { def?: Record<string, unknown> } | undefined)?.def;
}

/** `; did you mean "x"?` where a name lies close, else nothing. */
export function suggestion(name: string, allowed: readonly string[]): string {
  const [best] = allowed
    .map((candidate) => ({ candidate, distance: distance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 4))
    .sort((a, b) => a.distance - b.distance);
  return best ? `; did you mean "${best.candidate}"?` : '';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A file's name without its folder and ending: the id that it must bear. */
export function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.[a-z]+$/, '');
}

/** The file name is the id, so that two files can never claim the same one. */
export function misnamed(source: Source): PolicyProblem[] {
  const id = (source.value as { id?: unknown } | null)?.id;
  const name = nameOf(source.file);
  if (typeof id !== 'string' || id === name) return [];
  return [
    source.problem(['id'], `"id" is "${id}" but the file is named "${name}"; make them equal`),
  ];
}
