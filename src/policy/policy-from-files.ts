import type { Lists } from '../mail/lists.ts';
import { normaliseText } from '../mail/normal-text.ts';
import { buildCouncil, type Rulebook } from './build-council.ts';
import { buildPermissions } from './build-permissions.ts';
import { buildRule } from './build-rule.ts';
import { canonicalHash } from './canonical-json.ts';
import { unnamedExamples } from './example-mail.ts';
import type { ElectionCalendar } from './election-calendar.ts';
import { readElection } from './read-election.ts';
import type { Permissions } from './permissions.ts';
import {
  PolicyError,
  type CouncilPolicy,
  type Policy,
  type PolicyProblem,
  type Rule,
} from './policy.ts';
import { calendarFile, listFiles } from './schema.ts';
import {
  checkShape,
  invisibleCharacters,
  misnamed,
  nameOf,
  readYaml,
  type Source,
} from './source.ts';

const CALENDAR = 'elections/calendar.yaml';
const PERMISSIONS = 'officers/permissions.yaml';

/**
 * Compiles a whole policy from its files (path below policies/ to text). Pure.
 * @throws {PolicyError} with every problem at once; a policy with any problem does not exist.
 */
export function policyFromFiles(files: Record<string, string>): Policy {
  const problems: PolicyProblem[] = [];
  const report = (found: readonly PolicyProblem[]): void => void problems.push(...found);
  report(strayFiles(files));
  const sources = (folder: string): Source[] => readFolder(files, folder, report);

  const rules = readRules(sources('rules'), files, report);
  const councils = new Map<string, CouncilPolicy>();
  for (const source of sources('councils')) {
    const { council, problems: found } = buildCouncil(source, rules);
    report([...found, ...misnamed(source)]);
    if (council) councils.set(council.id, council);
  }
  const councilFiles = namesIn(files, 'councils').length;
  if (councilFiles === 0) report([nowhere('councils', 'No council file; nothing may run')]);
  // With a council missing nobody can tell which rules are used.
  const whole = councils.size === councilFiles;
  report([...sharedDomains(councils), ...(whole ? unusedRules(rules.rules, councils) : [])]);

  const electionSources = sources('elections');
  const calendar = readCalendar(electionSources, report);
  const elections = electionSources
    .filter(({ file }) => file !== CALENDAR)
    .flatMap((source) => readElection(source, { councils, calendar }, report));
  const lists = readLists(sources('lists'), report);
  const permissions = readPermissions(sources('officers'), [...councils.keys()], report);
  for (const [file, text] of Object.entries(files)) {
    if (file.endsWith('.md')) report(invisibleCharacters(file, text));
  }
  if (problems.length > 0 || !lists || !calendar || !permissions)
    throw new PolicyError(problems.sort(byPlace));
  return {
    version: canonicalHash(files),
    files,
    rules: rules.rules,
    councils,
    lists,
    elections,
    calendar,
    permissions,
    notices: readNotices(files),
  };
}

type Reporter = (found: readonly PolicyProblem[]) => void;

function byPlace(a: PolicyProblem, b: PolicyProblem): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

function nowhere(file: string, message: string): PolicyProblem {
  return { file, line: 1, column: 1, message };
}

const UNREAD =
  'Nothing reads this file; policies are *.yaml, notices *.md, messages rules/examples/*.eml';

/** A file that nothing reads is a rule that somebody believes in. */
function strayFiles(files: Record<string, string>): PolicyProblem[] {
  const known = new RegExp(
    '^(?:(?:rules|councils|elections|lists|officers)/[^/]+\\.yaml|notices/[^/]+\\.md|' +
      'rules/examples/[^/]+\\.eml)$',
  );
  return Object.keys(files)
    .filter((file) => !known.test(file))
    .map((file) => nowhere(file, UNREAD));
}

function readFolder(files: Record<string, string>, folder: string, report: Reporter): Source[] {
  return namesIn(files, folder).flatMap((name) => {
    const file = `${folder}/${name}.yaml`;
    const { source, problems } = readYaml(file, files[file] ?? '');
    report(problems);
    return source ? [source] : [];
  });
}

/** Names without `.yaml` of a folder's files, in order. */
function namesIn(files: Record<string, string>, folder: string): string[] {
  return Object.keys(files)
    .filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.yaml'))
    .map(nameOf)
    .sort();
}

function readRules(sources: Source[], files: Record<string, string>, report: Reporter): Rulebook {
  const names = namesIn(files, 'rules');
  const rules = new Map<string, Rule>();
  for (const source of sources) {
    const { rule, problems } = buildRule(source, files);
    const all = [...problems, ...misnamed(source)];
    report(all);
    if (rule && all.length === 0) rules.set(rule.id, rule);
  }
  report(unnamedExamples(files, new Set(sources.flatMap(examplesNamed))));
  if (names.length === 0) report([nowhere('rules', 'No rule; an empty policy may not run')]);
  return { rules, broken: new Set(names.filter((name) => !rules.has(name))) };
}

/** Also of a rule that is wrong: its messages are not the mistake. */
function examplesNamed({ value }: Source): string[] {
  const examples = (value as { examples?: unknown } | null)?.examples;
  if (!Array.isArray(examples)) return [];
  return examples.map((each) => `rules/${String((each as { file?: unknown } | null)?.file)}`);
}

function sharedDomains(councils: ReadonlyMap<string, CouncilPolicy>): PolicyProblem[] {
  const owners = new Map<string, string>();
  return [...councils.values()].flatMap(({ id, domains }) =>
    domains.flatMap((domain) => {
      const owner = owners.get(domain);
      owners.set(domain, id);
      if (owner === undefined) return [];
      const whose = owner === id ? 'stands here twice' : `belongs to "${owner}" already`;
      return [nowhere(`councils/${id}.yaml`, `Domain "${domain}" ${whose}`)];
    }),
  );
}

function unusedRules(
  rules: ReadonlyMap<string, Rule>,
  councils: ReadonlyMap<string, CouncilPolicy>,
): PolicyProblem[] {
  const used = new Set(
    [...councils.values()].flatMap(({ clauses }) =>
      clauses.flatMap(({ enforcement }) =>
        enforcement.kind === 'rule' ? [enforcement.rule.id] : [],
      ),
    ),
  );
  return [...rules.keys()]
    .filter((id) => !used.has(id))
    .map((id) => nowhere(`rules/${id}.yaml`, `No council uses rule "${id}"; use it or delete it`));
}

function readCalendar(sources: Source[], report: Reporter): ElectionCalendar | null {
  const source = sources.find(({ file }) => file === CALENDAR);
  if (!source) {
    report([nowhere(CALENDAR, 'This file is missing; it holds the bank holidays')]);
    return null;
  }
  const { value, problems } = checkShape(source, calendarFile);
  report(problems);
  return value;
}

function readPermissions(
  sources: Source[],
  councils: string[],
  report: Reporter,
): Permissions | null {
  const source = sources.find(({ file }) => file === PERMISSIONS);
  report(sources.flatMap(({ file }) => (file === PERMISSIONS ? [] : [nowhere(file, UNREAD)])));
  if (!source) {
    report([nowhere(PERMISSIONS, 'This file is missing; it says what each officer may do')]);
    return null;
  }
  const { permissions, problems } = buildPermissions(source, councils);
  report(problems);
  return permissions;
}

function readLists(sources: Source[], report: Reporter): Lists | null {
  const lists: Record<string, unknown> = {};
  for (const source of sources) {
    const key = nameOf(source.file).replace(/-([a-z])/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    const schema = Object.hasOwn(listFiles, key) ? listFiles[key as keyof typeof listFiles] : null;
    if (!schema) {
      report([nowhere(source.file, 'Nothing reads this list; delete it or correct its name')]);
      continue;
    }
    const { value, problems } = checkShape(source, schema);
    report([...problems, ...entryProblems(source, value, [])]);
    lists[key] = value;
  }
  const missing = Object.keys(listFiles).filter((key) => !(key in lists));
  report(missing.map((key) => nowhere(`lists/${kebab(key)}.yaml`, 'This list is missing')));
  return missing.length === 0 ? (lists as unknown as Lists) : null;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * An entry that normalises to nothing would match everywhere or nowhere; a double one misleads its
 * reader.
 */
function entryProblems(
  source: Source,
  value: unknown,
  path: readonly PropertyKey[],
): PolicyProblem[] {
  if (!Array.isArray(value)) {
    return Object.entries((value as object | null) ?? {}).flatMap(([key, member]) =>
      Array.isArray(member) ? entryProblems(source, member, [...path, key]) : [],
    );
  }
  const seen = new Set<string>();
  return value.flatMap((entry: unknown, index) => {
    const at = [...path, index];
    if (typeof entry !== 'string') return entryProblems(source, entry, at);
    const plain = normaliseText(entry).trim().toLowerCase();
    if (!/[\p{L}\p{N}]/u.test(plain)) {
      return [source.problem(at, `The entry ${JSON.stringify(entry)} holds no letter or digit`)];
    }
    if (seen.has(plain)) return [source.problem(at, `The entry "${entry}" stands here twice`)];
    seen.add(plain);
    return [];
  });
}

function readNotices(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files)
      .filter(([file]) => file.startsWith('notices/'))
      .map(([file, text]) => [nameOf(file), text]),
  );
}
