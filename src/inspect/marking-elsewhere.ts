import { clip, type Evidence, type Finding } from '../mail/finding.ts';
import { bannersIn, filledLines, type TextLine } from '../mail/marking-banner.ts';
import { documentLabelLevel, type LabelOptions } from '../mail/marking-labels.ts';
import { isAbove, type MarkingLevel } from '../mail/marking-level.ts';
import { markingOf, parseMarking } from '../mail/marking.ts';
import { textPart, type ParsedMessage, type SpanRole, type TextPart } from '../mail/message.ts';
import type { Inspection, Inspector } from './inspect.ts';

/**
 * A protective marking that stands elsewhere than in the Subject or a label of the message (domain
 * B.3): as a banner of the body, in the quoted thread, in an attachment, its name or its
 * properties. The sender's protocol asks for the Subject, so the message is not thereby marked;
 * policy says what follows.
 */
export function createMarkingElsewhereInspector(): Inspector {
  return { name: 'marking-elsewhere', inspect };
}

/** Where it was seen. */
interface Sighting {
  type: 'body' | 'quoted' | 'attachment' | 'file-name' | 'document-label';
  level: MarkingLevel;
  evidence: Evidence;
}

const SUMMARIES: Record<Sighting['type'], string> = {
  body: 'A line of the body marks the message',
  quoted: 'The quoted thread is marked',
  attachment: 'A line of an attachment marks it',
  'file-name': 'The name of an attachment marks it',
  'document-label': 'A sensitivity label in an attachment marks it',
};

function inspect({ message, facts }: Inspection): Finding[] {
  const { labels } = facts.council;
  const stated = markingOf(message.headers, labels).level;
  const seen = [...inBody(message), ...message.attachments.flatMap(inFile(message, labels))];
  const types = Object.keys(SUMMARIES) as Sighting['type'][];
  return types.flatMap((type) => {
    const higher = seen.filter(
      (each) =>
        each.type === type && isAbove(each.level, stated) && isAbove(each.level, 'OFFICIAL'),
    );
    const [first] = higher.toSorted((a, b) => (isAbove(a.level, b.level) ? -1 : 1));
    if (!first) return [];
    return [
      {
        kind: 'marking-elsewhere' as const,
        type,
        score: 1,
        summary: `${SUMMARIES[type]} ${first.level}, and the Subject does not`,
        evidence: higher.slice(0, 5).map(({ evidence }) => evidence),
        recipient: null,
        details: { level: first.level, secret: isAbove(first.level, 'OFFICIAL-SENSITIVE') },
      },
    ];
  });
}

const BANNER_LINES = 10;
const MAX_QUOTED_LINES = 3000;

function inBody(message: ParsedMessage): Sighting[] {
  const body = textPart(message, 'body');
  if (!body) return [];
  const own = linesOf(body, (role) => role !== 'quoted');
  const edges =
    own.length <= 2 * BANNER_LINES ? [own] : [own.slice(0, BANNER_LINES), own.slice(-BANNER_LINES)];
  const quoted = linesOf(body, (role) => role === 'quoted')
    .slice(0, MAX_QUOTED_LINES)
    .map(unquoted);
  return [
    ...edges.flatMap((lines) => banners('body', body, lines)),
    ...banners('quoted', body, quoted),
    ...fieldLines('quoted', body, quoted, SUBJECT),
  ];
}

// Text taken out of a file has no pages: what a first page holds, and the headers and footers,
// which are taken out last.
const FIRST_PAGE_LINES = 60;
const LAST_LINES = 40;

function inFile(message: ParsedMessage, labels: LabelOptions) {
  return ({ number, filename }: { number: number; filename: string }): Sighting[] => {
    const part = `attachment:${number}`;
    const stem = filename.replace(/\.[^.]{1,10}$/, '');
    const named = parseMarking(stem);
    const sightings: Sighting[] = [];
    if (named.evidence) {
      // Offsets point into texts; a name is none.
      const evidence = { part, text: clip(filename), start: 0, end: 0 };
      sightings.push({ type: 'file-name', level: named.level, evidence });
    }
    const text = textPart(message, part);
    if (!text) return sightings;
    const label = documentLabelLevel(text.text, labels);
    const at = text.text.indexOf('MSIP_Label_');
    if (at >= 0) {
      const end = at + 'MSIP_Label_'.length;
      const evidence = { part, text: 'MSIP_Label_', start: at, end };
      sightings.push({ type: 'document-label', level: label, evidence });
    }
    const lines = filledLines(text.text);
    const edges = [...lines.slice(0, FIRST_PAGE_LINES), ...tail(lines)];
    const plain = edges.map(unquoted);
    return [
      ...sightings,
      ...banners('attachment', text, plain),
      ...fieldLines('attachment', text, plain.slice(0, FIRST_PAGE_LINES), SUBJECT),
      ...fieldLines('attachment', text, plain, PROPERTY),
    ];
  };
}

function tail(lines: TextLine[]): TextLine[] {
  return lines.slice(Math.max(FIRST_PAGE_LINES, lines.length - LAST_LINES));
}

function linesOf(part: TextPart, wanted: (role: SpanRole) => boolean): TextLine[] {
  return part.spans
    .filter(({ role }) => wanted(role))
    .flatMap(({ start, end }) => filledLines(part.text.slice(start, end), start));
}

/** Without the marks of quotation. */
function unquoted({ text, start }: TextLine): TextLine {
  const mark = /^[>|\s]+/.exec(text)?.[0].length ?? 0;
  return { text: text.slice(mark), start: start + mark };
}

function banners(type: Sighting['type'], part: TextPart, lines: TextLine[]): Sighting[] {
  return bannersIn(lines).map(({ level, start, end }) => ({
    type,
    level,
    evidence: { part: part.name, text: clip(part.text.slice(start, end)), start, end },
  }));
}

/** The Subject of a message that is quoted or attached. */
const SUBJECT = /^\*?subject\s?:\*?\s*/i;
/** A property of a document, as its line of the text taken out of it. */
const PROPERTY = /^(?:title|keywords|category): /;

function fieldLines(
  type: Sighting['type'],
  part: TextPart,
  lines: TextLine[],
  name: RegExp,
): Sighting[] {
  return lines.flatMap(({ text, start }) => {
    const field = name.exec(text);
    if (!field) return [];
    const { level, evidence } = parseMarking(text.slice(field[0].length));
    if (!evidence) return [];
    const from = start + field[0].length + evidence.start;
    const end = start + field[0].length + evidence.end;
    return [{ type, level, evidence: { part: part.name, text: evidence.text, start: from, end } }];
  });
}
