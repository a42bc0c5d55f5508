import { signal } from './cues.ts';
import type { Cue } from './cues.ts';

const INSULT =
  'idiots?|morons?|imbeciles?|cretins?|halfwits?|dimwits?|nitwits?|fools?|clowns?|' +
  'cows?|pigs?|swine|rats?|worms?|' +
  'snakes?|dogs?|toads?|vermin|scum|trash|filth|dirt|losers?|wasters?|cowards?|liars?|' +
  'crooks?|thieves|parasites?|' +
  'leech(?:es)?|jobsworths?|creeps?|pervs?|perverts?|witch|hag|bat|trollop|tart|' +
  'slapper|numpty|numpties|muppets?|' +
  'slags?(?! heap)|plonkers?|pillocks?|wallys?|berks?|divs?|mugs?|drips?|oafs?|lumps?|' +
  'fat|ugly|stuck-up|thick|stupid|pathetic|' +
  'disgusting|disgrace|brainless|gutless|spineless|witless|evil|nasty|vile|repulsive|' +
  'odious|senile|dick|cock|git|gits|' +
  'bugger|buggers|sod|sods|weasel|maggot|insect|animal|animals|nobody|nobodies|' +
  'waste of (?:space|skin|oxygen)';
const GROUP =
  'muslims?|jews?|jewish|hindus?|sikhs?|catholics?|islam|moslems?|gyps(?:y|ies)|' +
  'travellers?|pikeys?|roma|poles?|polish|' +
  'romanians?|bulgarians?|pakistanis?|bangladeshis?|indians?|asians?|chinese|africans?|' +
  'nigerians?|somalis?|arabs?|' +
  'blacks?|coloureds?|whites|foreigners?|immigrants?|migrants?|refugees?|' +
  'asylum seekers?|eastern europeans?|gays?|' +
  'lesbians?|homosexuals?|queers?|bisexuals?|trans(?:gender|sexuals?)?|women|woman|' +
  'girls?|females?|ladies|men in dresses|' +
  'the disabled|cripples?|handicapped|wheelchairs?|the elderly|old people|old women|' +
  'old men|pensioners|the blind|the deaf|' +
  'irish|scots|welsh|english|germans?|french|americans?|israelis?|albanians?|' +
  'ukrainians?|syrians?|afghans?|turks?|kurds?';

/** Direct abuse and threats: each row is class, weight, source (see `signal`). */
export const ABUSE_CUES: readonly Cue[] = [
  signal(
    'insult',
    0.8,
    `(?:you|your lot are|you lot are|you are|you're|you were) (?:(?:are|is|were|all|` +
      `absolute|complete|total|utter|really|such|just|nothing but|nothing|an|a|the|little|` +
      `silly|stupid|old|fat|ugly|lazy|useless|horrible|miserable|pathetic|senile|jumped-up|` +
      `stuck-up|poxy|bloody|damned?|thick|ignorant|arrogant|sad|sorry|bunch of|load of|` +
      `set of|pack of|right|proper) ){0,5}(?:${INSULT})(?! of (?:a )?(?:time|the|day))`,
  ),
  signal(
    'insult',
    0.8,
    '(?:you|your) (?:\\w{1,10} ){0,2}(?:thick as (?:mince|two|a|pig)|not all there|' +
      "off your (?:head|trolley|rocker)|soft in the head|couldn't (?:find|organise|" +
      'run) your|brain(?:s)? of|ought to be (?:shot|strung|put down|horsewhipped|' +
      'locked up))',
  ),
  signal(
    'insult',
    0.7,
    '(?:stick|shove|stuff) (?:it|that|them|your \\w{1,12}|the \\w{1,12}) (?:up|where)|' +
      'drop dead|shut your (?:mouth|face|gob|trap)|shut (?:the \\w{1,6} )?up you|' +
      'get stuffed|get lost you|crawl back|rot in hell|go to hell|go (?:and )?(?:die|hang|' +
      'drown|jump) ',
  ),
  signal(
    'insult',
    0.7,
    '(?:stupid|fat|ugly|lazy|useless|silly|thick|mincing|dirty|filthy|greasy|smelly|miserable|' +
      'stuck-up|two-faced|jumped-up|poxy|spotty|toothless|wrinkled)(?: old| little|' +
      ' fat| lump of)?' +
      ' (?:cow|pig|sod|git|bugger|hag|witch|slag|tart|rat|toad|oaf|idiots?|morons?|lard|bat|' +
      'trout|goat|swine|weasel|creep|worm|pillock|muppets?|pervert)',
  ),
  signal(
    'insult',
    0.7,
    'streak of p\\S?ss|gormless|cake-?hole|boil (?:his|her|your|their) heads?|' +
      'jog on|lump of lard|(?:do (?:us|the world) a favour and|' +
      'go and) (?:die|drop dead|jump|drown)|nobody (?:likes|asked|wants) you|' +
      'who the (?:hell|devil|blazes) (?:do|are) (?:you|they)|clear off|get lost|on your bike you',
  ),
  signal(
    'threat',
    0.9,
    '(?:put|see|leave|have) (?:you|him|her|them) (?:in|under) (?:the|a) (?:ground|hospital|box|' +
      'grave|wheelchair|ditch|skip|river|canal)|next time (?:it|I|you) (?:will be|will|won.t)|' +
      '(?:touch|cross|push|try) (?:\\w{1,10} ){1,4}again and|you have been warned|' +
      'I know people|sleep with one eye|dig (?:your|his) (?:own )?grave',
  ),
  signal(
    'threat',
    0.9,
    "(?:I'll|I will|I'm going to|I am going to|I shall|we'll|we will|gonna|lads will|" +
      'someone will|my (?:lads|brothers?|mates) will|come round (?:and|to)|be round (?:to|' +
      'and)) (?:\\w{1,8} ){0,3}(?:break|smash|kill|batter|burn|knock|punch|thump|hurt|kick|' +
      'cut|flatten|deck|slap|swing for|throttle|strangle|shoot|stab|bury|finish|ruin|' +
      'destroy|wring|rip|bash|drown|belt|lamp|do) (?:your|you|his|her|him|them|' +
      'their)(?! (?:proud|justice|a favour|a copy|best|the honour|an e-?mail|good|know))',
  ),
  signal(
    'threat',
    0.9,
    'know where (?:you|your|he|she|they) (?:live|lives|work|park|drink|kids?|children)|' +
      'where your (?:kids|children|family|wife|mother)',
  ),
  signal(
    'threat',
    0.8,
    'hope (?:that )?(?:you|he|she|they|your \\w{1,10}) (?:all )?(?:dies?|rots?|chokes?|' +
      'burns?|suffers?|drowns?|get cancer|gets? run over|falls? (?:down|under)|' +
      'never (?:work|walk|wake))|wish you (?:were|was) dead',
  ),
  signal(
    'threat',
    0.7,
    "watch your (?:back|step)|you(?:'ll| will) (?:live to )?(?:regret|pay for|be sorry)|" +
      "be the last thing you|accidents (?:do )?happen|I(?:'d|" +
      " would) be (?:very )?careful if I were you|wouldn't want anything to happen|" +
      'think on$|see (?:\\w{1,8} ){0,4}(?:you|them) (?:\\w{1,10} ){0,3}(?:down the dole|' +
      'on the dole|in the gutter|in hospital|six feet)|break (?:your|his|her) (?:legs|neck|' +
      'jaw|face|arms|nose)',
  ),
  signal(
    'insult',
    0.6,
    'your (?:fat|ugly|stupid|whore) (?:\\w{1,10} )?(?:mother|wife|face|mug|arse|head|' +
      'body)|so is your (?:mother|mum|wife)|everyone (?:thinks|knows|' +
      "says) (?:that )?you(?:'re| are)",
  ),
  signal(
    'profane',
    0.7,
    'wtf|stfu|ffs|gtfo|fck|fcking|fk off|f off|cnut|effing|frigging|feckin\\w*|arse|' +
      'arses|turd|turds|piss|tits|bugger off|sod off|w\\*\\*\\w*|c\\*\\*\\w*|f\\*\\*\\w*|' +
      'b\\*\\*\\w*|s\\*\\*t',
  ),
  signal(
    'profane',
    0.7,
    '(?:f|c|b|s|w|t)[*#!@$%-]{2,6}(?:k|t|d|r|s|ing|er|ks|ed|h)?|pain in the arse|' +
      'kiss my arse|talking out of (?:his|her|your) arse|lick my|up your(?:s| arse)|' +
      '(?:big |fat )?arse|effing|frigging',
  ),
];

/**
 * Remarks on a protected characteristic without a slur: a group and hostility must both be there.
 */
export const DISCRIMINATION_CUES: readonly Cue[] = [
  signal(
    'discrimination',
    0.9,
    `(?:all |these |those |them |typical |bloody |most |your |` +
      `every )?(?:${GROUP}) (?:\\w{1,10} ){0,2}(?:are|is|all|always|never|only|just|can't|` +
      `cannot|don't|should|shouldn't|ought|have no|must|want|breed|hate|will never|do not|` +
      `know nothing|lie|steal|smell|drink) (?:\\w{1,10} ){0,5}(?:thiev\\w*|thieves|steal|` +
      `dirty|filthy|scum|scroungers?|lazy|liars?|lie|terrorists?|criminals?|crooks?|` +
      `animals|vermin|parasites?|disgusting|sick(?:ness)?|perver\\w*|unnatural|sin(?:ful)?|` +
      `abomination|backward|stupid|inferior|violent|rapists?|paedophiles?|drunks?|drink|` +
      `on benefits|taking over|take over|our (?:jobs|houses|country|way)|hate us|the same|` +
      `trouble|sent (?:back|home)|go (?:back|home)|deported|kept (?:at home|out|away)|` +
      `locked up|hysterical|in the kitchen|stay at home|know (?:\\w{1,6} )?place|` +
      `breeding?|smell)`,
  ),
  // What is kind or neutral of a group becomes hostile where it is denied.
  signal(
    'discrimination',
    0.9,
    `(?:${GROUP}) (?:\\w{1,10} ){0,2}(?:can't|cannot|don't|shouldn't|must not|will never|` +
      `do not|(?:are|is|should|ought|must) (?:not|never)(?: to)?|never) (?:\\w{1,10} ){0,5}` +
      `(?:allowed|trusted|bright enough|up to (?:it|the)|drive|integrate|wanted here|` +
      `welcome here|belong here|fit in)`,
  ),
  signal('discrimination', 0.9, `typical (?:\\w{1,8} )?(?:${GROUP})`),
  signal(
    'discrimination',
    0.9,
    '(?:go|get|send|sent|clear off|sod off|pack (?:him|her|them) off) (?:them |him |her |' +
      'you |it )?(?:all |straight |right )?(?:back )?(?:home|back) (?:to )?(?:where|' +
      'your own|their own|bongo|india|africa|pakistan|poland|romania|their|your|the jungle|' +
      'whichever|whatever|wherever)',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:learn|bother|try) (?:to )?(?:speak|learn|read|write)? ?(?:proper |' +
      "the queen's )?english|can't (?:even )?speak (?:proper |a word of )?english|" +
      'speak english or|this is (?:england|a christian|an english)|in (?:an|' +
      'our) (?:english|christian|white) (?:school|country|town|village|street|church)',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:you|those|these|them|your) people (?:wish|want|are|come|should|always|never|' +
      "don't|can't|have|think|need|breed|all|expect|go|stick|ought)|(?:your|their|that|" +
      'these|them) (?:sort|kind|type|lot|tribe) (?:of (?:people|' +
      "person)s? )?(?:\\w{1,8} )?(?:should|ought|always|never|are not|aren't|don't|can't|" +
      'round here|here|belong|breed|in our|near|in (?:the|this))|people like (?:that|them|' +
      "you|those) (?:\\w{1,8} )?(?:ought|should|always|never|don't|can't|breed|are|" +
      "shouldn't|need|belong)",
  ),
  signal(
    'discrimination',
    0.9,
    `(?:why|let|have|allow|want|trust|put|vote for|elect|given to|house|rent to|` +
      `sit next to|serve|employ|hire|promote) (?:\\w{1,8} ){0,4}(?:an? |any |more |` +
      `another )?(?:${GROUP}) (?:\\w{1,10} ){0,4}(?:near (?:our|my|the)|next door|` +
      `in charge|on (?:the|this) (?:street|board|committee)|to do a man's|teaching|running|` +
      `round here|in (?:this|our) (?:town|village|street|school)|over our own|` +
      `before our own)`,
  ),
  signal(
    'discrimination',
    0.9,
    "(?:not|no|too \\w{1,12}(?: a)?|hardly|never|isn't|" +
      'far too \\w{1,12}) (?:\\w{1,8} )?(?:job|work|place|role|post|position|' +
      'responsibility)?(?: fit| suitable| right)? ?for an? (?:woman|girl|lady|female|' +
      "mother|coloured|cripple|gay|muslim|old man|man of (?:his|her|your) age)|(?:man's|" +
      "men's|white man's) (?:job|work|world)|woman's place|(?:go off|off|" +
      'leave) and have (?:babies|a baby|kids)|time of the month|hormon(?:es|al)|(?:women|' +
      'woman) drivers?|back (?:in|to) the kitchen|menopaus\\w+',
  ),
  signal(
    'discrimination',
    0.9,
    '(?:being )?(?:gay|homosexual\\w*|lesbian\\w*|trans\\w*|queer|same-sex \\w+) (?:is|' +
      'are|was) (?:\\w{1,8} ){0,2}(?:sick\\w*|disease|sin|disgusting|unnatural|perver\\w*|' +
      'wrong|abnormal|mental|illness|abomination|choice|fad|phase|curable|catching)|' +
      '(?:perverts|freaks|deviants|nancies|poofs?|queers) (?:like|marching|in|on|and|' +
      'should|are)|men in (?:dresses|frocks)|bloke in a (?:dress|frock)',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:they|them|that lot|these) (?:\\w{1,8} )?(?:hate us|are taking over|' +
      'breed(?:ing)? like|all look (?:alike|the same)|take our|only come (?:here )?for|' +
      'live off (?:us|the)|are all (?:the same|on benefits|at it))|(?:overrun|swamped|' +
      'flooded|invaded|infested|crawling) (?:by|with) (?:\\w{1,10} )?(?:' +
      GROUP +
      ')',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:at (?:your|her|his) age|too old|past it|over the hill|dodder(?:y|ing)|' +
      'geriatrics?|senile|old (?:codger|crone|bag|biddy|trout)s?|' +
      'one foot in the grave) ~ (?:past it|grass|fool|should|ought|out to|pasture|' +
      "care home|knacker\\w*|give (?:up|way)|retire|make way|shot|put down|useless|can't|" +
      'cannot)',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:waste|wasting|wasted|spend|spending) ~ (?:on|for) (?:the )?(?:disabled|cripples|' +
      'wheelchairs?|retards|loonies|handicapped|nutters|mentals?)|cripples|(?:nutters?|' +
      'loon(?:y|ies)|mentals|retards?|spastics?|window lickers?|special needs) (?:like|' +
      'should|ought|in|on|next|living|to be)|not right in the head|faking (?:it|his|her|a)|' +
      'swinging the lead',
  ),
  signal(
    'discrimination',
    0.8,
    '(?:costume|get-?up|fancy dress|letter-?box\\w*|bank robbers?|tea ?towels?|rags?|' +
      'pyjamas) (?:on|in|like|round|off)|(?:take|rip|pull) (?:off )?(?:her|his|your|that|' +
      'the|those) (?:headscarf|hijab|turban|burka|burqa|veil)|that sort of costume',
  ),
  signal(
    'discrimination',
    0.9,
    `(?:${GROUP}) ~ (?:breed(?:s|ing)?|like rabbits|vermin|scum|scroung\\w+|` +
      `thieving|filthy|stink|` +
      `riff-?raff|savages?|primitive|uncivilised|jump(?:ing)? the queue|` +
      `before our own|not our own)`,
  ),
  signal(
    'discrimination',
    0.8,
    '(?:deaf|blind|disabled|gay|black|brown|muslim|foreign|female|pregnant|' +
      'coloured|lesbian|trans) ' +
      '(?:woman|man|person|one|bloke|girl|lad) (?:as|for|in charge|chairing|running|driving)|' +
      'get a (?:proper|real|white|british|english) (?:man|one|person)|' +
      'proper (?:men|british|english)|' +
      '(?:our own|white|british|english) (?:people|kind|folk)? ?(?:first|only) and not|' +
      'political correctness gone|(?:too many|enough) (?:of them|foreigners|' +
      'immigrants|muslims|women)',
  ),
];
