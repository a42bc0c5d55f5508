import type { SignalRow } from './campaign-signals.ts';

/** Turns of phrase that campaigners use among themselves and on the doorstep. */
export const IDIOMS: readonly SignalRow[] = [
  // Literature and rounds.
  [
    'K',
    0.4,
    '(?:split|sort|divide|bundle)\\w* (?:them |it )?(?:up )?(?:by|into) (?:street|round|' +
      'ward|walk)s?',
  ],
  [
    'K',
    0.4,
    '(?:through|in|into) (?:the |every |all the )?(?:letter-?boxes|letter-?box)|' +
      'leaflet(?:s)? (?:run|drop|round|war)',
  ],
  [
    'K',
    0.4,
    'in the leaflet|for the (?:leaflet|literature|manifesto)|' +
      'on the leaflet|(?:my|our|her|his) (?:photo|picture) on',
  ],
  [
    'K',
    0.3,
    'leaflets?(?! (?:about|on|explaining|from))|literature(?! (?:festival|review|prize|' +
      'class))',
  ],
  [
    'K',
    0.5,
    '(?:put|have|take|hammer|fix) (?:up )?(?:a|an|the|our|my|' +
      'some) (?:\\w{1,10} )?(?:boards?|posters?|stakes?|placards?)(?: up| in)?',
  ],
  [
    'C',
    0.5,
    '(?<!estate |letting |travel |insurance |land |sales |managing )(?:the|my|our|her|' +
      "his|an?) agent(?:'s)? (?:orders|says|will|wants|needs|has|is|would|insists|rules)|" +
      "agent's orders|election agent",
  ],
  [
    'K',
    0.4,
    '(?:every|any|more|enough|short of|spare) (?:pairs? of )?(?:legs|boots|feet|bodies|' +
      'hands)(?= (?:is|are|needed|on|we)|\\.|,)|boots on the ground|foot soldiers|all hands',
  ],
  [
    'K',
    0.4,
    '\\d+ (?:calls|doors|contacts|houses|streets|voters) (?:to (?:make|do|go)|left|done|' +
      'on)|calls to make|dial(?:ling)?',
  ],
  [
    'K',
    0.5,
    '(?:on|from|in) the (?:returns|doorstep|knocker|numbers)|(?:level|neck and neck|' +
      'ahead|behind|tied) (?:with|of|on) (?:them|him|her|%P|the)|data entry|minivan app|' +
      'votesource|contact creator|doorstep app',
  ],
  [
    'K',
    0.6,
    'oppo(?:sition)? research|dirt on|attack (?:ad|line|leaflet|video)s?|' +
      'negative campaign\\w*|tactical vot\\w+|second preferences?|protest vote|' +
      'spoil (?:your|the) ballot',
  ],
  [
    'K',
    0.5,
    'phone canvass\\w*|telephone bank|voter id(?= (?:session|data|work|sheet|app))|' +
      'polling agents?|counting agents?|tally sheets?|(?:marked|electoral) register (?:and|' +
      'for|to|merged)',
  ],
  [
    'K',
    0.3,
    'gazebo|megaphone|rally(?:ing)?(?= (?:in|on|at|for|our)|\\.|,)|outside (?:asda|tesco|' +
      "the co-?op|morrisons|sainsbury's|aldi|lidl|the station|the school gates?) (?:from|" +
      'at)',
  ],
  [
    'P',
    0.3,
    '(?:red|blue|yellow|orange|green|purple|gold|teal) (?:balloons|ribbons?|ties?|' +
      'jumpers?|scarves|t-?shirts?|hats)|gold on black|the (?:bird|rose|tree|torch|oak|' +
      'arrow) (?:logo|on it|in)',
  ],
  [
    'K',
    0.5,
    '(?:bird|logo|emblem|rose) ~ (?:leaflet|winning|big letters|front)|party (?:logo|' +
      'colours|emblem|line|hq)',
  ],
  // Time running out.
  [
    'E',
    0.3,
    '(?:\\w{3,10}|\\d+) (?:days|weeks|sleeps|hours|weekends) (?:left|to go|out|away|' +
      'until|till)|last weekend|final (?:week|push|weekend)|(?:on )?thursday we win|' +
      '(?:before|come|in|this|next|until) may(?! (?:I|we|you))|this time round',
  ],
  // Candidates.
  [
    'C',
    0.5,
    '(?:parliamentary|mayoral|county|council|prospective|ward|by-?election|' +
      'selected) candidates?',
  ],
  [
    'C',
    0.6,
    'on the ticket|full slate|joint ticket|running mate|straight fight|paper candidate|' +
      'electoral pact|stand(?:ing)? aside',
  ],
  [
    'C',
    0.3,
    '(?:fight|contest|win|hold|defend|target|gain|lose|take) %N (?:for|with|from|next|' +
      'back|off|this|in|if)|up for it|if the panel|passed the panel|before the panel',
  ],
  [
    'C',
    0.4,
    'leadership (?:election|contest|ballot|race|bid|campaign)|for leader(?= of|\\.|,)|' +
      'back(?:ing)? %N for',
  ],
  // Asking.
  [
    'V',
    0.6,
    'worth (?:keeping|having back|another (?:go|term))|(?:keep|want|have) me (?:on|' +
      'another|for another)|(?:with|behind) us this time',
  ],
  [
    'V',
    0.5,
    'your vote (?:is|will|could|can|would|matters more|stops?)|every vote (?:is|counts|' +
      'matters|will)|(?:tell|say|speak|mention|put in a word|good word) ~ (?:neighbours|' +
      'friends|family|mates|street) ~ (?:may|us|vote|me|time)',
  ],
  [
    'V',
    0.6,
    '(?:let|letting|allow) (?:those |these |the |that )?(?:%P|them|him|her|' +
      'lot)(?: \\w{1,12}){0,2} (?:back|in|win|take|near|loose)',
  ],
  [
    'V',
    0.4,
    'x marks|make your mark|tick the box|where to put your|use your vote|' +
      'which way to vote|the ones? to (?:back|trust|beat)|unite behind|get behind',
  ],
  [
    'V',
    0.4,
    '(?:happy|pleased|glad|good|proud|delighted) to (?:support|back|endorse|recommend|' +
      'campaign)|(?:has|have|with|got) (?:my|our|his|her) (?:full |whole-?hearted |' +
      'complete )?(?:support|backing|endorsement|vote)(?= (?:in|on|at|for|as)|\\.|,|!)',
  ],
  [
    'V',
    0.4,
    'endors(?:e|es|ed|ing|ement)(?:s)? (?:of |from |by )?(?:me|us|him|her|%N|the|my|our|' +
      'candidate)',
  ],
  [
    'V',
    0.4,
    '(?:decent|honest|good|hard-?working|lovely|safe|genuine) (?:woman|man|lass|lad|' +
      'person|lady|chap|pair of hands)',
  ],
  // Praise and blame.
  [
    'A',
    0.6,
    '(?:%P) (?:wreckers|vandals|rabble|crew|gang|crowd|lot|mob|shower|brigade|clowns|' +
      'cronies|donors|spin|propaganda|smears?|nonsense|chums|austerity|cuts|sleaze|swine|' +
      'scum|stitch-?up|big ?wigs)',
  ],
  [
    'A',
    0.5,
    '(?:more|fewer|less) (?:%P)(?= on|\\.|,|!| in| councillors| seats)|(?:than|' +
      'unlike) (?:the |any |most )?%P|(?:the |those |these )%P ~ (?:years|mess|bill|bins|' +
      'taxes|tax|roads|potholes|libraries|promis\\w*|afraid|fault)',
  ],
  [
    'A',
    0.4,
    'promised you (?:the (?:earth|moon|world)|that)|(?:gave|left|handed) you (?:a|' +
      'the) (?:bill|mess|debt)|years ago they|broken promises|they (?:will |would |' +
      'want to )?(?:close|shut|sell|scrap|axe|tax|build on|concrete)',
  ],
  [
    'A',
    0.4,
    '(?:he|she|they|who) voted (?:to (?:close|shut|cut|sell|scrap|axe|raise|put up)|' +
      'against (?:every|it|our|your|the))|(?:missed|attended|' +
      'turned up to) (?:only )?\\d+ (?:of|out of) (?:the )?\\d+',
  ],
  [
    'A',
    0.4,
    '(?:our|the only) (?:plan|party|team|candidate|record|manifesto|vision) (?:for|will|' +
      'is|that|has|on)|we (?:will|would|shall) (?:reopen|scrap|freeze|cut|stop|build|' +
      'bring back|restore|end|protect) (?:the|your|our|council)',
  ],
  [
    'A',
    0.5,
    '(?:thanks to|blame|credit) (?:your |the |our |for that the |' +
      'your local )?(?:\\w{1,8} )?%P|%P(?:-run|-led|-controlled) (?:council|shambles|' +
      'mess)? ~ (?:fail|wast|close|shut|cut|tax|mess)\\w*',
  ],
  // Party life.
  [
    'M',
    0.4,
    "(?:free|open) to members|members(?:' | )only|£\\d+ (?:waged|unwaged|to members|" +
      'for members)|(?:waged|unwaged)|party (?:conference|meeting|business|rules|subs|' +
      'funds|donor|activists)|clp|constituency (?:party|labour|association)|' +
      'spring conference|regional conference',
  ],
  [
    'M',
    0.4,
    'donors?(?= (?:to|for|evening|who|list)|\\.|,)|(?:chip|chipped|bung|kick) in (?:to|' +
      'for|a|£|what)|(?:whip[- ]round|collection|kitty) for (?:the )?(?:leaflets?|campaign|' +
      'deposit|printing|party|boards)|(?:pay|paid|paying|money|cash|fund\\w*|' +
      'cost\\w*) (?:\\w{1,8} ){0,2}(?:for )?(?:the |our |his |her )?(?:leaflets?|' +
      'mailshots?|campaign|deposit|printing of)',
  ],
  [
    'M',
    0.4,
    'come and hear|guest speaker ~ (?:mp|minister|lord|baroness|member)|(?:an evening|' +
      'dinner|lunch|supper) with (?:sir|lord|baroness|the (?:minister|mp)|our mp)|' +
      'the launch|launch night|(?:draft|copy) (?:for|of) the (?:launch|manifesto|speech|' +
      'leaflet)',
  ],
];
