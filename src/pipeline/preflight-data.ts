import type { RecipientDecision, RuleHit } from '../mail/decision.ts';
import { UNNAMED_RECIPIENT } from '../mail/draft.ts';
import type { NoticeData } from '../mail/notice.ts';
import { clauseWords, localWords } from '../mail/plain-words.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { clausesOf, greeting, officerOf, wordsBehind, type NoticeSource } from './notice-data.ts';

/** What the answer to a preflight is about. */
export interface PreflightAsked {
  /** Nothing of it was sent. */
  isDraft: boolean;
  /** The actor asked too often in this hour: that is all that is said. */
  isTooMany: boolean;
}

/** What would happen for each recipient, why, under which clause, and what to change. */
export function preflightData(
  source: Pick<NoticeSource, 'message' | 'council' | 'decision' | 'actor' | 'positions'>,
  { isDraft, isTooMany }: PreflightAsked,
): NoticeData {
  const { message, council, decision, actor, positions } = source;
  const asked = isTooMany
    ? []
    : decision.recipients.filter((_, position) => positions?.includes(position) ?? true);
  const hits = unique(asked.flatMap(acting));
  const words = wordsBehind(decision, hits, council);
  const { markingAdvised, redirectAllowed, pgpFallback } = council.settings;
  const isFine = hits.length === 0;
  return {
    recipientName: greeting(actor),
    sentAt: localWords(message.receivedAt),
    queueId: message.queueId,
    reason: isTooMany ? TOO_MANY : isFine ? ALL_FINE : SOMETHING,
    clauses: clausesOf(hits, null),
    recipients: asked.map((recipient) => ({
      address: nameOf(recipient.address),
      outcome: outcomeOf(recipient, council),
      reason: reasonOf(recipient, source),
    })),
    notAffected: [],
    ictDesk: council.settings.roleNames.ict ?? 'the ICT desk',
    protected: asked.some(({ protection }) => protection === 'required'),
    waitingHelps: false,
    pgp: pgpFallback,
    keyHeld: false,
    markingAdvised,
    redirectAllowed,
    waitsForOfficer: null,
    dueBy: null,
    retryUntil: null,
    officerReason: null,
    advice: [...new Set(words.flatMap(({ advice }) => advice))],
    mayResend: true,
    statusLink: null,
    forIct: null,
    isDraft,
  };
}

const TOO_MANY =
  'You have asked too often in this hour, so we did not check this one. Please try again later.';
const ALL_FINE = 'We found nothing that would stop or change it.';
const SOMETHING = 'Something would happen to it. Please read the list.';

function nameOf(address: string): string {
  return address === UNNAMED_RECIPIENT ? 'anybody outside the council' : address;
}

/** What does something that the sender would notice, or should know. */
function acting({ hits }: RecipientDecision): RuleHit[] {
  return hits.filter(
    ({ inert, gate, protection, nudge }) =>
      inert === null && (gate !== 'release' || protection === 'required' || nudge),
  );
}

function outcomeOf(recipient: RecipientDecision, council: CouncilPolicy): string {
  const encrypted = recipient.protection === 'required' ? ', and encrypted if it goes' : '';
  switch (recipient.gate) {
    case 'release':
      return recipient.protection === 'required' ? 'it goes, but only encrypted' : 'it goes';
    case 'hold':
      return `it waits until ${officerOf(acting(recipient), council)} decides${encrypted}`;
    case 'divert':
      return 'it is not sent on, and stays in your council mailbox';
    case 'reject':
      return 'it is not sent';
  }
}

/** The rules in plain words, each with its clause: words that follow "because". */
function reasonOf(
  recipient: RecipientDecision,
  { decision, council }: Pick<NoticeSource, 'decision' | 'council'>,
): string | null {
  const reasons = unique(acting(recipient)).map((hit) => {
    const reason = wordsBehind(decision, [hit], council)[0]?.reason;
    const why = reason ? afterBecause(reason) : 'the council asks for it';
    return `${why} (${clauseWords(hit.clause)})`;
  });
  return reasons.length === 0 ? null : reasons.join('; and because ');
}

/** A sentence as the end of another. */
function afterBecause(sentence: string): string {
  const bare = sentence.replace(/\.$/, '');
  return /^(?:It|The|This|You|Your|We|Our|There)\b/.test(bare)
    ? bare.charAt(0).toLowerCase() + bare.slice(1)
    : bare;
}

function unique(hits: RuleHit[]): RuleHit[] {
  const seen = new Set<string>();
  return hits.filter(({ rule, clause }) => {
    const key = `${rule} ${clause.document} ${clause.section}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
