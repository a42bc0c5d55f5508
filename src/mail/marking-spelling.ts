// Capitals and small letters of Cyrillic and Greek that look like Latin ones, one for one.
const LOOKALIKES = new Map(
  [
    'АA',
    'ВB',
    'ЕE',
    'ЅS',
    'ІI',
    'ЈJ',
    'КK',
    'МM',
    'НH',
    'ОO',
    'РP',
    'СC',
    'ТT',
    'УY',
    'ХX',
    'ѴV',
    'ӀI',
    'ԌG',
    'ԜW',
    'аa',
    'еe',
    'ѕs',
    'іi',
    'јj',
    'оo',
    'рp',
    'сc',
    'уy',
    'хx',
    'ѵv',
    'ӏl',
    'ԁd',
    'ԛq',
    'ԝw',
    'тt',
    'кk',
    'мm',
    'нh',
    'вb',
    'ΑA',
    'ΒB',
    'ΕE',
    'ΖZ',
    'ΗH',
    'ΙI',
    'ΚK',
    'ΜM',
    'ΝN',
    'ΟO',
    'ΡP',
    'ΤT',
    'ΥY',
    'ΧX',
    'ϹC',
    'ϜF',
    'αa',
    'ιi',
    'κk',
    'νv',
    'οo',
    'ρp',
    'τt',
    'υu',
    'χx',
    'ϲc',
    'εe',
    'ıi',
    'ſs',
    'ꓳO',
    'ꓢS',
    'ꓲI',
    'Տs',
    'օo',
  ].map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);

/** Maps look-alike letters to Latin and drops accents, one UTF-16 unit for one, so offsets stay. */
export function foldLookalikes(text: string): string {
  return text.replace(/[^ -~\s]/g, (letter) => {
    const base = letter.normalize('NFD').slice(0, 1);
    return LOOKALIKES.get(base) ?? (/[A-Za-z]/.test(base) ? base : letter);
  });
}

// Real words within two letters of either word: they are not slips.
const REAL_WORDS = new Set(
  [
    'OFFICIALS OFFICIALLY OFFICIALESE OFFICIALDOM OFFICIATE OFFICIATES OFFICIATED OFFICIANT',
    'OFFICINAL UNOFFICIAL NONOFFICIAL OFFICIOUS',
    'SENSITIVELY SENSITIVES SENSITIVITY SENSITISE SENSITIZE SENSITISED SENSITIZED SENSITISER',
    'SENSITIZER INSENSITIVE UNSENSITIVE SENSATION SENSE',
  ].flatMap((line) => line.split(' ')),
);

const PAIR =
  /(?<![\p{L}\p{N}])([\p{L}\p{N}]{6,10})([\s\-_:/.*]{1,8})([\p{L}\p{N}]{7,11})(?![\p{L}\p{N}])/gu;
const JOINED = /(?<![\p{L}\p{N}])[\p{L}\p{N}]{15,19}(?![\p{L}\p{N}])/gu;

/**
 * A misspelt OFFICIAL-SENSITIVE where it can only be meant as one: at the start of the subject, in
 * brackets, or in capitals with a hyphen or slash between.
 * @param banner Offset behind "Re:" and the like.
 */
export function readMisspelling(
  text: string,
  banner: number,
): { start: number; end: number } | null {
  for (const match of text.matchAll(PAIR)) {
    const [whole, first = '', joint = '', second = ''] = match;
    if (!isSlip(first, 'OFFICIAL') || !isSlip(second, 'SENSITIVE')) continue;
    if (/^official[^a-z]+sensitive$/i.test(whole)) continue;
    const shouted = whole === whole.toUpperCase() && /[-_/:]/.test(joint);
    if (shouted || standsApart(text, match.index, whole.length, banner)) {
      return { start: match.index, end: match.index + whole.length };
    }
  }
  for (const match of text.matchAll(JOINED)) {
    if (!isNear(match[0].toUpperCase(), 'OFFICIALSENSITIVE')) continue;
    if (/SENSITIVE?LY$|^UN|^OFFICIALS|^NON/i.test(match[0])) continue;
    if (standsApart(text, match.index, match[0].length, banner)) {
      return { start: match.index, end: match.index + match[0].length };
    }
  }
  return null;
}

/** At the banner position, or between brackets or asterisks. */
function standsApart(text: string, start: number, length: number, banner: number): boolean {
  if (/^[\s[({*"']*$/.test(text.slice(banner, start))) return true;
  return (
    /[[({*]\s*$/.test(text.slice(Math.max(0, start - 4), start)) && text.length > start + length
  );
}

function isSlip(word: string, meant: string): boolean {
  const upper = word.toUpperCase();
  return !REAL_WORDS.has(upper) && isNear(upper, meant);
}

/** Optimal string alignment distance of at most 2 (a swap of neighbours counts as one). */
function isNear(word: string, meant: string): boolean {
  if (Math.abs(word.length - meant.length) > 2) return false;
  let beforeLast: number[] = [];
  let last = Array.from({ length: meant.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row++) {
    const next = [row];
    for (let column = 1; column <= meant.length; column++) {
      const same = word[row - 1] === meant[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && word[row - 1] === meant[column - 2] && word[row - 2] === meant[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    beforeLast = last;
    last = next;
  }
  return (last[meant.length] ?? 3) <= 2;
}
