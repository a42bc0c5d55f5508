/** Ways of speaking about persons, and of passing things round, in the notation of `phrase`. */
export const PERSON_CLASSES: Readonly<Record<string, string>> = {
  // People of the council
  role:
    'cllrs?|councillors?|(?:the|our|your|deputy|council|group) leader|deputy leader|mayor|' +
    'chair(?:man|woman)?|vice-?chair|directors?|chief exec\\w*|chief officer|(?:planning|' +
    'housing|licensing|estates|enforcement|tree|highways|finance|democratic|monitoring|' +
    'building control|comms|legal|parking|environmental|conservation|benefits|case|lead|' +
    'senior|council|press) (?:officer|bloke|man|woman|lot|chap|girl|lady|lad)|head of \\w+|' +
    'portfolio holder|cabinet member|ward (?:member|colleague)|officers?|clerk|in ' +
    '(?:licensing|estates|planning|housing|legal|highways|finance|benefits|building ' +
    'control|democratic services|parking|comms)|(?:section 151|returning) officer|' +
    'backbench\\w*|committee',
  incompetence:
    "useless|hopeless|not up to|isn't up to|out of (?:his|her|their) depth|couldn'?t " +
    "(?:find|run|organise|grow|lay|manage|spell|chair|tell|pour|boil|add)|wouldn'?t (?:let|" +
    'trust|know|recogni|employ)|never (?:read|turned|turns|done|did|does|answers?|says|' +
    "spoken|speaks|reads|had|trouble\\w*|known|seen|once)|(?:hasn'?t|hadn'?t|won'?t have) " +
    '(?:read|done|opened|a)|asleep|nod(?:s|ded|ding) off|snor\\w+|on (?:his|her) (?:phone|' +
    'telephone|ipad)|past it|laz(?:y|iest)|idle|waste of|thick|clueless|passenger|' +
    'promot\\w+|incompeten\\w*|not fit to|unfit|not the (?:brightest|sharpest)|reads? ' +
    "(?:out|aloud)|somebody else's speech|signs what|holiday|bad back|out of touch|at " +
    '(?:his|her) best before|empty (?:chair|suit)|train set|whelk stall|bus queue|' +
    "should(?:'ve| have| be) (?:gone|sacked|gone)|been there since|how (?:did|has|on " +
    'earth) (?:she|he|that man|that woman)|a thought of|figurehead|puppet|nodding|yes[- ' +
    ']man|lightweight|dead wood|deadwood|plodder|dim',
  insinuation:
    "bless (?:him|her)|well turned out|means? (?:well|to)|I'm sure (?:it|he|she|that)|" +
    "funny (?:how|that|old)|one hears|(?:they|people|some|folk) (?:do )?say|(?:I'?m|we're|" +
    'I am) told|between (?:you|us|ourselves)|off the record|not for (?:attribution|' +
    "quot\\w+|publication)|don'?t quote|didn't hear (?:it|this)|you didn't|ever proved|to " +
    'my knowledge|happens? to|draw your own|no smoke|make of that|coinciden\\w+|say no ' +
    'more|nothing more|rumour\\w*|word is|apparently|allegedly|lovely (?:man|woman|chap|' +
    'face|fellow)|very nice (?:man|woman|chap)|charming|punctual|kind to|handsome|' +
    'decorative|one day|shall we say|how shall I put|with respect|generous leaving|' +
    'somewhere (?:else|that)|smaller authority|stand in (?:his|her) way|wish (?:him|her) ' +
    'well|his (?:wife|poor wife)|her (?:husband|ex)|I (?:gather|suspect|fear|dare say)',
  crooked:
    'bent|backhanders?|brown envelopes?|in (?:the|their|his) pocket|plays? (?:golf|tennis)|' +
    'brother-in-law|on the take|fiddl\\w+|corrupt\\w*|crook\\w*|dodgy|liars?|lied|lies|' +
    'lying|two-?faced|cowards?|hypocrit\\w+|misled|dishonest\\w*|snake|bull(?:y|ies|ying|' +
    'ied)|cheat\\w*|expenses|stitch\\w*|favours?|cronies|cosy|conservatory|sacked|the sack|' +
    'settlement|resign\\w*|fraud\\w*|shameless|shifty|slippery|vindictive|spiteful|vain|' +
    'arrogan\\w+|pompous|jumped[- ]up|rude|drunk\\w*|drink(?:ing|s)?|peppermints?|hungover|' +
    'sober|breath|affair',
  simile:
    "like (?:a|an|the) \\w+|as (?:a|an|\\w+ as)|could(?:n't| not) \\w+ an? \\w+|of a " +
    '(?:man|woman|chap)|face like|(?:that|the) (?:man|woman|fella|bloke|one|idiot)|a man ' +
    'like',
  third: "(?:he|she)(?:'s|'d|'ll)?|him|her|his|himself|herself",
  youare:
    "you(?:'re| are| r|r)(?: all| just| nothing but| such| both| still)? (?:an?|the|too|" +
    'not|thick|so|a disgrace|useless)|youre an?|call yourself|you (?:lot|lads|people|' +
    "couldn't|wouldn't|never|always|should|want|think)|your (?:lot|type|face|mother|sort)",
  // Personal circumstances
  illness:
    'cancer\\w*|tumours?|chemo\\w*|radiother\\w*|dialysis|dementia|alzheimer\\w*|strokes?|' +
    'heart (?:attack|failure|condition)|diabet\\w*|epilep\\w*|fits|seizures?|autis\\w*|' +
    'asperger\\w*|adhd|ehcp|depress(?:ed|ion)|anxiety|breakdown|(?:his|her|my|bad) nerves|' +
    'suicid\\w*|overdose\\w*|self[- ]?harm\\w*|sectioned|bipolar|schizo\\w*|psych\\w*|' +
    'tablets?|medicat\\w*|insulin|inhalers?|oxygen|methadone|lithium|warfarin|hospice|' +
    'consultant|specialist|diagnos\\w*|terminal|prognosis|operation|surger(?:y|ies) (?:on|' +
    'for)|wheelchairs?|amput\\w*|mobility|pregnan\\w*|expecting|miscarr\\w*|blind|deaf|hiv|' +
    'sickle cell|asthma\\w*|copd|parkinson\\w*|m\\.?s\\.?|arthritis|on sticks|bed ?bound|' +
    'house ?bound|wets? (?:the|himself|herself)|incontinen\\w*|the sheets|confused|muddled|' +
    'wander\\w*|nappies|nappy|carers?|care home|crisis team|mental health|nurses?|doctors?|' +
    'gp|(?:the )?royal|on ward|hospital|discharged|admitted|bleed|blacked out|turns|falls?|' +
    'fell|frail|ill|poorly|sick note|off sick|stairs|learning (?:difficult|disab)\\w*|' +
    "special needs|senco?|doesn't (?:talk|speak|know)|stopped (?:eating|taking)|pump|the " +
    'sort you take|what they give him|allerg\\w*|epipen|disabled|disabilit\\w*|hears? ' +
    '(?:her|voices|things)|weeks to live|given (?:him|her) till|pip|blue badge|bipap',
  drink:
    '(?:bottle|glass) of|gin|vodka|whisk(?:y|e)y|sherry|on the wine|alcohol\\w*|the drink|' +
    'drinks? (?:too|heavily|again)|drinking|rehab|(?:months?|weeks?) dry|using|heroin|' +
    'crack|needles?|drugs?|addict\\w*|cannabis|weed|gambl\\w*|clean (?:for|since)|' +
    'relaps\\w*|detox',
  crime:
    'prison|inside|gaol|jail|released|on (?:a )?tag|tagged|probation|cautions?|cautioned|' +
    'convict\\w*|sentenc\\w*|in court|magistrates|on the register|sex offender|burglar\\w*|' +
    'police (?:log|have|statement|were|brought)|arrest\\w*|banned|driving ban|a ban|dbs|' +
    'offen[cd]\\w+|assault\\w*|stab\\w*|did time|away for|bail|crime (?:number|ref\\w*)|' +
    'came out|just out|only been out|kept from|injunction',
  harm:
    'refuge|fled|fleeing|black eye|bruis\\w*|belt|hit (?:her|him|them)|broke her|cracked|' +
    'beat\\w*|violen\\w*|abus(?:ed|ive|er|ing)|social (?:worker|services|care)|child ' +
    'protection|safeguard\\w*|looked[- ]after|foster\\w*|no contact|cafcass|molest\\w*|' +
    'controlling|stalk\\w*|raped?|groom\\w*|neglect\\w*|at risk|conference|baby (?:was ' +
    ')?taken|taken into care|stepdad|new partner|left (?:her|his|him) (?:husband|wife|' +
    'partner)?|locked (?:her|him|out)|changed the locks|scared|afraid|frightened|terrified|' +
    'marac|uncle|kicked out|touch(?:ed|ing)|his hand where',
  hardship:
    'arrears|bailiffs?|debts?|ccj|bankrupt\\w*|behind with|owes?|evict\\w*|universal ' +
    'credit|benefits?|pip|food ?bank|foodbank|homeless\\w*|sofa|rough sleep\\w*|hardship|' +
    'overpaid|sanction\\w*|loan shark|payday|let go|laid off|no recourse|income|wages|' +
    'salary|redundan\\w*|means test\\w*|vouchers?|food parcel|discretionary|council tax ' +
    'reduction|journal',
  status:
    'visa|asylum|refugee|leave to remain|home office|passport|deport\\w*|overstay\\w*|' +
    'papers came|biometric|came out|gay|lesbian|trans|bisexual|affair|not by her husband|' +
    'convert\\w*|joined the union|union member|adopted|adoption|divorc\\w*|custody|' +
    'separated|paternity|father is',
  identifier:
    'dob|d\\.o\\.b\\.?|born|date of birth|n\\.?i\\.?(?: no| number)?|nino|national ' +
    'insurance|nhs(?: no| number)?|sort code|account (?:no|number)|a/c|acc(?:ount)? \\d+|' +
    'iban|passport (?:no|number)|driving licence|licence \\w*\\d|\\d\\d-\\d\\d-\\d\\d|' +
    '\\d{1,2}[/.]\\d{1,2}[/.]\\d{2,4}|[a-z]{2} ?\\d\\d ?\\d\\d ?\\d\\d ?[a-d]|\\d{3}[ ' +
    '-]\\d{3}[ -]\\d{4}|\\d{10}|hospital number|ref(?:erence)? \\w*\\d+|tenancy',
  relative:
    '(?:his|her|their|the) (?:mum|mam|mother|dad|father|son|daughter|husband|wife|partner|' +
    'boyfriend|girlfriend|ex|sister|brother|nan|gran|kids|children|baby|boys?|girls?|twins|' +
    'eldest|youngest|family|widow|aunt(?:ie|y)?|grand\\w+)|the (?:lad|lass|boy|girl|family|' +
    'couple|little one|old lady|old (?:man|boy|chap)|woman|lady|gentleman|owner|tenant) ' +
    "(?:at|in|from|who|next|has|is)|toddler|(?:mum|mam|dad|nan)(?:'s)|little \\w+|single " +
    '(?:mum|mother)|stepson|stepfather|\\w+, \\d{1,2},|\\(\\d{1,2}\\)|aged? \\d{1,2}|' +
    '\\d{1,2} years? (?:old|young)|who(?: i)?s \\d{1,2}|is \\d{1,2}',
  address:
    '(?:at |of )?(?:number|no\\.?|flat|room) ?\\d+\\w?|\\d+[a-z]? \\w+ (?:street|st|road|' +
    'rd|lane|close|court|avenue|terrace|row|drive|way|place|gardens|crescent|mews|grove)|' +
    'postcode',
  discreet:
    'between (?:us|you and|ourselves)|in (?:strict )?confidence|confidential\\w*|' +
    "discretion|discreet\\w*|don'?t (?:tell|say|let on|ask|write|ring|tag|mention)|" +
    "strictly|nobody (?:knows|else)|not be told|quiet(?:ly)? word|a quiet|didn'?t get " +
    "(?:it|this)|(?:need|will) say no more|needn'?t say|get about|get out|hush|keep (?:it|" +
    "this) (?:quiet|to|shtum|under)|doesn'?t know (?:I|that)|mortified|knows I'm writing|" +
    'ashamed|too proud|embarrass\\w*|be kind|sensitive|privately|just so you know|' +
    'urgent\\w*',
  help:
    '(?:can|could|would|please) (?:you|someone|somebody|the doctor) (?:help|ring|see|visit|' +
    'sort|do|find|look|call|call|take|send|represent|lodge|move)|referral|refer(?:red|' +
    'ring)?|appeal|tribunal|priority|move|ground floor|adapt\\w*|ramp|rehous\\w*|waiting ' +
    'list|support worker|assess\\w*|reconsider\\w*|hearing|claim|fund (?:stretch|one)|' +
    'grant|refund|lodge|as (?:we said|discussed|requested|promised|asked)|details (?:for|' +
    'as|below)|for (?:the )?(?:trip|coach|minibus|form|file)',
  notpersonal:
    'how many|what share|statistics?|figures|survey|scheme|policies|training|awareness|' +
    'campaign|event|your (?:bus pass|account|pass|permit|application)|service is|charity|' +
    'talk on|history|18\\d\\d|19[0-4]\\d|ash|oaks?|trees?|part number|catalogue|order ref|' +
    'strategy|consultation|report|report on|number of|per cent|in general|made-up|example|' +
    'my own|I had|my (?:knee|back|hip|cold|operation|appointment)',
  // Letters that go round
  passon:
    'pass (?:it|this|her|him|them|on|over)|(?:send|sent|sending) (?:it|this|her|them|these|' +
    'one|to|us one)? ?(?:on|round|to|back|out|down)|forward(?:ed|s|ing)? ?(?:this|it|to|' +
    'forward|on)?|share (?:with|this|it|far)|copy (?:and|&|n) paste|every ?(?:one|body) ' +
    '(?:you|in|on)|tell every\\w*|to (?:\\d+|five|six|seven|nine|ten|twelve|twenty|all) ' +
    '(?:more |other |of |your )?(?:people|friends|ladies|women|mates|who|contacts|others|' +
    "lads|cousins|you)|keep (?:it|this) going|break (?:it|the)|don'?t (?:let|break|keep|" +
    'delete|ignore)|address book|on to your|contacts|bottom of the list|add your|your own ' +
    '(?:name|line|lists?)|far and wide|round the group|do your bit|re-?post|your status|' +
    'send it round|down the group',
  luck:
    'luck\\w*|bless(?:ed|ings?)|angels?|miracles?|midnight|by tonight|wish(?:es)? (?:come|' +
    'will)|bad luck|chain|within \\w+ (?:days|hours|minutes)|(?:in|by) (?:four|three|seven|' +
    'nine|\\d+) days|something good|good news|prayers?|pray|candle|st (?:jude|anthony|' +
    'christopher)|saints?|dua|guardian|heaven|broke it|laughed at it|queen|loved|bunny|' +
    'hugs?|karma|universe|fortune|money will|why take the risk|since (?:19|20)\\d\\d|the ' +
    'world|round the world',
  hoax:
    'virus(?:es)?|hackers?|empt(?:y|ies) your|bank(?: account)? in|friend (?:of|who)|' +
    "(?:mate|neighbour|cousin|sister|friend)'?s? (?:\\w+'?s? )?(?:brother|son|daughter|" +
    "husband|nephew|mate|who works|works)|works (?:for|at|in) the|they (?:don'?t want|" +
    "can'?t|won'?t|are trying|must)|(?:on|put it on) the (?:news|wireless|radio)|keep it " +
    "quiet|cover\\w* up|charge (?:for|you)|breaking|before it(?:'s| is| gets) (?:deleted|" +
    'taken)|facebook|whatsapp|microchip\\w*|5g|vaccin\\w*|confirmed by|not a (?:joke|hoax|' +
    'drill)|this is (?:real|true|serious)|read this|please read|urgent|warning|beware|scam|' +
    'press \\d|dial|#\\d+|razor|needle|gang|drugged|white van|tick (?:go|turn)',
  joke:
    "why (?:did|do|does|don'?t|is|are|was) (?:the|they|a|an|\\w+)|what do you (?:call|get|" +
    'do)|how many \\w+ does it|walk(?:s|ed)? into|goes? (?:in|into) (?:the|a)|(?:two|three|' +
    'four) (?:fellers?|men|blokes|nuns|old|councillors|ladies|farmers|fellas)|(?:english|' +
    'irish|scots|welsh|yorkshire|lancashire)(?:wo)?man|priest|rabbi|vicar|nun|bishop|' +
    'parrot|genie|st peter|pearly gates|pilot|doctor,? doctor|mother[- ]in[- ]law|ha ' +
    '?ha\\w*|lol|lmao|rofl|boom boom|belter|made me (?:laugh|chuckle|smile|hoot)|tickled|' +
    'chuckl\\w*|giggle|hoot|punchline|too true|knock knock|says?,|(?:he|she|bloke|man|wife|' +
    'farmer|says|planning|finance|highways) (?:says|replies|shouts|said)|joke\\w*|you know ' +
    "you'?re|thought for the day|ponder|laugh\\w*|😂|🤣|😆|😜|one[- ]liners?|ageing|a man",
  pyramid:
    'gift(?:ing|ed|s)?|bring (?:two|in two|three)|circle|loom|petals?|(?:first|top|bottom|' +
    'second) (?:name|of the list|of the)|names? (?:below|at the)|centre|you should (?:have|' +
    'get|receive)|recipes?|parcels?|secret sister|postcards?|not a (?:scheme|pyramid)|by ' +
    '(?:harvest|christmas|easter|then)',
  roundsubject:
    '(?:fw|fwd|tr) ?: ?(?:fw|fwd|re|tr) ?:|read this|too true|haha|lol|friday (?:funny|joke)',
  notround:
    'trading standards|better not send|not on here|asked (?:us|me) to (?:pass|tell|share|' +
    'let)|council website|officers?|consultation|road (?:closed|closure)|missing (?:dog|' +
    'cat|person|whippet)|appeal|noticeboard|fraud department|nhs|police ask|please report|' +
    'action fraud|meeting|rota|minutes',
};
