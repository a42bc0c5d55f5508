import { decodeWords } from './encoded-words.ts';
import { labelLevel, NO_LABELS, type LabelOptions } from './marking-labels.ts';
import { DASHES, DESCRIPTOR_WORDS, MARKING_LEVELS, type MarkingLevel } from './marking-level.ts';
import { foldLookalikes, readMisspelling } from './marking-spelling.ts';
import type { HeaderField } from './message.ts';
import { normaliseText } from './normal-text.ts';

export { decodeWords, MARKING_LEVELS, type MarkingLevel };

/** What a sender marked a message as. */
export interface Marking {
  level: MarkingLevel;
  /** `PERSONAL`, `COMMERCIAL`, `LOCSEN`, ... in upper case; recorded, never required. */
  descriptor: string | null;
  source: 'subject' | 'label' | 'none';
  /** A slip of one or two letters in either word; it counts as marked. */
  misspelt: boolean;
  /**
   * "not OFFICIAL-SENSITIVE", "downgraded from ..."; it counts as marked, encryption is harmless.
   */
  negated: boolean;
  /**
   * `[secure]`, `[encrypt]`, `[PGP]`, or `Sensitivity: Company-Confidential`: encrypt, whatever
   * the level.
   */
  encryptRequested: boolean;
  /** Offsets into the `subject` text part; `null` where a label or nothing says it. */
  evidence: { start: number; end: number; text: string } | null;
}

/** Nothing marked. */
export const NO_MARKING: Marking = {
  level: 'NONE',
  descriptor: null,
  source: 'none',
  misspelt: false,
  negated: false,
  encryptRequested: false,
  evidence: null,
};

// "Re:", "FWD :", "Re[2]:", what calendars and robots put in front, and list tags ("[EXTERNAL]").
const BANNER = new RegExp(
  `^\\s*(?:${[
    '(?:re|fwd?|aw|wg|sv|vs|tr|rv)(?:\\[\\d+\\])?\\s*:\\s*',
    '(?:automatic reply|accepted|declined|tentative|cancell?ed|recall|undeliverable)\\s*:\\s*',
    '\\[(?!\\s*(?:UK\\s+|SEC=)?(?:TOP|SECRET|OFFICIAL))[^\\]]{1,40}\\]\\s*',
  ].join('|')})*`,
  'i',
);

/** A word, also with its letters set apart: "S E C R E T". */
function written(word: string): string {
  return `(?:${word}|${word.split('').join('[\\s._*-]{1,3}')})`;
}

// Case-sensitive and in banner position only, because of Secret Santa and the secret ballot.
const SECRET_WORDS = `(${written('TOP')}[\\s-]{0,4}${written('SECRET')}|${written('SECRET')})`;
const SECRET = new RegExp(
  '^[\\[({*"\'\\s]*(?:SEC=)?(?:(?:UK|NATO)\\s+)?' +
    `${SECRET_WORDS}(?![\\s:-]*SANTA\\b|-BALLOT\\b)` +
    '(?=\\s*[\\])}*:,"\'\\/(\\[-]|\\s*$|\\s+(?:UK EYES ONLY|STRAP))',
);
// At the end it must stand in brackets: nothing else tells it from a word there.
const SECRET_AT_END = new RegExp(`[\\[(]\\s*(?:UK\\s+)?${SECRET_WORDS}\\s*[\\])]\\s*$`);

const SENSITIVE = new RegExp(
  `(?<![\\p{L}\\p{N}])(${written('OFFICIAL')})([\\s\\-_:/.*]{0,8})(${written('SENSITIVE')})` +
    '(?![\\p{L}\\p{N}])',
  'giu',
);
// In capitals it is a marking with any mark between.
const SENSITIVE_CAPITALS = new RegExp(
  `(?<![\\p{L}\\p{N}])(${written('OFFICIAL')})([\\s\\-_:/.*|\\\\~+=><()[\\]{}•·"']{1,8})` +
    `(${written('SENSITIVE')})(?![\\p{L}\\p{N}])`,
  'gu',
);
const OFFICIAL = new RegExp(
  '^[\\[({*"\'\\s]*(?:SEC=)?(?:UK\\s+)?OFFICIAL' +
    '(?=\\s*[\\])}*:,"\']|\\s*\\/\\/|\\s*-(?:\\s|$)|\\s+-|\\s*$)',
);

const DESCRIPTOR = new RegExp(`^[\\s:/[({*-]*(${DESCRIPTOR_WORDS})\\b`, 'i');
const NEGATION = new RegExp(
  "\\b(?:not|never|isn't|wasn't|no longer|non|without|remov(?:ed?|es|ing)|unmark(?:ed)?|was" +
    '|declassif\\w{1,4}|downgraded?)(?:\\s+(?:marked|classed|classified|as|from|an?|the)){0,4}' +
    '[\\s:[("\'*-]*$',
  'i',
);
const TRIGGER = /\[\s*(?:secure|encrypt|pgp)\s*\]/i;

/**
 * Reads the marking of one decoded Subject (domain B.2 and B.4). Total: any string is read in time
 * linear in its length, and no string throws.
 */
export function parseMarking(subject: string): Marking {
  const text = normaliseText(subject);
  const plain = text.replace(DASHES, '-');
  const literal = readLevel(plain, text) ?? NO_MARKING;
  const folded = readLevel(foldLookalikes(plain), text) ?? NO_MARKING;
  const isBetter = rank(folded) > rank(literal) || (literal.misspelt && !folded.misspelt);
  const marking = isBetter ? folded : literal;
  return { ...marking, encryptRequested: TRIGGER.test(plain) };
}

/**
 * The marking of a message: the highest of its Subjects and its labels; a lower label cancels
 * nothing.
 * @param fields Header fields with names in lower case and values unfolded, encoded-words decoded
 * or not.
 */
export function markingOf(
  fields: readonly HeaderField[],
  options: LabelOptions = NO_LABELS,
): Marking {
  const markings = [parseMarking(subjectOf(fields))];
  for (const field of fields) {
    // Each Subject also by itself: joined, only the first would be in banner position.
    if (field.name === 'subject') {
      markings.push({ ...parseMarking(decodeWords(field.value)), evidence: null });
    } else {
      markings.push(labelMarking(field, options));
    }
  }
  const highest = markings.reduce((best, next) => (rank(next) > rank(best) ? next : best));
  return { ...highest, encryptRequested: markings.some((each) => each.encryptRequested) };
}

/** The decoded Subject; several (which is malformed) are joined by a line break. */
export function subjectOf(fields: readonly HeaderField[]): string {
  return fields
    .filter((field) => field.name === 'subject')
    .map((field) => decodeWords(field.value))
    .join('\n');
}

function rank(marking: Marking): number {
  return MARKING_LEVELS.indexOf(marking.level);
}

/** @param plain What is matched. @param text What evidence quotes; both have the same offsets. */
function readLevel(plain: string, text: string): Marking | null {
  const banner = BANNER.exec(plain)?.[0].length ?? 0;
  const rest = plain.slice(banner);
  const found = (level: MarkingLevel, start: number, end: number, misspelt = false): Marking => ({
    ...NO_MARKING,
    level,
    source: 'subject',
    descriptor: DESCRIPTOR.exec(plain.slice(end))?.[1]?.toUpperCase() ?? null,
    misspelt,
    negated: NEGATION.test(plain.slice(Math.max(0, start - 60), start)),
    evidence: { start, end, text: text.slice(start, end) },
  });
  for (const [at, match] of [
    [banner, SECRET.exec(rest)],
    [0, SECRET_AT_END.exec(plain)],
  ] as const) {
    const word = match?.[1];
    if (!match || !word) continue;
    const start = at + match.index + match[0].indexOf(word);
    return found(word.startsWith('T') ? 'TOP SECRET' : 'SECRET', start, start + word.length);
  }
  for (const pattern of [SENSITIVE, SENSITIVE_CAPITALS]) {
    for (const match of plain.matchAll(pattern)) {
      if (isOrdinarySpeech(plain, match, banner)) continue;
      return found('OFFICIAL-SENSITIVE', match.index, match.index + match[0].length);
    }
  }
  const slip = readMisspelling(plain, banner);
  if (slip) return found('OFFICIAL-SENSITIVE', slip.start, slip.end, true);
  const official = OFFICIAL.exec(rest);
  if (!official) return null;
  const start = banner + official[0].indexOf('OFFICIAL');
  return found('OFFICIAL', start, start + 'OFFICIAL'.length);
}

// Words after which "official" is the noun or the end of a clause: "it's official: sensitive teeth
// ...".
const SPOKEN_BEFORE = new RegExp(
  '\\b(?:an|another|every|each|some|any|one|senior|junior|council|county|borough|district|town' +
    '|parish|government|union|election|match|planning|housing|health|police|party|elected|public' +
    '|former|retired|local|this|that|our|your|their|his|her|my|new|quasi|semi|almost|nearly' +
    '|finally|already) $',
  'i',
);
const ANNOUNCED_BEFORE = new RegExp(
  "\\b(?:it[’']?s|it is|that[’']?s|ma(?:de|kes?|king)(?: it)?|becom(?:es?|ing)|became" +
    '|goes|gone|now) $',
  'i',
);
const SPOKEN_AFTER = new RegExp(
  '^ (?:to (?!follow\\b|be\\b|go\\b|read\\b|[A-Z])|about |towards? |enough |when |because |over ' +
    '|(?:and|but|or|yet) (?!confidential|urgent|personal|private)\\w)',
);

/**
 * The two words next to each other in another sense (domain B.2, "must not match"). Only a loose
 * joint can be speech, and only a closed list of company makes it so: doubt is marked.
 */
function isOrdinarySpeech(plain: string, match: RegExpExecArray, banner: number): boolean {
  const [, official = '', joint = '', sensitive = ''] = match;
  if (!/\s/.test(joint)) return false;
  const before = plain.slice(Math.max(banner, match.index - 40), match.index);
  const after = plain.slice(match.index + match[0].length);
  const setApart = official.length > 'OFFICIAL'.length || sensitive.length > 'SENSITIVE'.length;
  if (setApart) return false;
  const quoted = /["'“”‘’[(*]\s*$/.test(before);
  if (quoted) return false;
  // "It's official: sensitive ...", "Now official - sensitive ...", also shouted.
  if (/[:.-]/.test(joint) && /\w/.test(after) && ANNOUNCED_BEFORE.test(before)) return true;
  // "... now official. Sensitive ...": a sentence ends between them.
  if (/^\.\s/.test(joint) && official === 'official' && /[a-z] $/.test(before)) return true;
  if (official === 'OFFICIAL' || sensitive !== 'sensitive') return false;
  if (/\b(?:non|semi|quasi)-$/i.test(before)) return true;
  if (SPOKEN_AFTER.test(after)) return true;
  return SPOKEN_BEFORE.test(before) && /^\s+[a-z]/.test(after);
}

/** What a label header says; `NONE` for every other header. */
function labelMarking(field: HeaderField, options: LabelOptions): Marking {
  const value = normaliseText(decodeWords(field.value));
  const level = labelLevel(field.name, value, options);
  const encryptRequested =
    field.name === 'sensitivity' && /^company-confidential\b/i.test(value.trim());
  return { ...NO_MARKING, level, source: level === 'NONE' ? 'none' : 'label', encryptRequested };
}
