import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import { londonDate } from './elections.ts';
import { FLOOR_RULES } from './floors.ts';
import type { CouncilPolicy, Policy, PolicyException, PolicyProblem, Rule } from './policy.ts';
import type { CouncilFile } from './schema.ts';
import type { Source } from './source.ts';
import type { View } from './variables.ts';

/** An approval that nobody looked at for longer than a year is no approval. */
const LONGEST_DAYS = 366;

/** So many days before its end an exception is announced. */
export const ANNOUNCED_DAYS = 30;

const DAY_MS = 86_400_000;

export type ExceptionState = 'future' | 'active' | 'expiring' | 'expired';

/** How an exception stands on a London date. `until` is its last day. */
export function exceptionState({ from, until }: PolicyException, today: string): ExceptionState {
  if (today > until) return 'expired';
  if (today < from) return 'future';
  return Date.parse(until) - Date.parse(today) < ANNOUNCED_DAYS * DAY_MS ? 'expiring' : 'active';
}

export interface ListedException extends PolicyException {
  council: string;
  state: ExceptionState;
}

/** Every exception with its state, the ones that end first in front. */
export function exceptionsOf(policy: Policy, at: Date): ListedException[] {
  const today = londonDate(at);
  return [...policy.councils.values()]
    .flatMap(({ id, exceptions }) =>
      exceptions.map((each) => ({
        ...each,
        council: id,
        state: exceptionState(each, today),
      })),
    )
    .sort((a, b) => a.until.localeCompare(b.until) || a.id.localeCompare(b.id));
}

/** Exceptions that end within the next days: announced before mail is stopped again. */
export function endingExceptions(policy: Policy, at: Date): ListedException[] {
  return exceptionsOf(policy, at).filter(({ state }) => state === 'expiring');
}

/** So many days before an end those who answer for it are told by mail. */
const TOLD_DAYS = [2, 14] as const;
/** Nothing that ends later needs to be looked at for that. */
export const FIRST_TOLD_DAYS = Math.max(...TOLD_DAYS);

/**
 * What is to be announced by mail on a day: the nearest of the two times only, so that one entered
 * or noticed late is not announced twice at once.
 */
export function dueAnnouncements(
  policy: Policy,
  at: Date,
): { exception: ListedException; days: number }[] {
  return endingExceptions(policy, at).flatMap((exception) => {
    const days = toldDays(exception.until, at);
    return days === null ? [] : [{ exception, days }];
  });
}

/**
 * Which of the times before an end has come, in days; `null` where none has.
 * @param until its last day, a London date
 */
export function toldDays(until: string, at: Date): number | null {
  const left = (Date.parse(until) - Date.parse(londonDate(at))) / DAY_MS;
  return TOLD_DAYS.find((each) => left <= each) ?? null;
}

/** The council's exception that covers a match of this rule for this recipient today, if any. */
export function exceptionFor(
  council: CouncilPolicy,
  rule: Rule,
  { facts, recipient }: View,
): PolicyException | null {
  if (council.exceptions.length === 0) return null;
  const today = londonDate(new Date(facts.receivedAt));
  const member = addressKey(facts.actor.address);
  const address = addressKey(recipient.address);
  return (
    council.exceptions.find(
      (exception) =>
        exception.rules.includes(rule.id) &&
        exception.from <= today &&
        today <= exception.until &&
        (exception.member === null || exception.member === member) &&
        (exception.recipient === null || exception.recipient === address) &&
        (exception.domain === null || isWithin(recipient.domain, [exception.domain])),
    ) ?? null
  );
}

/** Automatic forwards: what a redirect is. */
const REDIRECTS = ['auto-forward-personal', 'auto-forward-external'];

/** The exceptions of a council file, or everything that is wrong with them. */
export function buildExceptions(
  source: Source,
  council: CouncilFile,
  known: (rule: string) => boolean,
): { exceptions: PolicyException[]; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const exceptions = council.exceptions.map((entry, index): PolicyException => {
    const report = (key: string, message: string): void =>
      void problems.push(source.problem(['exceptions', index, key], message));
    const { rule, permits } = entry;
    if (permits === 'redirect') checkRedirect(council, entry, report);
    else checkRuleOff(entry, known, report);
    if (entry.member && !council.domains.includes(domainOf(entry.member))) {
      report('member', `"${entry.member}" is not at one of ${council.domains.join(', ')}`);
    }
    const days = (Date.parse(entry.until) - Date.parse(entry.from)) / DAY_MS + 1;
    if (days < 1) report('until', 'It ends before it begins');
    if (days > LONGEST_DAYS) report('until', 'It runs for more than a year; approve it anew');
    return {
      ...entry,
      rules: permits === 'redirect' ? REDIRECTS : [rule ?? ''],
      member: entry.member === undefined ? null : addressKey(entry.member),
      recipient: entry.recipient === undefined ? null : addressKey(entry.recipient),
      domain: entry.domain ?? null,
      ticket: entry.ticket ?? null,
    };
  });
  problems.push(...overlaps(source, exceptions));
  return { exceptions, problems };
}

type Entry = CouncilFile['exceptions'][number];
type Report = (key: string, message: string) => void;

function checkRedirect(council: CouncilFile, entry: Entry, report: Report): void {
  if (!council.settings.redirectAllowed) {
    report('permits', 'No redirect may be approved here: "redirectAllowed" is not true');
  }
  if (!entry.member || !entry.recipient) {
    report('permits', 'A redirect names its "member" and its "recipient"');
  }
  for (const key of ['rule', 'domain'] as const) {
    if (entry[key] !== undefined) report(key, `A redirect has no "${key}"; delete it`);
  }
}

function checkRuleOff(
  { rule, member, recipient, domain }: Entry,
  known: (rule: string) => boolean,
  report: Report,
): void {
  if (rule === undefined) report('permits', 'Say which "rule" does not apply');
  else if (FLOOR_RULES.includes(rule)) {
    report('rule', `"${rule}" stands in code and has no exceptions`);
  } else if (!known(rule)) {
    report('rule', `No clause of this file enforces "${rule}", so nothing is excepted from it`);
  }
  if (member === undefined && recipient === undefined && domain === undefined) {
    report('permits', 'Say for which "member", "recipient" or "domain"; for all, switch it "off"');
  }
  if (recipient !== undefined && domain !== undefined) {
    report('domain', 'Name either the "recipient" or the "domain"');
  }
}

/** Of two, one of which lies within the other, the one that ends would seem to have ended it. */
function overlaps(source: Source, exceptions: PolicyException[]): PolicyProblem[] {
  return exceptions.flatMap((inner, index) =>
    exceptions.flatMap((outer, other) => {
      if (index === other) return [];
      const at = (key: string, message: string): PolicyProblem =>
        source.problem(['exceptions', index, key], message);
      if (inner.id === outer.id && other < index) {
        return [at('id', `Exception "${inner.id}" stands here a second time`)];
      }
      if (!within(inner, outer) || (within(outer, inner) && other > index)) return [];
      return [at('id', `"${inner.id}" overlaps "${outer.id}", which covers it; keep one of them`)];
    }),
  );
}

function within(inner: PolicyException, outer: PolicyException): boolean {
  const to = inner.recipient === null ? inner.domain : domainOf(inner.recipient);
  return (
    inner.rules.some((rule) => outer.rules.includes(rule)) &&
    inner.from <= outer.until &&
    outer.from <= inner.until &&
    (outer.member === null || outer.member === inner.member) &&
    (outer.recipient === null || outer.recipient === inner.recipient) &&
    (outer.domain === null || (to !== null && isWithin(to, [outer.domain])))
  );
}
