import { any, COUNT, FEW, NEAR } from './chain-cues.ts';
import { type Cue, cue } from './cues.ts';

/** What goes round besides chain letters: hoaxes, jokes, and schemes that live on recruits. */
export const LORE_CUES: readonly Cue[] = [
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
    0.45,
    'happen friend spray every each time just unless accept format offici radio works ' +
      'giving cost charge life',
    any(
      'happened to a (?:friend|neighbour|woman|colleague)|a friend of (?:a friend|my|mine)|' +
        "friend's (?:friend|cousin)",
      `(?:spray|knock|drug)\\w*${NEAR}(?:you out|passengers?|women|drivers?|victims?)`,
      `(?:each|every) time (?:this|it|the \\w+|someone)${NEAR}(?:forwarded|shared|sent|passed)`,
      '(?:do not|never|dont) (?:accept|answer|add) (?:any|a) (?:message|friend|call|request)',
      '(?:formats?|empties|drains?|locks|burns) your (?:phone|computer|disk|account|bank)',
      `(?:will|going to|gonna|start) (?:cost|charg\\w+|pay)${NEAR}(?:message|unless|` +
        'everyone|each)',
      "(?:it is|it's|its) (?:official|on the (?:news|radio|telly|tv))|(?:it )?really works|" +
        'mine came',
      `giv(?:e|ing)(?: away)? (?:everyone|every|away|free)${NEAR}(?:voucher|hamper|iphone|` +
        'phone|car|shop)',
    ),
  ),
  cue(
    'hoax',
    0.4,
    'appare before got heard had it was razor needle blades',
    any(
      'apparently (?:they|there|some|someone|it)|(?:got|heard|had) (?:it|this) from (?:the|' +
        'a|her|his|my)',
      '(?:it was|saw it|read it) (?:in|on) (?:a|the) (?:paper|news|radio|telly|internet|' +
        'facebook)',
      'before (?:they|it|the government|facebook) (?:gets? |is |are )?(?:delete|remove|take|' +
        'ban|censor)\\w*',
      '(?:razor blades|dirty needles|broken glass|date rape)',
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
      'says the (?:barman|doctor|vicar|farmer|mayor|bloke|wife)|the barman says',
      '(?:two|three) (?:golfers|blokes|nuns|vicars|farmers|councillors|old \\w+|drunks|' +
        'pensioners)',
      '(?:my )?mother-in-law (?:says|said|is|was|has|came)|punch ?line|limerick',
    ),
  ),
  cue(
    'joke',
    0.35,
    'says said asks asked replie turns well',
    any(
      '(?:a|the|this) (?:man|bloke|fella|chap|vicar|nun|farmer|wife|husband) (?:says|asks|' +
        'replies|turns)',
      `"[^"]{3,90}" "[^"]{3,90}"`,
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
      '(?:made|make|makes|give|gives) (?:me|you) (?:a )?(?:laugh|chuckle|giggle|smile|howl)',
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
      `(?:refer a friend for|(?:get|bring in|recruit|refer) ${COUNT} (?:more|people|others|` +
        'friends|mates)(?: \\w+)? (?:below|under|beneath))',
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
  cue(
    'pyramid',
    0.5,
    'below under beneat above get quid gold come circle put',
    any(
      `${COUNT} (?:more |people |others |friends |new )?(?:\\w+ )?(?:below|under|beneath) ` +
        '(?:you|me|us)',
      `you (?:each )?get ${COUNT}${NEAR}(?:and )?i get|i get ${COUNT}${NEAR}you get`,
      `put in (?:a |\\w+ )?(?:${COUNT}|quid|tenner)${NEAR}(?:come out|get back|get out|out with)`,
      '(?:gold|blessing|giving|cash|money|gifting) (?:circle|wheel|loom|cloud)',
    ),
  ),
  cue(
    'pyramid',
    0.5,
    'for with on my bring brings get rope sign doubles take',
    any(
      '(?:with|on|through|via) my (?:link|code|referral)|for (?:each|every)(?:one)?(?: ' +
        '\\w+)? (?:who|that) joins',
      `(?:bring|brings|rope|ropes|sign|signs) in ${COUNT}`,
    ),
  ),
  cue(
    'pyramid',
    0.4,
    'take doubles double commis slice',
    '(?:take|takes|get|earn) (?:a |my |your )?(?:slice|cut|commission)|doubles? (?:every|' +
      'each|your money)',
  ),
];
