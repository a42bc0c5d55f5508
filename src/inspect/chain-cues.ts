import { type Cue, cue } from './cues.ts';

/** At most fifty characters of one sentence; up to three words. */
export const NEAR = '[^.!?;]{0,50}?';
export const FEW = "(?: [\\w'-]{1,20}){0,3}";

export const any = (...alternatives: string[]): string => alternatives.join('|');

export const COUNT = `(?:\\d{1,3}|${any(
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty',
  'forty|fifty|a dozen|a hundred',
)})`;
const PEOPLE = `(?:${any(
  'people|persons|friends|mates|pals|contacts|others|folk|loved ones|women|men|ladies|lads|mums',
  'neighbours|relatives|addresses|sisters|brothers|groups|more|good people',
)})`;
/** Of no particular kind. */
const ANYONE = `(?:${any(
  'people|persons|friends|mates|pals|contacts|others|folk|loved ones|women|men|ladies|lads|mums',
  'colleagues|sisters|brothers',
)})`;
const KNOWN =
  '(?: (?:that |who |whom )?(?:you|u|we) (?:know|love|like|care|can)| in your| on your)?';
const EVERYBODY = `(?:${any(
  `(?:everyone|everybody|anyone|anybody|all)${KNOWN}`,
  'all (?:of )?your (?:friends|contacts|mates|pals|family|loved ones|address)',
  '(?:your|the) (?:whole|entire) (?:address|contact)',
  'as many people as',
  'every \\w+(?: \\w+)? (?:that |who |whom )?you (?:know|love|can)',
)})`;
const SEND = `(?:${any(
  'pass|passed|passes|send|sends|forward|forwards|copy|copies|share|shares|e-?mail|post|spread',
  'text|fwd|sending|passing|forwarding|sharing|whatsapp',
)})`;
const IT = `(?: (?:this|it|them|that|the) ?(?:${any(
  'e-?mail|message|one|letter|prayer|warning|post|joke|word|picture|poem|on|round|' +
    'around|out|back',
  'along',
)})?)?`;
const SEND_STEMS =
  'pass passed passes passin send sends sendin forwar fwd copy copies share shares sharin ' +
  'email e post spread text whatsa';

/**
 * What chain letters, hoaxes, schemes and jokes that go round say. `spread` is the urge to pass it
 * on, which ordinary council mail has too; the other classes are what makes it a chain.
 */
export const CHAIN_CUES: readonly Cue[] = [
  cue(
    'spread',
    0.5,
    SEND_STEMS,
    `${SEND}${IT}(?:${NEAR} | )(?:to|with|among)${FEW} ${COUNT}${FEW} ${PEOPLE}`,
  ),
  cue('spread', 0.5, SEND_STEMS, `${SEND}${IT} ${COUNT} (?:copies|times)`),
  cue('spread', 0.45, SEND_STEMS, `${SEND}${IT}(?: on)? (?:to|with|among) ${EVERYBODY}`),
  cue(
    'spread',
    0.5,
    'each every',
    `(?:each|every) (?:person|one|of us|of you)${NEAR}${SEND}${NEAR}${COUNT}`,
  ),
  cue(
    'spread',
    0.4,
    'pass send share spread forwar keep get do tell fwd',
    any(
      '(?:pass|send|share|spread|forward|fwd) (?:it|this|them|one|these)(?: one)? (?:on|' +
        'round|around|along|about)',
      'keep (?:it|this|the chain|the love) (?:going|moving|alive|rolling)',
      '(?:do|get|tell|sign up)(?: all)? your (?:mates|friends|pals)|tell every (?:woman|man|mum)',
      'send (?:me )?one back|pass (?:it|this) to',
    ),
  ),
  cue(
    'spread',
    0.35,
    'please pls copy don dont do share repost',
    any(
      '(?:please|pls) (?:share|repost|forward|fwd|pass on|pass it on)',
      "copy and paste|(?:don't|do not|dont) (?:just )?(?:ignore|delete|bin|keep) (?:this|it)",
      'share (?:far and )?widely|repost',
    ),
  ),
  // The whole of what is asked, at the end of the text.
  cue(
    'spread',
    0.45,
    'pass send fwd forwar',
    '(?:pass|send|fwd|forward) (?:(?:it|this|them|one) )?(?:on|round|around|about|' +
      'along)(?: (?:lads|folks|girls|all|everyone|people|mates))?[\\s.!]{0,9}$',
  ),
  // So many people of no particular kind: council mail goes to somebody in particular.
  cue(
    'chain',
    0.4,
    SEND_STEMS,
    any(
      `${SEND}[^.!?;]{0,25}? (?:to|with) (?:at least |another |the )?${COUNT}` +
        `(?: (?:good|other|more|special|lucky))? ${ANYONE}`,
      `${SEND}[^.!?;]{0,25}? ${COUNT} \\w+ (?:that |who |whom )?you (?:love|know|like|` +
        'admire|trust|value)',
    ),
  ),
  cue(
    'chain',
    0.45,
    'let back ignore binned delete before',
    any(
      "(?:do not|don't|dont|never) let (?:it|this|the \\w+) (?:stop|end|die|go out)|and " +
        'back to me',
      '(?:ignored|binned|deleted) (?:this|it|the (?:letter|message|e-?mail)) (?:and|so|then|' +
        'last)',
    ),
  ),
  cue(
    'chain',
    0.5,
    'unless if or',
    any(
      '(?:unless|until) (?:you|we|everyone) (?:send|forward|pass|share|repost|copy)s?',
      "if you (?:delete|ignore|break|bin|(?:don't|do not|dont) (?:send|forward|pass|share|" +
        'copy|repost))',
      "(?:if|when) (?:i|you) (?:do not|don't|dont) get (?:it|this|one) back|or lose the",
    ),
  ),
  cue(
    'chain',
    0.45,
    'will won most only incl includ status back reposte',
    any(
      "\\d{1,2}(?:%| per ?cent)(?: of (?:you|people))? (?:will not|won't|will|wont)|most " +
        "(?:people|of you) (?:won't|will not)",
      'on your status|friends incl(?:uding)? me|(?:post|publish) (?:it|this) and (?:pass|' +
        'send|share)',
    ),
  ),
  cue(
    'chain',
    0.5,
    'never request say granted touched',
    any(
      'never been known to fail|requests? will be granted|prayer will be answered',
      'say (?:it|this) (?:nine|seven|three) times|touched by an angel',
    ),
  ),
  cue(
    'chain',
    0.5,
    'break breaks broke broken chain',
    any(
      `(?:don't|dont|do not|never|please|whoever|anyone who|if you)${NEAR}` +
        '(?:break|breaks|broke) (?:it|this|the)',
      '(?:break|breaks|broke|broken|breaking) (?:the|this|it|my) (?:chain|letter)',
      'the chain (?:has|must|is|was|started|goes|letter)',
    ),
  ),
  cue(
    'chain',
    0.45,
    'good bad seven years terrib great your luck lucky',
    any(
      '(?:bad|good|great|terrible) luck (?:will|for|within|in|comes|come|follows|to ' +
        'whoever|if|awaits)',
      "(?:seven|\\d+) years'? (?:of )?bad luck|your luck will|luck (?:will )?(?:runs?|" +
        'finds?|comes?)',
      'lucky (?:totem|charm|letter|e-?mail)',
    ),
  ),
  cue(
    'chain',
    0.45,
    'your make a wish wishes you somet',
    any(
      '(?:your|a) (?:wish|wishes|prayer|prayers|dream) will|make a wish|a miracle will',
      'something (?:good|bad|wonderful|lovely|nice) will (?:happen|come)',
      `you will (?:receive|have|get|hear|come into)${NEAR}(?:within|by|in|before)${NEAR}(?:days?|` +
        'hours?|midnight)',
    ),
  ),
  cue(
    'chain',
    0.45,
    'angel angels saint st blessi tibeta mother curse cursed novena guardi',
    any(
      '(?:an |the |your |guardian )?angels? (?:of|moves?|will|is|are|has|came|visits?|watch)',
      `(?:saint|st) \\w+ (?:will|grants|never)|blessings?${NEAR}(?:days|hours|midnight|friends)`,
      '(?:tibetan|irish|chinese) (?:totem|mantra|blessing|prayer|charm)|a curse|cursed|novena to',
    ),
  ),
  cue(
    'chain',
    0.4,
    'within in before by',
    any(
      `(?:within|in|for) (?:the next )?(?:${COUNT}|ninety-six|forty-eight|24|48|96) ` +
        `(?:hours|days|minutes)${NEAR}(?:or|luck|wish|happen|chain|good news|miracle|money)`,
      '(?:before|by) midnight',
    ),
  ),
  cue(
    'chain',
    0.4,
    'ignore forgot broke delete binned didn did threw laughe',
    "(?:who |she |he |they )?(?:didn't|did not|ignored|forgot|broke (?:it|the)|deleted|" +
      `binned|threw it|laughed at it)${NEAR}(?:died|lost|fell|crashed|broke|divorced|burnt|` +
      'sacked|within)',
  ),
  cue(
    'chain',
    0.4,
    'premiu won came lotter jackpo cheque promot',
    '(?:premium bonds?|numbers|lottery|ship) (?:came|come|has come) (?:up|in)|won the ' +
      '(?:lottery|jackpot|pools)',
  ),
  cue(
    'chain',
    0.45,
    'around round',
    '(?:been|gone|travelled|went) (?:all )?(?:round|around) the world',
  ),
  // A Subject that has been round already.
  cue('round', 0.4, 'fw fwd', '(?:fwd?: ?){2,}\\w*'),
];
