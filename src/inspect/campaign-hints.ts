import type { SignalRow } from './campaign-signals.ts';

/** Weaker, colloquial wording of the same classes: none says much alone. */
export const HINTS: readonly SignalRow[] = [
  // Asking.
  ['V', 0.9, '(?:your|their|his|her|a) cross (?:in|on|next|by|beside|against)'],
  [
    'V',
    0.6,
    '(?:help|let|keep|want|allow) me (?:to )?(?:stay|remain|be|carry on|continue|' +
      'as) (?:as )?your',
  ],
  [
    'V',
    0.4,
    '(?:recommend|say|plump for|go for|choose|pick|support|vote for) (?:the )?(?:%N|me|' +
      'us|him|her)(?! (?:group|council|road|street|lane))(?= |\\.|,|!|$)',
  ],
  [
    'V',
    0.4,
    'you could do worse|(?:hang|hold) on to (?:the one|me|us|him|her|what)|better the devil',
  ],
  [
    'V',
    0.4,
    "(?:bear|keep) (?:it|that|this|me|us) in mind (?:when|on|come|in|at)|when you(?:'re|" +
      ' are) in (?:that|the) booth',
  ],
  [
    'V',
    0.3,
    "(?:it is|it's|the rest is|over) (?:now )?(?:up |down )?to you|(?:just )?(?:think|" +
      "imagine) what we could|in your hands|if (?:I've|you (?:feel|" +
      "think) (?:that )?I(?:'ve| have)) (?:earned|deserved?)|all I ask|ask in return|" +
      'do right by (?:me|us)|return the favour',
  ],
  ['V', 0.4, '(?:over|across) the line|home and dry|one (?:last|final|more|big) push|last push'],
  [
    'V',
    0.3,
    '(?:come|please) (?:and )?help (?:us|me|him|her|%N)|(?:every|all) (?:the )?(?:hands?|' +
      'help) (?:he|she|we|I) can|if you want(?: really)? to help|really want to help',
  ],
  [
    'V',
    0.4,
    "not to bother with (?:the )?(?:other|them|him|her|%P)|don't (?:bother|be tempted)|" +
      'say no to (?:%P|them|the)|(?:enough is enough|had enough)|see (?:them|him|her) off|' +
      'keep (?:them|him|her|the other \\w{1,6}) out',
  ],
  [
    'V',
    0.5,
    '(?:promise|pledge) (?:me|us|him|her|%N) (?:your|that you|you)|promised (?:me|us|him|her)',
  ],
  [
    'V',
    0.4,
    '(?:hope|glad|pleased|delighted|thank you|thanks) ~ (?:voting|vote) for (?:me|us|him|' +
      'her|%N)|(?:will|would) you (?:be )?vot\\w+ for|please vote|(?:do|must|go and|' +
      'get out and|come out and|everyone) vote',
  ],
  // Standing and choosing.
  [
    'C',
    0.4,
    '(?:our|your|their|the) (?:man|woman|girl|lad|lass|boy|lady) (?:in|for|on the (?:6|' +
      '12)th|here)|(?:is|was|as|be) (?:their|our|your) (?:man|woman|girl|lad|lass|boy)',
  ],
  [
    'C',
    0.6,
    'going independent|(?:running|run|runs|going|stood|stand) (?:for (?:the )?(?:council|' +
      'office|election|parliament|us|%P|mayor)|as (?:an? )?(?:independent|%P|candidate)|' +
      'again(?=\\.| in| this| as| for)|against (?:him|her|them|me|us|%P|%N))',
  ],
  [
    'C',
    0.4,
    '(?:a |my |as )?(?:proposer|proposers)(?: and (?:a )?seconder)?|subscribers?|' +
      'assentors?|sign my (?:papers?|form|nomination)',
  ],
  [
    'C',
    0.4,
    'got the nod|selection(?:s)? (?:is|are|on|in|at|will|takes?|next)|been adopted|' +
      'adoption meeting|approved list|vetting|applications? (?:for|to be) (?:candidates?|' +
      'the seat)',
  ],
  [
    'C',
    0.3,
    '(?:is|am|are|be) (?:not going again|standing down|not standing|retiring)|' +
      'that I am standing|I am standing(?=\\.|\\?|,|!| and)',
  ],
  [
    'C',
    0.3,
    '(?:his|her|my|our|this|that|the|a|safe|winnable|your) (?:\\w{1,10} )?seat(?= (?:in|' +
      'is|at|and|next|this|for|from)|\\.|,)',
  ],
  [
    'C',
    0.4,
    'candidates? ~ (?:recommend|support|decent|excellent|best|deserves?|help|back|win|' +
      'winning|ours|calling|pledged|today|knows)',
  ],
  [
    'C',
    0.3,
    'unseat|incumbent|marginal|slim majority|majority (?:is|was|of)|(?:green|labour|' +
      'conservative|tory|lib ?dem|reform) majority|overall control next|winnable',
  ],
  ['V', 0.6, '(?:see|find|look for|looking for) my name|my name on (?:that|the|your)'],
  ['V', 0.4, 'give (?:me|him|her|us|them|%N) a (?:chance|go|try)|(?:deserves?|earned) a chance'],
  ['C', 0.5, '(?:before|to) the (?:voters|electorate)|face the (?:voters|electorate)'],
  ['C', 0.3, 'sitting (?:member|councillor)|waste of a seat'],
  ['A', 0.5, '(?:wants?|needs?|put|get|have|with|elect) an? (?:\\w{1,10} )?%P (?:in|on|for|there)'],
  ['K', 0.5, '\\d{2,} doors|doors (?:done|knocked|this)|two dogs'],
  ['K', 0.5, 'postal votes? (?:drop|land|go out|arrive|hit|are out)'],
  ['K', 0.3, 'turn-?out on (?:saturday|sunday|the)|great (?:session|turn-?out|response|reception)'],
  // Working.
  ['K', 0.3, 'price for (?:\\d[\\d,]*|a thousand|\\w{1,10} thousand)|folded'],
  ['K', 0.4, 'switchers'],
  [
    'K',
    0.3,
    '(?:nicked|stolen|pinched|ripped down|torn down) (?:the one|my|our|ours|it|them)|' +
      'ours are|next[- ]?door garden',
  ],
  [
    'K',
    0.4,
    'stakes ~ (?:in|up|out|bang|hammer)|(?:bang|hammer|knock|put)\\w* ~ (?:stakes|' +
      'boards) |mallet',
  ],
  [
    'K',
    0.5,
    '(?:the |before the |when the )?postals (?:land|drop|go|arrive|are|hit)|' +
      'before the postals|postal (?:voters|vote (?:list|sheet|letter)s?)',
  ],
  ['K', 0.4, "(?:who|says|saying|it is|it's|line|bit) ~ promoted by|promoted by"],
  [
    'K',
    0.4,
    '(?:man|staff|work|hit|on) the phones|phone (?:round|canvass\\w*)|' +
      'ring(?:ing)? (?:our|the) (?:members|supporters|waverers|pledges)',
  ],
  [
    'K',
    0.3,
    'in pairs|(?:round|rounds|streets?|patch|walk|run)s? (?:left|to do|each|still|' +
      'need doing|is done|are done|done)|(?:doing|do|did|hit|hitting|work|working|cover|' +
      'covering) the (?:estate|doors|street|streets|close|avenue|crescent|ward|flats|' +
      'terraces)',
  ],
  [
    'K',
    0.4,
    'on the (?:door)?steps?(?= we|,|\\.| you| is)|mark(?:ed|ing)? (?:them |him |her |' +
      'it )?(?:down|off|up|with a|as (?:a|an|ours|against|for))|clipboards?',
  ],
  [
    'K',
    0.3,
    '(?:all|our|my|fao|dear) (?:helpers|volunteers|deliverers)|deliverers?|' +
      'volunteers (?:to|for|needed)',
  ],
  [
    'K',
    0.4,
    'box by box|(?:sampling|sampled) (?:the )?(?:boxes|box|ballot)|(?:we|I|they) (?:lost|' +
      'won|held|took|carried) (?:it |here |there |that |' +
      'the \\w{1,12} )?by (?:\\w{1,10} )?(?:\\d+|a \\w+|\\w+ votes)',
  ],
  ['K', 0.5, 'squeeze (?:the |their )?(?:%P|greens|vote|third|others)'],
  [
    'K',
    0.4,
    "(?:we're|we are|ours are|I'm|I am) (?:\\w{1,10} )?winning|winning (?:the (?:street|" +
      'ward|argument)|in)',
  ],
  [
    'K',
    0.5,
    '(?:putting up|take down|put up|move|nicked|stole|stolen|pinched|another|' +
      'display) (?:the|our|your|my|a) (?:\\w{1,10} )?(?:boards?|posters?|signs?)|(?:poster|' +
      'board|bill|sign)s? (?:for|in) (?:the|your|his|her|their) (?:window|front|garden|' +
      'hedge)',
  ],
  [
    'K',
    0.6,
    '(?:count|collect|tally|tick off|enter|total|add up) (?:the |our |up the )?promises|' +
      'promises (?:are|in|so far|list|sheet)',
  ],
  [
    'K',
    0.4,
    'mailshots?|freepost|target(?:ed)? (?:mail|letter|mailing|leaflet|ads?|facebook)|' +
      'direct mail|blue letters?',
  ],
  [
    'K',
    0.5,
    '(?:onto|into|on|from|in) our (?:database|list|system|records)|data capture|' +
      'harvest (?:the )?(?:names|e-?mails|data)',
  ],
  [
    'K',
    0.3,
    '(?:like|share|follow|join) (?:my|our|her|his|the campaign) (?:\\w{1,10} )?(?:page|' +
      'post|video|group|profile)',
  ],
  [
    'K',
    0.4,
    '(?:action|campaign|canvass\\w*|super) (?:day|saturday|weekend|session|sunday)|' +
      'eve of poll|good morning leaflet|dawn raid|final \\d+ hours',
  ],
  ['K', 0.3, 'balloons|badges|gazebo|(?:our|the) stall|battle ?bus|loud ?hailer|loudspeaker'],
  [
    'K',
    0.4,
    '(?:my|his|her|our) (?:face|name|mug) (?:on|and name|on it)|face and name|print me|' +
      'artwork (?:for|is)|proofs? (?:of|for) the',
  ],
  [
    'K',
    0.4,
    '(?:our|the|next|spring|autumn|ward|latest|new) Focus(?= (?:is|to|for|out|leaflet|' +
      'round|deliver|goes|\\.|,))',
  ],
  [
    'K',
    0.3,
    '(?:our|the) (?:lines? to take|attack line|lines on|strategy|game plan|narrative)|' +
      'get our retaliation|rebuttal',
  ],
  // Party life.
  [
    'M',
    0.4,
    "(?:annual|summer|christmas|chairman's|president's|gala|fundraising) " +
      '(?:dinner|supper|lunch|ball|draw)',
  ],
  ['M', 0.3, 'rejoin'],
  ['P', 0.2, '(?-i:(?:the|our|an) Association)|association (?:chairman|treasurer|dinner)'],
  ['P', 0.3, 'young (?:%P|greens|labour|greens|liberals|conservatives)'],
  [
    'P',
    0.2,
    'as an independent|independents?(?: like me)?(?= (?:can|will|for|again|beat|win|who|not))',
  ],
  [
    'M',
    0.5,
    '(?:joined|joining|join|rejoin) (?:the )?(?:%P|party)|sign(?:ed|ing)? (?:as many|' +
      'people|them|him|her|up) ~ (?:%P|party|members)',
  ],
  [
    'M',
    0.5,
    'in aid of (?:the )?(?:%P|party|association|campaign|branch|election)|(?:for|' +
      'to) the (?:party|cause|association|branch)(?= (?:this|next|by|so|at|before|and|from|' +
      'on)|\\.|,|!)',
  ],
  [
    'M',
    0.4,
    '(?:rejoin|renew|lapsed) ~ (?:conference|party|branch|month|membership|direct debit|subs)',
  ],
  [
    'M',
    0.4,
    '(?:per cent|%|levy|tithe) (?:of|on|from) (?:the|your|our|each|every|' +
      'all) (?:\\w{1,12} )?allowances?',
  ],
  [
    'A',
    0.5,
    "only one party|no other party|the only party|other parties (?:have|are|talk|don't|can't)",
  ],
  [
    'A',
    0.5,
    '(?:if|when|once|unless|until|since|before|after|' +
      'while) (?:the )?%P (?:\\w{1,10} )?(?:get|gets|got|win|wins|won|take|takes|took|lose|' +
      'loses|lost|is|are|were|was|had|have|came|come|ran|run)',
  ],
  [
    'A',
    0.4,
    '%P (?:majority|win|gain|victory|landslide|rule|run|mayor|government|alternative|' +
      'values|policies|ideas|plan|plans|pledge|promise|vision|way|team|activists|' +
      'supporters|heartland|doorstep|volunteers|association|branch)',
  ],
  [
    'A',
    0.4,
    "(?:I am|I'm|proud|lifelong|been|being|become|as) (?:to be )?an? (?:\\w{1,10} )?%P|" +
      '(?:what|how|the way) (?:the )?%P',
  ],
  [
    'A',
    0.4,
    '(?:stand|campaign|fight|win|going out|go out|out|deliver|helping|work|working|good|' +
      'great|bad|vote|best|disaster) (?:hard |for )?(?:for|with) (?:the )?%P',
  ],
  [
    'A',
    0.4,
    '(?:our|my|their|his|her) record (?:of|on|is|speaks|since|in)|(?:we|I) (?:saved|' +
      'delivered|promised and|kept|won|secured|stopped|fought for) (?:the|your|our)|' +
      'who really',
  ],
  [
    'A',
    0.4,
    "does(?:n't| not) even (?:live|know)|never (?:turns up|replies|shows|answers)|" +
      '(?:others?|rest) are (?:there )?(?:to make|only|just|no)|the one who (?:answers|' +
      'turns|cares|listens|lives)|(?:born|lives?|works?|fights?) here',
  ],
  [
    'E',
    0.3,
    '(?:voting|polling) booth|(?:that|the) booth|(?:until|till|before|after|for|' +
      "at) the poll|close of poll|next (?:year's|spring's|may's) (?:elections?|locals)|" +
      'the locals|(?:may|local|county|borough|general|council) elections?',
  ],
];
