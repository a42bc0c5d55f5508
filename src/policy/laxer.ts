import { GATES, PROTECTIONS } from '../mail/disposition.ts';
import { londonDate } from './elections.ts';
import type { CouncilPolicy, CouncilSettings, Enforcement, Policy } from './policy.ts';

/** Settings that say how something is worded or whom it is told, and stop or keep nothing. */
const HARMLESS: readonly (keyof CouncilSettings)[] = [
  'contacts',
  'roleNames',
  'noticeFrom',
  'keyReplyTo',
  'preflightAddress',
  'markingAdvised',
  'noticeLanguage',
  'suspensionBy',
  'review',
  'delayNoticeAfterMinutes',
  // Compared by their order below.
  'membersInformedOn',
  'acceptL2',
  'autoForwardScope',
  'casework',
];

/**
 * What a policy may let through, show or keep less than the one that runs, in words; none where it
 * asks at least as much in every way. A clause counts as kept only where the same rule, with the
 * same condition and parameters, does at least as much; of what cannot be compared, such as a
 * changed condition or list, this says so too. Pure.
 */
export function laxerThan(running: Policy, proposed: Policy, at: Date): string[] {
  const councils = [...running.councils.values()].flatMap((council) => {
    const other = proposed.councils.get(council.id);
    if (!other) return [`${council.name}: is no council of it`];
    const ways = [
      ...laxerClauses(council, other),
      ...laxerExceptions(council, other, londonDate(at)),
      ...laxerSettings(council, other),
    ];
    return ways.map((way) => `${council.name}, ${way}`);
  });
  const differing = [
    ['the lists of words and domains are others', running.lists, proposed.lists],
    ['officers’ permissions are others', running.permissions, proposed.permissions],
    ['holidays, from which times are counted, are others', running.calendar, proposed.calendar],
  ] as const;
  return [
    ...councils,
    ...differing.flatMap(([words, one, other]) => (plain(one) === plain(other) ? [] : [words])),
    ...lostElections(running, proposed, at),
  ];
}

function laxerClauses(council: CouncilPolicy, other: CouncilPolicy): string[] {
  const kept = acting(other);
  return acting(council).flatMap((enforcement) => {
    const { rule } = enforcement;
    const same = kept.filter((each) => each.rule.id === rule.id);
    if (same.length === 0) return [`${rule.id}: would not act`];
    const alike = same.filter((each) => matchOf(each) === matchOf(enforcement));
    if (alike.length === 0) return [`${rule.id}: matches by another condition`];
    if (alike.some((each) => doesAsMuch(each, enforcement))) return [];
    return [`${rule.id}: would do less, or be decided by others`];
  });
}

function acting({ clauses }: CouncilPolicy): Enforcement[] {
  return clauses.flatMap(({ enforcement }) =>
    enforcement.kind === 'rule' && !enforcement.shadow ? [enforcement] : [],
  );
}

/** All that says when it matches. */
function matchOf({ rule, parameters }: Enforcement): string {
  const defaults = Object.entries(rule.parameters).map(([name, one]) => [name, one.default]);
  const inForce = { ...Object.fromEntries(defaults), ...parameters };
  const sorted = Object.entries(inForce).sort(([a], [b]) => a.localeCompare(b));
  return plain([rule.condition.source, rule.area, sorted]);
}

function doesAsMuch(one: Enforcement, than: Enforcement): boolean {
  const gate = GATES.indexOf(one.gate) - GATES.indexOf(than.gate);
  // Who decides matters where somebody does; a stricter gate has another queue, or none.
  const isDecided = than.gate !== 'release';
  const [queue] = isDecided ? than.notify : [];
  const told = isDecided ? than.notify.slice(1) : than.notify;
  return (
    gate >= 0 &&
    PROTECTIONS.indexOf(one.protection) >= PROTECTIONS.indexOf(than.protection) &&
    (one.nudge || !than.nudge || one.gate !== 'release') &&
    (one.tag || !than.tag) &&
    (one.fourEyes || !than.fourEyes) &&
    (gate > 0 || queue === undefined || one.notify[0] === queue) &&
    told.every((role) => one.notify.includes(role))
  );
}

/** An exception that is over lifts nothing; one that stands or comes must stand now as well. */
function laxerExceptions(council: CouncilPolicy, other: CouncilPolicy, today: string): string[] {
  const known = new Set(council.exceptions.map((each) => liftOf(each)));
  return other.exceptions
    .filter((each) => each.until >= today && !known.has(liftOf(each)))
    .map(({ id }) => `exception ${id}: does not stand now`);
}

function liftOf(exception: CouncilPolicy['exceptions'][number]): string {
  const { permits, rules, member, recipient, domain, from, until } = exception;
  return plain([permits, rules, member, recipient, domain, from, until]);
}

function laxerSettings(council: CouncilPolicy, other: CouncilPolicy): string[] {
  const [was, would] = [council.settings, other.settings];
  const names = Object.keys(was) as (keyof CouncilSettings)[];
  const changed = names.filter(
    (name) => !HARMLESS.includes(name) && plain(was[name]) !== plain(would[name]),
  );
  const accepted = [...would.acceptL2.domains, ...would.acceptL2.mxSuffixes];
  const acceptedNow = [...was.acceptL2.domains, ...was.acceptL2.mxSuffixes];
  const { privilegedDomains, readingHours } = was.casework;
  return [
    ...(plain([council.domains, council.wards]) === plain([other.domains, other.wards])
      ? []
      : ['its domains or wards are others']),
    ...changed.map((name) => `setting ${name}: is another`),
    // Clauses of conduct and politics act from that day on.
    ...(was.membersInformedOn !== null && (would.membersInformedOn ?? '9') > was.membersInformedOn
      ? ['members count as told later, or not at all']
      : []),
    ...(accepted.every((each) => acceptedNow.includes(each))
      ? []
      : ['more hosts are accepted for marked mail']),
    ...(was.autoForwardScope === 'external' && would.autoForwardScope !== 'external'
      ? ['fewer automatic forwards are kept inside']
      : []),
    ...(privilegedDomains.every((each) => would.casework.privilegedDomains.includes(each)) &&
    would.casework.readingHours <= readingHours &&
    (would.casework.maskSender || !was.casework.maskSender)
      ? []
      : ['officers see more']),
  ];
}

/** A period that was entered since would be forgotten. */
function lostElections(running: Policy, proposed: Policy, at: Date): string[] {
  const known = new Set(proposed.elections.map((each) => plain(each)));
  return running.elections
    .filter((each) => new Date(each.endsAt) >= at && !known.has(plain(each)))
    .map(({ id }) => `election ${id}: is missing, or has other dates`);
}

/** As text, by which two values are compared; sets without their order. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map) return [...each];
    return each instanceof Set ? [...each].map(String).sort() : each;
  });
}
