import type { Party } from '../mail/lists.ts';
import { signal } from './cues.ts';
import type { Cue } from './cues.ts';
import type { SignalRow } from './campaign-signals.ts';

const BAD_DEEDS =
  'failed|fails?|broke|broken|break|lied|lies|lie|wrecked|wreck|ruined|ruin|wasted|' +
  'waste|shut|close[sd]?|closing|' +
  'sold|sell|selling|cut|cuts|cutting|scrap\\w*|hik\\w*|put up|raised? (?:your|our|' +
  'the)|tax\\w*|bankrupt\\w*|abandon\\w*|' +
  'neglect\\w*|ignor\\w*|betray\\w*|shout\\w*|dither\\w*|blam\\w*|wanted|run (?:this|' +
  'our|the) \\w{1,12} into|ran|' +
  "run down|let (?:us|you|this|our)|don't (?:care|know|have)|haven't|can't|cannot|" +
  "couldn't|won't|wouldn't|never|" +
  'useless|hopeless|clueless|liars?|shambles|a disgrace|out of (?:ideas|touch)|' +
  'not to be trusted|all talk|fighting among';
const GOOD_DEEDS =
  'kept|keep|saved?|built|build|delivered|deliver|reopen\\w*|open(?:ed)? (?:your|our|' +
  'the)|mended|fixed|froze|protect\\w*|' +
  'listen\\w*|work(?:s|ed|ing)? (?:hard|for)|stood up|stands? up|will (?:always|fight|' +
  'reopen|build|keep|save|never|put)|' +
  'has a plan|have a plan|balance\\w*|invest\\w*|the only|plants|brought|secured|' +
  'won (?:the|your|our)';

/** Classes A and P of domain D.7, where the party's name stands beside praise or blame. */
const PARTY_ROWS: readonly SignalRow[] = [
  ['P', 0.3, '%SURE(?! (?:group|club|office|room))'],
  [
    'P',
    0.2,
    '%W (?:party|candidates?|councillors?|cllrs?|vot\\w+|campaign|manifesto|government|' +
      'mps?|leader|group(?! (?:meeting|room|leader|office|whip|agenda))|council|man|woman|' +
      'members?|are|is)',
  ],
  [
    'P',
    0.2,
    '(?:party|candidates?|councillors?|vote|for|by|from|to|under|beat|against|stop|join|' +
      'the|than) %W',
  ],
  [
    'A',
    0.6,
    `%P(?: \\w{1,14}){0,2} (?:have |has |had |has only |who |all |would |will |'ve |are |` +
      `is |were )?(?:only |all |just |simply )?(?:${BAD_DEEDS})`,
  ],
  ['A', 0.5, `%P(?: \\w{1,14}){0,2} (?:have |has |had |who |'ve |are |is )?(?:${GOOD_DEEDS})`],
  [
    'A',
    0.5,
    "(?:under|thanks to|because of|blame|trust|don't trust|never trust|with) (?:the |" +
      'your |this |our |a |these )?(?:\\w{1,10} )?%P',
  ],
  [
    'A',
    0.5,
    'only (?:the |a vote for )?(?:%P|we|I) (?:can|will|could|have|stand)|(?:we|' +
      'us) are the only (?:ones|party|people)|only %P',
  ],
  [
    'A',
    0.6,
    '(?:beat|beating|stop|stopping|keep out|keeping out|oust\\w*|get rid of|shot of|' +
      'see off|unseat\\w*|defeat\\w*|hammer|smash|thrash|sink) (?:the |this |these |those |' +
      'that )?(?:\\w{1,10} )?%P',
  ],
  [
    'A',
    0.6,
    '(?:%P) (?:\\w{1,10} )?(?:lies|failure|chaos|cuts|mess|incompetence|bombshell|' +
      'lunatics|liars|fools|clowns|crooks|waste|madness|shambles|rabble|misrule|nonsense|' +
      'idiots|man they|woman they|stooge|in ~ lead)',
  ],
  [
    'A',
    0.5,
    "(?:sick of|fed up with|tired of|had enough of|what has|what have|don't let|" +
      'fooled by|lumbered with|stuck with|at risk from|threat from|danger of|' +
      'slam\\w*) (?:the |this |these |ever |a )?(?:\\w{1,10} )?%P',
  ],
  [
    'A',
    0.5,
    '(?:moving|switch\\w*|turn\\w*|going|come|coming|over|defect\\w*|lean\\w*|' +
      'drift\\w*) (?:over )?to (?:the )?%P',
  ],
  [
    'A',
    0.5,
    '%P (?:are|is|were|was) (?:\\w{1,10} )?(?:points?|votes|neck|close|winning|ahead|' +
      'behind|\\d+ |second|third|toast|finished|on the run|in trouble|throwing|nowhere|' +
      'the (?:only|best|real|ones|party))',
  ],
  [
    'A',
    0.4,
    "(?:why|because) (?:\\w{1,12} ){0,2}(?:needs?|deserves?|wants?|I am|I'm|you should|" +
      'we need|be) (?:an? |the )?%P|need(?:s)? (?:more |a )?%P',
  ],
  ['A', 0.4, '%P (?:vote|support) (?:has|is|in|collapsed|holding)|ever given us'],
  [
    'A',
    0.5,
    "can(?:'t|not|'t) win here|win(?:ning)? here|two-?horse race|neck and neck|bar chart|" +
      "it's (?:between )?(?:us|me) (?:or|and|against) (?:them|him|her|%P)",
  ],
  [
    'A',
    0.4,
    '(?:this|tired(?: old)?|failing|useless|same(?: old)?|rotten|' +
      'clapped-?out) (?:\\w{1,10} )?(?:administration|tory|council|regime|' +
      'shower) ~ (?:years|given|again|out|time|done|ever|gone)|time for (?:a )?(?:change|' +
      'fresh)|fresh start|deserves? better|change is coming',
  ],
  [
    'A',
    0.4,
    "don't be (?:fooled|taken in)|full of (?:fibs|lies)|broken (?:every |" +
      'all )?(?:\\w{1,8} )?promises?|with us or against|empty promises|all talk',
  ],
  [
    'A',
    0.3,
    '(?:said|says|saying|claims?) (?:that )?(?:I|we) did nothing|not been seen|' +
      'never seen (?:him|her|them) (?:between|except|outside|until)|only (?:see|' +
      'seen) ~ election|only at election',
  ],
  [
    'A',
    0.3,
    '(?:better|worse|safer) (?:off )?(?:with|under|without) (?:%P|us|them|him|the other)|' +
      'got back in|get(?:s|ting)? back in|let (?:them|him|her) (?:back )?in',
  ],
  [
    'A',
    0.4,
    'throwing everything|dirty tricks|smear(?:s|ing)?|pack of lies|hatchet job|panicking|' +
      'on the run|running scared',
  ],
];

/** What makes a street or a house of the word before it. */
const PLACES =
  'Lane|Close|Street|Road|Way|Row|Avenue|Terrace|Court|House|Drive|Hill|End|Exchange|Club|Man|' +
  'Island|Park|Hall|Farm|Bank|Belt|Flag|Square';
const TITLES = 'Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor';

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const alternatives = (texts: readonly string[]): string =>
  texts
    .toSorted((a, b) => b.length - a.length)
    .map((text) => escape(text).replaceAll(' ', '[\\s-]?'))
    .join('|') || '(?!)';

/**
 * Turns rows of signals into cues for the parties of the list: `%P` any name in party sense,
 * `%SURE` only the unmistakable ones, `%W` only the words that need company.
 */
export function compileSignals(rows: readonly SignalRow[], parties: readonly Party[]): Cue[] {
  const words = parties.flatMap((party) => party.words);
  const phrases = parties.flatMap((party) => party.phrases);
  // A word of everyday use counts with its capital or all in capitals, never in lower case.
  const forms = alternatives(words.flatMap((word) => [word, word.toUpperCase()]));
  const capital = `(?-i:(?<!(?:${TITLES}) )(?:${forms})(?! (?:${PLACES})))`;
  const sure = `(?:${alternatives(phrases)})(?-i:(?! (?:${PLACES})))`;
  const everything = `(?:${sure}|${capital})`;
  return rows.map(([kind, weight, source]) =>
    signal(
      kind,
      weight,
      source
        .replaceAll('%SURE', sure)
        .replaceAll('%P', everything)
        .replaceAll('%W', capital)
        .replaceAll('%N', String.raw`(?-i:\p{Lu}\p{Ll}{1,20})(?: (?-i:\p{Lu}\p{Ll}{1,20}))?`),
    ),
  );
}

/** Praise and blame by party, and the parties' own names. */
export function partyCues(parties: readonly Party[]): Cue[] {
  return compileSignals(PARTY_ROWS, parties);
}

/** A hashtag of a party, as a pattern over a whole text. */
export function hashtagPattern(parties: readonly Party[]): RegExp {
  const tags = parties.flatMap((party) => party.hashtags);
  return new RegExp(`#(?:${alternatives(tags)})(?![\\p{L}\\p{N}])`, 'iu');
}
