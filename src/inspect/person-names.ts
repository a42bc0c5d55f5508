import { localPartOf } from '../mail/address.ts';

/** The forms in which a person's name may stand in a display name or a local part; all folded. */
export interface PersonName {
  /** Every forename: many go by the second. */
  givens: string[];
  /** Letters only, double-barrelled names joined. */
  surnames: string[];
}

/** Given names that one person may go by, a group a line. */
const SHORT_FORMS = `
abigail abi abby gail
alan allan al
alexander alexandra alex sandy sasha lexie alec
alison ali
andrew andy drew
anthony tony ant
barbara barb babs
benjamin ben benny
bernard bernie
catherine katherine kathryn kate katie cath kath cathy kathy kitty
charles charlie chas chuck
christine christina chris chrissie tina
christopher chris kit
cressida cress cressy
daniel dan danny
david dave davey dai
deborah debra deb debbie
derek del
donald don
dorothy dot dottie dolly
edward ed eddie ted teddy ned
elizabeth liz lizzie beth betty eliza libby lisa
emily em emma
frances francis fran frank frankie
frederick fred freddie
geoffrey geoff jeffrey jeff
george georgie
gerald gerard gerry jerry
gillian gill jill
graham graeme
gregory greg
hannah han
harold harry hal
henry harry hal
imogen imo immy
jacqueline jackie jacqui
james jim jimmy jamie
janet jan
jennifer jen jenny
jessica jess jessie
joan joanne joanna jo
john jon jack johnny
jonathan jon jonny
joseph joe joey
josephine jo josie joey
judith judy jude
kenneth ken kenny
kevin kev
lawrence laurence larry laurie
leonard len lenny
leslie lesley les
margaret maggie meg peggy marge margie
matthew matt
michael mike mick micky mikey
mohammed muhammad mohammad mo
mohan mo
neville nev
nicholas nick nicky
nicola nicky nikki
nigel nige
oliver olly ollie
pamela pam
patricia pat patsy tricia trish
patrick pat paddy
peter pete
philip phillip phil
rebecca becky becca
reginald reg reggie
richard rich rick dick ricky
robert rob bob bobby robbie bert
roger rog
ronald ron ronnie
rosemary rose rosie
samantha sam sammy
samuel sam sammy
sandra sandy
simran sim simi
stanley stan
stephen steven steve stevie
stuart stewart stu
susan sue susie suzanne
terence terrence terry tel
theresa teresa tess terri
thomas tom tommy
timothy tim
valerie val
victoria vicky vic tori
vincent vince vinny
walter wally walt
wilfred wilf
william will bill billy willy liam
winston win winnie
`;

/** Further given names: with them beside the surname it is a relative, not a nickname. */
const OTHER_GIVEN_NAMES = `
adrian aisha amir amy angela ann anna anne asha ashok audrey barry brenda brian bridget bruce carol
caroline clare claire clive colin craig dawn dean diane doris dylan eileen elaine eric ethel eve
fatima
fiona gareth gary gavin gaynor glenn gordon grace gwen heather helen howard hugh ian imran irene
iris ivy
jane jason jean jeremy joyce julia julie june karen keith kelly kerry laura lee leon lewis lily
linda
lorna louise lucy lynn malcolm maria marion marjorie mark martin mary maureen megan mehmet mohsin
mona
moira monica muriel nadia natalie neil nina nora norman olga olive oscar owen pauline paul penny
priya
rachel raj ralph ray rhys rita roy russell ruth ryan sally sarah scott sean shaun sharon sheila
shirley
sian simon sophie stella sylvia tara tariq tracy trevor vera vernon violet wendy yasmin yvonne zoe
`;

const NAME_GROUPS: ReadonlyMap<string, ReadonlySet<number>> = groupNames();

/** Forms of address and post-nominals: they say nothing about who it is. */
const TITLES = new Set(
  `cllr clr councillor cllrs coun mr mrs ms miss mx dr rev revd reverend sir dame lord lady prof
  professor ald alderman hon mbe obe cbe jp ba ma bsc msc phd frsa mp esq`.split(/\s+/),
);

/** Words that people put round their name in a private address. */
const ADDRESS_FILLERS = new Set(
  `home mail email e personal private family the my me uk hq house here and at gmail online
  net`.split(/\s+/),
);

function groupNames(): Map<string, Set<number>> {
  const groups = new Map<string, Set<number>>();
  const rows = [...SHORT_FORMS.trim().split('\n'), ...OTHER_GIVEN_NAMES.trim().split(/\s+/)];
  for (const [index, row] of rows.entries()) {
    for (const name of row.split(' ')) groups.set(name, (groups.get(name) ?? new Set()).add(index));
  }
  return groups;
}

/** Lower case without diacritics and apostrophes, so that `O’Brién` and `obrien` meet. */
export function foldName(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}'’‘`]/gu, '')
    .toLowerCase();
}

/** The words of a name, folded, without titles. */
export function nameWords(text: string): string[] {
  return foldName(text)
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '' && !TITLES.has(word));
}

/** True for a given name that the table knows. */
export function isGivenName(word: string): boolean {
  return NAME_GROUPS.has(word);
}

/**
 * A name from the directory's name and the address: `Pat Foden` at `cllr.patrick.foden@` is both.
 * Where a councillor's address says quite another name, the address is believed: the council gave
 * it.
 */
export function personName(name: string, address: string): PersonName {
  const local = localPartOf(address).replace(/[\d+].*$/, '');
  const shown = firstAndLast(name.replace(/^([^,]+),\s*(\S.*)$/, '$2 $1'));
  const given = firstAndLast(local);
  const sources = [shown, given].filter((source) => source !== null);
  const both = {
    givens: [...new Set(sources.flatMap((source) => [source.given, ...source.middles]))],
    surnames: [...new Set(sources.map((source) => source.surname))],
  };
  if (shown === null || given === null || !/^(?:cllr|councillor)[._-]/i.test(local)) return both;
  const agree =
    sameGivenName(shown.given, given.given) ||
    isSurnameOf(shown.surname, {
      givens: [],
      surnames: [given.surname],
    });
  const byMiddle = shown.middles.some((name) => sameGivenName(name, given.given));
  return agree || byMiddle ? both : { givens: [given.given], surnames: [given.surname] };
}

function firstAndLast(text: string): { given: string; middles: string[]; surname: string } | null {
  const [first, ...others] = foldName(text)
    .split(/[^\p{L}-]+/u)
    .filter((block) => /\p{L}/u.test(block) && !TITLES.has(block))
    .map((block) => block.replaceAll('-', ''));
  const surname = others.at(-1);
  if (first === undefined || surname === undefined) return null;
  const middles = others.slice(0, -1).filter((name) => name.length > 1);
  return { given: first, middles, surname };
}

/**
 * One step between the two words: a letter added, dropped, changed. Slips of the pen, not aliases.
 */
function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 5) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head += 1;
  const tails = [a.slice(head), b.slice(head)] as const;
  return (
    tails[0].slice(1) === tails[1].slice(1) ||
    tails[0] === tails[1].slice(1) ||
    tails[0].slice(1) === tails[1]
  );
}

/** True where both may be the same person's given name: equal, a known short form, a clipping. */
export function sameGivenName(a: string, b: string): boolean {
  if (a === b || isOneSlip(a, b)) return true;
  const groups = NAME_GROUPS.get(a);
  const others = NAME_GROUPS.get(b);
  if (groups !== undefined && others !== undefined) {
    return [...groups].some((group) => others.has(group));
  }
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 3 && long.startsWith(short);
}

export function isSurnameOf(word: string, person: PersonName): boolean {
  return person.surnames.some((surname) => surname === word || isOneSlip(surname, word));
}

export function isGivenNameOf(word: string, person: PersonName): boolean {
  return person.givens.some((given) => sameGivenName(given, word));
}

/**
 * How a local part names the person: `full` (given name or initial with the surname or its
 * beginning), `surname` alone (a household), `given` alone, or not at all.
 */
export function namesPerson(
  localPart: string,
  person: PersonName,
): 'full' | 'surname' | 'given' | null {
  const words = foldName(localPart.replace(/\+.*$/, ''))
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '' && !ADDRESS_FILLERS.has(word) && !TITLES.has(word));
  const joined = words.join('');
  for (const surname of person.surnames) {
    const holds =
      surname.length >= 4 ? joined.includes(surname) : words.some((word) => word === surname);
    if (holds) return besideSurname(joined.replace(surname, ''), person);
  }
  const [first = '', second] = words;
  if (person.surnames.some((surname) => second !== undefined && surname.startsWith(second))) {
    if (isGivenNameOf(first, person)) return 'full';
  }
  if (words.length !== 1) return null;
  if (isGivenNameOf(first, person)) return 'given';
  const startsName = person.surnames.some((surname) =>
    [1, 2, 3, 4].some((length) => {
      const given = first.slice(0, -length);
      return surname.startsWith(first.slice(-length)) && given.length >= 3
        ? isGivenNameOf(given, person)
        : false;
    }),
  );
  return startsName ? 'full' : null;
}

function besideSurname(rest: string, person: PersonName): 'full' | 'surname' | null {
  const bare = rest.replace(/^(?:the|mr|mrs|ms|cllr|councillor)/, '');
  if (bare === '' || bare === 's') return 'surname';
  if (isGivenNameOf(bare, person)) return 'full';
  // One or two letters are initials: `h.chukwu`, `tj.halliwell`.
  const initial =
    bare.length <= 2 && person.givens.some((given) => given.startsWith(bare.charAt(0)));
  return initial ? 'full' : null;
}
