import { findingWords } from '../mail/plain-words.ts';
import type { Policy } from '../policy/policy.ts';
import type { QueueState } from '../store/case-queue.ts';
import type { CaseAction } from '../store/cases.ts';
import type { Db } from '../store/connect.ts';
import { findOfficer } from '../store/officers.ts';

/** The tabs of the queue. */
export const STATE_WORDS: Record<QueueState, string> = {
  decide: 'To decide',
  asked: 'Asked the sender',
  second: 'Needs a second officer',
  'under-way': 'Released, on the way',
  closed: 'Closed',
};

/** What was done to a case, after the name of who did it. */
export const ACTION_WORDS: Record<CaseAction, string> = {
  release: 'released it',
  'release-encrypted': 'released it, encrypted only',
  reject: 'refused it',
  'return-for-pgp': 'sent it back for encryption',
  'deliver-inward': 'had it delivered inside the council',
  ask: 'asked the sender',
  answer: 'answered',
  appeal: 'asked for a second look',
  withdraw: 'took it back',
  claim: 'took the case',
  unclaim: 'gave the case back',
  assign: 'assigned the case',
  escalate: 'handed it to another role',
  urgent: 'marked it urgent',
  'not-urgent': 'took the urgent mark off',
  note: 'noted',
  undo: 'took the refusal back',
  end: 'let it go: its time was over',
};

/** A rule's id in words. */
export function hitWords(rule: string): string {
  const words = rule.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why a case waits, by its rule, in one plain sentence: what was seen, not what somebody did. */
export function caseSentence({ rules }: Pick<Policy, 'rules'>, rule: string | null): string {
  if (rule === null) return 'We could not look inside this message.';
  const found = rules.get(rule);
  const example = found?.examples.find(({ matches, given }) => matches && given.findings?.[0]);
  const kind = example?.given.findings?.[0]?.kind;
  const words = found?.words?.reason ?? (kind && findingWords(kind, false).reason);
  return words ?? `It may come under the rule “${hitWords(rule)}”.`;
}

/** A date without a time (YYYY-MM-DD), as an instant that is on that day in London all year. */
export function day(iso: string): Date {
  return new Date(`${iso}T12:00:00Z`);
}

const MINUTE = 60_000;

/** `5 minutes`, `1 hour`, `2 days`: how long something has waited. */
export function agoWords(since: Date, at: Date): string {
  const minutes = Math.max(0, Math.floor((at.getTime() - since.getTime()) / MINUTE));
  return spanWords(minutes);
}

function spanWords(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (minutes < 60) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** By when it is to be decided, from now on. */
export function dueWords(due: Date | null, at: Date): { text: string; isOver: boolean } | null {
  if (due === null) return null;
  const minutes = Math.floor((due.getTime() - at.getTime()) / MINUTE);
  if (minutes < 0) return { text: `${spanWords(-minutes)} overdue`, isOver: true };
  return { text: `in ${spanWords(minutes)}`, isOver: false };
}

// Others in the record are components, and whoever works by command.
const ACCOUNT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Names of officers by their ids; the clock and the sender have theirs. */
export async function officerNames(
  db: Db,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map([
    ['sender', 'The sender'],
    ['clock', 'The clock'],
  ]);
  const unknown = new Set(ids.filter((id): id is string => id !== null && ACCOUNT.test(id)));
  await Promise.all(
    [...unknown].map(async (id) => {
      const officer = names.has(id) ? null : await findOfficer(db, { id });
      if (officer) names.set(id, officer.name);
    }),
  );
  return names;
}
