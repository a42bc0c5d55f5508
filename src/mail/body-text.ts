import { decodeBytes } from './charset.ts';
import { htmlText } from './html-text.ts';
import type { Span } from './message.ts';
import { normaliseText } from './normal-text.ts';
import { spansOf } from './quoted-text.ts';

/** A text with its roles, before it has a name. */
export interface RoleText {
  text: string;
  spans: Span[];
}

/** Content of one leaf that is text. */
export interface TextContent {
  /** Lower-case content type. */
  type: string;
  bytes: Buffer;
  charset: string;
  /** RFC 3676: `flowed` lines are joined, with `delSp` without their trailing space. */
  flowed: boolean;
  delSp: boolean;
}

/** Leaves that say the same in several ways (multipart/alternative), or one leaf by itself. */
export type BodyChoice = readonly TextContent[];

/**
 * The body as one text. Where alternatives exist, the plain one comes first and what only the HTML
 * says follows it: either may be the one that the recipient sees, so neither can hide anything.
 */
export function bodyText(choices: readonly BodyChoice[]): RoleText {
  return joinTexts(choices.map(choiceText).filter(({ text }) => text !== ''));
}

function choiceText(choice: BodyChoice): RoleText {
  const html = choice.filter(({ type }) => isHtml(type)).map(readText);
  const plain = joinTexts(choice.filter(({ type }) => !isHtml(type)).map(readText));
  if (plain.text.trim() === '') return joinTexts(html);
  return joinTexts([plain, ...html.map((each) => missingFrom(each, plain.text))]);
}

/** One text leaf, normalised, with its roles. */
export function readText(content: TextContent): RoleText {
  const decoded = decodeBytes(content.bytes, content.charset);
  if (!isHtml(content.type)) {
    const text = normaliseText(joinLines(decoded, content));
    return { text, spans: spansOf(text) };
  }
  const { text, quoted, hiddenFrom } = htmlText(decoded);
  const spans = spansOf(text.slice(0, hiddenFrom), quoted);
  if (hiddenFrom < text.length) spans.push({ role: 'hidden', start: hiddenFrom, end: text.length });
  return { text, spans };
}

/** Lines as the writer meant them, where the format cuts them for transport. */
function joinLines(text: string, { type, flowed, delSp }: TextContent): string {
  // RFC 5545 §3.1 and RFC 6350 §3.2 fold at any octet, also within a word.
  if (/^text\/(?:calendar|vcard|directory|x-vcard)$/.test(type)) {
    return text.replace(/\r?\n[ \t]/g, '');
  }
  return flowed ? unflow(text, delSp) : text;
}

export function isHtml(type: string): boolean {
  return type === 'text/html' || type.endsWith('xhtml+xml') || type === 'image/svg+xml';
}

/** Texts one below the other. The line feed between two belongs to the first. */
export function joinTexts(texts: readonly RoleText[]): RoleText {
  let text = '';
  const spans: Span[] = [];
  for (const each of texts) {
    const last = spans.at(-1);
    if (last && !text.endsWith('\n')) {
      text += '\n';
      last.end++;
    }
    const shift = text.length;
    text += each.text;
    for (const { role, start, end } of each.spans) {
      spans.push({ role, start: start + shift, end: end + shift });
    }
  }
  return { text, spans };
}

/**
 * RFC 3676 §4: a line that ends in a space goes on in the next of the same quote depth; "-- "
 * never does.
 */
export function unflow(text: string, delSp: boolean): string {
  const lines: string[] = [];
  let open: string | null = null;
  for (const raw of text.split(/\r?\n/)) {
    const quote = /^>*/.exec(raw)?.[0] ?? '';
    // §4.4: a space after the quote marks is stuffing.
    const content = raw.slice(quote.length).replace(/^ /, '');
    const prefix = quote === '' ? '' : `${quote} `;
    if (open === quote) lines.push((lines.pop() ?? '') + content);
    else lines.push(prefix + content);
    const flows = content.endsWith(' ') && content !== '-- ';
    open = flows ? quote : null;
    if (flows && delSp) lines.push((lines.pop() ?? '').slice(0, -1));
  }
  return lines.join('\n');
}

const MAX_COMPARED_WORDS = 50_000;

/** What `html` says and `plain` does not, line by line; hidden lines always. */
function missingFrom(html: RoleText, plain: string): RoleText {
  const words = wordsOf(plain);
  // Comparing costs memory by the word; nobody writes this much by hand, so both are read.
  if (words.length > MAX_COMPARED_WORDS) return html;
  const said = new Set([1, 2, 3].flatMap((size) => runsOf(words, size)));
  const missing: RoleText[] = [];
  for (const { role, start, end } of html.spans) {
    const lines = html.text.slice(start, end).split('\n');
    const kept = lines.map((line) => (role === 'hidden' ? line : unsaidOf(line, said)));
    const text = kept.filter((line) => line.trim() !== '').join('\n');
    if (text !== '') missing.push({ text, spans: [{ role, start: 0, end: text.length }] });
  }
  return joinTexts(missing);
}

/** Of a line as long as this that is mostly said, only the rest is kept. */
const LONG_LINE_WORDS = 6;

/**
 * The whole line, where its runs of three words do not stand in the plain text; of a long one that
 * is mostly said there only the stretches that are not, so that nothing is lost among what is said
 * and little is read twice.
 */
function unsaidOf(line: string, said: ReadonlySet<string>): string {
  const places = placesOf(line);
  const size = Math.min(3, places.length);
  const runs = runsOf(
    places.map(({ word }) => word),
    size,
  );
  const unsaid = runs.flatMap((run, index) => (said.has(run) ? [] : [index]));
  if (unsaid.length === 0) return '';
  if (places.length < LONG_LINE_WORDS || unsaid.length > 0.2 * runs.length) return line;
  const stretches: { start: number; end: number }[] = [];
  for (const index of unsaid) {
    const start = places[index]?.start ?? 0;
    const end = places[index + size - 1]?.end ?? line.length;
    const last = stretches.at(-1);
    if (last && start <= last.end) last.end = end;
    else stretches.push({ start, end });
  }
  return stretches.map(({ start, end }) => line.slice(start, end)).join('\n');
}

/** Every run of `size` neighbouring words. */
function runsOf(words: readonly string[], size: number): string[] {
  return words.slice(size - 1).map((_, index) => words.slice(index, index + size).join(' '));
}

function wordsOf(text: string): string[] {
  return placesOf(text).map(({ word }) => word);
}

/** Words without addresses of links: plain renderings write them out, HTML does not. */
function placesOf(text: string): { word: string; start: number; end: number }[] {
  const bare = text.replace(/(?:https?:\/\/|mailto:|tel:|cid:)[^\s>\])]+/gi, (link) =>
    ' '.repeat(link.length),
  );
  return Array.from(bare.matchAll(/[\p{L}\p{N}]+/gu), ({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}
