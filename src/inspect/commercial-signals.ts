import { signal } from './cues.ts';
import type { Cue } from './cues.ts';

const TRADE =
  '(?:shop|firm|business|company|farm|farm ?shop|garage|salon|studio|stall|bakery|cafe|' +
  'café|pub|restaurant|consultancy|agency|workshop|' +
  'practice|b&b|guest ?house|cottage|holiday let|flat|flats|rentals?|lets?|caravan|van|' +
  'vans|transits?|taxi|cab|barn|yard|nursery|kennels|stables|' +
  'gallery|printers?|surgery for pets|store|showroom|warehouse|book|books|album|' +
  "brewery|vineyard|butcher'?s|florist'?s|boutique|dealership|franchise|clinic)";

/**
 * Selling, trading, betting, schemes (classes S, O, B) and what shows that it is no private
 * business (N).
 */
export const COMMERCE: readonly Cue[] = [
  // S: an offer of goods or services.
  signal(
    'S',
    0.5,
    '(?:\\d+|ten|twenty|fifteen|five|thirty|fifty|half)(?: ?%| per ?cent| pounds?)? off|' +
      '(?:spring|summer|winter|autumn|christmas|easter|special|introductory|opening|' +
      "exclusive|this week's|our) (?:offers?|sale|deals?|bargains?|discounts?)|half price|" +
      "buy one get|bogof|a discount (?:for|if|on)|mates' rates|trade (?:price|discount)|" +
      'knock (?:ten|five|\\d+)|at cost|job lot|clearance',
  ),
  signal(
    'S',
    0.5,
    "for sale(?! of)|(?:I'm|I am|we are|we're|I|now|still|also) selling|selling (?:my|" +
      'our|the) (?!council)|(?:I|we) sell|sold as seen|ono|o\\.n\\.o|or (?:near|' +
      'nearest) offer|no time ?wasters|cash only|buyer collects|collection only|' +
      'make me an offer|will (?:take|accept) £\\d+',
  ),
  signal(
    'S',
    0.5,
    '£\\d[\\d.,]*k? ?(?:/ ?|a |per |the )(?:kg|kilo|lb|dozen|hour|half hour|head|bag|' +
      'load|week|night|month|pcm|session|lesson|day|each|bottle|jar|box|tray|yard|metre|' +
      'person|room|bird)|(?:prices?|rates?|from|only|just|starting at) (?:from |start at |' +
      'only )?£\\d|£\\d[\\d.,]* (?:each|plus vat|all in|delivered|fitted)',
  ),
  signal(
    'S',
    0.4,
    'deposits? of £\\d+|deposits? (?:to|secures?|by)|plus deposit|to order|pre-?order|' +
      'place (?:your|an) order|orders? (?:by|to|before|in by|taken|now)|taking orders|' +
      'book (?:direct|now|early|by|your)|bookings (?:open|now|taken|via)|reserve (?:yours|' +
      'one|your)|collect from (?:the |our |my )?(?:\\p{Lu}\\w+ )?(?:farm|shop|yard|house|' +
      '\\p{Lu})|first (?:one|lesson|session|month) free|' +
      '(?:a )?free \\w+ \\w+ in your|brochure is out|free (?:delivery|fitting|' +
      'measuring|' +
      'quote|quotation|estimate|trial|products|consultation|survey|sample)|fitted free|' +
      'delivered free|gift (?:hampers?|vouchers?|cards?)|price list|our catalogue|brochure|' +
      'new (?:in|stock|range|this year)|in stock|stock in|limited (?:stock|edition|places)|' +
      'while stocks|guarantee(?= on| included|\\.|,|d)',
  ),
  signal(
    'S',
    0.5,
    '(?:is |now |available |flat |house |room |unit |garage |shop |office )to (?:let|' +
      'rent)|viewings? (?:at|on|by|from|this)|(?:weeks?|dates|availability) (?:free|left|' +
      'in) (?:in )?(?:january|february|march|april|may|june|july|august|september|october|' +
      'november|december)|sleeps (?:two|four|six|eight|\\d)|pcm|room(?:s)? available|' +
      'double room for|self-?catering|holiday let',
  ),
  signal(
    'S',
    0.4,
    '(?:call|pop|come|drop) in(?:to)?(?: and see| at| to| for)? (?:us|the shop|me|our)|' +
      'call at the shop|ring \\p{Lu}\\w+ (?:to|or)|open (?:till|until|from) \\w+|(?:piano|' +
      'guitar|driving|french|maths|singing|dance|yoga|riding|swimming) (?:lessons?|tuition|' +
      'classes)|we (?:mend|repair|fit|supply|install|deliver|stock|do|buy|make|cater|clean|' +
      'clear)|I (?:mend|repair|fit|build|bake|make|paint|' +
      'do) (?!not)(?:\\w{1,12} ){0,2}(?:cakes|gardens|kitchens|fences|websites|portraits|' +
      'weddings|to order|from £)|no job too small|fully insured|references available|' +
      "years' experience",
  ),
  signal(
    'S',
    0.5,
    '(?:please |could you |can you |to )(?:quote|re-?quote) (?:for|me|us)|(?:our|' +
      'my) (?:price|quote|quotation|estimate|rates?)(?! from the)|(?:quote|quotation|price|' +
      'cover|policy|insure|insurance) ~ (?:business use|my (?:\\w{1,10} )?(?:shop|firm|' +
      'business|vans?|company|flats?|rentals?)|our (?:firm|shop|business|vans?|company)|' +
      'transits?|the (?:van|vans|shop|yard|lorr\\w+))|business use|no claims|' +
      "fleet (?:policy|insurance)|public liability for my|landlord(?:'s)? insurance",
  ),
  signal(
    'S',
    0.4,
    '(?:my|our) invoice|invoice (?:from|for) (?:my|our)|payment (?:within|terms)|' +
      'terms (?:are )?\\d+ days|business account|pay(?:able)? to (?:my|our) (?:firm|' +
      'company|business)|remittance',
  ),
  signal(
    'S',
    0.4,
    '\\d+k on the clock|mot (?:till|until|to|\\w+)(?=\\W)|full service history|' +
      'one (?:careful|lady) owner|(?:two|three|four|\\d)-bed(?:room(?:ed)?)? (?:flat|house|' +
      'semi|terrace|bungalow|cottage)|hardly used|as new|good condition|still boxed|' +
      'genuine reason for sale|ebay|gumtree|etsy|marketplace|vinted|auction',
  ),
  // O: the writer's own trade.
  signal(
    'O',
    0.5,
    `(?:my|our|my (?:wife|husband|brother|sister|son|daughter|partner|nephew|cousin|` +
      `father|mother)'s|at my|the family) (?:\\w{1,12} ){0,2}${TRADE}(?! (?:agenda|surgery|` +
      `report|hall|ward))`,
  ),
  signal(
    'O',
    0.5,
    '(?:a|new|local|now a|your) (?:\\w{1,12} )?(?:rep|distributor|consultant|stockist|' +
      'reseller|affiliate|brand ambassador|team leader)(?= for| with| of|\\.)|I (?:trade|' +
      'deal|am trading|run) (?:as|in|from|a (?:small )?(?:business|firm|shop))|' +
      "I'm a (?:plumber|builder|landlord|joiner|roofer|electrician|decorator|dealer|" +
      'photographer|caterer)|side ?line|side hustle|self-employed|our customers?|' +
      'my customers?|my clients?|my tenants?|my landlord business',
  ),
  signal(
    'O',
    0.4,
    "(?:winston|heath|\\p{Lu}\\w+)(?:'s|s)? (?:vans|removals|electricals|builders|" +
      'garages?|motors|plumbing|catering|bakery|florist|lettings|estates|interiors|joinery|' +
      "roofing|printers|print)(?: & \\w+)?|we're a family firm|(?-i:Ltd|& Sons?|& Co)",
  ),
  // B: betting and schemes, enough with anything else of its own kind.
  signal(
    'B',
    0.7,
    '(?:a|free|my|your|our|the|place|each-?way) (?:bets?|flutter|punt|wager)|' +
      'betting (?:tips?|group|syndicate|club|link)|(?:\\d+|five|four|three|six)[\\s-]?fold|' +
      'accas?(?= |\\.|,|$)|accumulators?|tipsters?|odds (?:of|on|are)|\\d+/\\d+(?= (?:on|' +
      'each|for|to win|with|at)|\\.|,)|get a (?:tenner|fiver|score) on|put (?:a |' +
      '\\w{1,6} )?(?:tenner|fiver|£\\d+|quid) on|sweep(?:stake)?(?=,|\\.| for| £)|' +
      '\\d+ a horse|online (?:casino|poker)|bookie|lay(?:ing)? (?:off|the favourite)',
  ),
  signal(
    'B',
    0.5,
    '(?:my|through my|via my|use my|on my|with my) (?:\\w{1,10} )?(?:link|referral|code|' +
      'affiliate)|referral (?:code|link|bonus|scheme)|signed up under|(?:I|you|we|' +
      'you and me) (?:each |both )?(?:get|earn) (?:a )?(?:free|bonus|commission|tenner|cut|' +
      'percentage|£)|get a bonus|free tenner|join (?:my|our|the) (?:team|downline|group|' +
      'scheme|club)|down-?line|up-?line|sign up (?:two|three|five|your|more)',
  ),
  signal(
    'B',
    0.7,
    'crypto(?:currency)?|bitcoin|ethereum|doge ?coin|this coin|forex|nfts?|token sale|' +
      '(?:doubl|trebl|tripl)(?:e|ed|ing) (?:my|your|his) (?:money|stake|investment)|' +
      'guaranteed returns?|(?:\\d+%|ten per cent|huge|great|fantastic|risk-?free) returns?|' +
      'passive income|financial freedom|ground floor opportunity|get rich|easy money|' +
      'earn (?:£\\d+|money|cash|up to)|work from home|be your own boss|own boss|pyramid|' +
      'gifting circle|multi-?level|network marketing|host a party|earn free|' +
      'money[\\s-]?mak\\w+|investment opportunity|make (?:a fortune|a killing|' +
      'some serious money)|put in (?:£\\d+|a grand|some)',
  ),
  signal(
    'B',
    0.4,
    'invest(?:ing|ment|or)? (?:in|with|of|opportunity) (?:my|our|this|a new)|' +
      'looking for investors|shares in (?:my|our|the (?:firm|company))|stake in',
  ),
  // N: council business, a resident's matter, good causes.
  signal(
    'N',
    -0.6,
    'council tax|permits?|fines?|penalt(?:y|ies)|tender(?:s|ed|ing)?|procurement|' +
      'framework (?:contract|agreement)|cabinet (?:agreed|' +
      "approved|decided)|the council's (?:insurer|lawyers|land|depot|shop|flats|property)|" +
      'ward (?:grant|budget|fund)|purchase order|business rates|small business relief|' +
      "(?:please )?pay it to the club|council(?:'s)? (?:invoice|budget)|hall hire|" +
      'committee|scrutiny|planning (?:permission|application)|licen[cs]e (?:is )?heard|' +
      'premises licence|trading standards|regeneration',
  ),
  signal(
    'N',
    -0.6,
    'hospice|charit(?:y|ies)|church (?:roof|fete|fair|f\\w?te|hall)|in aid of|' +
      'all proceeds|food ?bank|tombola|fete|fête|jumble sale|school (?:fair|fete|fund)|pta|' +
      'air ambulance|poppy|cricket club|parish',
  ),
  signal(
    'N',
    -0.6,
    '(?:residents?|constituents?|tenants?|stallholders?|traders?|shopkeepers?|' +
      'landlords?) (?:say|says|said|object|objects|ask|asks|want|wants|tell|tells|' +
      "complain\\w*|that|has|have|who|are|is|cannot|can't)|(?:mrs?|ms|" +
      "miss) \\p{Lu}\\w+(?:'s)? (?:shop|business|firm|flat|landlord|is|has|says|wants|" +
      'rents)|the (?:baker|butcher|landlord|tenant|buyer|developer|operator|owner|' +
      "applicant|contractor|supplier)(?:'s)? (?:on|says|wants|cannot|has|will|is)|(?:her|" +
      'his|their) (?:landlord|customers|shop|business|rent|pitch)|betting shop|bus (?:fare|' +
      'pass|ticket)|the fare|weekly ticket|garden waste|the sticker',
  ),
  signal(
    'N',
    -0.6,
    'scam\\w*|fraud(?:sters?)?|beware|warn (?:people|residents|everyone|your)|victims?|' +
      'conned|lost (?:£|their|his|her) ~ to',
  ),
  // P, G, T: a price, a thing or service of the kind that is sold, terms: none says much alone.
  signal('P', 0.3, '£\\d[\\d,.]*k?|\\d+ (?:quid|pounds|grand)|(?:a )?(?:tenner|fiver|grand)'),
  signal(
    'G',
    0.3,
    '(?:logs?|firewood|kindling|hay|straw|manure|turkeys?|geese|eggs|honey|jam|chutney|lamb|beef|' +
      'pork|hog roast|potatoes|veg boxes|christmas trees?|wreaths|hanging baskets|bedding plants|' +
      'puppies|kittens|pups|ponies|stud|livery|cakes?|cupcakes|candles|jewellery|soaps?|curtains|' +
      'carpets?|tyres|sofa|fridge|freezer|washing machines?|dryers?|bikes?|cars?|vans?|caravan|' +
      'trailer|mowers?|guitar|piano|books?|prints|paintings|tiles|windows|doors and windows|' +
      'conservator(?:y|ies)|kitchens?|bathrooms?|driveways|gutters|sheds?|fencing|skip hire)',
  ),
  signal(
    'G',
    0.3,
    '(?:readings|tarot|massage|reiki|nails|haircuts?|dog[- ]walking|grooming|ironing|gardening|' +
      'catering|photography|disco|bouncy castles?|marquees?|tuition|lessons|classes|therapy|' +
      'physio|bookkeeping|tax returns|wills|mortgages?|pensions? advice|websites from|removals|' +
      'clearances?|van hire|car hire|man and van|plastering|decorating|joinery|plumbing|roofing|' +
      'bed and breakfast|b&b|double room|single room|lodgers?|holiday cottage|chalet|villa|' +
      'office space|lock-?up|garage to|storage|car boot)',
  ),
  signal(
    'T',
    0.3,
    '(?:message|text|ring|call|phone|dm|whatsapp|e-?mail|see) me(?: to| for| if|\\.|,|$)|' +
      '(?:we|I|can|will|free) (?:can |will )?(?:deliver|drop|fit|collect|post)(?:y| it| them)?|' +
      '(?:at|from) (?:ours|mine|the yard|the farm|the shop|the unit|our place)|bills in|' +
      'no smokers|no pets|no dss|going (?:at|for|cheap)|do you want (?:in|one|some)|' +
      'interested\\?|any takers|first come|spread the word|tell your friends|per person|' +
      '(?:from|by|with) my (?:wife|husband|son|daughter|brother|sister|partner)|or a party of|' +
      'cash or|card taken|bank transfer|paypal|my (?:other )?(?:business|trade|day job)|' +
      '(?:she|he) is very (?:good|reasonable)|six for|two for|each(?=\\.|,)|seasoned|' +
      'half a dozen|by the (?:load|bag|pound|dozen)',
  ),
  signal(
    'O',
    0.4,
    '(?:is |now )?(?:overdue|outstanding)(?: please)?|please settle|settle (?:by|within|up|my)|' +
      'invoice \\d+|my (?:firm|invoice|terms|account)',
  ),
  signal(
    'B',
    0.6,
    '(?:quarter|half|third|a) share in|at \\d+ to \\d+|who is in\\?|' +
      'in the \\d\\.\\d\\d|the \\d\\.\\d\\d at|having (?:fifty|a score|twenty|ten|a tenner) on|' +
      'each way|sure thing|dead cert|the favourite|from the (?:yard|stables|trainer)|' +
      '(?:per cent|%) (?:a|per) (?:year|month|week)|(?:land|property|share|business) deal|' +
      'before it (?:goes public|floats|lists)|in on (?:a|the|it)|minimum (?:of )?' +
      '(?:two|five|ten|\\d+|£\\d+)(?: grand| thousand|k)|buy-?to-?let|recruit (?:two|three|five)|' +
      'your own (?:team|hours)|lottery syndicate|euromillions|scratch ?cards|spread betting',
  ),
];
