// Invisible in every client, so that "OFFI<U+200B>CIAL" reads as one word: soft hyphen, grapheme
// joiner, Arabic letter mark, Hangul fillers, Mongolian separators, zero-width and bidi controls,
// variation selectors, interlinear marks, tags; and the C0 and C1 controls other than tab and line
// feed.
const INVISIBLE = new RegExp(
  '[\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u00AD\\u034F\\u061C' +
    '\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F' +
    '\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF9-\\uFFFB]|\\uDB40[\\uDC00-\\uDFFF]',
  'g',
);

/**
 * The form in which every text is matched and into which all evidence offsets point: line feeds
 * only, Unicode NFKC, no invisible characters, no-break spaces as spaces. Idempotent.
 */
export function normaliseText(text: string): string {
  // The first pass also lets NFKC compose what an invisible character had kept apart.
  const visible = text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(INVISIBLE, '');
  return visible.normalize('NFKC').replace(INVISIBLE, '');
}
