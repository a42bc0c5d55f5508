const LOOKALIKES: Record<string, string> = {
  a: 'a@4',
  b: 'b8',
  c: 'c(k',
  e: 'e3€',
  g: 'g9',
  h: 'h',
  i: 'i1!|l',
  l: 'l1|!',
  o: 'o0',
  s: 's5$z',
  t: 't7+',
  u: 'uv',
};
const MASKED = '*#%@';
const ENDINGS =
  '(?:s|es|er|ers|ed|ing|in|y|ies|face|faced|head|heads|house|wit|wits|hole|holes|bag|' +
  'bags|ty|ting|tery|king|ker|kers|ks|ish|ness|storm|show|able)?';

/**
 * One pattern for words and phrases however they are written: `sh1t`, `f*ck`, `b0110cks`, `$h!t`,
 * with common endings. Words stand alone: no match inside a longer word, so Scunthorpe is safe.
 */
export function disguisedWords(terms: readonly string[]): RegExp {
  const alternatives = terms.toSorted((a, b) => b.length - a.length).map(disguised);
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${alternatives.join('|') || '(?!)'})(?![\\p{L}\\p{N}])`,
    'giu',
  );
}

function disguised(term: string): string {
  const letters = Array.from(term.toLowerCase());
  const spelt = letters.map((letter, index) => {
    if (letter === ' ') return '[\\s-]{1,3}';
    if (letter === '-') return '[\\s-]?';
    const forms = new Set(Array.from((LOOKALIKES[letter] ?? letter) + (index > 0 ? MASKED : '')));
    return `[${[...forms].map((form) => `\\u{${form.codePointAt(0)?.toString(16)}}`).join('')}]`;
  });
  return spelt.join('') + ENDINGS;
}
