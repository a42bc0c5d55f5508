/** Words in a block of text as the alternatives of a pattern: `a b c` becomes `a|b|c`. */
export function alternatives(words: string): string {
  return words.trim().split(/\s+/).join('|');
}
