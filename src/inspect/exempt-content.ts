import type { Finding } from '../mail/finding.ts';
import { clip } from '../mail/finding.ts';
import { stretches, type TextPart } from '../mail/message.ts';
import type { Inspection, Inspector } from './inspect.ts';

/** The first page of a report, as far as its text shows where it ends. */
const FIRST_PAGE = { lines: 40, characters: 3000 };
/** A heading above everything else: a report's own banner, even where it lists agenda items. */
const TOP_LINES = 2;
const LINE = 240;

const WHO = String.raw`(?:members|councillors)`;
const PAPER = String.raw`(?:report|appendix|annex|minutes|information|item|from publication)`;
const SECRECY = String.raw`(?:exempt|confidential|private|not for publication|restricted)`;
/** Signs between two words of a heading. */
const DASH = String.raw`[^\p{L}\d]{1,5}`;

/** A line that says of its own document that it is exempt or confidential. */
const BANNER = new RegExp(
  String.raw`^[^\p{L}\d]{0,12}(?:${[
    // Until an hour it is an embargo, which ends by itself.
    String.raw`not\s{1,3}for\s{1,3}(?:publication|press or public)` +
      String.raw`(?![^\n]{0,40}\b(?:before|until|till|prior to|yet|embargo\w{0,3})\b)`,
    String.raw`(?:strictly\s{1,3})?(?:private\s{1,3}and\s{1,3})?confidential${DASH}` +
      `(?:not for publication|${WHO} only|exempt)`,
    `exempt${DASH}${PAPER}`,
    String.raw`restricted${DASH}${WHO}(?:\s{1,3}and\s{1,3}\w{1,20})?\s{1,3}only`,
    String.raw`part\s{1,3}(?:2|ii|b)${DASH}${SECRECY}`,
  ].join('|')})`,
  'iu',
);

/** The sentence by which the law is named (Local Government Act 1972, Schedule 12A). */
const BY_LAW = new RegExp(
  String.raw`\b(?:exempt|not for publication)\b[^.\n]{0,60}` +
    String.raw`\b(?:by virtue of|under|pursuant to|within)\b` +
    String.raw`[^.\n]{0,60}\b(?:paragraphs?|schedule 12a|section 100)\b`,
  'iu',
);

/** The same as a heading of its own in what somebody writes: of this paper, not of any. */
const BY_LAW_LINE = new RegExp(
  String.raw`^[^\p{L}\d]{0,12}(?:(?:(?:this|attached|the attached|enclosed)\s)?${PAPER}s?` +
    String.raw`(?:\s[\p{Lu}\d]{1,3})?\s(?:is|are|contains?|includes?)\s)?` +
    String.raw`(?:exempt|not\s{1,3}for\s{1,3}publication)\b`,
  'iu',
);

/** Talk about a paper, or to somebody: no heading is in the first or second person, or denies. */
const TALK = new RegExp(
  String.raw`\b(?:I'm|I (?:am|have|had|will|can|could|do|did|know|think|hear|shall|may|must)|` +
    String.raw`we|you|me|us|my|our|your|so|but|because|please|un?able|cannot|can't|` +
    String.raw`can not)\b`,
  'iu',
);
const STATEMENT = /^\s*(?:is|are|was|were|will|would|has|have|can|may|must|should)\b/iu;
const HEADING_LENGTH = 160;

const KIND = String.raw`(?:part (?:2|two|ii)|exempt|pink[- ]paper)`;

/** What a member writes who knows it: the covering words of such an attachment. */
const SAID = new RegExp(
  String.raw`\b(?:${[
    `(?:attached|enclosed|here|this) (?:is|are) (?:the |our |a )?${KIND} ` +
      '(?:report|paper|appendix|minute|item)s?',
    'from (?:the )?(?:exempt|closed|part (?:2|two|ii)) (?:session|part of the (?:meeting|agenda))',
  ].join('|')})\b`,
  'iu',
);

/** A public paper that lists exempt items by title, or records that the public had to leave. */
const PUBLIC_PAPER =
  /\bexclusion of (?:the )?(?:press|public)\b|\b(?:press and )?public be (?:now )?excluded\b/iu;
const AGENDA = /^\W{0,12}(?:public )?agenda\b/iu;

/**
 * Mail that bears what the council considers in private: exempt or confidential committee papers
 * (St Helens 6.1.8, domain A18). Only where a document says it of itself, at its head or on its
 * first page, or the sender says it of what is attached; a public agenda names such items too.
 */
export function createExemptContentInspector(): Inspector {
  return { name: 'exempt-content', inspect };
}

function inspect({ message }: Inspection): Finding[] {
  const found = message.texts.flatMap((part) =>
    part.name.startsWith('attachment:')
      ? inDocument(part, 0, part.text, documentHit)
      : inOwnWords(part),
  );
  const [first] = found;
  if (!first) return [];
  return [
    {
      kind: 'exempt-content',
      type: first.type,
      score: Math.max(...found.map(({ score }) => score)),
      summary: first.summary,
      evidence: found.map(({ evidence }) => evidence).slice(0, 5),
      recipient: null,
      details: { places: found.length },
    },
  ];
}

interface Place {
  type: string;
  score: number;
  summary: string;
  evidence: Finding['evidence'][number];
}

function inOwnWords(part: TextPart): Place[] {
  return stretches(part, ['own']).flatMap(({ text, start }) => {
    const banner = inDocument(part, start, text, wordsHit);
    if (banner.length > 0) return banner;
    const said = SAID.exec(text.slice(0, 20_000));
    if (!said) return [];
    const summary = 'The sender may say that the papers are exempt from publication';
    return [place(part, start + said.index, said[0], { type: 'said', score: 0.7, summary })];
  });
}

interface Line {
  text: string;
  start: number;
  /** By itself, and not the beginning of a sentence that goes on below. */
  alone: boolean;
}
type Hit = { index: number } | null;

function documentHit({ text }: Line, isPublic: boolean): Hit {
  const banner = BANNER.exec(text);
  if (banner || isPublic) return banner;
  return /\b(?:cannot|can't|can not|unable to)\b/i.test(text) ? null : BY_LAW.exec(text);
}

/** In what somebody writes the legal words count as a line by itself. */
function wordsHit({ text, alone }: Line, isPublic: boolean): Hit {
  if (!alone || text.length > HEADING_LENGTH || TALK.test(text)) return null;
  const banner = BANNER.exec(text);
  if (banner) return STATEMENT.test(text.slice(banner.index + banner[0].length)) ? null : banner;
  return !isPublic && BY_LAW_LINE.test(text) ? BY_LAW.exec(text) : null;
}

/** The head of a text that may be such a paper; `start` is where it stands in its part. */
function inDocument(
  part: TextPart,
  start: number,
  text: string,
  hitIn: (line: Line, isPublic: boolean) => Hit,
): Place[] {
  const page = text.slice(0, FIRST_PAGE.characters);
  const lines = linesOf(page).slice(0, FIRST_PAGE.lines);
  const isPublic =
    PUBLIC_PAPER.test(page) || lines.slice(0, 15).some((line) => AGENDA.test(line.text));
  const read = isPublic ? lines.slice(0, TOP_LINES) : lines;
  for (const line of read) {
    const hit = hitIn(line, isPublic);
    if (!hit) continue;
    const words = line.text.slice(hit.index).trimEnd();
    const summary = 'A paper in it may be exempt from publication: its first page says so';
    const at = start + line.start + hit.index;
    return [place(part, at, words, { type: 'banner', score: 0.9, summary })];
  }
  return [];
}

function place(part: TextPart, at: number, words: string, rest: Omit<Place, 'evidence'>): Place {
  const evidence = { part: part.name, text: clip(words), start: at, end: at + words.length };
  return { ...rest, evidence };
}

/** Lines that hold something, cut to a length that a heading has. */
function linesOf(page: string): Line[] {
  let start = 0;
  const lines = page.split('\n');
  return lines.flatMap((line, index) => {
    const at = start;
    start += line.length + 1;
    const goesOn = /^\s*\p{Ll}/u.test(lines[index + 1] ?? '');
    const begins = /^[^\p{L}]*\p{Lu}/u.test(line) || (lines[index - 1] ?? '').trim() === '';
    const alone = begins && !goesOn;
    return line.trim() === '' ? [] : [{ text: line.slice(0, LINE), start: at, alone }];
  });
}
