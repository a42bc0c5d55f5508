/**
 * Whether a stretch of text speaks of one particular person, and how plainly: 0.3 for somebody who
 * is named or pointed at with an age or a door number, 0.2 for "her" and "the tenant", 0 for
 * nobody.
 */
export function personReference(text: string): number {
  if (NAMED.some((pattern) => pattern.test(text))) return 0.3;
  if (hasName(text)) return 0.3;
  return POINTED.test(text) ? 0.2 : 0;
}

const CAPITAL = String.raw`\p{Lu}[\p{L}'-]{1,20}`;
const TITLED = new RegExp(String.raw`\b(?:Mr|Mrs|Ms|Miss|Master|Mx)\.?\s${CAPITAL}`, 'u');
const NAMED: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:Mr|Mrs|Ms|Miss|Master|Mx|Baby|Little|Young|Old|Aunt|Uncle)\.?\s${CAPITAL}`,
    'u',
  ),
  /\bBaby\s\p{Lu}\b/u,
  new RegExp(String.raw`\b${CAPITAL}\s?(?:\(\d{1,2}\)|,\s(?:aged\s)?\d{1,2}\b[,.)])`, 'u'),
  new RegExp(
    String.raw`\b(?:aged?|is|was|turned|just)\s(?:\d{1,2}|(?:six|seven|eight|nine|four|fif|` +
      String.raw`thir)?teen|sixteen|eighteen|eight|nine|seven|twelve)\b(?!\s(?:people|years of|` +
      String.raw`per|cars|houses|times|of|members))`,
    'i',
  ),
  /\b(?:\d{1,2}|[a-z]{3,6})[- ]year[- ]old\b/i,
  new RegExp(
    String.raw`\b(?:[Tt]he|a|[Mm]y|[Oo]ur)\s(?:lady|man|woman|gentleman|lad|girl|boy|family|` +
      String.raw`tenant|resident|couple|mother|mum)\s(?:at|in|from|of)\s(?:number\s|no\.?\s|` +
      String.raw`flat\s)?\d`,
  ),
  new RegExp(
    String.raw`\b(?:constituent|resident|tenant|client|pupil|neighbour|patient|[Rr]e),?\s` +
      CAPITAL,
    'u',
  ),
];
const POINTED = new RegExp(
  String.raw`\b(?:he|she|him|her|his|hers|he's|she's|himself|herself|my (?:resident|` +
    String.raw`constituent|tenant|neighbour)|the (?:lady|gentleman|tenant|family|twins|` +
    String.raw`little (?:girl|boy)|lad|poor (?:man|woman|girl|boy|lad|thing)|child|baby|` +
    String.raw`claimant|applicant|mother|father|widow|couple|children's (?:mother|father))|` +
    String.raw`(?:their|the) (?:mum|dad|stepdad|stepmum))\b`,
  'i',
);

/** Words that begin with a capital and are no names. */
const COMMON = new Set(
  (
    'The This That These Those There Then They We You I It Its He She His Her Him Our ' +
    'Your Their My Me Us A An And But Or If ' +
    'In On At To For From With Of By As So No Not Yes Please Dear Hi Hello Thanks Thank ' +
    'Could Can Would Will Should May Might ' +
    'Is Are Was Were Has Have Had Do Does Did Who What When Where Why How Which All Any ' +
    'Some Every Each Both One Two Three ' +
    'Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March ' +
    'April June July August September ' +
    'October November December Council Borough Ward Committee Cabinet County Town Hall ' +
    'Street Road Lane Close Avenue Crescent ' +
    'Row Terrace Court House Home Office School Primary Academy Hospital Police Health ' +
    'Social Services Service Centre Club ' +
    'Church Legion Park Green Bus NHS GP PIP EHCP MS COPD HIV TB DLA ESA UC NI NINO DOB ' +
    'CAMHS SEND Safeguarding Mental National ' +
    'Insurance Universal Credit Blue Badge British Legion Sir Madam Team Board Panel ' +
    'Group Parish Mayor Minister Government ' +
    'Order Application Re Fwd FW Bring Over New Old Merry Happy Good Kind Best Many ' +
    'Sorry Last Next Year Since After Before ' +
    'Because While Until Needles Residents Children Patients Carers Members Officers ' +
    'Councillor Cllr Mere Merebrook Benefits ' +
    'Wing Rent Housing Adult Public Joint Home Food Bank Data Protection Independent ' +
    'Living Coroner Department University'
  ).split(' '),
);
/** And of addresses and forms, beside dates and numbers. */
const OF_FORMS = new Set(
  (
    'Drive Place Way Gardens Grove Mews Walk Square Rise View St Rd Ave Flat Village Account ' +
    'Reference Ref Number Date Of Birth Tax Benefit Kind Regards Case Claim Name Address Surname'
  ).split(' '),
);
const FULL_NAME = new RegExp(String.raw`\b(${CAPITAL})\s(${CAPITAL})\b`, 'gu');
const ACTING = new RegExp(
  String.raw`\b(${CAPITAL})(?:'s)?\s(?:is|was|has|had|came|tried|took|left|needs?|can't|cannot|` +
    String.raw`won't|slept|lost|got|went|says|said|told|fell|broke|lives|wants|hasn't|doesn't|` +
    String.raw`couldn't|suffers|died|had|and\s\p{Lu}[\p{L}'-]+\s(?:are|have|were)|in\sYear|` +
    String.raw`mother|` +
    String.raw`mum|dad|father|asthma|hiv|test|condition|fund|claim|new|son|daughter|T|S)\b`,
  'giu',
);

/** True where somebody is named in full, or with a title, in whatever else the text says. */
export function namesPerson(text: string): boolean {
  if (TITLED.test(text)) return true;
  return [...text.matchAll(FULL_NAME)].some((pair) =>
    pair.slice(1).every((word) => !COMMON.has(word) && !OF_FORMS.has(word)),
  );
}

function hasName(text: string): boolean {
  for (const [, first = '', last = ''] of text.matchAll(FULL_NAME)) {
    if (!COMMON.has(first) && !COMMON.has(last)) return true;
  }
  for (const [, name = ''] of text.matchAll(ACTING)) {
    if (/^\p{Lu}\p{Ll}/u.test(name) && !COMMON.has(name.replace(/'s$/, ''))) return true;
  }
  return false;
}
