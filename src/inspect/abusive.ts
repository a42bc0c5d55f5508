import type { Finding, FINDING_TYPES } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import { ABUSE_CUES, DISCRIMINATION_CUES } from './abusive-signals.ts';
import { evidenceOf, findCues } from './cues.ts';
import { disguisedWords } from './disguised-words.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { ownPassages, windowsOf } from './passages.ts';
import type { Passage } from './passages.ts';

const MAX_MATCHES = 200;
const MAX_EVIDENCE = 6;
/** Score of a word that is a slur whatever stands around it. */
export const SLUR = 0.95;

interface Abuse {
  type: Exclude<(typeof FINDING_TYPES)['abusive'][number], 'wording'>;
  score: number;
  passage: Passage;
  start: number;
  end: number;
}

/**
 * Profanity in whatever disguise, insults and threats to a person, and remarks on a protected
 * characteristic, in the member's own text. What somebody else said and the member reports does not
 * count, nor do blunt words about a decision or a service.
 */
export function createAbusiveInspector(lists: Lists): Inspector {
  const abusive = disguisedWords(lists.abusiveTerms);
  const discriminatory = disguisedWords(lists.discriminatoryTerms);
  return {
    name: 'abusive',
    inspect: (input) => inspectAbuse(input, abusive, discriminatory),
  };
}

function inspectAbuse(input: Inspection, abusive: RegExp, discriminatory: RegExp): Finding[] {
  const passages = windowsOf(ownPassages(input.message)).flat();
  const found: Abuse[] = passages.flatMap((passage) => [
    ...words(passage, abusive, 'profanity', 0.8),
    ...words(passage, discriminatory, 'discrimination', SLUR),
  ]);
  for (const hit of findCues([...ABUSE_CUES, ...DISCRIMINATION_CUES], passages)) {
    const type = hit.class === 'profane' ? 'profanity' : (hit.class as Abuse['type']);
    found.push({ ...hit, type, score: hit.weight });
  }
  const own = found.filter((abuse) => !isReported(abuse.passage.plain, abuse.start, abuse.end));
  return [...Map.groupBy(own, (abuse) => abuse.type)].map(([type, abuses]) => ({
    kind: 'abusive',
    type,
    score: Math.max(...abuses.map((abuse) => abuse.score)),
    summary: SUMMARIES[type],
    evidence: abuses.slice(0, MAX_EVIDENCE).map(evidenceOf),
    recipient: null,
    details: {},
  }));
}

const SUMMARIES: Record<Abuse['type'], string> = {
  profanity: 'Profane or obscene words',
  insult: 'Insults to a person',
  threat: 'Words that threaten a person',
  discrimination: 'Words against people for a protected characteristic',
};

function words(passage: Passage, pattern: RegExp, type: Abuse['type'], score: number): Abuse[] {
  const found: Abuse[] = [];
  for (const match of passage.plain.matchAll(pattern)) {
    if (found.length >= MAX_MATCHES) break;
    // A number or a masked gap is no word: at least half of it must be letters.
    if ((match[0].match(/\p{L}/gu)?.length ?? 0) * 2 < match[0].length - 1) continue;
    found.push({ type, score, passage, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

const REPORTED = new RegExp(
  String.raw`\b(?:called|calling|calls|call(?:ed)? (?:me|him|her|them|us)|told|said|says|` +
    String.raw`saying|shout(?:ed|ing|s)|yell(?:ed|ing)|wrote|writes|writing|reads?|graffiti|` +
    String.raw`daubed|sprayed|painted|reports?|reported|alleg\w+|abused|heard|swore|screamed|` +
    String.raw`described as|words?|use of|hate crime|offensive|quote|complain(?:s|ed|t))\b`,
  'i',
);
const ATTRIBUTED = new RegExp(
  String.raw`\b(?:called|told|call|calls|calling|shouted at)\s(?:me|him|her|them|us|my \w+|` +
    String.raw`the \w+|a \w+)\s(?:an?|the|to)?\s?[^.!?]{0,40}$`,
  'i',
);
const PAST_REPORT = new RegExp(
  String.raw`\b(?:had been|has been|was|were|been|being)\s(?:called|told|abused|` +
    String.raw`described as)\b[^.!?]{0,60}$`,
  'i',
);

/** What somebody wrote on a wall is told so that it is taken off. */
const ON_A_WALL =
  /\b(?:graffiti|hate (?:crime|incident)s?|sprayed|daubed|scrawled|swastikas?|painted on)\b/i;

/**
 * In quotation marks within a sentence that reports, said to have been called so, or read on a
 * wall.
 */
function isReported(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 160), start);
  const after = text.slice(end, end + 120);
  if (PAST_REPORT.test(before) || ATTRIBUTED.test(before)) return true;
  if (ON_A_WALL.test(before) || ON_A_WALL.test(after)) return true;
  const quotes = (before.match(/"|(?<![\p{L}])'(?=\p{L})/gu) ?? []).length;
  const quoted = quotes % 2 === 1 && /"|\p{L}?[.!?,]?'/u.test(after);
  return quoted && REPORTED.test(`${before} ${after}`);
}
