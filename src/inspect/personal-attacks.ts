import { phrase } from './cues.ts';

/** Words against a person, and whether they need a member or officer before them to be personal. */
export interface AttackPattern {
  pattern: RegExp;
  needsRole: boolean;
}

const attack = (needsRole: boolean, words: readonly string[]): AttackPattern => ({
  pattern: new RegExp(phrase(words.join('|')).source, 'giu'),
  needsRole,
});

/** Members and officers by title or office. */
export const ROLES = new RegExp(
  phrase(
    "(?:cllr|councillor|alderman|clr)(?:s|'s)?|(?:the |our |your |my |deputy |" +
      'vice-?)(?:\\w{1,12} )?(?:mayor|leader|chair|chairman|chairwoman|vice-?chair|whip|' +
      "portfolio holder|cabinet member|executive member)(?:'s)?|" +
      '(?:chief|deputy chief) executive|town clerk|(?:the |our |your |' +
      "council's )?(?:assistant |deputy |interim |strategic )?(?:director|" +
      "head of (?:\\w{1,14}|legal services|adult social care|children's services))(?:'s)?|" +
      '(?:\\w{1,14} )?(?:officer|officers|solicitor|clerk|planner|planners|surveyor|' +
      'case worker|housing manager|warden|inspector|section 151|' +
      "engineer)(?:'s)?(?! (?:report|letter|advice|recommendation|view|time|cover|" +
      'training))|' +
      '(?:fellow |another |ward )(?:councillor|member)|(?:the |that )?(?:planning|housing|' +
      'highways|licensing|enforcement|legal|democratic services|finance|hr) (?:officers?|' +
      'team leader|manager|lot|people|department head)|member for \\p{Lu}\\w+',
  ).source,
  'giu',
);

/** Others who may be blamed freely: firms, their people, ministers, animals, things. */
export const IMPERSONAL = new RegExp(
  phrase(
    '(?:the |your |their |a |this )?(?:contractors?|developers?|company|firm|landlords?|' +
      'operator|drivers?|ministers?|government|department|owner|dog|applicant|builder|' +
      "agents?|manager of|supplier|utility|water company|bus company)(?:'s)?(?! pocket|" +
      " friend)|(?:the |his |her |your |officer's |their )?(?:report|policy|scheme|plan|" +
      'decision|motion|budget|amendment|service|system|process|apology|speech|argument|' +
      "idea|proposal|letter|website|figures)(?:'s)?",
  ).source,
  'giu',
);

const BAD_PERSON =
  'liar|bully|coward|fool|idiot|clown|crook|snake|fantasist|drunk|disgrace|' +
  'embarrassment|oaf|buffoon|charlatan|fraud|thief|' +
  'hypocrite|moron|imbecile|half-?wit|waste of space|waste of (?:money|a salary)|' +
  'nasty piece of work|piece of work|tyrant|dinosaur|' +
  'cheat|worm|weasel|toad|rat|wretch|creep|misogynist|sexist|racist|bigot|lightweight|' +
  'joke|laughing stock|liability|menace|nonentity|' +
  'useless article|jobsworth|pen-?pusher|empty suit|stuffed shirt|windbag|gasbag|' +
  'egomaniac|narcissist|control freak|dimwit|numpty|plank|' +
  'donkey|lapdog|poodle|puppet|yes-?man|shirker|skiver|passenger|chancer|spiv|shyster|' +
  'backstabber|gossip|snob|prat|twerp|dunce|lunatic|nutter|madman|madwoman|witch|cow|' +
  'pig|dog|parasite';
const BAD_TRAIT =
  'lazy|idle|vain|corrupt|bent|incompetent|dishonest|stupid|thick|dim|ignorant|' +
  'arrogant|pompous|spiteful|vindictive|two-?faced|' +
  'bad-?tempered|untrustworthy|devious|sly|slippery|shifty|crooked|useless|hopeless|' +
  'clueless|gormless|brainless|spineless|gutless|' +
  'unhinged|deranged|mad as|mental|drunk again|drunk|bone idle|inept|unprofessional|' +
  'out of (?:his|her|their) depth|not (?:very )?bright|' +
  'not fit (?:to|for)|unfit (?:to|for)|not up to (?:the job|it|much)|not to be trusted|' +
  'on the take|on the fiddle|for sale|bought and paid for|' +
  'past (?:it|his|her)|a bit simple|power-?mad|creepy|sleazy|poisonous|toxic|' +
  "two sandwiches|in (?:his|her|someone's|somebody's|the|" +
  "a) (?:\\w{1,14}(?:'s)? )?pocket|in the pocket of|in bed with|in cahoots|" +
  'only in it for|in it for (?:himself|herself|the money|the allowance)|self-?serving|' +
  'self-?important|rude|petty|nasty|vile|odious|weak|feeble|pathetic|a waste';
const FILLER = "(?:\\w{1,12}(?:'s)? |\\w{1,12}-\\w{1,12} |, ){0,4}";

export const ATTACKS: readonly AttackPattern[] = [
  attack(false, [
    'snores through|smells of|(?:is|are) poison(?:ous)?|terrible gossip|' +
      'not had an idea|count the spoons',
    'all mouth|all talk and no|never had an? (?:original|honest|decent) (?:thought|idea|day)',
    'only (?:got|gets|where|there) (?:\\w{1,10} ){0,4}because (?:of )?(?:who|she|he|her|his)',
    'at the bottle|on the bottle|under the influence|worse for (?:wear|drink)|reek(?:s|ed|ing) of',
    '(?:manners|morals|brains?|charm|backbone|spine) of (?:a|an)|(?:could|' +
      'can) not find ~ with a map',
    'slept (?:his|her) way|married (?:into|for)|cooking the books|nest-?feathering|back-?hander',
    '(?:as much use|about as useful|as useful|as honest|as straight|as welcome) as a',
    "wouldn't know (?:the truth|a|an|his|her)|would not know (?:the truth|a|an|his|her)",
    'out for (?:himself|herself|what)|lining (?:his|her)|looking after (?:his|' +
      'her) (?:mates|friends)',
    '(?:lost|losing) (?:his|her) (?:marbles|mind|grip)|off (?:his|her) (?:head|rocker|trolley)',
    'not right in the head|a screw loose|should be (?:put out|in a home)|gone (?:soft|gaga|senile)',
    'crawl(?:s|ing|er)? to|toady|sucks? up to|brown-?nos\\w+|licks? (?:his|her|the)',
  ]),
  attack(false, [
    `(?:is|was|are|were|has been|'s|he's|she's|they're|as|being|such|what|that|of|you're|` +
      `both|half|too|so|really|quite|plain|simply|frankly|nothing but|` +
      `called) ${FILLER}(?:an? |the |complete |total |` +
      `utter )?(?:${BAD_TRAIT})(?! (?:about the|report|idea|service|decision))`,
    `(?:is|was|are|were|has been|'s|he's|she's|they're|as|being|such|what|you're|` +
      `nothing but) ${FILLER}(?:an?|the|our|this|that|liars|bullies|cowards|fools|idiots|` +
      `crooks|clowns)(?: ${FILLER}(?:${BAD_PERSON}))?(?<=${BAD_PERSON}|liars|bullies|` +
      `cowards|fools|idiots|crooks|clowns)`,
    `(?:that|this|the|an?|our|your|your typical|some|proper|` +
      `right) (?:\\w{1,12} ){0,2}(?:${BAD_PERSON})(?! (?:warden|owner|show|park|is|was|` +
      `says|bin))`,
    "(?:I )?(?:would not|wouldn't|would never|'d never) (?:employ|trust|hire|appoint|" +
      'recommend|touch|let|give|work with|have) (?:him|her|them|the man|the woman|' +
      'that)(?! (?:to|a) (?:lift|reply))',
    "(?:I'd|I would) run a mile|I pity (?:whoever|anyone|the)|good riddance|" +
      "thank god (?:he|she|they)|glad to see the back of|couldn't (?:run|organise|manage|" +
      'tell|chair|find) (?:a|an|his|her|the)|could not (?:run|organise|manage|tell|chair|' +
      'find) (?:a|an|his|her|the)',
    '(?:ought to|should|must|needs to|wants|deserves to|has to|' +
      'had better) (?:be )?(?:sacked|fired|dismissed|struck off|put out|kicked out|' +
      'locked up|ashamed of (?:himself|herself)|resign in disgrace|sacking)',
    'makes? things up|makes? it up as|lies through|lied (?:to|about|again|through|his|' +
      'her)|(?:is|was|been) lying|(?:tells|telling|told) (?:\\w{1,8} )?(?:lies|fibs|' +
      'porkies|whoppers)|takes? (?:backhanders?|bribes?|kickbacks|bungs?|brown envelopes?)|' +
      'taking (?:backhanders?|bribes?|bungs?)|on the take|lines? (?:his|' +
      'her) (?:own )?pockets?|fiddl(?:es|ing|ed) (?:his|her|the) (?:expenses|figures|' +
      'books)|feather(?:s|ing) (?:his|her)|brother-?in-?law owns',
    "(?:never|doesn't|does not|can't|cannot|won't|couldn't) (?:even )?(?:reads? (?:his|" +
      'her|the|a) (?:\\w{1,8} )?(?:papers|report)|do (?:his|her) job|does a (?:stroke|' +
      "hand's turn)|do a stroke|be trusted|be bothered|tell the truth|string a sentence|" +
      'add up|count to|lift a finger|turn up sober|see past (?:his|her))',
    'nobody (?:trusts|likes|respects|can stand|can work with|believes|rates) (?:him|her|' +
      'them)|(?:refused|refuse) to work with (?:him|her)|would sell (?:his|' +
      'her) (?:own )?(?:granny|grandmother|mother)|(?:smelt|smell) (?:of drink|of whisky|' +
      "\\w{1,12}(?:'s)? breath|\\w{1,12} \\w{1,12}(?:'s)? breath)|as bent as|as thick as|" +
      'thick as|hides behind|plays favourites|has (?:it in|a grudge)|throws? (?:his|' +
      'her) weight|sleeps? through|asleep (?:in|at|on)|half asleep|drunk (?:at|in|before|' +
      'on)|talks? (?:rubbish|drivel|nonsense|out of)|loves? the sound of (?:his|her)|' +
      "brains? of a|common sense of a|couldn't care less|(?:no|not an ounce of|" +
      'any) (?:integrity|backbone|brains|shame|principles|morals)|shame on (?:him|her|them|' +
      'you)|what a (?:waste of space|shower|piece of work)',
    "(?:can't|cannot|couldn't) stand (?:him|her|the man|the woman)|sick (?:of|" +
      'to death of) (?:him|her|the man|the woman)|hate(?:s)? (?:him|her)|despise|' +
      'hold (?:him|her) in contempt|detest|the (?:wretched|dreadful|awful|ghastly|bloody|' +
      'blasted|odious|useless|stupid|idle|lazy) (?:man|woman|creature|person|officer|' +
      'councillor|clerk|planner|director)',
  ]),
];
