import { phrase } from './cues.ts';

/** A family of sensitive wording: what it concerns and how much one word of it says. */
export interface Family {
  name: string;
  weight: number;
  pattern: RegExp;
}

const family = (name: string, weight: number, words: readonly string[]): Family => ({
  name,
  weight,
  pattern: new RegExp(phrase(words.join('|')).source, 'giu'),
});

/**
 * Special categories and criminal matters (UK GDPR articles 9 and 10; domain F.3), safeguarding,
 * and money trouble. Strong words (0.5) tell of one person's life; others (0.4, 0.25) need more
 * beside them.
 */
export const FAMILIES: readonly Family[] = [
  family('health', 0.5, [
    'strokes|lost (?:his|her|their) (?:leg|arm|foot|sight|baby|speech|hearing|voice|unborn)',
    'sugar diabetes|pacemaker|prosthe\\w+|artificial (?:leg|limb)|feeding tube|peg[- ]fed|nappies',
    'cutting (?:him|her)self|harms? (?:him|her)self|jump(?:ed)? off|under section|drug user',
    'on (?:drugs|crack|heroin|spice|morphine|antidepressants|dialysis|chemo|life support)|spice',
    'keeps falling|fell (?:again|down the stairs)|seizure|blackouts?|sepsis|gangren\\w+|ulcers?',
    'kidney (?:failure|disease|transplant)|pneumonia|covid|long covid|meningitis|scabies|lice',
    'long[- ]term sick|signed off (?:sick|work)|fit note|sick note|terminal|weeks left|end of life',
    'transition(?:ed|ing)|hormone treatment|hysteria|delusion\\w*|hallucinat\\w+|manic|psych ward',
  ]),
  family('safeguarding', 0.5, [
    'rape(?:d)?|sexual assault|assaulted|molest\\w+|groom(?:ed|ing)|stalk(?:er|ed|ing)',
    'black eye|strangl\\w+|afraid (?:to go home|of (?:him|her|his|her))|hits (?:her|him|them)',
    'sleep(?:s|ing) rough|slept rough|sofa[- ]surf\\w+|locks? (?:her|him|' +
      'them) in|ran away from home',
    '(?:her|his) ex (?:is|has|was|partner|husband)|does not know where (?:she|' +
      'they) (?:is|are|live)',
  ]),
  family('criminal', 0.5, [
    '(?:is|was|are) inside(?= and|,|\\.| for)|banged up|did time|doing time|served (?:time|\\d+)',
    'selling (?:cannabis|drugs|weed|pills)|cannabis|a tag|curfew|wanted by|on the run|gang',
    'been clean for|missed test|keyworker|done for|was caught (?:stealing|' +
      'shoplifting|with)|benefit fraud|court (?:on|date)|previous',
  ]),
  family('origin-and-belief', 0.5, [
    'for being a (?:christian|muslim|jew|catholic|hindu|sikh)|his appeal|removal directions',
  ]),
  family('health', 0.4, [
    '(?:has|got|found|told|with) (?:she has |he has )?a lump|going blind|blind|deaf',
  ]),
  family('health', 0.5, [
    '(?:bowel |breast |lung |prostate |skin |brain )?cancer|tumou?r|leuka?emia|lymphoma|' +
      'chemo(?:therapy)?|radiotherapy|dialysis|transplant',
    "dementia|alzheimer'?s|parkinson'?s|multiple sclerosis|ms(?= and| or| for|,)|" +
      'motor neurone?|copd|emphysema|pneumoconiosis|asbestosis|mesothelioma|silicosis|' +
      'vibration white finger',
    'stroke(?= on| last| and| in|,|\\.)|heart (?:attacks?|failure|condition|bypass)|angina|' +
      "aneurysm|epilep\\w+|seizures?|diabet\\w+|insulin|coeliac|crohn'?s|colitis|" +
      'colostomy|stoma|catheter|incontinen\\w+|fibromyalgia|rheumatoid|lupus|arthritis',
    'amputee|amputat\\w+|paralys\\w+|quadriplegic|paraplegic|cerebral palsy|' +
      "down'?s syndrome|spina bifida|muscular dystrophy|cystic fibrosis|sickle cell|" +
      'haemophili\\w+|brain injur\\w+|learning disabilit\\w+',
    'hiv|aids(?= test| diagnosis)|hepatitis|tb|tuberculosis|sti|syphilis|chlamydia|mrsa|' +
      'test (?:came back )?positive|(?:tested|tests|came back) positive|positive (?:tb|hiv|' +
      'test|for)',
    'bipolar|schizo\\w+|psycho(?:sis|tic)|paranoi(?:a|d)|personality disorder|ptsd|' +
      'post[\\s-]?traumatic|sectioned|suicid\\w+|self[\\s-]?harm\\w*|overdos\\w+|' +
      'hang (?:him|her)self|(?:took|take) (?:his|her|their) (?:own )?life|anorexi\\w+|' +
      'bulimi\\w+|eating disorder|(?:nervous |mental )?breakdown(?= over| last| after| and|' +
      ' in|,|\\.)|hears voices|post[\\s-]?natal depression|severe anxiety|depression|' +
      'lithium|antidepressants?|sertraline|antipsychotics?|electroconvulsive',
    "autis\\w+|asperger'?s|adhd|dyspraxi\\w+|selective(?:ly)? mut\\w+|hasn't spoken since",
    'alcoholic|alcoholism|(?:is |back |been )?drinking again|drinks? heavily|' +
      'liver failure|cirrhosis|rehab|detox|methadone|heroin|crack cocaine|opiates?|' +
      'addict(?:ed|ion)?|withdrawn from (?:opiates|drugs)',
    'miscarri\\w+|miscarried|stillb\\w+|termination|abortion|ivf|hysterectomy|mastectomy|' +
      'biopsy|diagnos\\w+|terminal(?:ly)? (?:ill|illness)?|palliative|hospice nurse|' +
      'life expectancy|weeks to live|oxygen at home|on oxygen|colonoscopy',
    'registered blind|(?:partially|severely) sighted|profoundly deaf|deaf and|housebound|' +
      'bed-?bound|bedridden|wheelchair user|nut allergy|anaphyla\\w+|epi-?pen|' +
      'asthma(?:tic)?|allerg(?:y|ic) to',
  ]),
  family('health', 0.4, [
    'pregnan(?:t|cy)|disab(?:led|ility)|wheelchair|walking frame|blue badge|medication|' +
      'tablets|prescri\\w+|surgery on (?:his|her)|operation on|hip replacement|' +
      'knee replacement|broken (?:hip|leg|wrist|arm)|fractured|fell and broke|' +
      'mental health|anxiety|depressed|psychiatr\\w+|crisis team|camhs|community nurse|' +
      "district nurse|occupational therap\\w+|physio\\w*|consultant's letter|" +
      "gp(?:'s)? letter|discharge (?:note|letter|summary)|a&e|intensive care|icu|" +
      'on ward \\d+|in hospital|hospitalised|carer for (?:his|her)|sight loss|going blind|' +
      "can't (?:hold a pen|walk|see|read the labels|feed)|cannot (?:walk|see|" +
      'manage the stairs|feed|wash|dress)|memory (?:clinic|loss)|wanders|overweight|obese|' +
      'eczema|migraines?|fits|blood (?:test|pressure|clot|disorder)|scan results?|' +
      'allerg(?:y|ies)',
  ]),
  family('health', 0.25, [
    'hospital|doctor|gp|nurse|clinic|ill(?:ness)?|unwell|poorly|sick|therapy|' +
      'counsell(?:or|ing)|carer|vulnerable|frail|confused|stairs',
  ]),
  family('safeguarding', 0.5, [
    'child protection|protection plan|at risk of harm|social (?:worker|services)|' +
      'section (?:17|47)|care (?:order|proceedings)|taken into care|in care|' +
      'looked[\\s-]after|foster (?:carer|placement|family|parents?|review|mum|dad)|' +
      'fostered|adopters?|adopt(?:ed|ion)|birth (?:mother|father|mum)|contact (?:order|' +
      'suspended)|supervised contact|private fostering|lado|marac|mappa|mash|' +
      'strategy meeting|safeguarding (?:concern|referral|alert|lead|case|plan|enquiry)',
    'abus(?:e|ed|es|ive|ing) (?:by|her|him|his|partner|husband|ex|them|the (?:child|' +
      'children))|sexual(?:ly)? abus\\w+|domestic (?:abuse|violence)|(?:hit|hits|beat|' +
      'beats|beaten|punched|strangled|attacked|raped|groomed|assaulted|threatened) (?:her|' +
      'him|by (?:her|his)|them)|(?:he|she|dad|husband|boyfriend|partner) (?:has )?(?:broke|' +
      'broken|hit|beat|punched|strangled) (?:her|his)|refuge(?! (?:collection|bin))|' +
      'fle(?:d|eing)|non-?molestation|injunction|restraining order|occupation order|' +
      'witness protection|find the car|under an alias|forced marriage|honour[\\s-]based|' +
      'fgm|trafficked|exploit(?:ed|ation)|county lines|neglected|bruises|not allowed near|' +
      'scared of (?:him|her)|frightened of (?:him|her|being)|left (?:her|his) (?:husband|' +
      'wife|partner) (?:last|after|because)|thrown out by (?:his|her) (?:parents?|mum|dad)|' +
      'missing from home',
    'ehcp|statement of special|sen support|special (?:educational )?needs|' +
      '(?:permanently )?excluded (?:from|after|for)|school refuser|exclusion hearing|' +
      'free school meals',
  ]),
  family('criminal', 0.5, [
    'convict(?:ed|ions?)|criminal record|prison(?= for| in| sentence|\\.|,)|jail(?:ed)?|' +
      'custody|remand(?:ed)?|released from|came out of (?:prison|jail|strangeways|' +
      '\\p{Lu}\\w+) (?:in|on|after|last)|months for|years for|probation|on licence|tagged|' +
      'on a tag|bail(?:ed)?|arrested|charged with|caution(?:ed)? for|burglary|drug dealing|' +
      'dealing (?:drugs|from)|drink[\\s-]driv\\w+|sex offenders?(?: register)?|paedophile|' +
      'indecent|grievous|gbh|abh|stab(?:bed|bing)|with a knife|shoplifting|asbo|' +
      'criminal behaviour order|dbs (?:check|came)|police (?:have a statement|caution|' +
      'interview|are looking)|community (?:payback|order|service)|court (?:case|hearing|' +
      'is on)|gang member',
  ]),
  family('origin-and-belief', 0.5, [
    'asylum (?:claim|seeker|application|appeal|interview)|refused asylum|refugee status|' +
      'leave to remain|overstayed|(?:his|her|their) visa|immigration (?:status|detention|' +
      'tribunal)|deport\\w+|sent back|undocumented|(?:no recourse|nrpf)|' +
      'home office (?:have|has) written to (?:him|her|them)|biometric',
    "(?:is|as|came out as|being|he's|she's) (?:gay|lesbian|bisexual|trans(?:gender)?|" +
      'transitioning)|gender (?:identity|reassign\\w+|clinic|dysphoria)|sexuality|' +
      'ethnic(?:ity|ally)|(?:is|are) a (?:muslim|jew|sikh|hindu|catholic|traveller|gypsy)|' +
      "jehovah's|converted to|trade union (?:member|record)|blacklist\\w*",
  ]),
  family('money', 0.5, [
    'bankrupt(?:cy)?|insolven\\w+|iva|debt relief|gambling (?:problem|debts?)|bailiffs?|' +
      '(?:rent|council tax|mortgage) arrears|in arrears|behind with (?:his|her|their|' +
      'the) rent|attachment of earnings|repossess\\w+|loan shark|evict(?:ed|ion)|(?:owes|' +
      'owed) £|£[\\d,]+ (?:behind|in debt|in arrears)|pay ?slip|(?:his|her) (?:salary|' +
      'wages?|earnings|income|savings|debts?)',
  ]),
  family('benefits', 0.4, [
    'pip|dla|esa|universal credit|uc50|housing benefit|attendance allowance|' +
      'disability (?:living|benefit)|sanction(?:ed|s)?|benefit (?:claim|sanction|fraud)|' +
      'industrial injur\\w+|fund claim|child maintenance|foodbank voucher|means test\\w*',
  ]),
];

/** A general matter or a body that bears the word: nobody's data. */
export const GENERAL = new RegExp(
  String.raw`^\s{0,3}(?:services?|teams?|units?|centres?|clinics?|caf[eé]|training|` +
    String.raw`polic(?:y|ies)|strateg(?:y|ies)|awareness|charit(?:y|ies)|support group|` +
    String.raw`groups?|forum|week|day|ramps?|access(?:ible)?|parking|bays?|toilets?|` +
    String.raw`provision|waiting|hotels?|advice|friendly|spaces?|carers? (?:are|` +
    String.raw`is)? ?(?:needed|wanted)|swimmers|people|residents|children|adults|patients|` +
    String.raw`tenants|users|places?|report|rates?|figures|statistics|funding|research|march|` +
    String.raw`walk|fundraiser|lead|review (?:of|group)|bus|appointments?|car park|shop|` +
    String.raw`nurse post|schemes?|cases|statistics|litter|wing|trust|badge holders?)\b`,
  'iu',
);
export const GENERAL_BEFORE = new RegExp(
  String.raw`(?:\b(?:people|those|anyone|anybody|everybody|somebody|patients|residents|` +
    String.raw`children|adults|families|men|women|carers|tenants|sufferers|victims|survivors|` +
    String.raw`more|many|most|all|local|for|new|our|the council's|number of|foster|against|` +
    String.raw`tackle|prevent|stop|reduce|total|ward's) (?:with |of |who have |` +
    String.raw`suffering (?:from )?|in |living with )?|\b(?:I have|I've had|I've got|I've|` +
    String.raw`I had|I am|I'm|my own|my)\s(?:a |an |the |been |just )?)$`,
  'iu',
);
