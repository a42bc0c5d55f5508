import { compile } from 'html-to-text';
import { Marked, type TokensList } from 'marked';
import nunjucks from 'nunjucks';
import { oneLine } from './compose.ts';
import type { TemplateShape } from './notice-variables.ts';

const environment = new nunjucks.Environment([], {
  autoescape: false,
  throwOnUndefined: true,
  trimBlocks: true,
  lstripBlocks: true,
});
// Without GFM nothing that a stranger wrote becomes a link by itself.
const markdown = new Marked({ gfm: false });

/**
 * A notice in words: the decoded subject, plain text with LF line ends, and a whole HTML document.
 */
export interface RenderedNotice {
  subject: string;
  text: string;
  html: string;
}

/**
 * Renders a template: the first line `Subject: …`, then Markdown with nunjucks `{{ }}` and `{% %}`.
 * Values are text: no Markdown, HTML or link in them comes to life.
 * @throws {RangeError} naming every problem of the template, with its line.
 */
export function renderTemplate<Variables extends object>(
  template: string,
  variables: Variables,
  shape: TemplateShape<Variables>,
  language: 'en' | 'cy' = 'en',
): RenderedNotice {
  refuse(staticProblems(template, shape));
  return rendererOf(template, shape, language)(variables);
}

/** Compiles a template once; `checkTemplate` renders it in a hundred shapes. */
function rendererOf<Variables extends object>(
  template: string,
  shape: TemplateShape<Variables>,
  language: 'en' | 'cy' = 'en',
): (variables: Variables) => RenderedNotice {
  const { subjectLine, body } = split(template);
  const [renderSubject, renderBody] = [templateOf(subjectLine), templateOf(body)];
  return (variables) => {
    const subject = oneLine(renderSubject({ ...variables }));
    const tokens = markdown.lexer(renderBody(escapeValues(variables, shape.codes)));
    refuse(markupProblems(tokens));
    const article = markdown.parser(tokens);
    return { subject, text: toText(article), html: toDocument(subject, article, language) };
  };
}

/**
 * What is wrong with a template, for the policy linter: a sentence each, none where all is well. It
 * is rendered with every documented value, and with each left out in turn.
 */
export function checkTemplate<Variables extends object>(
  kind: string,
  template: string,
  shape: TemplateShape<Variables>,
): string[] {
  const problems = staticProblems(template, shape);
  if (problems.length > 0) return problems.map((problem) => `Notice "${kind}": ${problem}`);
  const found = new Set<string>();
  const rendered = rendererOf(template, shape);
  for (const { label, variables } of exampleVariables(template, shape)) {
    try {
      const { text, html } = rendered(variables);
      if (/\byou\s+(?:have|had)\s+(?:breached|broken)\b/i.test(text)) {
        found.add('It says "you have breached"; only an officer may find that, write "may"');
      }
      if (/<\/h[2-6]>\s*<(?:h[1-6]|\/body)/.test(html)) {
        found.add(`A heading stands alone (${label})`);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      found.add(`${error.message} (${label})`);
    }
  }
  return [...found].map((problem) => `Notice "${kind}": ${problem}`);
}

/**
 * The examples, then each variable in each of its other shapes, among full and among bare ones.
 * What the template never names changes nothing in it.
 */
function exampleVariables<Variables>(
  template: string,
  shape: TemplateShape<Variables>,
): { label: string; variables: Variables }[] {
  const documented: [string, { example: unknown; others: readonly unknown[] }][] = Object.entries(
    shape.variables,
  );
  const set = (label: string, entries: [string, unknown][]) => ({
    label,
    variables: Object.fromEntries(entries) as Variables,
  });
  const full = documented.map(([name, { example }]): [string, unknown] => [name, example]);
  const bare = documented.map(([name, { example, others }]): [string, unknown] => [
    name,
    others.length > 0 ? others.at(-1) : example,
  ]);
  const named = documented.filter(([name]) => template.includes(name));
  const others = named.flatMap(([name, { example, others }]) =>
    [example, ...others].flatMap((value) => {
      const label = `where "${name}" is ${JSON.stringify(value)}`;
      return [set(label, [...full, [name, value]]), set(label, [...bare, [name, value]])];
    }),
  );
  return [set('with the examples', full), ...others];
}

function split(template: string): { subjectLine: string; body: string } {
  const [first = '', ...rest] = template.replaceAll('\r\n', '\n').split('\n');
  return { subjectLine: first.replace(/^Subject:\s*/, ''), body: rest.join('\n') };
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new RangeError(`Notice template: ${problems.join('; ')}`);
}

function templateOf(source: string): (context: object) => string {
  const compiled = saying(() => new nunjucks.Template(source, environment));
  return (context) => saying(() => compiled.render(context));
}

function saying<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RangeError(`Notice template: ${oneLine(message, 200)}`, { cause: error });
  }
}

/** A node of nunjucks' syntax tree; the package types do not know it. */
interface TemplateNode {
  typename: string;
  lineno: number;
  fields: readonly string[];
  [field: string]: unknown;
}
const syntax = (
  nunjucks as unknown as { parser: { parse(source: string, extensions: []): TemplateNode } }
).parser;

type Scope = ReadonlyMap<string, unknown>;

const PLAIN_NODES = ['Root', 'NodeList', 'Output', 'If', 'InlineIf', 'And', 'Or', 'Not', 'Group'];
const COMPARISONS = ['Compare', 'CompareOperand'];

/** Anything in a template but known variables, conditions and loops, before it is ever run. */
function staticProblems<Variables>(template: string, shape: TemplateShape<Variables>): string[] {
  if (!/^Subject: \S/.test(template)) return ['Line 1 must be "Subject: " and the subject'];
  const { subjectLine, body } = split(template);
  const subject: readonly string[] = shape.subject;
  const documented: [string, { example: unknown }][] = Object.entries(shape.variables);
  const examples = documented.map(([name, { example }]) => [name, example] as const);
  const forSubject = examples.filter(([name]) => subject.includes(name));
  const used = new Set<string>();
  const problems = [
    ...sourceProblems(subjectLine, 1, new Map(forSubject), new Set()),
    ...sourceProblems(body, 2, new Map(examples), used),
  ];
  const missing = shape.required.filter((name) => !used.has(name));
  return [...problems, ...missing.map((name) => `It never uses "${name}"`)];
}

function sourceProblems(
  source: string,
  firstLine: number,
  scope: Scope,
  used: Set<string>,
): string[] {
  const problems: string[] = [];
  const report = (node: TemplateNode, message: string) =>
    problems.push(`Line ${node.lineno + firstLine}: ${message}`);
  try {
    checkNode(syntax.parse(source, []), scope, used, report);
  } catch (error) {
    problems.push(`From line ${firstLine} on: ${oneLine(String(error), 200)}`);
  }
  return problems;
}

function checkNode(
  node: TemplateNode,
  scope: Scope,
  used: Set<string>,
  report: (node: TemplateNode, message: string) => void,
): void {
  const { typename } = node;
  if (typename === 'TemplateData' || typename === 'Literal') return;
  if (typename === 'Symbol' || typename === 'LookupVal') {
    if (exampleOf(node, scope, used) === undefined) report(node, `unknown ${nameOf(node)}`);
  } else if (typename === 'For') {
    const list = exampleOf(node['arr'], scope, used);
    const name = isNode(node['name']) ? String(node['name']['value']) : '';
    if (!Array.isArray(list) || node['else_'] || name === '') {
      report(node, 'a loop must be "for one in list", over a list that is documented');
    } else {
      const inner = new Map([...scope, [name, list[0]], ['loop', { index: 1, last: true }]]);
      for (const child of childrenOf(node, ['body'])) checkNode(child, inner, used, report);
    }
  } else if (PLAIN_NODES.includes(typename) || COMPARISONS.includes(typename)) {
    for (const child of childrenOf(node, node.fields)) checkNode(child, scope, used, report);
  } else {
    report(node, `"${typename}" is not allowed; only variables, "if" and "for" are`);
  }
}

function isNode(value: unknown): value is TemplateNode {
  return typeof value === 'object' && value !== null && 'typename' in value;
}

function childrenOf(node: TemplateNode, fields: readonly string[]): TemplateNode[] {
  return fields.flatMap((field) => node[field]).filter(isNode);
}

/**
 * The example that a name such as `clause.quote` stands for, `undefined` where nobody documents it.
 */
function exampleOf(node: unknown, scope: Scope, used: Set<string>): unknown {
  if (!isNode(node)) return undefined;
  if (node.typename === 'Symbol') {
    used.add(String(node['value']));
    return scope.get(String(node['value']));
  }
  const field = isNode(node['val']) ? node['val']['value'] : undefined;
  const parent = node.typename === 'LookupVal' ? exampleOf(node['target'], scope, used) : undefined;
  if (typeof parent !== 'object' || parent === null || typeof field !== 'string') return undefined;
  // Own properties only: "constructor" is the way out of the template.
  return Object.hasOwn(parent, field) ? (parent as Record<string, unknown>)[field] : undefined;
}

function nameOf(node: TemplateNode): string {
  const last = isNode(node['val']) ? node['val']['value'] : node['value'];
  return `variable "${oneLine(String(last), 40)}"`;
}

/** Markup that no notice may carry: HTML, pictures (they tell when a mail is read), odd links. */
function markupProblems(tokens: TokensList): string[] {
  const problems: string[] = [];
  void markdown.walkTokens(tokens, (token) => {
    if (token.type === 'html') problems.push('HTML is not allowed');
    if (token.type === 'image') problems.push('pictures are not allowed');
    if (token.type === 'link' && !/^(?:https|mailto|tel):/i.test(String(token['href']))) {
      problems.push('a link must begin with https:, mailto: or tel:');
    }
  });
  return problems;
}

/** Every text but a code becomes one line whose punctuation Markdown takes literally. */
function escapeValues(variables: object, codes: readonly string[]): object {
  const escape = (value: unknown): unknown => {
    if (typeof value === 'string') return oneLine(value).replace(/[!-/:-@[-`{-~]/g, '\\$&');
    if (Array.isArray(value)) return value.map(escape);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, escape(inner)]));
  };
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]: [string, unknown]) => [
      name,
      codes.includes(name) ? value : escape(value),
    ]),
  );
}

const htmlToText = compile({
  wordwrap: 74,
  selectors: [
    ...['h1', 'h2', 'h3'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: ' - ' } },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
  ],
});

function toText(article: string): string {
  const text = htmlToText(article);
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
}

function toDocument(subject: string, article: string, language: string): string {
  const title = subject.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  // Inline style, as mail programs drop style sheets; sizes in em, so that the reader's choice
  // holds.
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
</head>
<body style="font-family: Arial, sans-serif; font-size: 1.1em; line-height: 1.5; max-width: 40em">
<h1 style="font-size: 1.4em">${title}</h1>
${article}</body>
</html>
`;
}
