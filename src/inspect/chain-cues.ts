import { type Cue, cue } from './cues.ts';

/** At most fifty characters of one sentence; up to three words. */
const NEAR = '[^.!?;]{0,50}?';
const FEW = "(?: [\\w'-]{1,20}){0,3}";

const any = (...alternatives: string[]): string => alternatives.join('|');

const COUNT = `(?:\\d{1,3}|${any(
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty',
  'forty|fifty|a dozen|a hundred',
)})`;
const PEOPLE = `(?:${any(
  'people|persons|friends|mates|pals|contacts|others|folk|loved ones|women|men|ladies|lads|mums',
  'neighbours|relatives|addresses|sisters|brothers|groups|more|good people',
)})`;
const KNOWN =
  '(?: (?:that |who |whom )?(?:you|u|we) (?:know|love|like|care|can)| in your| on your)?';
const EVERYBODY = `(?:${any(
  `(?:everyone|everybody|anyone|anybody|all)${KNOWN}`,
  'all (?:of )?your (?:friends|contacts|mates|pals|family|loved ones|address)',
  '(?:your|the) (?:whole|entire) (?:address|contact)',
  'as many people as',
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
 * on, which ordinary council mail has too; the other classes are what makes it a chain. /
 */
export const CHAIN_CUES: readonly Cue[] = [
  cue(
    'spread',
    0.5,
    SEND_STEMS,
    `${SEND}${IT}${NEAR} (?:to|with|among)${FEW} ${COUNT}${FEW} ${PEOPLE}`,
  ),
  cue('spread', 0.5, SEND_STEMS, `${SEND}${IT}(?: on)? (?:to|with) ${COUNT}${FEW} ${PEOPLE}`),
  cue('spread', 0.5, SEND_STEMS, `${SEND}${IT} ${COUNT} (?:copies|times)`),
  cue('spread', 0.45, SEND_STEMS, `${SEND}${IT}(?: on)? (?:to|with|among) ${EVERYBODY}`),
  cue(
    'spread',
    0.5,
    'each every',
    `(?:each|every) (?:person|one|of us|of you)${NEAR}${SEND}${NEAR}(?:to )?${COUNT}`,
  ),
  cue(
    'spread',
    0.4,
    'pass send share forwar keep get do tell bring fwd',
    any(
      '(?:pass|send|share|forward|fwd) (?:it|this|them|one|these)(?: one)? (?:on|round|' +
        'around|along)',
      'keep (?:it|this|the chain|the love) (?:going|moving|alive|rolling)',
      '(?:do|get|tell|bring|sign up)(?: all)? your (?:mates|friends|pals)',
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
  cue(
    'hoax',
    0.4,
    'swears swear true genuin not no hoax snopes real',
    any(
      "swears? (?:that )?(?:it's|this is|it is|its|blind)|(?:it's|this is|its) (?:100% " +
        ')?(?:genuine|true|real|for real)',
      '(?:not|no) (?:a )?(?:hoax|joke|wind-up|spam)|checked (?:it |this )?(?:on|with) ' +
        '(?:snopes|google)',
    ),
  ),
  cue(
    'hoax',
    0.4,
    'cousin friend mate brothe sister neighb nephew niece daught son uncle aunt hairdr ' +
      'vet wife husban',
    "(?:my|our|a|his|her) (?:\\w+'s )?(?:cousin|friend|mate|brother|sister|neighbour|" +
      "nephew|niece|daughter|son|uncle|auntie|aunt|hairdresser|vet|wife|husband)(?:'s " +
      `\\w+)?(?: of mine)?${FEW} (?:works|swears|who is|knows|heard|says|got this|was told|had ` +
      'this)',
  ),
  cue(
    'hoax',
    0.45,
    'gang virus hacker micros bill facebo whatsa hard wipe wipes drug free warnin beware ' +
      'urgent poison needle spider',
    any(
      `(?:gangs?|virus|hackers?|worm|spiders?|needles?)${NEAR}(?:wipes?|erases?|deletes?|burns?|` +
        'drugs?|steals?|marks?|kills?|targets?|hiding|left)',
      '(?:microsoft|bill gates|facebook|whatsapp|apple|norton|mcafee|cnn|the bbc|scotland ' +
        `yard|tesco|aldi|lidl)${NEAR}(?:confirmed|announced|start charging|going to charge|will ` +
        'pay|give away|giving away|will charge|track)',
      'do not open (?:it|any|an e-?mail|anything)|(?:wipes?|erase) your (?:hard|phone|' +
        'computer|whole)',
      `(?:urgent |virus |police )warning${NEAR}(?:everyone|everybody|all)`,
    ),
  ),
  cue(
    'hoax',
    0.35,
    'missin stolen lost',
    '(?:missing|stolen|lost) (?:\\w+ )?(?:dog|child|girl|boy|cat|toddler|teenager|caravan|pony)',
  ),
  cue(
    'joke',
    0.5,
    'doctor knock walks walked goes went what why how englis did heard there vicar man bloke',
    any(
      'doctor doctor|knock knock',
      '(?:walks|walked|goes|went|gets|got) (?:in )?(?:into|to|up to|in) (?:a|the) (?:bar|' +
        'pub|chip shop|chippy|library|doctor|doctors|shop|vet|council|baker|butcher|pearly)',
      '(?:an )?englishman (?:an )?(?:irishman|scotsman|welshman)',
      "what do you (?:call|get)|why (?:did|do|don't|was|is) (?:the|a|an|councillors?|" +
        `\\w+s)${NEAR}(?:cross|because|so )`,
      "what's the difference between|how many \\w+ does it take|have you heard the one|did " +
        'you hear (?:about|the one)',
      '(?:there was|there were|once there was) (?:this|an old|a young|an) (?:bloke|man|' +
        'woman|lady|fella|vicar|councillor|couple)',
      '(?:a|the|this) (?:man|bloke|fella|vicar|nun|farmer|councillor|wife|husband|woman|' +
        'lady|mayor) (?:says|asks|replies|turns) ',
      'says the (?:barman|doctor|vicar|farmer|mayor|bloke|wife)|the (?:barman|doctor|vicar) says',
    ),
  ),
  cue(
    'joke',
    0.4,
    'joke jokes laugh laughe giggle chuckl funny lol made make stitch tickle cheer smile ' +
      'rofl howl',
    any(
      '(?:joke|jokes|one|funny) (?:of the|for the|for your|for you|for all)|(?:friday|' +
        "monday|daily|dad|today's|christmas) (?:joke|jokes|funny|funnies|laugh)",
      '(?:made|make|makes|give|gives) (?:me|you|us) (?:all )?(?:a )?(?:laugh|chuckle|' +
        'giggle|smile|howl)',
      'in stitches|tickled me|lol|rofl|lmao|for a (?:laugh|giggle)|laughed (?:out|till|until|so)',
      'cheer (?:you|everyone|yourself) up|hope it makes',
    ),
  ),
  cue(
    'pyramid',
    0.5,
    'join sign signed use my your link refer referr each both recrui invite introd downli',
    any(
      `(?:join|sign up|register|click|use|get in)${NEAR}(?:my|this) (?:link|code|referral)|` +
        'signed up under|(?:under|below) me',
      `(?:each|both) (?:of us )?(?:get|gets|receive|earn)${NEAR}(?:tenner|fiver|\\d+|bonus|bet|` +
        'voucher|free)',
      `referral (?:link|code|bonus|scheme)|downline|recruit${NEAR}(?:people|members|friends|` +
        'mates|others)',
      `(?:refer|invite|introduce|bring in) (?:a friend|friends|your mates|${COUNT})`,
    ),
  ),
  cue(
    'pyramid',
    0.5,
    'send add put top name gift giftin pyrami',
    any(
      `(?:send|post|give|pay)${NEAR}(?:\\d+|tenner|fiver|pounds?)${NEAR}(?:top|first|name|` +
        'person above)',
      `(?:your|own|my) name (?:to|at|on|goes)${NEAR}(?:bottom|list|top)|top of the list|gifting ` +
        'circle|pyramid',
    ),
  ),
  // A Subject that has been round already.
  cue('round', 0.3, 'fw fwd', '(?:fwd?: ?){2,}\\w*'),
];
