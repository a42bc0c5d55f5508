import { compile, type FormatCallback } from 'html-to-text';
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

const inlineMarked: FormatCallback = (element, walk, builder) => {
  builder.addInline(HIDDEN_OPENS, { noWordTransform: true });
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
    row: marked('', ''),
    cell: (element, walk, builder) => {
      walk(element.children, builder);
      builder.addInline(' ');
    },
  },
  selectors: [
    ...['blockquote', '.gmail_quote', '.yahoo_quoted', '.moz-cite-prefix', '.protonmail_quote'].map(
      (selector) => ({ selector, format: 'quote' }),
    ),
    ...['#divRplyFwdMsg', '#appendonsend', '#mail-editor-reference-message-container'].map(
      (selector) => ({ selector, format: 'reply' }),
    ),
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
    { selector: 'tr', format: 'row' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'title', format: 'block' },
    { selector: 'img', format: 'skip' },
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
  const isPlausible = html.length <= MAX_LENGTH && !isTooDeep(html);
  let text = isPlausible ? convert(markHidden(html)) : withoutTags(html);
  // The converter counts exactly, and leaves out what lies deeper.
  if (text.includes(CUT)) text = withoutTags(html);
  const lines = normaliseText(text).split('\n');
  return separate(
    lines
      .map((line) => line.trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n'),
  );
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

/** Only entities are left for the converter, so its work is linear. */
function withoutTags(html: string): string {
  const bare = html
    .replace(/<(?:br|\/?p|\/?div|\/?tr|\/?li|\/?h[1-6])\b[^<>]{0,4000}>/gi, '\n')
    .replace(/<[^<>]{0,4000}>/g, ' ')
    .replaceAll('<', '&lt;');
  return convert(`<pre>${bare}</pre>`);
}
