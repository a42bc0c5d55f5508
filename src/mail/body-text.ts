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

/** The lines of `html` that say something which `plain` does not; hidden lines always. */
function missingFrom(html: RoleText, plain: string): RoleText {
  const words = wordsOf(plain);
  // Comparing costs memory by the word; nobody writes this much by hand, so both are read.
  if (words.length > MAX_COMPARED_WORDS) return html;
  const said = new Set([1, 2, 3].flatMap((size) => runsOf(words, size)));
  const missing: RoleText[] = [];
  for (const { role, start, end } of html.spans) {
    const lines = html.text.slice(start, end).split('\n');
    const kept = lines.filter(
      (line) => line.trim() !== '' && (role === 'hidden' || !isSaid(line, said)),
    );
    const text = kept.join('\n');
    if (text !== '') missing.push({ text, spans: [{ role, start: 0, end: text.length }] });
  }
  return joinTexts(missing);
}

/**
 * The line's runs of three words stand in the plain text: all of a short line's, most of a long
 * one's.
 */
function isSaid(line: string, said: ReadonlySet<string>): boolean {
  const words = wordsOf(line);
  if (words.length === 0) return true;
  const runs = runsOf(words, Math.min(3, words.length));
  const found = runs.filter((run) => said.has(run)).length;
  return found >= (words.length < 6 ? 1 : 0.8) * runs.length;
}

/** Every run of `size` neighbouring words. */
function runsOf(words: readonly string[], size: number): string[] {
  return words.slice(size - 1).map((_, index) => words.slice(index, index + size).join(' '));
}

/** Words without addresses of links: plain renderings write them out, HTML does not. */
function wordsOf(text: string): string[] {
  const bare = text.replace(/(?:https?:\/\/|mailto:|tel:|cid:)[^\s>\])]+/gi, ' ');
  return bare.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
