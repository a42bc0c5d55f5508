import type { SignalRow } from './campaign-signals.ts';

/**
 * What speaks against campaigning: class N of domain D.9. Council business, statutory notices,
 * encouragement to take part, elections of other bodies, campaigns about things and not about
 * polls.
 */
export const NEUTRAL: readonly SignalRow[] = [
  [
    'N',
    -0.5,
    'register(?:ed|ing)? to vote|electoral (?:register|roll|services|commission)|' +
      'on the (?:electoral )?(?:register|roll)|registration (?:deadline|form|officer)|' +
      'december register',
  ],
  [
    'N',
    -0.5,
    'notice of (?:the )?(?:election|poll|vacancy)|statement of persons|returning officer|' +
      'nomination packs?',
  ],
  [
    'N',
    -0.4,
    'photo(?:graphic)? id|voter (?:authority|identification)|(?:bring|need) (?:\\w{1,8} )?id',
  ],
  [
    'N',
    -0.4,
    'polling stations? (?:are|is|will|list|at|closes?|opens?)|(?:is|as|be|used as) (?:a|' +
      'the|our) polling station',
  ],
  ['N', -0.4, 'elections? (?:office|team|desk|staff|officer|manager|unit|ring|act)'],
  [
    'N',
    -0.5,
    'pre-?election period|purdah|heightened sensitivity|council is neutral|' +
      'politically neutral|non-?political|apolitical|all of the candidates|' +
      'all (?:the )?candidates|each candidate|both sides|every candidate',
  ],
  ['N', -0.5, 'annual canvass|canvass form|household canvass|canvassing (?:opinion|views)'],
  [
    'N',
    -0.5,
    '(?:school|parent|governor|tenants?|board|bid|allotments?|society|choir|captain|band|' +
      'young mayor|youth|mock|students?|pupils?|head (?:boy|girl)|in bloom|best kept|' +
      'competition|awards?|church|warden|trustees?|golf|bowls|darts|wi|union|programme|' +
      'mayor making) ~ (?:vot\\w*|elect\\w*|ballot\\w*|candidates?|standing|nominat\\w*|' +
      'campaign\\w*|poll)',
  ],
  [
    'N',
    -0.5,
    '(?:vot\\w*|election|ballots?|candidates?|standing|' +
      'nominations?) (?:\\w{1,10} ){0,4}(?:parent governor|tenant|captain|governors?|bid|' +
      'chair(?:man|woman)?|treasurer|secretary|best kept|in bloom|competition|mayor at|' +
      'assembly|young mayor|trustees?|choir|allotment|programme|the (?:spring|new) )',
  ],
  [
    'N',
    -0.4,
    'motion|amendment|minutes|recorded vote|agenda|item \\d+|vote of thanks|casting vote|' +
      'seconded|unanimous(?:ly)?|standing orders|full council|scrutiny|at committee|' +
      'sub-?committee',
  ],
  [
    'N',
    -0.5,
    "group (?:meeting|room|meets|leaders?|whip|office|agenda|away)|whip's report|" +
      'political balance|proportionality|committee places|leader of the opposition|' +
      'cross-?party|all (?:four|three|five|the) (?:groups|parties)|every group|' +
      'independent (?:member|review|panel|reviewer)',
  ],
  [
    'N',
    -0.4,
    'campaign (?:to (?:save|keep|stop|get|bring|reopen|end|clean)|for (?:a|better|safer|' +
      'the|more)|against)|(?:road safety|recruitment|recycling|litter|vaccination|' +
      'awareness|advertising|health|flu|anti-\\w{1,12}|fly-?tipping|poppy|charity|library|' +
      'crossing|safety|winter|marketing|media|publicity|information) campaign',
  ],
  [
    'N',
    -0.5,
    'street party|bunting|jubilee|hospice|charit(?:y|ies)|church (?:roof|f\\w?te|hall)|' +
      'food ?bank|' +
      'in aid of (?!(?:the )?' +
      '(?:labour|conservat|lib|green|reform|party|associat|branch|campaign))' +
      '\\w+|poppy|' +
      'scouts?|guides|air ambulance|lifeboat',
  ],
  [
    'N',
    -0.4,
    '(?:recycling|waste|council|public health|flood|takeaway|pizza|survey|consultation|' +
      'parking|bus|library|energy|nhs|fire|police|event) (?:leaflets?|posters?|flyers?|' +
      'cards?|door)|leaflet(?:s|ing|ted)? (?:about|on|explaining|every car|the high street|' +
      'from the council|in languages)|door[\\s-]to[\\s-]door survey|survey about',
  ],
  [
    'N',
    -0.6,
    "(?:cannot|can't|can not|not able to|won't|may not|must not|not allowed to|mustn't|" +
      "shan't|rather not|never) ~ (?:from|use|with|on) (?:this|my council|the council|" +
      'council) (?:account|address|e-?mail|mailbox|letterhead)|(?:private|personal|own|' +
      'home|party) (?:address|e-?mail|account) for ~ (?:party|politic\\w*|campaign\\w*)|' +
      '(?:party|politic\\w*|campaign\\w*) ~ (?:to|at|from|on) my (?:private|personal|home|' +
      'own|party)|rather not (?:get into|say|discuss|be drawn)|' +
      'cannot (?:\\w{1,8} )?advise you|makes no difference',
  ],
  [
    'N',
    -0.3,
    'history society|historical|the chartists|suffragettes?|in (?:18|19)\\d\\d|archives?|' +
      'museum|local history|mock election',
  ],
  [
    'N',
    -0.3,
    'boundary (?:review|commission)|recommendations|under the final|co-?opt(?:ed|ion)?|' +
      'notice of vacancy|casual vacancy',
  ],
  ['N', -0.4, 'hustings (?:is|are|on|at|organi\\w*|hosted|will)|a hustings'],
];
