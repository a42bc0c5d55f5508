import type { Clause, Enforcement, Policy, PolicyException } from '../policy/policy.ts';
import { hitWords } from './case-words.ts';
import { roleWords } from './views.ts';

export interface ClauseEffect {
  /** How the clause is kept, in one or two words. */
  state: 'Enforced' | 'Recorded only' | 'Kept' | 'Off' | 'Not enforced';
  rule: string | null;
  /** What a match does, or why nothing is done: whole sentences. */
  words: string;
}

/** What becomes of a message under a clause, or why nothing does. */
export function clauseEffect({ enforcement }: Pick<Clause, 'enforcement'>): ClauseEffect {
  switch (enforcement.kind) {
    case 'rule': {
      const state = enforcement.shadow ? 'Recorded only' : 'Enforced';
      return { state, rule: enforcement.rule.id, words: effectWords(enforcement) };
    }
    case 'kept':
      return { state: 'Kept', rule: null, words: enforcement.how };
    case 'off':
      return { state: 'Off', rule: enforcement.rule, words: enforcement.reason };
    case 'not-enforced':
      return { state: 'Not enforced', rule: null, words: enforcement.reason };
  }
}

const GATES: Record<Enforcement['gate'], string | null> = {
  release: null,
  hold: 'is held for',
  divert: 'is kept inside the council for',
  reject: 'is refused',
};

function effectWords(enforcement: Enforcement): string {
  const { gate, protection, nudge, tag, notify, fourEyes, shadow } = enforcement;
  const [queue, ...told] = notify.map(roleWords);
  const waits = gate === 'hold' || gate === 'divert';
  const parts = [
    GATES[gate] && `${GATES[gate]}${waits ? ` ${queue ?? 'ICT'}` : ''}`,
    protection === 'required' ? 'leaves encrypted or not at all' : null,
    nudge ? 'goes with advice to the sender' : null,
    tag ? 'is tagged' : null,
  ].filter((each) => each !== null);
  const others = waits ? told : [queue, ...told].filter((each) => each !== undefined);
  const sentences = [
    `A message that matches ${parts.length > 0 ? listWords(parts) : 'is recorded'}.`,
    others.length > 0 ? `Told: ${others.join(', ')}.` : '',
    fourEyes ? 'Two officers decide.' : '',
    shadow ? 'For now it is only recorded, and nothing of this is done.' : '',
  ];
  return sentences.filter((each) => each !== '').join(' ');
}

function listWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** For whom an exception stands. A member is named to those alone who may see members. */
export function exceptionScope(
  { member, recipient, domain }: PolicyException,
  mayName: boolean,
): string {
  const who = member === null ? null : mayName ? member : 'one member';
  const target = recipient === null ? domain : mayName ? recipient : 'one address';
  const parts = [who && `mail of ${who}`, target && `mail to ${target}`];
  return parts.filter((each) => each !== null).join(', ');
}

/** What an exception permits, in words. */
export function exceptionWords({ permits, rules }: PolicyException): string {
  if (permits === 'redirect') return 'May forward by itself, encrypted only';
  return `“${rules.map(hitWords).join('”, “')}” does not apply`;
}

/** The name of a council of the policy, its id where it has left it. */
export function councilName(policy: Pick<Policy, 'councils'>, id: string): string {
  return policy.councils.get(id)?.name ?? id;
}
