import { compile, type DomNode, type FormatCallback } from 'html-to-text';
import { normaliseText } from './normal-text.ts';

/** HTML as its reader sees it. Offsets point into `text`. */
export interface HtmlText {
  text: string;
  /** Stretches that the markup says are quoted, in order. */
  quoted: { start: number; end: number }[];
  /** From here on stands what the markup hides from the reader; `text.length` where nothing is. */
  hiddenFrom: number;
}

// Private-use characters carry the structure through the conversion. A sender who writes them gains
// nothing that a blockquote would not give.
const QUOTE_OPENS = '\uE000';
const QUOTE_ENDS = '\uE001';
const REST_IS_QUOTED = '\uE002';
const HIDDEN_OPENS = '\uE003';
const HIDDEN_ENDS = '\uE004';
const ALL_MARKS = /[\uE000-\uE004]/g;

const QUOTE_CLASSES = ['gmail_quote', 'yahoo_quoted', 'moz-cite-prefix', 'protonmail_quote'];
const REPLIES = ['divRplyFwdMsg', 'appendonsend', 'mail-editor-reference-message-container'];

const HIDDEN = 'portreeve-hidden';
const MAX_DEPTH = 256;
const MAX_LENGTH = 256 * 1024;
const CUT = '\uE005';

const marked =
  (opens: string, ends: string): FormatCallback =>
  (element, walk, builder) => {
    builder.openBlock({ leadingLineBreaks: 1 });
    builder.addLiteral(opens);
    walk(element.children, builder);
    builder.addLiteral(ends);
    builder.closeBlock({ trailingLineBreaks: 1 });
  };

/** What stands for a picture where it is not shown, and is read out to who does not see it. */
const wordsInstead = (element: DomNode): string => ` ${element.attribs?.['alt'] ?? ''} `;

const inlineMarked: FormatCallback = (element, walk, builder) => {
  builder.addInline(HIDDEN_OPENS, { noWordTransform: true });
  if (element.name === 'img') builder.addInline(wordsInstead(element));
  walk(element.children, builder);
  builder.addInline(HIDDEN_ENDS, { noWordTransform: true });
};

const convert = compile({
  wordwrap: false,
  limits: { maxDepth: MAX_DEPTH, ellipsis: CUT },
  formatters: {
    quote: marked(QUOTE_OPENS, QUOTE_ENDS),
    reply: marked(REST_IS_QUOTED, ''),
    hidden: inlineMarked,
    picture: (element, walk, builder) => builder.addInline(wordsInstead(element)),
    // A document in an attribute, which is read as the element's own.
    frame: (element, walk, builder) => {
      builder.openBlock({ leadingLineBreaks: 1 });
      builder.addLiteral(withoutTags(element.attribs?.['srcdoc'] ?? ''));
      walk(element.children, builder);
      builder.closeBlock({ trailingLineBreaks: 1 });
    },
    row: marked('', ''),
    cell: (element, walk, builder) => {
      walk(element.children, builder);
      builder.addInline(' ');
    },
  },
  selectors: [
    { selector: 'blockquote', format: 'quote' },
    ...QUOTE_CLASSES.map((name) => ({ selector: `.${name}`, format: 'quote' })),
    ...REPLIES.map((id) => ({ selector: `#${id}`, format: 'reply' })),
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
    { selector: 'tr', format: 'row' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'title', format: 'block' },
    { selector: 'img', format: 'picture' },
    { selector: 'iframe', format: 'frame' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    // More specific than any above: what is hidden stays hidden, also inside a quotation.
    { selector: `*[${HIDDEN}][${HIDDEN}]`, format: 'hidden' },
  ],
});

/**
 * Renders HTML to normalised text in bounded time and stack. What is nested or long beyond reason
 * is not built into a tree: its tags are dropped and all of its text is taken as visible.
 */
export function htmlText(html: string): HtmlText {
  const lines = normaliseText(htmlWithMarks(html.replace(PICTURE, withoutBytes))).split('\n');
  return separate(
    lines
      .map((line) => line.trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n'),
  );
}

const PICTURE = /<img\b[^<>]*>/gi;

/** A picture that stands in its tag is no text, and makes none long. */
function withoutBytes(tag: string): string {
  return tag.replace(/\ssrc=(?:"data:[^"]*"|'data:[^']*'|data:[^\s>]*)/i, '');
}

function htmlWithMarks(html: string): string {
  const isPlausible = html.length <= MAX_LENGTH && !isTooDeep(html);
  const text = isPlausible ? convert(markHidden(html)) : withoutTags(html);
  // The converter counts exactly, and leaves out what lies deeper.
  return text.includes(CUT) ? withoutTags(html) : text;
}

/** Takes the marks out, moves hidden text behind the visible, and notes what was quoted. */
function separate(text: string): HtmlText {
  let visible = '';
  let hidden = '';
  let hiddenDepth = 0;
  let quoteDepth = 0;
  let restIsQuoted = false;
  const quoted: HtmlText['quoted'] = [];
  let at = 0;
  const take = (end: number): void => {
    const piece = text.slice(at, end);
    if (hiddenDepth > 0) {
      hidden += piece;
    } else {
      if (piece !== '' && (quoteDepth > 0 || restIsQuoted)) {
        quoted.push({ start: visible.length, end: visible.length + piece.length });
      }
      visible += piece;
    }
    at = end + 1;
  };
  for (const mark of text.matchAll(ALL_MARKS)) {
    take(mark.index);
    if (mark[0] === HIDDEN_OPENS && hiddenDepth++ === 0 && hidden !== '') hidden += '\n';
    if (mark[0] === HIDDEN_ENDS) hiddenDepth = Math.max(0, hiddenDepth - 1);
    if (mark[0] === QUOTE_OPENS) quoteDepth++;
    if (mark[0] === QUOTE_ENDS) quoteDepth = Math.max(0, quoteDepth - 1);
    if (mark[0] === REST_IS_QUOTED) restIsQuoted = true;
  }
  take(text.length);
  if (hidden.trim() === '') return { text: visible, quoted, hiddenFrom: visible.length };
  return { text: `${visible}\n${hidden}`, quoted, hiddenFrom: visible.length };
}

const STYLE = /\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;

/**
 * Puts an attribute that a selector can see on every element whose style, or `hidden`, hides it.
 */
function markHidden(html: string): string {
  // White text is only hidden where nothing can stand behind it.
  const onWhite = !/background|bgcolor/i.test(html);
  return html
    .replace(STYLE, (whole, double?: string, single?: string) =>
      hides((double ?? single ?? '').toLowerCase().replace(/\s+/g, ''), onWhite)
        ? ` ${HIDDEN}="1"`
        : whole,
    )
    .replace(/(<[a-z][a-z0-9]*(?:\s[^<>]{0,2000})?\s)hidden(?=[\s>/=])/gi, `$1${HIDDEN}`);
}

function hides(style: string, onWhite: boolean): boolean {
  if (
    /(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|opacity:0(?:\.0+)?(?:;|!|$))/.test(style)
  ) {
    return true;
  }
  if (
    /(?:^|;)(?:font-size|max-height|line-height):0(?:\.0+)?(?:px|pt|em|rem|%)?(?:;|!|$)/.test(style)
  ) {
    return true;
  }
  const white = /(?:^|;)color:(?:#fff|#ffffff|white|rgba?\(255,255,255(?:,1)?\))(?:;|!|$)/.test(
    style,
  );
  return white && (onWhite || /background(?:-color)?:(?:#fff|#ffffff|white)(?:;|!|$)/.test(style));
}

/** Its value in either kind of quotes or none. */
const attribute = (name: string): RegExp =>
  new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i');
const ATTRIBUTES = { alt: attribute('alt'), class: attribute('class'), id: attribute('id') };

const UNNESTED = /^(?:area|base|br|col|hr|img|input|link|meta|wbr|p|li|td|th|tr|dt|dd|option)$/;

/**
 * The tree builder looks through all open elements for every closing tag, which is quadratic where
 * thousands stay open. A rough count is enough, so it is taken without a tree.
 */
function isTooDeep(html: string): boolean {
  let depth = 0;
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9:]{0,30})/gi)) {
    if (UNNESTED.test(name.toLowerCase())) continue;
    depth = slash === '' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

const BREAKS = /^(?:br|p|div|tr|li|h[1-6]|blockquote|table|ul|ol|dl|dd|dt|hr|pre|title)$/;
const WITHIN_WORDS = /^(?:a|abbr|b|big|em|font|i|mark|s|small|span|strong|sub|sup|u|wbr)$/;
const TAG = /<(\/?)([a-z][a-z0-9:]{0,30})([^<>]{0,4000})>/gi;

/**
 * Only entities and the marks of quotation are left for the converter, so its work is linear. A
 * quotation ends with the end of the element that opened it.
 */
function withoutTags(html: string): string {
  const open = new Map<string, number>();
  const quotes = new Map<string, number[]>();
  const bare = html
    .replace(TAG, (_, slash: string, tag: string, rest: string) => {
      const name = tag.toLowerCase();
      const depth = open.get(name) ?? 0;
      const gap = BREAKS.test(name) ? '\n' : WITHIN_WORDS.test(name) ? '' : ' ';
      if (slash === '/') {
        open.set(name, Math.max(0, depth - 1));
        const isQuote = quotes.get(name)?.at(-1) === depth && depth > 0;
        if (isQuote) quotes.get(name)?.pop();
        return isQuote ? `${QUOTE_ENDS}${gap}` : gap;
      }
      if (name === 'img') return ` ${attributeOf(rest, 'alt')} `;
      if (!UNNESTED.test(name)) open.set(name, depth + 1);
      if (REPLIES.includes(attributeOf(rest, 'id'))) return `\n${REST_IS_QUOTED}`;
      if (!isQuotation(name, rest)) return gap;
      const begun = quotes.get(name) ?? [];
      begun.push(depth + 1);
      quotes.set(name, begun);
      return `\n${QUOTE_OPENS}`;
    })
    .replace(/<[^<>]{0,4000}>/g, ' ')
    .replaceAll('<', '&lt;');
  return convert(`<pre>${bare}</pre>`);
}

function isQuotation(name: string, attributes: string): boolean {
  if (name === 'blockquote') return true;
  const classes = attributeOf(attributes, 'class').split(/\s+/);
  return classes.some((each) => QUOTE_CLASSES.includes(each));
}

/** The value as it is written, entities and all; `''` where there is none. */
function attributeOf(attributes: string, name: 'alt' | 'class' | 'id'): string {
  const [, double, single, bare] = ATTRIBUTES[name].exec(attributes) ?? [];
  return double ?? single ?? bare ?? '';
}
