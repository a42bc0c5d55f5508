import { statusWords, unprotectedWords } from '../mail/plain-words.ts';
import type { TimelineAttempt, timelineOf, TimelineRow } from '../store/case-history.ts';
import type { StoredCaseAction } from '../store/cases.ts';
import type { StoredMessage } from '../store/messages.ts';
import { ACTION_WORDS, hitWords } from './case-words.ts';

/** One line of the timeline. */
export interface Entry {
  at: Date;
  who: string;
  what: string;
  /** What was said: an officer's words, or the server's own. */
  words: string | null;
  /** Whether the sealed trail vouches for it. */
  isSealed: boolean;
}

const EVENTS: Record<string, string> = {
  reception: 'took the message over; nothing after this can lose it',
  inspection: 'looked inside',
  'case-opened': 'opened this case',
  'case-closed': 'closed the case: everything is done',
  'case-overdue': 'told the officers that it is overdue',
  'release-stopped': 'let nothing go: the malware scanner found something, or did not answer',
  'recipient-added': 'will offer it to the member’s own council mailbox',
  'retry-asked': 'asked to try again now',
  withdrawal: 'took it back',
  'status-links-revoked': 'ended the links in notices of this message',
  erasure: 'erased the content',
  trace: 'looked up where it is',
  delivery: 'delivered it',
  'transient-failure': 'could not deliver it yet',
  bounce: 'was refused for good by the other side',
  expiration: 'stopped trying',
};
/** Of privileged mail; as all looks into a message, not told to those who may not look. */
const READING: Record<string, string> = {
  'reading-asked': 'asked a second officer to agree that they read it',
  'reading-approved': 'agreed that another officer reads it',
  'reading-refused': 'did not agree that another officer reads it',
  'reading-withdrawn': 'took the request to read it back',
};
/** Told better by the case's own history, or by the tries of delivery. */
const LEFT_OUT = ['case-action', 'review', 'message-viewed'];

/** That somebody is investigated is not told to everybody who reads a timeline. */
function isShown({ event, data }: TimelineRow): boolean {
  return !LEFT_OUT.includes(event) && data['investigation'] === undefined;
}

/** Everything from custody to the remote server's words, in order, each with who did it. */
export function entriesOf(
  { events, attempts }: History,
  message: StoredMessage,
  actions: readonly StoredCaseAction[],
  names: ReadonlyMap<string, string>,
): Entry[] {
  const address = (id: number | null): string =>
    message.recipients.find((each) => each.id === id)?.address ?? '';
  const nameOf = (actor: string): string => names.get(actor) ?? COMPONENTS[actor] ?? actor;
  const all = [
    ...events.filter(isShown).map((row) => entryOf(row)),
    ...attempts.map(attemptEntry),
    ...actions.map((action) => ({
      at: action.at,
      who: nameOf(action.officer),
      what: actionWords(action, names),
      words: action.reason || null,
      isSealed: true,
    })),
  ];
  return all.toSorted((a, b) => a.at.getTime() - b.at.getTime());

  function entryOf({ at, event, actor, recipientId, data, batchId }: TimelineRow): Entry {
    const to = address(recipientId);
    return {
      at,
      who: nameOf(actor),
      what: `${eventWords(event, data)}${to === '' ? '' : ` (${to})`}`,
      words: null,
      isSealed: batchId !== null,
    };
  }
}

/**
 * The history for those who may know where a message is and not what is in it: without what it was
 * held for, who looked into it, and who decided.
 */
export function contentFree({ events, attempts }: History): History {
  return {
    attempts,
    events: events
      .filter(({ event }) => event === 'decision' || event in EVENTS)
      .map((row) => ({
        ...row,
        actor: row.actor in COMPONENTS ? row.actor : 'An officer',
        data: row.event === 'decision' ? { gate: row.data['gate'] } : {},
      })),
  };
}

type History = Awaited<ReturnType<typeof timelineOf>>;

const COMPONENTS: Record<string, string> = {
  ingress: 'The gateway',
  pipeline: 'The gateway',
  delivery: 'The gateway',
  retention: 'The gateway',
  clock: 'The clock',
};

function eventWords(event: string, data: Record<string, unknown>): string {
  if (event === 'decision') {
    const rules = Array.isArray(data['rules']) ? data['rules'].map(String).map(hitWords) : [];
    const gate = { release: 'let it go', hold: 'held it', divert: 'kept it inside' }[
      String(data['gate'])
    ];
    const why = rules.length > 0 ? ` because of ${[...new Set(rules)].join(', ')}` : '';
    return `${gate ?? 'refused it'}${why}`;
  }
  if (event === 'content-viewed') return `looked into it: ${String(data['what'])}`;
  if (event in READING) return READING[event] ?? event;
  return EVENTS[event] ?? event.replaceAll('-', ' ');
}

function actionWords(action: StoredCaseAction, names: ReadonlyMap<string, string>): string {
  const words = ACTION_WORDS[action.action];
  const to = action.recipientIds.length > 0 ? `, ${action.recipientIds.length} recipient(s)` : '';
  if (action.state === 'proposed') return `proposed, for a second officer: ${words}${to}`;
  if (action.state === 'replaced') return `proposed: ${words}${to}`;
  if (action.state === 'undone') return `${words}${to}; taken back`;
  const first = action.proposedBy && (names.get(action.proposedBy) ?? action.proposedBy);
  return `${words}${to}${first ? `, as ${first} had proposed` : ''}`;
}

function attemptEntry(attempt: TimelineAttempt): Entry {
  const { host, outcome, reply, evidence } = attempt;
  const level = typeof evidence?.['level'] === 'string' ? ` (${evidence['level']})` : '';
  const cause =
    typeof evidence?.['cause'] === 'string' ? unprotectedWords(evidence['cause']) : null;
  const words = reply ?? cause;
  return {
    at: attempt.endedAt ?? attempt.startedAt,
    who: host ?? 'The recipient’s server',
    what: `${OUTCOMES[outcome ?? ''] ?? 'was asked'}${level}`,
    words: words && explained(words),
    isSealed: false,
  };
}

const OUTCOMES: Record<string, string> = {
  delivered: 'took the message',
  deferred: 'did not take it yet',
  bounced: 'refused it',
  unprotected: 'could not be reached safely, so nothing was sent',
};

/** The server's own words, with ours behind them where the code says more than the text. */
function explained(reply: string): string {
  const code = /\b([45]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1];
  return code ? `${reply} (${statusWords(code)})` : reply;
}
