/**
 * What people say who ask for votes, stand, campaign, raise money or run a rival down: signal
 * classes V, C, K, M, A, P, E of domain D.7, finer weighted. A row is class, weight, source
 * (see `signal`). `%P` is any party, `%N` a capitalised name.
 */
export type SignalRow = readonly [kind: string, weight: number, source: string];

const OFFICE = '(?:councillor|cllr|candidate|representative|mp|mayor|member for|champion)';
const GOOD =
  '(?:brilliant|great|cracking|excellent|fine|good|superb|first[\\s-]class|smashing|' +
  'wonderful|fantastic|' +
  'better|decent|strong|terrific|grand|top|real|proper|marvellous|splendid)';

/** Asks for a vote or for support at a poll. */
export const VOTE_ASKS: readonly SignalRow[] = [
  [
    'V',
    0.9,
    'vot(?:e|ing)\\s{1,20}(?:for )?(?:%P|(?:the )?%P|labour|tory|tories|conservative|' +
      'lib ?dems?|greens?|reform|ukip|plaid)',
  ],
  ['V', 0.6, 'vote on (?:polling day|thursday|(?:the )?(?:6|12)(?:th)?|may|november)'],
  [
    'V',
    0.6,
    '(?:none|not one|not a (?:single )?one) of (?:them|that lot|%P|these) ~ (?:re-?)?elected',
  ],
  [
    'C',
    0.5,
    '(?:your|our|my) (?:\\w{1,10} )?%P (?:champion|councillors?|candidates?|team|voice|' +
      'man|woman|representative)',
  ],
  ['V', 0.9, 'vote(?:labour|greens?|reform|tory|conservative|libdem)'],
  [
    'V',
    0.9,
    "(?<!(?:they|people|who|to|would|will|could|may|not|shan't|" +
      "won't) )vote (?:for )?(?:me|us)(?! to )",
  ],
  [
    'V',
    0.9,
    '(?:lend|give|giving|lending|grant|spare|promise) (?:me|us|him|her|them|%N) (?:your|' +
      'all your|both your|their|a) votes?',
  ],
  [
    'V',
    0.9,
    '(?:count|rely|bank|depend|counting|relying) on (?:your|' +
      'their) (?:\\w{1,12} )?(?:votes?|support (?:on|at|in|this|come))',
  ],
  [
    'V',
    0.9,
    '(?:ask(?:ing)?|appeal(?:ing)?|hop(?:e|ing)|grateful|need(?:ing)?|want(?:ing)?|' +
      'deserve|earn(?:ed)?) (?:you )?(?:for |to have |to earn )?(?:your|every) votes?',
  ],
  [
    'V',
    0.9,
    '(?:put|putting|place|mark|pop|stick) (?:your|their|an?|his|her|that) (?:cross|x|' +
      'big x) ~ (?:by|against|next|beside|in|for|near|alongside|box|name)',
  ],
  ['V', 0.9, 're-?elect(?:ed)? (?:me|us|%N|your|councillor|cllr)'],
  ['V', 0.9, '(?:both|two|all three|all your) votes for'],
  [
    'V',
    0.7,
    '(?:vote|kick|boot|chuck|turf|throw|sling|turn) (?:them|him|her|it|this lot|that lot|' +
      '%P|the %P|the (?:\\w{1,12} ){0,2}\\w{1,12}|the lot of them) out',
  ],
  [
    'V',
    0.5,
    '(?:give|giving|lend|lending|offer|throw) (?:me|us|him|her|them|%N) (?:your|their|' +
      'all the|every|full) (?:\\w{1,10} )?(?:support|backing|help)',
  ],
  [
    'V',
    0.5,
    '(?:love|like|appreciate|welcome|ask for|asking for|need|have|earn|value|' +
      'grateful for|want) (?:to have )?your (?:\\w{1,10} )?support',
  ],
  [
    'V',
    0.4,
    '(?:to|please|and|do|will you|could you|can you|would you|everyone|' +
      'everybody) (?:back|support|get behind|rally round|rally behind) (?:me|us|him|her|' +
      'them|councillor|cllr|%N|our|your|my)',
  ],
  [
    'V',
    0.5,
    '(?:urg(?:e|ing)|encourag(?:e|ing)|ask(?:ing)?|beg(?:ging)?|' +
      'recommend(?:ing)?) (?:you(?: all)?|everybody|everyone|people|all|neighbours|' +
      'residents|friends|members|your \\w{1,12}) to (?:back|support|vote|elect|choose|' +
      'stick)',
  ],
  [
    'V',
    0.4,
    '(?:can|could|may|hope|know|hoping|trust) (?:that )?(?:I|we) (?:can )?(?:count|rely|' +
      'bank|depend) on (?:you|yours)',
  ],
  [
    'V',
    0.5,
    "(?:you|you'll|you will|we all|they|they'll) (?:all )?know (?:what to do|" +
      'where to put|which box|who to|which way to)',
  ],
  [
    'V',
    0.4,
    'remember (?:me|us|that|this|who|which|it|them|him|her|what) ~ (?:when|on|at|in|come|' +
      'is) ~ (?:time comes|poll\\w*|may|ballot\\w*|vote|voting|election|booth|' +
      '\\d{1,2}(?:st|nd|rd|th)|box|ours|council|counts)',
  ],
  ['V', 0.3, 'remember (?:me|us|that|who \\w{1,12}) when ~ (?:time|day|vote|choose)'],
  [
    'V',
    0.3,
    '(?:judge for yourselves?|think (?:hard|twice|again|carefully) before|' +
      'the choice is (?:yours|clear|simple)|choose (?:one|somebody|someone|between|wisely|' +
      'well)|which I (?:will|would|shall) be choosing|decide for yourselves?)',
  ],
  [
    'V',
    0.5,
    '(?:stand by|support|back|help|reward|thank|punish|tell|stick with) (?:me|us|them|' +
      'him|her|%N) ~ ballot',
  ],
  ['V', 0.5, 'send (?:them|him|her|%P|the (?:\\w{1,12} ){0,2}\\w{1,12}) a (?:\\w{1,10} )?message'],
  [
    'V',
    0.4,
    '(?:show(?:n|ing)? (?:them |him |her )?the door|send (?:them|him|her) packing|' +
      'give (?:them|him|her) (?:the boot|the push|a kicking|a bloody nose))',
  ],
  [
    'V',
    0.5,
    '(?:get|help|elect|electing|return|returning|keep|put) (?:me|us|him|her|%N|' +
      'a %P \\w{1,12}) ~ (?:elected|on (?:to )?the council|back (?:on|in)|councillor|' +
      'in (?:the )?(?:chamber|town hall))',
  ],
  [
    'V',
    0.4,
    '(?:be|being) your (?:\\w{1,10} )?(?:voice|councillor|representative|champion|' +
      'councillors|next)',
  ],
  [
    'V',
    0.4,
    '(?:four|another|one) more (?:years|term|chance)|another (?:four|term|chance)|' +
      'give us (?:a|another) chance',
  ],
  [
    'V',
    0.4,
    "stick with (?:us|me|labour|the|%P)|don't (?:waste|split) (?:your|the) vote|(?:split|" +
      'wasted) vote',
  ],
  [
    'V',
    0.3,
    '(?:your|every|each|their) (?:\\w{1,8} )?votes? (?:for|counts?|will|could|can|makes?)',
  ],
  [
    'V',
    0.4,
    'have you (?:all )?(?:voted|been to vote|been down to vote)|(?:get|got) (?:yourself|' +
      'yourselves|the family|your family|everyone|everybody) (?:down|out) to (?:vote|' +
      'the poll)',
  ],
];

/** Being, choosing or praising a candidate. */
export const CANDIDACY: readonly SignalRow[] = [
  [
    'C',
    0.6,
    "(?:I'm|I am|I'll be|I shall be|I will be|he's|she's|he is|she is|they're|we're|" +
      "who's|who is|%N is|%N's|was|am) (?:\\w{1,10} )?(?:re-?)?standing (?:again |" +
      'once more )?(?:(?:for|in) (?:us|%P|%N|election|re-?election|the (?:council|borough|' +
      'county|ward|seat|by-?election|election|local)|council|parliament|this|your|our|may|' +
      'november)|as (?:an? |your |our |the )?(?:\\w{1,12} )?(?:independent|candidate|%P|' +
      'councillor)|against|this (?:may|time|november|autumn|spring)|on the|next|to be)',
  ],
  ['C', 0.5, "(?:that I am|I'm|I am) standing(?= and| again| in|\\.| so)"],
  [
    'C',
    0.5,
    '(?:decided|going|asked|agreed|want(?:s|ed)?|hoping|hope|persuade\\w*|intend|willing|' +
      'passed me|approved|urge\\w*) (?:\\w{1,10} )?to stand (?:for|as|in|again|against|on)',
  ],
  [
    'C',
    0.5,
    '(?:our|your|my|her|his|%P|independent|ward|local|excellent|prospective|sitting|' +
      'rival|only|first) candidates?',
  ],
  [
    'C',
    0.4,
    '(?:be|is|as|am|was|were|being|find|finding|need|need a|for|choose|choosing|pick|' +
      'picking) (?:an?|the|somebody|another|\\d+) (?:\\w{1,12} ){0,2}candidates?',
  ],
  [
    'C',
    0.7,
    '(?:choos|pick|select|decid)(?:e|es|ing|ed|ting) ~ (?:fights?|stands?|candidate|' +
      'carry|carries|runs?|contests?) ~ (?:for|seat|ward|us|%P|%N)',
  ],
  [
    'C',
    0.5,
    '(?:re|de)?-?select(?:ed|ion) (?:meeting|night|panel|committee|hustings|contest|' +
      'process|as (?:our|the|a|your|their|%P)|for (?:us|%P|the (?:seat|ward|party)))|' +
      'deselect(?:ed|ion)?|at the selection|shortlist(?:ed|ing)? (?:for|meeting|close\\w*|' +
      'interviews?)? ?(?:the seat|ward|friday|candidates?)',
  ],
  [
    'C',
    0.4,
    '(?:fight|fights|fighting|contest|contesting|win|winning|hold|holding|defend|' +
      'defending|gain|gaining|take|taking|lose|losing|carry|target|targeting) (?:every|the|' +
      'this|that|our|her|his|your|both|all|four|three|two|\\d+) (?:\\w{1,12} )?(?:seats?|' +
      'wards?|by-?election|division|council)',
  ],
  [
    'C',
    0.3,
    'nomination papers?|nominated to stand|(?:sign|signature|signatures|subscribers?|' +
      'names) ~ (?:nomination|my papers|my form)',
  ],
  [
    'C',
    0.5,
    'put(?:ting)? (?:my|her|his|your|my own)(?:self| name)? forward ~ (?:election|' +
      'by-?election|council|ward|candidate|seat|may|independent)|(?:hat|' +
      'name) in(?:to)? the ring',
  ],
  [
    'C',
    0.4,
    '(?:election|my|our|the party|party|the) agent (?:says|sent|wants|needs|is|has|will|' +
      'for|and|at|asked)|for the (?:election )?agent',
  ],
  ['C', 0.6, 'parachut(?:ed|ing) in|ppc|paper candidates?'],
  ['C', 0.5, '(?:my|our|her|his|%P) (?:\\w{1,14} )?(?:opponents?|opposition|rivals?)'],
  [
    'C',
    0.5,
    '(?:my|our|your|her|his|the) (?:election|council) (?:address|leaflet|literature|' +
      'material|video|launch|expenses|bid)',
  ],
  ['C', 0.4, '(?:name|names|names?) on (?:the|your|that) ballot'],
  [
    'C',
    0.4,
    `(?:would|will|'ll|'d|to|could) (?:make|be) (?:an?|the|our|` +
      `your) (?:\\w{1,12} )?${GOOD} (?:\\w{1,10} )?${OFFICE}`,
  ],
  [
    'C',
    0.5,
    '(?:best|right|only|obvious|better) (?:person|man|woman|one|choice|candidate|' +
      'pair) (?:to|for) (?:the|represent|speak|this|our|ward|council|%N|you|be)',
  ],
  [
    'C',
    0.3,
    'on your side|local champion|local people first|putting (?:\\w{1,12} )?first|' +
      'working (?:hard )?for you|all year round|gets things done|your local (?:team|voice|' +
      'champion)|one of our own',
  ],
  [
    'C',
    0.3,
    'clean sweep|majority of \\d+|hold(?:ing)? the seat|win(?:ning)? (?:it|this|here|' +
      'back)|take (?:the|both|all) (?:\\w{1,10} )?seats?',
  ],
  [
    'C',
    0.3,
    'proud to (?:sit|serve|stand|campaign|fight) (?:next to|with|beside|alongside|for)|' +
      'honoured to (?:stand|be selected|have been selected)',
  ],
];
