import { ROLES, type Area, type Policy, type Role } from './policy.ts';

/** Everybody who may sign in to the console (domain H.1). */
export const OFFICER_ROLES = [
  ...ROLES,
  'deputy-monitoring-officer',
  'investigator',
  'policy-author',
  'administrator',
] as const;
export type OfficerRole = (typeof OFFICER_ROLES)[number];

/** What a grant on cases may name beside the areas of rules. */
export const QUEUE = 'queue';
export const RETURNING_OFFICER_MAIL = 'returning-officer-mail';
export type Matter = Area | typeof QUEUE | typeof RETURNING_OFFICER_MAIL;

/** On one held or diverted message. */
export const CASE_ACTIONS = [
  'list',
  'view-metadata',
  'view-content',
  'download',
  'claim',
  'note',
  'ask',
  'assign',
  'escalate',
  'release',
  'release-encrypted',
  'reject',
  'return-for-pgp',
  'deliver-inward',
] as const;
export type CaseAction = (typeof CASE_ACTIONS)[number];

/** Those that settle what becomes of the message: every reason for the hold must be granted. */
const DECISIONS = [
  'release',
  'release-encrypted',
  'reject',
  'return-for-pgp',
  'deliver-inward',
] as const satisfies readonly CaseAction[];

/** On one person's mail outside a held case: behind the council's investigation gate. */
export const PERSON_ACTIONS = ['search-person', 'member-statistics', 'view-other-mail'] as const;
export type PersonAction = (typeof PERSON_ACTIONS)[number];

/** What a second officer may have to agree to, where the recipients are privileged (domain H.3). */
export const SECOND_OFFICER_ACTIONS = [
  ...DECISIONS,
  'view-content',
  'download',
  'view-other-mail',
] as const;
export type SecondOfficerAction = (typeof SECOND_OFFICER_ACTIONS)[number];

/** On a council as a whole. */
export const COUNCIL_ACTIONS = [
  'trace',
  'statistics',
  'readiness',
  'retry',
  'view-people',
  'people',
  'suspend',
  'keys',
  'elections',
  'view-policy',
  'policy',
  'investigations',
  'holds',
  'export',
  'view-audit',
  'verify-audit',
  'view-officers',
  'officers',
] as const;
export type CouncilAction = (typeof COUNCIL_ACTIONS)[number];

export type Action = CaseAction | PersonAction | CouncilAction;

/** One role's powers at one council: the matters of each case action, and other actions. */
export interface RolePowers {
  cases: ReadonlyMap<CaseAction, ReadonlySet<Matter>>;
  others: ReadonlySet<PersonAction | CouncilAction>;
  /** The queue that counts as this role's own. */
  queue: Role | null;
}

/** policies/officers/permissions.yaml, checked. */
export interface Permissions {
  reasonFor: ReadonlySet<Action>;
  secondOfficerFor: ReadonlySet<SecondOfficerAction>;
  roles: ReadonlyMap<OfficerRole, RolePowers>;
  /** Council id, then role: replaces what `roles` says of that role there. */
  councils: ReadonlyMap<string, ReadonlyMap<OfficerRole, RolePowers>>;
}

export interface OfficerIdentity {
  id: string;
  /** Full name, to be found in a text. */
  name: string;
  /** Address keys: all that reach this officer. */
  addresses: readonly string[];
  roles: readonly { council: string; role: OfficerRole }[];
}

/** Who a message is from, to and about. */
export interface Parties {
  /** Address keys: actor, From and envelope sender. */
  senders: readonly string[];
  /** Address keys of all recipients. */
  recipients: readonly string[];
  /** Full names and address keys that stand in the message. */
  named: readonly string[];
}

export interface CaseSubject {
  kind: 'case';
  council: string;
  /** Why it waits, an entry a holding rule, without those that another officer has cleared. */
  reasons: readonly HoldCause[];
  /** The actor belongs to the Returning Officer's team. */
  returningOfficersMail: boolean;
  parties: Parties;
  /** Legal adviser, MP, whistleblowing or trade union recipients (domain H.3). */
  privileged: boolean;
}

export interface HoldCause {
  /** `null` where the rule is no longer in the policy: the queue alone counts then. */
  area: Area | null;
  queue: Role;
}

/** An authorised formal investigation (St Helens 3.2.5). */
export interface Investigation {
  id: string;
  council: string;
  /** Ids of the officers named in it. */
  officers: readonly string[];
  /** Address keys of those whose mail it covers. */
  members: readonly string[];
  actions: readonly PersonAction[];
  /** Inclusive instants between which it is open; `closedAt` ends it earlier. */
  opensAt: Date;
  endsAt: Date;
  closedAt: Date | null;
}

export interface PersonSubject {
  kind: 'person';
  council: string;
  /** Address keys of the person whose mail it is. */
  addresses: readonly string[];
  /** Those on record; closed ones may be among them. */
  investigations: readonly Investigation[];
  /** Of one message at hand: nobody reads mail that they are a party to. */
  parties?: Parties;
  privileged?: boolean;
  returningOfficersMail?: boolean;
  at: Date;
}

export interface CouncilSubject {
  kind: 'council';
  council: string;
}

export type Subject = CaseSubject | PersonSubject | CouncilSubject;

export type Verdict =
  | {
      allowed: true;
      /** What must come along: a reason that is kept, another officer's approval. */
      needs: ('reason' | 'second-officer')[];
      /** Id of the investigation that it rests on. */
      investigation: string | null;
    }
  | { allowed: false; why: Refusal; text: string };

export type Refusal = 'role' | 'party' | 'other-matter' | 'investigation' | 'self';

const REFUSALS: Record<Refusal, string> = {
  role: 'Your role at this council does not include this. Ask an administrator if it should.',
  party:
    'You sent or receive this message, or are named in it, so somebody else must deal with it.',
  'other-matter':
    'This message also waits for a reason that another role decides. Escalate it to them.',
  investigation:
    'This needs an open investigation that names you and covers this person. ' +
    'The Monitoring Officer opens investigations.',
  self: 'You asked for it yourself, so another officer must answer.',
};

const refused = (why: Refusal): Verdict => ({ allowed: false, why, text: REFUSALS[why] });

/**
 * Whether an officer may do this, and what must come along, or why not. Pure: roles, parties and
 * investigations are arguments. An action on a subject of another kind is refused.
 */
export function may(
  policy: Pick<Policy, 'permissions' | 'councils'>,
  officer: OfficerIdentity,
  action: Action,
  subject: Subject,
): Verdict {
  const powers = powersAt(policy.permissions, officer, subject.council);
  const council = policy.councils.get(subject.council);
  if (!council) return refused('role');
  if (subject.kind === 'case') return mayCase(policy.permissions, powers, officer, action, subject);
  if (!powers.some(({ others }) => others.has(action as CouncilAction))) return refused('role');
  const isPersonal = (PERSON_ACTIONS as readonly Action[]).includes(action);
  if (isPersonal !== (subject.kind === 'person')) return refused('role');
  if (subject.kind === 'council') return granted(policy.permissions, action, {});
  const bar = barTo(powers, officer, subject);
  if (bar) return refused(bar);
  const investigation = subject.investigations.find((each) =>
    covers(each, officer, action as PersonAction, subject),
  );
  const isGated = council.settings.perPersonSearch === 'investigation';
  if (isGated && !investigation) return refused('investigation');
  const { privileged } = subject;
  return granted(policy.permissions, action, { investigation: investigation?.id, privileged });
}

/** What bars an officer from a person's mail, whatever is investigated; `null` for nothing. */
function barTo(
  powers: readonly RolePowers[],
  officer: OfficerIdentity,
  { addresses, parties, returningOfficersMail = false }: PersonSubject,
): Refusal | null {
  // The Returning Officer is a data controller of their own.
  const isTheirs = powers.some(({ cases }) =>
    cases.get('view-content')?.has(RETURNING_OFFICER_MAIL),
  );
  if (returningOfficersMail && !isTheirs) return 'role';
  const isOwn = addresses.some((address) => officer.addresses.includes(address));
  return isOwn || (parties && isParty(officer, parties)) ? 'party' : null;
}

/**
 * Whether an officer may agree that another reads a message for which the matrix asks for two
 * (domain H.3): in a case whoever may read it too; of a person's other mail whoever may authorise
 * investigations; never who asked, nor a party.
 * @param asker id of the officer who asks
 */
export function mayAgree(
  policy: Pick<Policy, 'permissions' | 'councils'>,
  officer: OfficerIdentity,
  asker: string,
  subject: CaseSubject | PersonSubject,
): Verdict {
  const { council } = subject;
  const powers = powersAt(policy.permissions, officer, council);
  const bar = subject.kind === 'person' ? barTo(powers, officer, subject) : null;
  const verdict =
    subject.kind === 'case'
      ? may(policy, officer, 'view-content', subject)
      : may(policy, officer, 'investigations', { kind: 'council', council });
  if (!verdict.allowed) return verdict;
  if (bar) return refused(bar);
  return officer.id === asker ? refused('self') : verdict;
}

/** Whether the officer may do this at any of the councils: for menus, never for an object. */
export function mayAnywhere(
  policy: Pick<Policy, 'permissions' | 'councils'>,
  officer: OfficerIdentity,
  action: Action,
): boolean {
  return councilsWhere(policy, officer, action).length > 0;
}

/** Councils at which the officer's roles hold this action on some subject, by id. */
export function councilsWhere(
  policy: Pick<Policy, 'permissions' | 'councils'>,
  officer: OfficerIdentity,
  action: Action,
): string[] {
  return [...policy.councils.keys()].filter((council) =>
    powersAt(policy.permissions, officer, council).some(
      ({ cases, others }) => cases.has(action as CaseAction) || others.has(action as CouncilAction),
    ),
  );
}

/** Matters for which the officer's roles at a council hold a case action: what a queue may list. */
export function mattersAt(
  policy: Pick<Policy, 'permissions'>,
  officer: OfficerIdentity,
  action: CaseAction,
  council: string,
): { areas: Matter[]; queues: Role[] } {
  const powers = powersAt(policy.permissions, officer, council);
  const matters = powers.map(({ cases }) => cases.get(action) ?? new Set<Matter>());
  const queues = powers.flatMap(({ queue }, index) =>
    queue !== null && matters[index]?.has(QUEUE) ? [queue] : [],
  );
  const areas = new Set(matters.flatMap((each) => [...each].filter((matter) => matter !== QUEUE)));
  return { areas: [...areas], queues: [...new Set(queues)] };
}

function powersAt(
  permissions: Permissions,
  officer: OfficerIdentity,
  council: string,
): RolePowers[] {
  return officer.roles
    .filter((each) => each.council === council)
    .flatMap(({ role }) => {
      const powers = permissions.councils.get(council)?.get(role) ?? permissions.roles.get(role);
      return powers ? [powers] : [];
    });
}

function mayCase(
  permissions: Permissions,
  powers: readonly RolePowers[],
  officer: OfficerIdentity,
  action: Action,
  subject: CaseSubject,
): Verdict {
  const covered = subject.reasons.filter((reason) =>
    powers.some((each) => isGranted(each, action as CaseAction, reason, subject)),
  );
  if (covered.length === 0) return refused('role');
  if (isParty(officer, subject.parties)) return refused('party');
  const mustCoverAll = (DECISIONS as readonly Action[]).includes(action);
  if (mustCoverAll && covered.length < subject.reasons.length) return refused('other-matter');
  return granted(permissions, action, { privileged: subject.privileged });
}

function isGranted(
  { cases, queue }: RolePowers,
  action: CaseAction,
  reason: HoldCause,
  { returningOfficersMail }: CaseSubject,
): boolean {
  const matters = cases.get(action);
  if (!matters) return false;
  if (returningOfficersMail) return matters.has(RETURNING_OFFICER_MAIL);
  if (reason.area !== null && matters.has(reason.area)) return true;
  return matters.has(QUEUE) && reason.queue === queue;
}

/** Domain H.2: nobody reads or decides mail that they sent, receive or are named in. */
function isParty(officer: OfficerIdentity, { senders, recipients, named }: Parties): boolean {
  const own = new Set([...officer.addresses, officer.name].map(folded));
  return [senders, recipients, named].some((parties) =>
    parties.some((party) => own.has(folded(party))),
  );
}

/** A name or an address as parties are compared. */
export function folded(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

function covers(
  investigation: Investigation,
  officer: OfficerIdentity,
  action: PersonAction,
  { council, addresses, at }: PersonSubject,
): boolean {
  const { opensAt, endsAt, closedAt } = investigation;
  return (
    investigation.council === council &&
    investigation.officers.includes(officer.id) &&
    investigation.actions.includes(action) &&
    addresses.length > 0 &&
    addresses.every((address) => investigation.members.includes(address)) &&
    opensAt <= at &&
    at <= endsAt &&
    (closedAt === null || at < closedAt)
  );
}

function granted(
  permissions: Permissions,
  action: Action,
  {
    privileged = false,
    investigation,
  }: { privileged?: boolean | undefined; investigation?: string | undefined },
): Verdict {
  const isSecondNeeded =
    privileged && permissions.secondOfficerFor.has(action as SecondOfficerAction);
  return {
    allowed: true,
    needs: [
      ...(permissions.reasonFor.has(action) ? (['reason'] as const) : []),
      ...(isSecondNeeded ? (['second-officer'] as const) : []),
    ],
    investigation: investigation ?? null,
  };
}
