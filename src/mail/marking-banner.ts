import { DASHES, DESCRIPTOR_WORDS, type MarkingLevel } from './marking-level.ts';
import { foldLookalikes } from './marking-spelling.ts';
import { parseMarking } from './marking.ts';

/** A line that is a marking and nothing else. */
export interface Banner {
  level: MarkingLevel;
  /** Offset of the line in the text, and behind it. */
  start: number;
  end: number;
}

/** A line with something on it, by its place in the text. */
export interface TextLine {
  text: string;
  start: number;
}

const MAX_LINE = 160;

/** The lines with something on them, in order. */
export function filledLines(text: string, from = 0): TextLine[] {
  const lines: TextLine[] = [];
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    // No banner is longer, and a line is searched no further.
    const line = text.slice(start, Math.min(end, start + MAX_LINE + 1));
    if (line.trim() !== '') lines.push({ text: line, start: start + from });
    start = end + 1;
  }
  return lines;
}

/**
 * The lines that stand as a marking by themselves (domain B.3), as a banner over or under a text
 * does. Lines that talk of markings are none: a list of several levels, what a colon announces, a
 * quotation, a question, a sentence.
 */
export function bannersIn(lines: readonly TextLine[]): Banner[] {
  const levels = lines.map(({ text }) => bannerLevel(text));
  const named = new Set(levels.filter((level) => level !== null));
  // Whoever names three levels explains the scheme.
  if (named.size >= 3) return [];
  return lines.flatMap(({ text, start }, index) => {
    const level = levels[index];
    if (!level || isListed(levels, index) || isAnnounced(lines[index - 1]?.text)) return [];
    const shown = text.trimStart();
    const from = start + text.length - shown.length;
    return [{ level, start: from, end: from + shown.trimEnd().length }];
  });
}

/** One level below the other: the scheme is being told. */
function isListed(levels: readonly (MarkingLevel | null)[], index: number): boolean {
  return [levels[index - 1], levels[index + 1]].some(
    (next) => next !== null && next !== undefined && next !== levels[index],
  );
}

/** "Please put this in the subject:", but not "Dear Ann:" nor "Ann wrote:". */
function isAnnounced(before: string | undefined): boolean {
  return (
    before !== undefined &&
    before.trimEnd().endsWith(':') &&
    /\w[^\w\s]{0,20}\s/.test(before) &&
    !/^\s*dear\b|\bwrote\b/i.test(before)
  );
}

const DRAWN = '[\\s\\[\\](){}*_=~#|<>•.:;/\\\\+!-]';
const DRAWN_ENDS = new RegExp(`^${DRAWN}+|${DRAWN}+$`, 'g');
const PAGE = /\bpage\s+\d{1,4}(?:\s+of\s+\d{1,4})?\b|\s\d{1,4}\s*(?:\/|of)\s*\d{1,4}\s*$/gi;
/** "Protective marking:", "Classification -", "GSC". */
const TITLE = new RegExp(
  '^(?:(?:protective|security|document|information|data|government|gsc|e-?mail|message)\\s+){0,2}' +
    '(?:markings?|classification|protectively marked|classified(?: as)?|label|gsc)\\s*[:=-]?\\s*',
  'i',
);
/** A bullet or a number before the words, and nothing drawn behind them, is an item of a list. */
const ITEM = /^\s*(?:[-*•+]|\(?(?:\d{1,2}|[a-z])[.)])\s+[^\s-].*[\p{L}\p{N}]\s*$/iu;
const FURTHER = new RegExp(
  `(?:${[
    DESCRIPTOR_WORDS,
    'RECIPIENTS ONLY|HMG USE ONLY|ORGANI[SZ]ATIONAL USE ONLY|EMBARGOED|UK EYES ONLY|CCO',
    'WHEN COMPLETED?|NOT FOR (?:PUBLICATION|ONWARD (?:TRANSMISSION|DISCLOSURE))|CONFIDENTIAL',
    'HANDLE WITH CARE|NO ONWARD SHARING|DRAFT|AND|BY',
  ].join('|')})\\b`,
  'gi',
);

/** Any of the words, misspelt too. */
const MAYBE = /off?[ic]|secret|sen[si]/i;

function bannerLevel(line: string): MarkingLevel | null {
  // Nearly every line of nearly every text ends here, before anything is taken apart.
  if (line.length > MAX_LINE || !MAYBE.test(foldLookalikes(line))) return null;
  if (ITEM.test(line) || /["“”?]/.test(line)) return null;
  const bare = line
    .replace(DASHES, '-')
    .replace(PAGE, ' ')
    .replace(DRAWN_ENDS, '')
    .replace(TITLE, '')
    .replace(DRAWN_ENDS, '')
    .replace(/^UK\s+/, '');
  const { level, evidence } = parseMarking(bare);
  if (level === 'NONE' || evidence?.start !== 0) return null;
  const rest = bare.slice(evidence.end);
  if (rest !== '' && !/^[^\p{L}\p{N}]/u.test(rest)) return null;
  const words = rest.replace(FURTHER, '').replace(/[^\p{L}\p{N}]/gu, '');
  // Handling instructions of a council's own are in capitals.
  return words === '' || (words === words.toUpperCase() && rest.length <= 60) ? level : null;
}
