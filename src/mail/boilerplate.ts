/**
 * What says of itself that it is a disclaimer, and nobody writes to a reader by name: one sentence
 * is enough.
 */
const UNMISTAKABLE = new RegExp(
  [
    '\\b(?:not|other than) (?:the|an) (?:intended|named) (?:recipient|addressee)',
    '\\b(?:environment|trees?) before (?:you )?print(?:ing)?\\b|\\bthink before you print\\b',
    '\\bviews (?:or|and) opinions expressed\\b|\\bviews expressed\\b.{0,60}\\bnot necessarily\\b',
    '\\b(?:no|any) liability (?:is|for|whatsoever)\\b',
    '\\b(?:swept|scanned|checked) (?:by|for|against)\\b.{0,40}\\b(?:virus|malware|mimecast)',
    '\\bsubject to (?:monitoring|recording)\\b|\\bmay be (?:monitored|recorded)\\b',
    '\\bfreedom of information act\\b.{0,120}\\b(?:disclos|release)',
    '\\bwelcome (?:correspondence|calls|e-?mails)\\b.{0,40}\\bwelsh\\b',
    '\\b(?:croesaw(?:n|u|ir)|croesewir|rydym yn croesawu)\\b.{0,60}\\b[gcn]h?ymraeg\\b',
    "\\bnad chi yw(?:'r| y)\\b.{0,30}\\bderbyn|\\bmeddyliwch am yr amgylchedd\\b",
    '\\bo reidrwydd\\b.{0,40}\\b(?:farn|barn|cyngor|gyngor|cynrychioli|adlewyrchu)',
  ].join('|'),
  'i',
);
/** What a sender may write as well, in few words: a request for discretion. */
const LIKELY = new RegExp(
  [
    '\\bintended (?:solely |only |exclusively )?(?:for|recipient)',
    '\\breceived (?:this|it)(?: e-?mail| message| communication| transmission)? in error',
    '\\bviews (?:or opinions )?expressed (?:in this|are)',
    '\\b(?:this|the|any) ' +
      '(?:e-?mail|message|transmission|communication|information|contents)\\b.{0,80}' +
      '\\b(?:is|are|may be|may contain|contains) .{0,30}(?:confidential|privileged)',
    '\\be-?bost\\b.{0,80}\\b(?:[cg]h?yfrinachol|bwriad\\w*|fwri\\w+)|' +
      '\\bgamgymeriad\\b|\\bcamgymeriad\\b',
  ].join('|'),
  'i',
);
const TITLE = new RegExp(
  '^[\\s*_=-]*(?:(?:important|e-?mail|legal|confidentiality)[ -]{0,3}){0,3}' +
    '(?:disclaimer|confidentiality(?: notice)?|ymwadiad)\\b',
  'i',
);

const list = (words: string): string[] => words.trim().split(/\s+/);

/** The words that disclaimers are made of. A sentence that has others says something else. */
const WORDS = new Set([
  ...list(`
    a about above accept accepted accepts access accordance accuracy accurate act acts act's action
    address addressed addressee addressees advice advise advised affected after against agree
    alter altered alteration altering an and any anyone anything appear applicable are arise
    arising as assume assumes at attached attachment attachments author author's authorised
    authority authorities authorized automatically availability away back be been before
    behalf being believe beyond bind binding body borough but by can cannot cause caused
    change changed changes check checked checking civil circulate circulation city clear co
    communicate communication communications communities community company computer conduct
    confidence confidential confidentiality confirm confirmed consent consider considered
    considering constitute construed consult contact contain contained containing contains
    content contents contract contractual contravention copied copies copy copying copyright
    corporate correspondence corrupted could council council's councils county criminal customer
    customers damage damages data defamatory defect delay delete deleted deleting delivery destroy
    destroyed detail details dealt detected detection device directed directly disclaim
    disclaimer disclaims disclose disclosed disclosing disclosure disclosures disseminate
    dissemination distribute distributed distributing distribution district do document
    documents does doing done down due duty e effective electronic else email emailed emails
    employee employees employer english ensure entered entire entity entitled environment
    environmental error errors event every except exclusive exclusively exempt express expressed
    expressly extent file files financial first follow following footer for form forward
    forwarded forwarding free freedom from full further gateway general give given good
    governed government guarantee guaranteed has have having help here hereby herein holder
    how however if immediate immediately important in inadvertently inaccurate including
    incomplete indicated individual individuals infection inform information informed
    informing instead insecure insofar integrity intended intercept intercepted interference
    internal internet into is it its itself kept kind kindly know law laws lawful lawfully
    leading leave legal legally legislation legitimate liability liable limited local longer
    look loss losses mail made mailbox make makes making malicious metropolitan malware management
    manner material matter may me member members message messages mimecast misdirected
    mistake monitor monitored monitoring monitors must name named nature necessarily necessary need
    neither network no non nor not note notice notified notify notifying number objectionable
    obligation of offence official officer officers on once one only open opened opening
    opinion opinions or organisation organisation's organisations organization original other
    others otherwise our out outgoing own paper part parties parts party perform permission
    permitted person personal persons phone plc please policies policy possible postmaster
    precautions present presence principal print printed printing prior privacy private
    privilege privileged process processed processing prohibited proper property protect
    protected protection protective provided public purpose purposes read reader reading reason
    reasonable received receipt receive receiving recipient recipient's recipients record recorded
    recording records reference refer registered regulation regulations rely reliance relied remove
    reply represent representing represents reproduce reproduction request requests requested
    required requirement requirements responsibility responsible retain retained return
    returning right rights risk safe said save scan scanned scanning screen secure security
    send sender sender's sending sends sensitive sent service services shall share shared
    should so software sole solely some source specific specifically stated statements stop
    store stored strictly subject such suffer suffered suitable support swept system
    systems take taken taking technical telephone than that the their them themselves then
    therefore therein thereof these they think third this those though through time to
    together transmission transmissions transmit transmitted transmitting treat tree trees
    trust unauthorised unauthorized under understand unintended unlawful unless
    unlimited until up upon us use used user using usually via view views virus viruses visit wales
    warrant warranties warranty was waste way we website welcome welsh were what when where
    whatever whatsoever whether which who whole whom will with within without worm worms
    would 1998 2000 2003 2005 2016 2018 s aware bank conduct corresponding lead marked need needs
    protectively really regulated relevant traffic uk gdpr tell writer writing written
    wrong wrongly you your yours yourself`),
  // Welsh, with its mutations.
  ...list(`
    a â ac achos achosir adlewyrchu aelod am amgylchedd anawdurdodedig anfon anfonir anfonodd
    anfonwr anfonwyd anfonydd ar arall arbennig argraffu arno arni at ateb atebolrwydd
    atodiad atodiadau atodwyd awdur awdurdod awdurdodi barn bellach bersonol bod bost bostio
    brif bwrdd bwriad bwriadwyd bwriedir byddwn bydd camau camgymeriad cael canlyniad chan chi chopi
    chopïo chyfrinachol chymraeg chynnwys chyngor chyfreithiol chysylltu cod colled copi copïau
    copïo croesawn croesawir croesawu croeso cyfathrebu cyfeiriad cyfeiriwyd cyfreithiol cyfrifol
    cyfrifoldeb cyfrifiadur cyfrinachedd cyfrinachol cyhoeddus cymraeg cymryd cyn cynnwys
    cynnwys cynrychioli cyngor cysylltwch damweiniol darllen data datgelu dderbyn
    dderbyniwyd dderbynnydd ddileu ddim defnydd defnyddio defnyddiwr derbyn derbyniad
    derbynnir derbyniol derbynnydd derbynwyr derbyniwr derbyniwyd deunydd dibynnu difrod
    dileu dilëwch dilëer dim diogel diogelu diolch dogfen dosbarthu dros drwy drosglwyddo
    dwyieithog dylai dylech dylid ddylai ei eich ein electronig eraill fel felly ffeil ffeiliau
    ffurf firws firysau feirws feirysau fod fwriad fwriadu fwriadwyd fwriedir fydd gael gall gallai
    gamgymeriad gan ganddo gellir golled gopi gopïo gohebiaeth gohebu ohebiaeth grwp gwall gwaith
    gwbl gwneud gwybod gwybodaeth gwybyddwch gyda gyfer gyfreithiol gyfrifol gyfrinachol
    gymraeg gymryd gyngor gynnwys gynrychioli gysylltu gywir hefyd heb hon honno hwn
    hwnnw hyn hynny hysbysu hysbyswch i iaith iddo iddi i'r i'w llwyr llygredig maent mae
    mae'r meddyliwch mewn mynegi mynegir myneged mynegwyd na nac nad neges negeseuon neu ni
    nid niwed nghymraeg nodir nodwyd o o'r oedi oherwydd oni oes os peidiwch person phersonol
    personol pob preifat rhaid rhai rhain rhan rhoi reidrwydd rhoddir rhybudd rhyngrwyd rydym
    rydych sawl sefydliad sganio saesneg sydd syn sy'n safbwynt safbwyntiau system
    system trwy trosglwyddo uchod un unedig unig unigolion unigolyn unrhyw uniongyrchol unwaith wedi
    wedi'i wrth wnaeth wneud wybodaeth y yma ymateb ymddiried yn yng yr ystyriwch yw yw'r
    ymwadiad e'r chadw ato ef farn fynegir croesewir wedi'u dilewch rhowch saesneg nid nad`),
]);

/** An address says where to write or to read more. */
const ADDRESS = /(?:https?:\/\/|www\.|[\w.+-]{1,64}@)[^\s<>]{1,300}/g;
const WORD = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu;
const OTHER_SHARE = 0.12;

/** A footer is no longer than this; what stands further up is the sender's. */
const MOST_CHARACTERS = 10_000;
const LONGEST_SENTENCE = 1500;
/** A line that is shorter than this was not broken by the mail program. */
const BROKEN_LINE = 50;
const LEAST_LIKELY = 85;
const STOPS = '.!?:';

interface Range {
  start: number;
  end: number;
}

/**
 * The sentences of a disclaimer at the end of what somebody wrote, and only those: from the first
 * that says what it is, where most of what follows is of the kind too. A sentence that says
 * anything else is the writer's, wherever it stands.
 * @returns stretches of `text` in order, each with the white space behind it
 */
export function boilerplateIn(text: string): Range[] {
  const sentences = sentencesOf(text, Math.max(0, text.length - MOST_CHARACTERS)).map((range) => {
    const said = text.slice(range.start, range.end).replaceAll(/\s+/g, ' ');
    return { ...range, said, ...boilerplateWords(said) };
  });
  let rest = sentences.reduce((sum, { size }) => sum + size, 0);
  let ofKind = sentences.reduce((sum, { size, isKind }) => sum + (isKind ? size : 0), 0);
  for (const [index, { said, isKind, size }] of sentences.entries()) {
    if (isKind && 2 * ofKind >= rest && opens(said, ofKind)) {
      // Its first sentence need not be the one that names it.
      const first = sentences.findLastIndex((one, at) => at < index && !one.isKind) + 1;
      const following = sentences.slice(first).filter((one) => one.isKind);
      return following.map(({ start, end }) => ({ start, end }));
    }
    rest -= size;
    if (isKind) ofKind -= size;
  }
  return [];
}

function opens(said: string, length: number): boolean {
  return (
    UNMISTAKABLE.test(said) || TITLE.test(said) || (length >= LEAST_LIKELY && LIKELY.test(said))
  );
}

/** Sentences end at a stop, and at a line that no mail program had to break. */
function sentencesOf(text: string, from: number): Range[] {
  const sentences: Range[] = [];
  let start = from;
  let lineStart = from;
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charAt(at);
    const isShort = sign === '\n' && at - lineStart < BROKEN_LINE;
    if (sign === '\n') lineStart = at + 1;
    const isStop = STOPS.includes(sign) && isSpace(text.charAt(at + 1));
    if (!isStop && !isShort && at - start < LONGEST_SENTENCE) continue;
    while (at + 1 < text.length && isSpace(text.charAt(at + 1))) {
      at += 1;
      if (text.charAt(at) === '\n') lineStart = at + 1;
    }
    sentences.push({ start, end: at + 1 });
    start = at + 1;
  }
  if (start < text.length) sentences.push({ start, end: text.length });
  return sentences;
}

function isSpace(sign: string): boolean {
  return sign.trim() === '';
}

/** Letters in its words, and whether they are what disclaimers are made of. */
function boilerplateWords(said: string): { size: number; isKind: boolean } {
  const words = said.toLowerCase().replaceAll(ADDRESS, ' ').match(WORD) ?? [];
  const others = words.filter((word) => !WORDS.has(word.replaceAll('’', "'"))).length;
  return {
    size: words.reduce((sum, word) => sum + word.length + 1, 0),
    isKind: words.length > 0 && others <= OTHER_SHARE * words.length,
  };
}
