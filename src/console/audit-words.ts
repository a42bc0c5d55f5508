import { FINDING_KINDS, type FindingKind } from '../mail/finding.ts';
import { findingWords } from '../mail/plain-words.ts';
import type { AuditEntry } from '../store/audit-search.ts';
import { ACTION_WORDS, hitWords } from './case-words.ts';
import { londonDay, roleWords } from './views.ts';

/** What a row of the trail holds beside its time, its message and who did it. */
type Fact = string | number | boolean | null | Fact[];
type Data = Readonly<Record<string, Fact | undefined>>;

interface Told {
  /** The kind of row in words, for the table and for the choice of what to search for. */
  title: string;
  /** What the row says in one plain sentence; the title says it all where this is left out. */
  tell?: (data: Data) => string;
}

/** A row in words, and all its facts as they stand in it. */
interface RowWords {
  title: string;
  sentence: string;
  who: string;
  facts: { name: string; value: string }[];
}

const counted = (value: unknown, unit: string): string =>
  `${String(value)} ${unit}${value === 1 ? '' : 's'}`;
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const day = (value: unknown): string => {
  const at = new Date(String(value));
  return Number.isNaN(at.getTime()) ? String(value) : londonDay(at);
};
const kilobytes = (value: unknown): string => `${Math.max(1, Math.ceil(Number(value) / 1024))} KB`;

const GATES: Record<string, string> = {
  release: 'May go',
  hold: 'Waits for an officer',
  divert: 'Stays inside the council',
  reject: 'Does not go',
};
const ORIGINS: Record<string, string> = {
  received: 'From a member or the council’s mail system',
  internal: 'The gateway’s own',
  preflight: 'A draft that somebody checks before sending',
};
const VIEWED: Record<string, string> = {
  message: 'Its text',
  html: 'Its text, as it was laid out',
};
const REFUSED: Record<string, string> = {
  'now-locked': 'The account is locked for a while after too many wrong tries',
};

const isKind = (kind: string): kind is FindingKind =>
  (FINDING_KINDS as readonly string[]).includes(kind);
const seenWords = (kind: string): string =>
  isKind(kind) ? findingWords(kind, false).reason : `${hitWords(kind)}.`;

function decision({ gate, protection, rules }: Data): string {
  const why = [...new Set(list(rules))].map((rule) => `“${hitWords(rule)}”`);
  const because = why.length > 0 ? `, by ${why.join(', ')}` : '';
  const how = protection === 'required' ? ', encrypted only' : '';
  return `${GATES[String(gate)] ?? String(gate)}${how}${because}`;
}

function caseAction({ action, state, recipients }: Data): string {
  const words = ACTION_WORDS[action as keyof typeof ACTION_WORDS] ?? String(action);
  const done = words.charAt(0).toUpperCase() + words.slice(1);
  const to = list(recipients).length;
  const forWhom = to > 0 ? `, for ${counted(to, 'recipient')}` : '';
  return `${done}${forWhom}${state === 'proposed' ? '. Waits for a second officer' : ''}`;
}

function viewed({ what }: Data): string {
  const text = String(what);
  return VIEWED[text] ?? text.charAt(0).toUpperCase() + text.slice(1);
}

const ofOfficer = ({ officer }: Data): string => `Of ${String(officer)}`;
const onRole = ({ officer, role, council }: Data): string =>
  `${roleWords(String(role))} at ${String(council)}, for ${String(officer)}`;
const scanner = ({ scanner: verdict }: Data): string =>
  verdict === 'infected'
    ? 'The malware scanner found something'
    : 'The malware scanner did not answer';
const byReason = ({ reason }: Data): string =>
  typeof reason === 'string' ? `Reason given: ${hitWords(reason).toLowerCase()}` : '';
const searched = ({ by, found }: Data): string => {
  const many = typeof found === 'number' ? `; ${counted(found, 'message')} found` : '';
  return `By ${list(by).join(', ') || 'nothing'}${many}`;
};
const version = ({ version: of }: Data): string => `Version ${String(of).slice(0, 12)}`;

/** Each kind of row. One that is missing here fails a test. */
export const AUDIT_EVENTS: Readonly<Record<string, Told>> = {
  // The road of a message.
  reception: {
    title: 'Taken over',
    tell: ({ origin, recipients, sizeBytes }) =>
      `${ORIGINS[String(origin)] ?? String(origin)}: ` +
      `${counted(recipients, 'recipient')}, ${kilobytes(sizeBytes)}`,
  },
  inspection: {
    title: 'Looked inside',
    tell: ({ kinds, faults }) => {
      const seen = list(kinds).map(seenWords);
      const failed = Number(faults) > 0 ? ` ${counted(faults, 'check')} failed.` : '';
      return `${seen.length > 0 ? seen.join(' ') : 'Nothing of note was seen.'}${failed}`;
    },
  },
  decision: { title: 'Decided by the policy', tell: decision },
  reinspection: { title: 'To be looked into again' },
  preflight: {
    title: 'Checked before sending',
    tell: ({ result }) => `The sender was told: ${String(result)}`,
  },
  'recipient-added': {
    title: 'Offered to the council mailbox',
    tell: () => 'The member’s own mailbox was added as a recipient',
  },
  delivery: {
    title: 'Delivered',
    tell: ({ protectedBy }) =>
      protectedBy ? `Encrypted: ${String(protectedBy)}` : 'Not encrypted by rule',
  },
  'transient-failure': {
    title: 'Not delivered yet',
    tell: ({ unprotected }) =>
      unprotected === true
        ? 'The server could not be reached safely, so nothing was sent'
        : 'The server did not take it; it is tried again',
  },
  bounce: { title: 'Refused by the other side' },
  expiration: { title: 'Given up' },
  withdrawal: { title: 'Taken back by the sender' },
  'retry-asked': { title: 'Asked to try again now' },
  erasure: { title: 'Content erased', tell: ({ class: of }) => `Kept as long as: ${String(of)}` },
  'tombstone-dropped': { title: 'Last trace erased' },
  export: { title: 'Exported', tell: byReason },
  trace: {
    title: 'Asked where it is',
    tell: ({ ticket, by }) => `Ticket ${String(ticket)}, by ${hitWords(String(by)).toLowerCase()}`,
  },
  'status-links-revoked': {
    title: 'Links in notices ended',
    tell: ({ links }) => counted(links, 'link'),
  },
  // Cases.
  'case-opened': { title: 'Case opened', tell: ({ role }) => `For ${roleWords(String(role))}` },
  'case-action': { title: 'Done to a case', tell: caseAction },
  review: {
    title: 'Decided by an officer',
    tell: ({ action, to, protection }) => {
      if (protection === 'required') return 'It leaves encrypted only';
      const done = ACTION_WORDS[action as keyof typeof ACTION_WORDS] ?? String(action);
      return `${done.charAt(0).toUpperCase()}${done.slice(1)}; it is now ${String(to)}`;
    },
  },
  'release-stopped': { title: 'Release stopped', tell: scanner },
  'case-overdue': {
    title: 'Case overdue',
    tell: ({ role }) => `${roleWords(String(role))} was told`,
  },
  'case-closed': { title: 'Case closed' },
  'content-viewed': { title: 'Content viewed', tell: viewed },
  'reading-asked': { title: 'Asked a second officer to read privileged mail', tell: byReason },
  'reading-approved': { title: 'Agreed that privileged mail is read', tell: ofOfficer },
  'reading-refused': { title: 'Did not agree that privileged mail is read', tell: ofOfficer },
  'reading-withdrawn': { title: 'No longer asks to read privileged mail' },
  'message-viewed': { title: 'Message viewed, not its text' },
  'message-explained': { title: 'Decision explained', tell: byReason },
  'case-example': { title: 'Made an example for the policy', tell: byReason },
  'record-searched': { title: 'Record searched', tell: searched },
  'person-searched': { title: 'One person’s mail searched', tell: searched },
  'audit-searched': { title: 'Audit searched' },
  'audit-verified': {
    title: 'Trail verified',
    tell: ({ isWhole, rows, batches }) =>
      `${isWhole === true ? 'Whole' : 'Does not verify'}: ` +
      `${counted(rows, 'row')} in ${String(batches)} batches`,
  },
  // People.
  'sign-in': { title: 'Signed in', tell: ({ method }) => `By ${String(method)}` },
  'sign-in-refused': {
    title: 'Sign-in refused',
    tell: ({ method, why }) => {
      const by = method ? `By ${String(method)}` : '';
      const because = why ? `: ${hitWords(String(why)).toLowerCase()}` : '';
      return REFUSED[String(why)] ?? `${by}${because}`;
    },
  },
  'sign-out': { title: 'Signed out' },
  'sign-out-elsewhere': {
    title: 'Signed out everywhere else',
    tell: ({ sessions }) => `${counted(sessions, 'session')} ended`,
  },
  'account-changed': {
    title: 'Account changed',
    tell: ({ change }) => hitWords(String(change)),
  },
  'officer-added': { title: 'Officer added', tell: ofOfficer },
  'officer-disabled': { title: 'Officer’s access ended', tell: ofOfficer },
  'officer-enabled': { title: 'Officer’s access given back', tell: ofOfficer },
  'officer-reset': { title: 'Officer’s account reset', tell: ofOfficer },
  'officer-role-granted': { title: 'Role given', tell: onRole },
  'officer-role-revoked': { title: 'Role taken away', tell: onRole },
  suspension: { title: 'Sending suspended' },
  'suspension-lifted': { title: 'Sending allowed again' },
  // Investigations and legal holds.
  'investigation-opened': { title: 'Investigation opened' },
  'investigation-closing-asked': { title: 'Asked to close an investigation' },
  'investigation-closed': { title: 'Investigation closed' },
  'investigation-ended': { title: 'Investigation ended by itself' },
  'hold-set': { title: 'Legal hold set', tell: ({ kind }) => hitWords(String(kind)) },
  'hold-lifted': { title: 'Legal hold lifted' },
  // Keys.
  'key-added': { title: 'Key taken in' },
  'key-asked': { title: 'Key asked for' },
  'key-fetched': { title: 'Key looked up', tell: ({ outcome }) => hitWords(String(outcome)) },
  'key-state': { title: 'Key’s state changed', tell: ({ state }) => `It is now ${String(state)}` },
  'key-expiring': { title: 'Key ends soon', tell: ({ expiresAt }) => `On ${day(expiresAt)}` },
  // Policy.
  'policy-activated': {
    title: 'Policy to run',
    tell: (data) => {
      const once = data['needsApproval'] === true ? ', once a second officer approves' : '';
      return `${version(data)}, from ${day(data['effectiveAt'])}${once}`;
    },
  },
  'policy-approved': { title: 'Policy approved', tell: version },
  'policy-withdrawn': { title: 'Policy withdrawn', tell: version },
  'policy-replayed': {
    title: 'Policy tried on past mail',
    tell: ({ messages }) => counted(messages, 'message'),
  },
};

/** A kind of row in words; rows of an older version may have kinds that are no more. */
export function eventTitle(event: string): string {
  return AUDIT_EVENTS[event]?.title ?? hitWords(event);
}

/** The parts of the gateway that write rows by themselves. */
const COMPONENTS = ['ingress', 'pipeline', 'delivery', 'retention', 'gateway'];

/**
 * A row of the trail for whoever reads it, by the table above. `names` has the officers that it
 * speaks of, by their ids.
 */
export function rowWords(row: AuditEntry, names: ReadonlyMap<string, string>): RowWords {
  const { event, actor, data } = row;
  const shown: Record<string, Fact> = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, harmless(name, value)]),
  );
  const named = { ...shown };
  for (const [name, value] of Object.entries(shown)) {
    if (typeof value === 'string') named[name] = names.get(value) ?? value;
  }
  const told = AUDIT_EVENTS[event]?.tell?.(named) ?? '';
  const facts = Object.entries({ row: row.id, event, by: actor, ...shown });
  return {
    title: eventTitle(event),
    // A row of an older version may lack a fact: its title says what it can.
    sentence: /\b(?:undefined|NaN)\b/.test(told) ? '' : told,
    who: names.get(actor) ?? (COMPONENTS.includes(actor) ? 'The gateway' : actor),
    facts: facts.flatMap(([name, value]) => {
      const values = (Array.isArray(value) ? value : [value]).filter((each) => each !== null);
      return values.length === 0 ? [] : [{ name, value: [...new Set(values)].join(', ') }];
    }),
  };
}

/** Officers that a row speaks of, beside who did it. */
export function officersIn({ actor, data }: AuditEntry): string[] {
  const ids = [data['officer'], data['authorisedBy'], data['proposedBy']];
  return [actor, ...ids.filter((id): id is string => typeof id === 'string')];
}

/** Words should not be in a row; what looks like some is not shown. */
function harmless(name: string, value: unknown): Fact {
  if (Array.isArray(value)) return value.map((each: unknown) => harmless(name, each));
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const pattern = PHRASES.includes(name) ? PHRASE : TOKEN;
  return typeof value === 'string' && pattern.test(value) ? value : '(not shown)';
}

/** Ids, numbers and codes. */
const TOKEN = /^[\p{L}\d/#_.:+-]{1,100}$/u;
/** Facts that the gateway alone words, some with a space: how somebody signed in, for one. */
const PHRASES = ['method', 'what', 'class', 'protectedBy'];
const PHRASE = /^[A-Za-z\d -]{1,60}$/;
