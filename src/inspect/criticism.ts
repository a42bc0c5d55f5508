import type { Facts } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { evidenceOf, phrase } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { ABUSE_CUES } from './abusive-signals.ts';
import { disguisedWords } from './disguised-words.ts';
import { findCues } from './cues.ts';
import { ownPassages, windowsOf } from './passages.ts';
import type { Passage } from './passages.ts';
import { ATTACKS, IMPERSONAL, ROLES } from './personal-attacks.ts';

const REACH = 220;
const MAX_MATCHES = 100;
const MAX_EVIDENCE = 6;

interface Attack {
  passage: Passage;
  start: number;
  end: number;
}

/**
 * Personal criticism of a member or an officer in the member's own text: words against the person
 * near a named colleague, a title or an office. Disagreement with a decision, a service or a
 * report is not criticism of a person (domain A38, A50), and a formal complaint may say what it
 * must.
 */
export function createCriticismInspector(lists: Lists): Inspector {
  const abuse = disguisedWords([...lists.abusiveTerms, ...lists.discriminatoryTerms]);
  return { name: 'criticism', inspect: (input) => inspectCriticism(input, abuse) };
}

function inspectCriticism({ message, facts }: Inspection, abuse: RegExp): Finding[] {
  const passages = windowsOf(ownPassages(message)).flat();
  if (isFormalComplaint(message, facts, passages)) return [];
  const names = namePattern(facts);
  const found = [
    ...passages.flatMap((passage) => attacksOn(passage, names, message.subject)),
    ...insultsToColleagues(facts, passages, abuse),
  ];
  const [first] = found;
  if (first === undefined) return [];
  return [
    {
      kind: 'criticism',
      type: 'personal-criticism',
      score: found.length > 1 ? 0.9 : 0.8,
      summary: 'Words against the person of a member or an officer',
      evidence: found.slice(0, MAX_EVIDENCE).map(evidenceOf),
      recipient: null,
      details: {},
    },
  ];
}

/** Words against a person with a member or officer as the nearest person spoken of. */
function attacksOn(passage: Passage, names: RegExp | null, subject: string): Attack[] {
  const attacks: Attack[] = [];
  for (const { pattern, needsRole } of ATTACKS) {
    let looked = 0;
    for (const match of passage.plain.matchAll(pattern)) {
      if ((looked += 1) > MAX_MATCHES) break;
      const [start, end] = [match.index, match.index + match[0].length];
      const before = passage.plain.slice(Math.max(0, start - REACH), end);
      const after = passage.plain.slice(end, end + REACH / 2);
      const target = targetIn(before, names) ?? (needsRole ? null : targetIn(after, names));
      const bySubject = target === null && targetIn(subject, names) !== null;
      if (target === null && !bySubject && targetIn(after, names) === null) continue;
      if (denied(passage.plain, start) || somebodyElse(before, target)) continue;
      attacks.push({ passage, start, end });
    }
  }
  return attacks;
}

/** Offset of the last member or officer spoken of, `null` where there is none. */
function targetIn(text: string, names: RegExp | null): number | null {
  let last: number | null = null;
  for (const pattern of [ROLES, ...(names === null ? [] : [names])]) {
    for (const match of text.matchAll(pattern)) last = Math.max(last ?? 0, match.index);
  }
  return last;
}

/** A firm, a minister, a dog: spoken of after the colleague, so the words are for them. */
function somebodyElse(before: string, target: number | null): boolean {
  for (const match of before.matchAll(IMPERSONAL)) {
    if (target === null || match.index > target) return true;
  }
  return false;
}

const DENIAL = new RegExp(
  String.raw`(?:\b(?:not|never|nothing like|nowhere near|isn't|wasn't|nobody says|` +
    String.raw`don't say|neither|no|hardly|far from|sorry (?:that )?I (?:was|were)|I (?:was|` +
    String.raw`am|have been)|I'm|I)\s(?:\w{1,10}\s){0,2})$`,
  'i',
);

function denied(text: string, start: number): boolean {
  return DENIAL.test(text.slice(Math.max(0, start - 40), start));
}

function namePattern(facts: Facts): RegExp | null {
  const people = facts.namedPeople.filter(
    (person) => !person.addresses.includes(facts.actor.address),
  );
  const forms = people.flatMap((person) => {
    const words = person.name.split(/\s+/).filter((word) => /^[\p{L}'-]{3,40}$/u.test(word));
    return [...new Set([words.at(0), words.at(-1)])].filter((word) => word !== undefined);
  });
  if (forms.length === 0) return null;
  return new RegExp(`(?<![\\p{L}])(?:${forms.join('|')})(?![\\p{L}])`, 'gu');
}

/** Abuse addressed to a colleague by "you", in a message to a council mailbox. */
function insultsToColleagues(facts: Facts, passages: readonly Passage[], abuse: RegExp): Attack[] {
  const colleague = (one: Facts['recipients'][number]): boolean =>
    one.internal && one.address !== facts.actor.address;
  if (!facts.recipients.some(colleague)) return [];
  const insults = findCues(ABUSE_CUES, passages).filter((hit) => hit.class === 'insult');
  const swearing = passages.flatMap((passage) => {
    const match = [...passage.plain.matchAll(abuse)][0];
    if (match === undefined) return [];
    const near = passage.plain.slice(Math.max(0, match.index - 40), match.index + 80);
    if (!/\byou\b/i.test(near)) return [];
    return [{ passage, start: match.index, end: match.index + match[0].length }];
  });
  return [...insults, ...swearing];
}

const COMPLAINT_BODY = new RegExp(
  String.raw`(?:monitoring\.?officer|standards|ombudsman|lgsco|complaints?|^ico\b|` +
    String.raw`information\.?commissioner|audit|whistle)`,
  'i',
);
const COMPLAINT_WORDS = phrase(
  '(?:formal|official) complaint|complaint (?:about|against) ~ (?:code of conduct|' +
    'member|officer|cllr|councillor)|' +
    'under the (?:members. )?code of conduct|breach of the code|(?:wish|want|' +
    'write) to (?:formally )?complain (?:about|formally)|stage (?:one|two|1|2) complaint|' +
    'grievance (?:against|about)',
);

function isFormalComplaint(
  message: ParsedMessage,
  facts: Facts,
  passages: readonly Passage[],
): boolean {
  if (facts.recipients.some((one) => COMPLAINT_BODY.test(one.address))) return true;
  const words = [message.subject, ...passages.map((passage) => passage.plain)];
  return words.some(
    (text) => COMPLAINT_WORDS.test(text) || /\bdear monitoring officer\b/i.test(text),
  );
}
