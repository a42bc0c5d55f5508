import { domainOf } from '../mail/address.ts';
import { parameterProblems } from './build-rule.ts';
import { buildExceptions } from './exceptions.ts';
import type { Clause, CouncilDocument, CouncilPolicy, PolicyProblem, Rule } from './policy.ts';
import { councilFile, type ClauseEntry, type CouncilFile } from './schema.ts';
import { checkShape, suggestion, type Source } from './source.ts';

/** The rules that clauses may name. `broken` ones exist, but their files have problems. */
export interface Rulebook {
  rules: ReadonlyMap<string, Rule>;
  broken: ReadonlySet<string>;
}

/** One council file, or everything that is wrong with it. */
export function buildCouncil(
  source: Source,
  rulebook: Rulebook,
): { council: CouncilPolicy | null; problems: PolicyProblem[] } {
  const { value, problems } = checkShape(source, councilFile);
  if (!value) return { council: null, problems };
  const all = [
    ...settingProblems(source, value),
    ...scopeProblems(source, value),
    ...repeated(source, value),
  ];
  const clauses = value.clauses.map((entry, index) => {
    const built = buildClause(source, value, entry, index, rulebook);
    all.push(...built.problems);
    return built.clause;
  });
  const enforced = new Set(value.clauses.flatMap(({ rule, off }) => (rule && !off ? [rule] : [])));
  const { exceptions, problems: wrong } = buildExceptions(source, value, (rule) =>
    enforced.has(rule),
  );
  all.push(...wrong);
  if (all.length > 0) return { council: null, problems: all };
  const whole = clauses.filter((clause): clause is Clause => clause !== null);
  return { council: { ...value, clauses: whole, exceptions }, problems: [] };
}

function settingProblems(source: Source, { settings, domains }: CouncilFile): PolicyProblem[] {
  const allowed = domains.join(', ');
  return (['noticeFrom', 'keyReplyTo', 'preflightAddress'] as const).flatMap((name) => {
    const address = settings[name];
    if (!address || domains.includes(domainOf(address))) return [];
    const message = `"${name}" is "${address}"; it must be at one of ${allowed}`;
    return [source.problem(['settings', name], message)];
  });
}

/** The setting is what notices and officers are told; the clauses are what happens. */
function scopeProblems(source: Source, { settings, clauses }: CouncilFile): PolicyProblem[] {
  const diverts = clauses.some(
    ({ rule, gate, shadow }) => rule === 'auto-forward-external' && gate === 'divert' && !shadow,
  );
  if (diverts === (settings.autoForwardScope === 'external')) return [];
  const message = diverts
    ? 'A clause diverts "auto-forward-external", so the scope is "external"'
    : 'The scope is "external", so a clause must divert "auto-forward-external"';
  return [source.problem(['settings', 'autoForwardScope'], message)];
}

function repeated(source: Source, { clauses, documents }: CouncilFile): PolicyProblem[] {
  // A change runs in shadow beside the entry that acts.
  const keys = clauses.map(({ document, clause, rule, quote, shadow }) =>
    [document, clause, rule, quote, shadow ?? false].join('|'),
  );
  const ids = documents.map(({ id }) => id);
  return [
    ...keys.flatMap((key, index) =>
      keys.indexOf(key) === index
        ? []
        : [source.problem(['clauses', index], 'This clause and rule stand here a second time')],
    ),
    ...ids.flatMap((id, index) =>
      ids.indexOf(id) === index
        ? []
        : [
            source.problem(
              ['documents', index, 'id'],
              `Document "${id}" stands here a second time`,
            ),
          ],
    ),
  ];
}

function buildClause(
  source: Source,
  council: CouncilFile,
  entry: ClauseEntry,
  index: number,
  rulebook: Rulebook,
): { clause: Clause | null; problems: PolicyProblem[] } {
  const path = ['clauses', index];
  const problem = (message: string, key?: string): PolicyProblem =>
    key ? source.problem([...path, key], message, { key: true }) : source.problem(path, message);
  const document = documentOf(council, entry);
  const problems = [
    ...sourceProblems(council, entry, document, problem),
    ...effectProblems(entry, problem),
  ];
  const rule = entry.rule === undefined ? null : (rulebook.rules.get(entry.rule) ?? null);
  if (entry.rule !== undefined && !rule && !rulebook.broken.has(entry.rule)) {
    const close = suggestion(entry.rule, [...rulebook.rules.keys()]);
    problems.push(
      source.problem([...path, 'rule'], `No rule "${entry.rule}" in policies/rules${close}`),
    );
  }
  if (rule && entry.off === undefined) {
    problems.push(...parameterProblems(source, path, rule.parameters, entry.parameters ?? {}));
  }
  const enforcement = enforcementOf(entry, rule);
  if (problems.length > 0 || !enforcement) return { clause: null, problems };
  return {
    clause: {
      document,
      section: entry.clause,
      quote: entry.quote ?? null,
      ourChoice: entry.ourChoice,
      enforcement,
    },
    problems,
  };
}

/** The only document need not be named. */
function documentOf(council: CouncilFile, entry: ClauseEntry): CouncilDocument | null {
  if (entry.ourChoice) return null;
  const [only, ...more] = council.documents;
  if (entry.document === undefined && only && more.length === 0) return only;
  return council.documents.find(({ id }) => id === entry.document) ?? null;
}

type Report = (message: string, key?: string) => PolicyProblem;

function sourceProblems(
  council: CouncilFile,
  entry: ClauseEntry,
  document: CouncilDocument | null,
  problem: Report,
): PolicyProblem[] {
  if (entry.ourChoice) {
    return (['quote', 'document'] as const)
      .filter((key) => entry[key] !== undefined)
      .map((key) => problem(`Our own choice has no "${key}"; delete one of the two`, key));
  }
  const known = council.documents.map(({ id }) => id);
  return [
    ...(entry.quote === undefined
      ? [problem('No "quote"; quote the clause word for word, or say "ourChoice: true"')]
      : []),
    ...(document
      ? []
      : [problem(`No such "document"; documents of this file: ${known.join(', ')}`)]),
  ];
}

const EFFECTS = ['gate', 'protection', 'nudge', 'tag', 'notify'] as const;
const DEPENDENT = [...EFFECTS, 'queue', 'fourEyes', 'shadow', 'parameters', 'words'] as const;
const ANSWERS = ['rule', 'kept', 'notEnforced'] as const;

function effectProblems(entry: ClauseEntry, problem: Report): PolicyProblem[] {
  const { rule, off, gate, queue } = entry;
  const answers = ANSWERS.filter((key) => entry[key] !== undefined);
  if (answers.length !== 1) {
    const message =
      'Say one of: "rule", "kept" (how another part keeps it), "notEnforced" (why nothing does)';
    return [problem(message)];
  }
  if (entry.setting !== undefined && entry.kept === undefined) {
    return [problem('"setting" is only for "kept"', 'setting')];
  }
  if (rule === undefined || off !== undefined) {
    const why = off === undefined ? (answers[0] ?? '') : 'off';
    const idle = [...DEPENDENT, ...(rule === undefined ? (['off'] as const) : [])];
    return idle
      .filter((key) => entry[key] !== undefined)
      .map((key) => problem(`"${key}" says nothing beside "${why}"; delete one of the two`, key));
  }
  const waits = gate === 'hold' || gate === 'divert';
  return [
    ...(EFFECTS.some((key) => entry[key] !== undefined)
      ? []
      : [
          problem(
            `A match does nothing; say one of ${EFFECTS.join(', ')}, or "off" with the reason`,
          ),
        ]),
    ...(waits && queue === undefined
      ? [problem(`"gate: ${gate}" needs a "queue": the role that decides`, 'gate')]
      : []),
    ...(!waits && queue !== undefined
      ? [problem('"queue" is only for "gate: hold" and "gate: divert"', 'queue')]
      : []),
    ...(gate !== 'hold' && entry.fourEyes !== undefined
      ? [problem('"fourEyes" is only for "gate: hold"', 'fourEyes')]
      : []),
  ];
}

function enforcementOf(entry: ClauseEntry, rule: Rule | null): Clause['enforcement'] | null {
  if (entry.notEnforced !== undefined) {
    return { kind: 'not-enforced', reason: entry.notEnforced };
  }
  if (entry.kept !== undefined) {
    return { kind: 'kept', how: entry.kept, setting: entry.setting ?? null };
  }
  if (!rule) return null;
  if (entry.off !== undefined) return { kind: 'off', reason: entry.off, rule: rule.id };
  return {
    kind: 'rule',
    rule,
    shadow: rule.shadow || (entry.shadow ?? false),
    gate: entry.gate ?? 'release',
    protection: entry.protection ?? 'none',
    nudge: entry.nudge ?? false,
    tag: entry.tag ?? false,
    notify: [...new Set([...(entry.queue ? [entry.queue] : []), ...(entry.notify ?? [])])],
    fourEyes: entry.fourEyes ?? false,
    parameters: entry.parameters ?? {},
    words: entry.words ?? rule.words ?? null,
  };
}
