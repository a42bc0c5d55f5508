import type { ClauseRef, Decision, RuleHit } from '../mail/decision.ts';
import type { DsnAction, DsnInput, DsnRecipient } from '../mail/dsn.ts';
import type { Actor } from '../mail/facts.ts';
import type { NoticeData, NoticeKind } from '../mail/notice.ts';
import {
  findingWords,
  localWords,
  outcomeWords,
  policeNameWords,
  silenceWords,
  statusWords,
  unprotectedWords,
  UNPROTECTED_CAUSES,
  type FindingWords,
} from '../mail/plain-words.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import type { StoredMessage, StoredRecipient } from '../store/messages.ts';

export interface NoticeSource {
  kind: NoticeKind;
  message: StoredMessage;
  council: CouncilPolicy;
  decision: Decision;
  actor: Actor;
  /** Positions that the notice is about; `null`: composed from how the recipients stand now. */
  positions: number[] | null;
  officerReason: string | null;
  /** By when the case is to be decided; `null` where there is none, or no such time. */
  dueAt: Date | null;
  /** Positions whose recipient has an officer-trusted key. */
  keyHeld: ReadonlySet<number>;
  /** Address of the page for the sender; `null` where there is none. */
  statusLink: string | null;
}

/** Which recipients a failure notice names: everybody who stands so by the time it is written. */
const NAMED: Partial<Record<NoticeKind, readonly string[]>> = {
  delayed: ['queued', 'deferred'],
  undelivered: ['bounced'],
  expired: ['expired'],
};

/** Notices in which an officer has a part, and is named. */
const OFFICER_NOTICES: readonly NoticeKind[] = [
  'held',
  'refused',
  'released',
  'returned',
  'question',
];

/**
 * The recipients that a notice is about. The council's own copy of a diverted message is not one.
 */
export function concerned(source: NoticeSource): StoredRecipient[] {
  const asked = source.message.recipients.filter(
    ({ position }) => position < source.decision.recipients.length,
  );
  const { positions, kind } = source;
  if (positions) return asked.filter(({ position }) => positions.includes(position));
  const statuses = NAMED[kind] ?? [];
  return asked.filter(({ status }) => statuses.includes(status));
}

/** Everything a template may say, in words. Holds no content of the message. */
export function noticeData(source: NoticeSource): NoticeData {
  const { kind, message, council, decision, officerReason, keyHeld } = source;
  const recipients = concerned(source);
  const hits = hitsBehind(source, recipients);
  const marked = recipients.some(({ protection }) => protection === 'required');
  const waiting = recipients.filter(({ status }) => status === 'queued' || status === 'deferred');
  const tried = kind === 'expired' ? recipients : waiting;
  const retryUntil = latest(tried.map(({ giveUpAt }) => giveUpAt));
  const { markingAdvised, redirectAllowed, pgpFallback } = council.settings;
  const words = wordsBehind(decision, hits, council);
  return {
    recipientName: greeting(source.actor),
    sentAt: localWords(message.receivedAt),
    queueId: message.queueId,
    reason: words[0]?.reason ?? reasonOf(kind, marked),
    clauses: clausesOf(hits, marked ? decision : null),
    recipients: recipients.map((recipient) => ({
      address: recipient.address ?? '',
      outcome: outcomeWords(recipient.status),
      reason: kind in NAMED ? whyNot(recipient) : null,
    })),
    notAffected: message.recipients.flatMap(({ address, status, position }) =>
      status === 'delivered' && position < decision.recipients.length && address ? [address] : [],
    ),
    ictDesk: council.settings.roleNames.ict ?? 'the ICT desk',
    protected: marked,
    waitingHelps: waiting.some(({ lastResult }) => !isHopeless(lastResult)),
    pgp: pgpFallback,
    keyHeld: recipients.length > 0 && recipients.every(hasWorkingKey(keyHeld)),
    markingAdvised,
    redirectAllowed,
    waitsForOfficer: OFFICER_NOTICES.includes(kind) ? officerOf(hits, council) : null,
    dueBy: source.dueAt && localWords(source.dueAt),
    retryUntil: retryUntil && localWords(retryUntil),
    officerReason,
    advice: [...new Set(words.flatMap(({ advice }) => advice))],
    mayResend: words.every(({ mayResend }) => mayResend),
    statusLink: source.statusLink,
    forIct: forIct(source, marked),
    isDraft: false,
  };
}

/** `Councillor Ashdown` for members, the whole name for others. */
export function greeting({ name, class: personClass }: Actor): string {
  const bare = name.replace(/^(?:cllr|councillor)\.?\s+/i, '').trim();
  if (personClass !== 'member') return bare || 'colleague';
  return `Councillor ${bare.split(/\s+/).at(-1) ?? ''}`.trim();
}

/** A key that was of no use when it was tried is not one to promise anything of. */
function hasWorkingKey(keyHeld: ReadonlySet<number>): (recipient: StoredRecipient) => boolean {
  return ({ position, lastResult }) => keyHeld.has(position) && !isSealingFlaw(lastResult);
}

function isSealingFlaw(lastResult: string | null): boolean {
  return lastResult?.startsWith('pgp-') ?? false;
}

/** An officer's decision after a hold rests on the clause that held it. */
const DECIDED: readonly NoticeKind[] = ['refused', 'released', 'returned'];

const GATE_OF: Partial<Record<NoticeKind, string>> = {
  held: 'hold',
  diverted: 'divert',
  refused: 'reject',
  question: 'hold',
};

/** The acting rule hits that brought the notice about, without doubles. */
function hitsBehind(
  { kind, decision, message }: NoticeSource,
  named: StoredRecipient[],
): RuleHit[] {
  const positions = new Set(named.map(({ position }) => position));
  const acting = decision.recipients
    .filter((_, position) => positions.has(position))
    .flatMap(({ hits }) => hits)
    .filter(({ inert }) => inert === null);
  const gate = GATE_OF[kind];
  const wanted = acting.filter((hit) => {
    if (kind === 'nudge') return hit.nudge;
    if (DECIDED.includes(kind)) return hit.gate !== 'release';
    if (gate) return hit.gate === gate;
    return hit.protection === 'required';
  });
  const seen = new Set<string>();
  return wanted.filter(({ rule, clause }) => {
    const key = `${message.queueId} ${rule} ${clause.section}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** The words of each hit: of its clause or rule where these have some, else of its findings. */
export function wordsBehind(
  decision: Decision,
  hits: RuleHit[],
  council: CouncilPolicy,
): FindingWords[] {
  const words = hits.flatMap((hit) => {
    const own = wordsOf(council, hit);
    if (own) return [own];
    const kinds = hit.findings.flatMap((index) => decision.findings[index]?.kind ?? []);
    return kinds.map((kind) => findingWords(kind, council.settings.markingAdvised));
  });
  return words.filter(
    ({ reason }, index) => words.findIndex((each) => each.reason === reason) === index,
  );
}

function wordsOf({ clauses }: CouncilPolicy, { rule, clause }: RuleHit): FindingWords | null {
  for (const { section, enforcement } of clauses) {
    if (section !== clause.section || enforcement.kind !== 'rule' || enforcement.shadow) continue;
    if (enforcement.rule.id === rule) return enforcement.words;
  }
  return null;
}

export function clausesOf(hits: RuleHit[], marked: Decision | null): ClauseRef[] {
  const protecting = (marked?.recipients ?? [])
    .flatMap((recipient) => recipient.hits)
    .filter((hit) => hit.protection === 'required' && hit.inert === null);
  const clauses = (hits.length > 0 ? hits : protecting).map(({ clause }) => clause);
  const seen = new Set<string>();
  return clauses.filter(({ document, section }) => {
    const key = `${document} ${section}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function reasonOf(kind: NoticeKind, marked: boolean): string {
  if (marked) return 'It must be sent encrypted.';
  return kind === 'held'
    ? 'Our checks could not tell that it may go.'
    : 'It could not be delivered.';
}

const OFFICERS: Record<string, string> = {
  'monitoring-officer': 'the Monitoring Officer',
  'data-protection-officer': 'the Data Protection Officer',
  'democratic-services': 'Democratic Services',
  ict: 'the ICT service desk',
};

export function officerOf(hits: RuleHit[], { settings }: CouncilPolicy): string {
  const role = hits.flatMap(({ notify }) => notify)[0] ?? 'ict';
  const named: Partial<Record<string, string>> = settings.roleNames;
  return named[role] ?? OFFICERS[role] ?? 'an officer of the council';
}

/** What only the desk can use: where a redirect was seen, and its ways out of a failure. */
function forIct({ kind, decision, message, council }: NoticeSource, marked: boolean) {
  if (kind === 'diverted') return forwardingEvidence(decision);
  if (!marked || !(kind in NAMED)) return null;
  const keys =
    council.settings.pgpFallback === 'off'
      ? ''
      : 'To bring a key: portreeve key ask, key fetch or key import, then key trust. ' +
        (kind === 'delayed' ? 'What waits then goes as the council’s file says. ' : '');
  return (
    `To see what is in the way: portreeve readiness, with the address. ${keys}To hand it over by ` +
    `another means: portreeve export --message ${message.queueId}.`
  );
}

function forwardingEvidence(decision: Decision): string | null {
  const found = decision.findings.find(({ kind }) => kind.startsWith('auto-forward'));
  return found ? `${found.summary.replace(/\.$/, '')}.` : null;
}

function whyNot({ address, lastResult }: StoredRecipient): string | null {
  const why = lastResult && causeWords(lastResult);
  const instead = policeNameWords(address ?? '');
  return why && instead ? `${why}; ${instead}` : why;
}

function causeWords(lastResult: string): string {
  if (UNPROTECTED_CAUSES.some((cause) => cause === lastResult)) return unprotectedWords(lastResult);
  if (/^[a-z-]+$/.test(lastResult)) return silenceWords(lastResult);
  return statusWords(enhancedCode(lastResult) ?? '');
}

const HOPELESS = [
  'starttls-not-offered',
  'certificate-',
  'dane-mismatch',
  'sts-mx-mismatch',
  'no-proof',
  'route-not-protected',
  'tls-too-old',
  'pgp-',
];

function isHopeless(lastResult: string | null): boolean {
  return HOPELESS.some((cause) => lastResult?.startsWith(cause) ?? false);
}

function enhancedCode(reply: string): string | null {
  return /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1] ?? null;
}

function latest(times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : new Date(Math.max(...known.map(Number)));
}

const ACTION: Partial<Record<NoticeKind, DsnAction>> = {
  delayed: 'delayed',
  undelivered: 'failed',
  expired: 'failed',
};

/**
 * The delivery report of a delayed or undelivered notice (RFC 3464), `null` for the other kinds.
 */
export function dsnInput(source: NoticeSource, hostname: string): DsnInput | null {
  const action = ACTION[source.kind];
  if (!action) return null;
  const { message } = source;
  return {
    reportingMta: hostname,
    arrivedAt: message.receivedAt,
    envid: message.envelope?.envid ?? null,
    recipients: concerned(source).map((recipient) => dsnRecipient(recipient, action)),
  };
}

/**
 * Domain E.3: marked mail that found no acceptable encryption is X.7.10, or X.7.5 where a key was
 * found and could not be used; other waiting is X.4.7.
 */
function dsnRecipient(recipient: StoredRecipient, action: DsnAction): DsnRecipient {
  const { lastResult } = recipient;
  const known = lastResult ? enhancedCode(lastResult) : null;
  const encryption = isSealingFlaw(lastResult) ? '7.5' : '7.10';
  const fallback = recipient.protection === 'required' ? encryption : '4.7';
  const replied = lastResult !== null && /^[245]\d\d /.test(lastResult);
  const digit = action === 'failed' ? '5' : '4';
  return {
    address: recipient.address ?? '',
    orcpt: recipient.orcpt,
    notify: recipient.notify,
    action,
    status: `${digit}.${known ? known.slice(2) : fallback}`,
    remoteMta: null,
    diagnostic: replied ? lastResult : null,
    lastAttempt: recipient.statusAt,
    willRetryUntil: action === 'delayed' ? recipient.giveUpAt : null,
  };
}
