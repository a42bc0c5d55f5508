import type { Gate, Protection } from '../mail/disposition.ts';
import type { FindingKind } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { LabelOptions } from '../mail/marking-labels.ts';
import type { PersonClass } from '../mail/person.ts';
import type { Casework } from './casework.ts';
import type { Condition } from './condition.ts';
import type { ElectionCalendar, Nation, PollKind, StatutoryDates } from './election-calendar.ts';
import type { Permissions } from './permissions.ts';
import type { HoldReason, ServiceLevel, SupportHours } from './service-level.ts';

/** Officers who may be told or asked (domain H.1). */
export const ROLES = [
  'monitoring-officer',
  'democratic-services',
  'ict',
  'data-protection-officer',
  'information-governance',
  'returning-officer',
  'internal-audit',
] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a rule is about. It settles whose mail the rule looks at and when it may act: `conduct`,
 * `political` and `forwarding` look at members only; `conduct` and `political` act beyond a tag
 * only once members were informed (domain H.4). The others look at everybody's mail, at once.
 */
export const AREAS = [
  'protection',
  'security',
  'identity',
  'forwarding',
  'conduct',
  'political',
] as const;
export type Area = (typeof AREAS)[number];

export const PARAMETER_TYPES = ['int', 'double', 'string', 'bool', 'list<string>'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];
export type ParameterValue = number | string | boolean | string[];

export interface Parameter {
  type: ParameterType;
  meaning: string;
  /** `undefined`: every clause that uses the rule must set it. */
  default?: ParameterValue | undefined;
}

/** A worked case of a rule, run whenever the policy is tested. */
export interface Example {
  /** A whole message beside the rule (`examples/x.eml`), in place of subject, text and headers. */
  file?: string | undefined;
  /** That file's text; `null` where the example is written inline. */
  eml: string | null;
  subject: string;
  text: string;
  from: string;
  to: string[];
  headers: Record<string, string>;
  parameters: Record<string, ParameterValue>;
  given: Given;
  matches: boolean;
}

/** Facts that an example states outright, in place of what would be found out. */
export interface Given {
  /** Stated: the detectors are not asked. */
  findings?: GivenFinding[] | undefined;
  election?: 'open' | 'closed' | undefined;
  sender?: PersonClass | undefined;
  senderName?: string | undefined;
  known?: boolean | undefined;
  personalProvider?: boolean | undefined;
  actorsOwn?: boolean | undefined;
  outsideRecipients24h?: number | undefined;
}

export interface GivenFinding {
  kind: FindingKind;
  type: string;
  score: number;
  details: Record<string, string | number | boolean>;
}

/** What a sender is told about a match: whole sentences, without content of the message. */
export interface RuleWords {
  reason: string;
  advice: string[];
  /** It may be sent again once the advice is followed. */
  mayResend: boolean;
}

export interface Rule {
  id: string;
  why: string;
  area: Area;
  /** Recorded, never acted on. Marked means protected has no shadow: it stands in code. */
  shadow: boolean;
  condition: Condition;
  /** `undefined`: the words of its findings. */
  words?: RuleWords | undefined;
  parameters: Record<string, Parameter>;
  examples: Example[];
}

/**
 * What somebody approved for a time. It lifts a gate and a nudge and never a protection.
 * `redirect`: a mailbox may forward by itself to one address, over an encrypted channel only (West
 * Lancashire 1.4). `rule-off`: one rule does nothing for a member, a recipient or a domain.
 */
export interface PolicyException {
  id: string;
  permits: 'redirect' | 'rule-off';
  rules: readonly string[];
  /** Address keys; `null`: any. */
  member: string | null;
  recipient: string | null;
  /** With everything below it. */
  domain: string | null;
  reason: string;
  /** Who looks after it, and who agreed. */
  owner: string;
  approver: string;
  ticket: string | null;
  /** Local dates, inclusive. */
  from: string;
  until: string;
}

export interface CouncilDocument {
  id: string;
  /** Whose document it is, as cited. */
  council: string;
  title: string;
  version?: string | undefined;
  date: string;
}

/** One clause of a council's file, in the document's order. */
export interface Clause {
  document: CouncilDocument | null;
  /** Section as printed; for our own choices a short title. */
  section: string;
  quote: string | null;
  ourChoice: boolean;
  /** What is enforced, or why nothing is. */
  enforcement:
    | Enforcement
    | { kind: 'off'; rule: string; reason: string }
    /** Kept by another part of the gateway, by a setting of this file where one is named. */
    | { kind: 'kept'; how: string; setting: string | null }
    | { kind: 'not-enforced'; reason: string };
}

export interface Enforcement {
  kind: 'rule';
  rule: Rule;
  /** The rule or this entry is in shadow: recorded, never acted on, without time limit. */
  shadow: boolean;
  gate: Gate;
  protection: Protection;
  nudge: boolean;
  tag: boolean;
  /** The queue's role first, then the roles that are only told. */
  notify: Role[];
  /** A decision on what it holds needs two officers. */
  fourEyes: boolean;
  parameters: Record<string, ParameterValue>;
  /** The council's own words, else the rule's. */
  words: RuleWords | null;
}

export interface CouncilSettings {
  /**
   * `deliveredDays: null`: the gateway is the archive, so delivered mail is kept for `keptYears`
   * too.
   */
  retention: { deliveredDays: number | null; keptYears: number };
  /** A member may have own archived copies deleted early, never while a hold stands. */
  memberEarlyDeletion: boolean;
  pgpFallback: 'auto' | 'on_resend' | 'off';
  acceptL2: { domains: string[]; mxSuffixes: string[] };
  delayNoticeAfterMinutes: number;
  giveUpAfterHours: { marked: number; other: number };
  /** ISO date; `null` until members have been told: conduct and political clauses then only tag. */
  membersInformedOn: string | null;
  autoForwardScope: 'personal' | 'external';
  contacts: { role: string; text: string }[];
  /** What the council calls a role, to stand in the middle of a sentence. */
  roleNames: Partial<Record<Role, string>>;
  noticeFrom: string;
  /** Where outsiders who are asked for a PGP key answer; to `noticeFrom` unless given. */
  keyReplyTo?: string | undefined;
  /** Where a councillor may send a draft to be told what would happen; `null`: nowhere. */
  preflightAddress: string | null;
  /** The council's Microsoft 365 tenant, and what its labels' GUIDs stand for. */
  sensitivityLabels: LabelOptions;
  /** Notices may advise to mark private mail OFFICIAL-SENSITIVE. */
  markingAdvised: boolean;
  /** Notices may say that a redirect can be arranged with ICT. */
  redirectAllowed: boolean;
  diverted: { deliverInwardAfterHours: number };
  noticeLanguage: 'en' | 'cy';
  supportHours: SupportHours;
  serviceLevels: Record<HoldReason, ServiceLevel>;
  casework: Casework;
  /** What an officer needs before looking at one member's mail (domain H.3). */
  perPersonSearch: 'investigation' | 'reason';
  privateUse: 'allowed' | 'not-allowed' | 'silent';
  twoFactor: 'required' | 'optional';
  /** Who may have an account suspended, in the document's words. */
  suspensionBy: string | null;
  review: { due: string | null; everyMonths: number; owner: string } | null;
  /** A period whose notice nobody entered starts at 00:00 of the law's last day for it. */
  electionStartsByLaw: boolean;
}

export interface CouncilPolicy {
  id: string;
  name: string;
  domains: string[];
  wards: string[];
  timezone: 'Europe/London';
  settings: CouncilSettings;
  documents: CouncilDocument[];
  clauses: Clause[];
  exceptions: PolicyException[];
}

/** A timetable as entered, with its period and the law's dates worked out. */
export interface Election {
  id: string;
  council: string;
  name: string;
  kind: PollKind;
  nation: Nation;
  /** Polling day, YYYY-MM-DD. */
  poll: string;
  /** Ward names; empty means the whole council. */
  wards: string[];
  /** Publication of the notice as entered, ISO 8601 with offset; `null` until it is. */
  noticePublishedAt: string | null;
  /** Start of the period: the notice, or by the council's setting the law's last day for it. */
  startsAt: string | null;
  /** Close of poll, or the end that was entered. */
  endsAt: string;
  /** Why the period ended other than by the close of poll. */
  endedBecause: string | null;
  dates: StatutoryDates;
}

export interface Policy {
  /** SHA-256 over the files, hex. */
  version: string;
  /** Path below policies/ to text: what activation records. */
  files: Record<string, string>;
  rules: ReadonlyMap<string, Rule>;
  councils: ReadonlyMap<string, CouncilPolicy>;
  lists: Lists;
  elections: Election[];
  calendar: ElectionCalendar;
  permissions: Permissions;
  /** Name without `.md` to text. */
  notices: Record<string, string>;
}

export interface PolicyProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** Everything that is wrong with a policy folder, at once. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];
  constructor(problems: readonly PolicyProblem[]) {
    const lines = problems.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
    super(`The policy has ${problems.length} problem(s)\n${lines.join('\n')}`);
    this.name = 'PolicyError';
    this.problems = problems;
  }
}
