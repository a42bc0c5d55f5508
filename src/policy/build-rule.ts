import { compileCondition } from './condition.ts';
import { exampleMail, exampleMailProblems } from './example-mail.ts';
import type {
  Example,
  Parameter,
  ParameterType,
  ParameterValue,
  PolicyProblem,
  Rule,
} from './policy.ts';
import { ruleFile } from './schema.ts';
import { checkShape, suggestion, type Source } from './source.ts';

/** One rule file with the messages its examples name, or everything that is wrong with it. */
export function buildRule(
  source: Source,
  files: Record<string, string>,
): { rule: Rule | null; problems: PolicyProblem[] } {
  const { value, problems } = checkShape(source, ruleFile);
  if (!value) return { rule: null, problems };
  const { when, ...rest } = value;
  const compiled = compileCondition(when, value.parameters);
  const all = [
    ...declarationProblems(source, value.parameters),
    ...unusedParameters(source, value),
    ...exampleProblems(source, value),
    ...exampleMailProblems(source, value.examples, files),
    ...('problems' in compiled
      ? compiled.problems.map(({ offset, message }) =>
          source.problem(['when'], message, { offset }),
        )
      : []),
  ];
  if (all.length > 0 || 'problems' in compiled) return { rule: null, problems: all };
  const examples = rest.examples.map((each) => ({ ...each, eml: exampleMail(files, each) }));
  return { rule: { ...rest, examples, condition: compiled.condition }, problems: [] };
}

function declarationProblems(
  source: Source,
  parameters: Record<string, Parameter>,
): PolicyProblem[] {
  return Object.entries(parameters).flatMap(([name, { type, default: byDefault }]) =>
    byDefault === undefined || fits(type, byDefault)
      ? []
      : [source.problem(['parameters', name, 'default'], `"default" of "${name}" must be ${type}`)],
  );
}

/** A parameter that the condition never reads would be set in vain. */
function unusedParameters(
  source: Source,
  { when, parameters }: { when: string; parameters: Record<string, Parameter> },
): PolicyProblem[] {
  const read = Array.from(when.matchAll(/\bparams\.(\w+)/g), ([, name]) => name);
  return Object.keys(parameters)
    .filter((name) => !read.includes(name))
    .map((name) =>
      source.problem(
        ['parameters', name],
        `The condition never reads "params.${name}"; use it or delete the parameter`,
        { key: true },
      ),
    );
}

function exampleProblems(
  source: Source,
  rule: { examples: readonly Omit<Example, 'eml'>[] } & Pick<Rule, 'parameters'>,
): PolicyProblem[] {
  const missing = [true, false].filter(
    (matches) => !rule.examples.some((example) => example.matches === matches),
  );
  return [
    ...missing.map((matches) =>
      source.problem(
        ['examples'],
        `No example with "matches: ${matches}"; a rule needs one of each`,
      ),
    ),
    ...rule.examples.flatMap(({ parameters }, index) =>
      parameterProblems(source, ['examples', index], rule.parameters, parameters),
    ),
  ];
}

/** Whether values set at a place (`<path>.parameters`) fit what a rule declares. */
export function parameterProblems(
  source: Source,
  path: readonly PropertyKey[],
  declared: Record<string, Parameter>,
  set: Record<string, ParameterValue>,
): PolicyProblem[] {
  const names = Object.keys(declared);
  const wrong = Object.entries(set).flatMap(([name, value]) => {
    const parameter = declared[name];
    const at = [...path, 'parameters', name];
    if (!parameter) {
      const allowed = names.join(', ') || 'none';
      const message = `The rule declares no parameter "${name}"; it declares ${allowed}`;
      return [source.problem(at, message + suggestion(name, names), { key: true })];
    }
    if (fits(parameter.type, value)) return [];
    return [source.problem(at, `Parameter "${name}" must be ${parameter.type}`)];
  });
  const unset = names.filter((name) => declared[name]?.default === undefined && !(name in set));
  return [
    ...wrong,
    ...unset.map((name) =>
      source.problem(path, `Parameter "${name}" has no default and is not set; set it here`),
    ),
  ];
}

function fits(type: ParameterType, value: ParameterValue): boolean {
  if (type === 'int') return Number.isSafeInteger(value);
  if (type === 'list<string>') return Array.isArray(value) && value.length > 0;
  return typeof value === (type === 'double' ? 'number' : type === 'bool' ? 'boolean' : 'string');
}
