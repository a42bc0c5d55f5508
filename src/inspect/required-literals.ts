/**
 * Words of which a text must hold at least one for a pattern to match it, in lower case; `null`
 * where no such words can be told. Looking for a few words is many times cheaper than running a
 * pattern, and most patterns say nothing about most texts.
 *
 * Reads the notation that this folder's patterns are written in: literals, groups, alternatives,
 * classes, quantifiers, look-around. What it does not understand it takes for "anything".
 */
export function requiredLiterals(source: string): string[] | null {
  const reader = { source, at: 0 };
  const found = alternatives(reader);
  // A stray bracket: nothing is certain.
  if (reader.at < source.length || found === null) return null;
  return [...new Set(found)];
}

interface Reader {
  source: string;
  at: number;
}

/** Shorter words stand in nearly every text, and rule nothing out. */
const SHORTEST = 3;

/** One of several: each must bring its own words, or nothing is certain. */
function alternatives(reader: Reader): string[] | null {
  let words: string[] | null = [];
  for (;;) {
    const found = sequence(reader);
    words = words && found ? [...words, ...found] : null;
    if (reader.source[reader.at] !== '|') return words;
    reader.at += 1;
  }
}

/** One after the other: any one of its parts will do, so the one that rules out most. */
function sequence(reader: Reader): string[] | null {
  let best: string[] | null = null;
  let run = '';
  const offer = (words: string[] | null): void => {
    if (words !== null && worth(words) > (best === null ? 0 : worth(best))) best = words;
  };
  const endRun = (): void => {
    if (run.length >= SHORTEST) offer([run]);
    run = '';
  };
  while (reader.at < reader.source.length && !'|)'.includes(reader.source.charAt(reader.at))) {
    const atom = readAtom(reader);
    const certain = readQuantifier(reader);
    if (atom.letter !== null && certain === 'once') {
      run += atom.letter;
      continue;
    }
    endRun();
    // Repeated, it stands there at least once, but what follows may be further off.
    if (certain !== 'perhaps') offer(atom.words);
  }
  endRun();
  return best;
}

/** The shortest word decides how much a set rules out. */
function worth(words: readonly string[]): number {
  return Math.min(...words.map(({ length }) => length));
}

interface Atom {
  /** A plain letter in lower case, `null` for everything else. */
  letter: string | null;
  words: string[] | null;
}

const NOTHING: Atom = { letter: null, words: null };

function readAtom(reader: Reader): Atom {
  const { source, at } = reader;
  const character = source.charAt(at);
  reader.at += 1;
  if (character === '(') return readGroup(reader);
  if (character === '[') {
    for (; reader.at < source.length && source[reader.at] !== ']'; reader.at += 1) {
      if (source[reader.at] === '\\') reader.at += 1;
    }
    reader.at += 1;
    return NOTHING;
  }
  if (character === '\\') {
    const escaped = source.charAt(reader.at);
    reader.at += 1;
    if (/[pP]/.test(escaped) && source[reader.at] === '{') skipTo(reader, '}');
    return /[a-z0-9]/i.test(escaped) ? NOTHING : { letter: escaped, words: null };
  }
  if ('.^$'.includes(character)) return NOTHING;
  return { letter: character.toLowerCase(), words: null };
}

function readGroup(reader: Reader): Atom {
  const opening = /^\?(?:[:=!]|<[=!]|<\w+>|[a-z]*-?[a-z]*:)/.exec(reader.source.slice(reader.at));
  reader.at += opening?.[0].length ?? 0;
  const words = alternatives(reader);
  if (reader.source[reader.at] === ')') reader.at += 1;
  // Look-around may forbid its words, or find them outside what is searched.
  const looks = /^\?(?:[=!]|<[=!])/.test(opening?.[0] ?? '');
  return { letter: null, words: looks ? null : words };
}

function readQuantifier(reader: Reader): 'once' | 'often' | 'perhaps' {
  const found = /^(?:[?*+]|\{(\d+)(?:,\d*)?\})/.exec(reader.source.slice(reader.at));
  if (found === null) return 'once';
  reader.at += found[0].length;
  if (/[?+]/.test(reader.source[reader.at] ?? '')) reader.at += 1;
  if (found[0] === '+') return 'often';
  return found[1] !== undefined && Number(found[1]) > 0 ? 'often' : 'perhaps';
}

function skipTo(reader: Reader, end: string): void {
  while (reader.at < reader.source.length && reader.source[reader.at] !== end) reader.at += 1;
  reader.at += 1;
}
