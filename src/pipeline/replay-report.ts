import { transaction, type Db } from '../store/connect.ts';
import {
  keepReplayResult,
  loadReplay,
  replayChanges,
  type ReplayChange,
  type ReplayCount,
  type ReplayResult,
  type ReplayScore,
  type ScoredChange,
} from '../store/replays.ts';

/** What a replay came to, with every recipient whose outcome differs. */
export interface ReplayReport {
  replay: string;
  from: string;
  to: string;
  since: Date;
  until: Date;
  messages: number;
  /** Of these read again; the others were decided from what was recorded. */
  inspected: number;
  /** Older releases kept too little of these, or a council is in only one of the policies. */
  unread: number;
  /** Most frequent first. */
  counts: ReplayCount[];
  score: ReplayScore;
  changes: ScoredChange[];
}

/**
 * The report of a replay, scored by what officers have made of held mail until now. What it comes
 * to is kept with the replay. `null` where there is no such replay.
 */
export async function reportOf(db: Db, id: string): Promise<ReplayReport | null> {
  const stored = await loadReplay(db, id);
  if (!stored) return null;
  const changes = await replayChanges(db, id);
  const counts = countsOf(changes);
  if (stored.finishedAt !== null) {
    const result = { counts, scores: scoresOf(changes) };
    await transaction(db, (tx) => keepReplayResult(tx, id, result));
  }
  return {
    replay: id,
    from: stored.fromVersion,
    to: stored.toVersion,
    since: stored.since,
    until: stored.until,
    messages: stored.messages,
    inspected: stored.inspected,
    unread: stored.unread,
    counts,
    score: scoreOf(changes),
    changes,
  };
}

const outcome = (gate: string, protection: string): string =>
  protection === 'required' ? `${gate}, protected` : gate;

/** What a recipient's outcome was, in words. */
export const wasOf = (each: ReplayChange): string =>
  outcome(each.beforeGate, each.beforeProtection);
export const wouldOf = (each: ReplayChange): string =>
  outcome(each.afterGate, each.afterProtection);

/** Where no rule came or went, a clause has another effect. */
export const SAME_RULES = '(same rules, another effect)';

/** By council, rule and change, the most frequent first. */
export function countsOf(changes: readonly ReplayChange[]): ReplayCount[] {
  const counts = new Map<string, ReplayCount & { of: Set<string> }>();
  for (const each of changes) {
    const rules = rulesOf(each);
    for (const rule of rules.length === 0 ? [SAME_RULES] : rules) {
      const kind = { council: each.council, rule, before: wasOf(each), after: wouldOf(each) };
      const key = Object.values(kind).join('|');
      const known = counts.get(key) ?? { ...kind, messages: 0, recipients: 0, of: new Set() };
      known.of.add(each.queueId);
      counts.set(key, { ...known, messages: known.of.size, recipients: known.recipients + 1 });
    }
  }
  return [...counts.values()]
    .map(({ of: _of, ...count }) => count)
    .sort((a, b) => b.recipients - a.recipients || a.council.localeCompare(b.council));
}

/** Rules that would come, with a plus, and that would go, with a minus. */
export function rulesOf({ gained, lost }: ReplayChange): string[] {
  return [...gained.map((rule) => `+${rule}`), ...lost.map((rule) => `-${rule}`)];
}

function scoresOf(changes: readonly ScoredChange[]): ReplayResult['scores'] {
  const councils = Map.groupBy(changes, ({ council }) => council);
  return Object.fromEntries([...councils].map(([council, own]) => [council, scoreOf(own)]));
}

/** Counts messages: one that waits for several recipients is held once. */
function scoreOf(changes: readonly ScoredChange[]): ReplayScore {
  const held = (gate: string): boolean => gate !== 'release';
  const eased = changes.filter((each) => held(each.beforeGate) && !held(each.afterGate));
  const messages = (some: readonly ScoredChange[]): number =>
    new Set(some.map(({ queueId }) => queueId)).size;
  return {
    unneededHoldsSaved: messages(eased.filter(({ officer }) => officer === 'released')),
    refusedNowPassing: messages(eased.filter(({ officer }) => officer === 'refused')),
    newHolds: messages(changes.filter((each) => !held(each.beforeGate) && held(each.afterGate))),
  };
}
