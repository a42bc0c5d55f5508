import { isWithin } from '../mail/address.ts';
import type { Facts } from '../mail/facts.ts';
import type { Lists } from '../mail/lists.ts';
import { hasForwardSubject, hasReplySubject } from './forwarded-block.ts';
import type { Inspection } from './inspect.ts';
import { hasNewsletterShape } from './newsletter.ts';
import type { Passage } from './passages.ts';
import { pollDateIn } from './poll-date.ts';

/** Something that is told by more than its words: a list, a register, the sender's own name. */
export interface Mark {
  name: string;
  /** `null` where it stands at no one place. */
  place: { passage: Passage; start: number; end: number } | null;
}

/** Found by its first sign, for words are many; what stands before that is the first group. */
const ADDRESS =
  /(?<=(?<![\w.+@/-])((?:https?:\/\/)?[\w+-]{1,63}))(?:[.@][\w-]{1,63}){1,6}(?:\/[\w./-]{0,80})?/g;
const MAX_ADDRESSES = 200;
const MAX_ADDRESSEES = 5;
const PARTY_ADDRESS = new RegExp(
  String.raw`labour|lib-?dem|conservatives?|\btor(?:y|ies)\b|greens\b|green-?party|reform|` +
    String.raw`\bvote|4council|for-?council`,
  'i',
);
const PRESS = /editor|letters|news|press|advertiser|mail\b|post\.|gazette|herald|radio|journal/i;

/**
 * Makes the reader of marks for the parties of `lists`: hashtags, addresses and domains of parties,
 * the sender's name as a slogan or a trade, the day of an open poll, the shape of a newsletter, who
 * the message goes to (domain D.7, D.8).
 */
export function createMarkReader(
  lists: Lists,
): (input: Inspection, passages: readonly Passage[]) => Mark[] {
  const domains = [...lists.parties.flatMap((party) => party.domains), ...lists.campaignDomains];
  const isParty = (address: string, domain: string): boolean =>
    isWithin(domain, domains) || PARTY_ADDRESS.test(address);
  const hashtags = hashtagPattern(lists.parties.flatMap((party) => party.hashtags));
  return (input, passages) => {
    const { facts } = input;
    const own = ownNames(facts);
    const inText = (passage: Passage): Mark[] => {
      const at = (name: string, found: Span | null): Mark[] =>
        found === null ? [] : [{ name, place: { passage, ...found } }];
      return [
        ...at('hashtag', span(hashtags.exec(passage.plain))),
        ...at('party-domain', partyDomainIn(passage.plain, isParty)),
        ...at('poll-date', pollDateIn(passage.plain, facts.openElections)),
        ...at('slogan', besideName(passage.plain, own.surname, SLOGAN)),
        ...at('own-trade', besideName(passage.plain, own.all, TRADE)),
      ];
    };
    return [
      ...circumstances(input),
      ...addressees(facts, isParty),
      ...passages.flatMap((passage) => inText(passage)),
    ];
  };
}

interface Span {
  start: number;
  end: number;
}

function span(match: RegExpExecArray | null): Span | null {
  return match === null ? null : { start: match.index, end: match.index + match[0].length };
}

function circumstances(input: Inspection): Mark[] {
  const { facts, message } = input;
  const { recipients } = facts;
  const marks: [string, boolean][] = [
    ['internal', recipients.length > 0 && recipients.every((one) => one.internal)],
    ['many', recipients.length > 4],
    ['press', recipients.some((one) => PRESS.test(one.address))],
    ['election', facts.openElections.length > 0],
    ['newsletter', hasNewsletterShape(message, facts)],
    ['reply', hasReplySubject(message)],
    ['forward', hasForwardSubject(message)],
  ];
  return marks.flatMap(([name, holds]) => (holds ? [{ name, place: null }] : []));
}

/** Who it goes to: a party's people, somebody's own account. */
function addressees(
  { recipients }: Facts,
  isParty: (address: string, domain: string) => boolean,
): Mark[] {
  return recipients
    .slice(0, MAX_ADDRESSEES)
    .flatMap((one) => [
      ...(!one.internal && isParty(one.address, one.domain)
        ? [{ name: 'party-address', place: null }]
        : []),
      ...(one.personalProvider ? [{ name: 'personal-provider', place: null }] : []),
    ]);
}

function partyDomainIn(
  text: string,
  isParty: (address: string, domain: string) => boolean,
): Span | null {
  let looked = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if ((looked += 1) > MAX_ADDRESSES) return null;
    const address = `${match[1] ?? ''}${match[0]}`;
    const domain = address.replace(/^.*?(?:@|\/\/)/, '').replace(/\/.*$/s, '');
    if (!isParty(address, domain)) continue;
    const end = match.index + match[0].length;
    return { start: end - address.length, end };
  }
  return null;
}

/** A hashtag of a party, as a pattern over a whole text. */
function hashtagPattern(tags: readonly string[]): RegExp {
  const forms = tags.map((tag) => RegExp.escape(tag));
  return new RegExp(`#(?:${forms.join('|') || '(?!)'})(?![\\p{L}\\p{N}])`, 'iu');
}

/** The member's own name, and what the words right before and after it say. */
interface NamePatterns {
  before: RegExp;
  after: RegExp;
}

/** `Foden 4 council`, `Vote Foden`, `Foden for Heath`: the member's own name as a slogan. */
const SLOGAN: NamePatterns = {
  before: /\b(?:vote\s{1,3}(?:for\s)?(?:\p{L}{1,20}\s)?|(?:team|make it|it's|back|elect)\s)$/iu,
  after: /^(?:\s{1,12}(?:4|for)\s{1,12}(?:council|\p{L}{3,20}\b)|\son both\b)/iu,
};

/** `Eastaugh Farm`, `Winston's Vans`: a trade under the member's own name. */
const TRADE: NamePatterns = {
  before: /(?!)/,
  after: new RegExp(
    String.raw`^(?:'s|s)?\s(?:\p{L}{1,15}\s)?(?:farm|vans?|` +
      String.raw`removals|electricals?|shop|stores?|builders?|garage|motors|plumbing|catering|` +
      String.raw`bakery|lettings|estates|interiors|joinery|roofing|print(?:ers|ing)?|` +
      String.raw`consult\p{L}{2,6}|solutions|services|properties|& (?:sons?|co|daughters?))\b`,
    'iu',
  ),
};

const MAX_NAMES = 200;
const BESIDE_NAME = 50;

/** Words of the member's name that a text is searched for. */
function ownNames(facts: Facts): { surname: string[]; all: string[] } {
  const words = facts.actor.name.trim().split(/\s+/);
  return {
    surname: words.slice(-1).filter((word) => /^[\p{L}'-]{2,40}$/u.test(word)),
    // Longest first: "Ann" would be found in "Anning", and what follows it would be missed.
    all: words
      .filter((word) => /^\p{L}[\p{L}'-]{2,40}$/u.test(word))
      .toSorted((a, b) => b.length - a.length),
  };
}

/**
 * Where one of the names stands beside such words. The patterns are the same for all members: one
 * with the name in it would have to be made for each message, which takes longer than reading it.
 */
function besideName(
  text: string,
  names: readonly string[],
  { before, after }: NamePatterns,
): Span | null {
  if (names.length === 0) return null;
  let looked = 0;
  for (const match of text.matchAll(new RegExp(`\\b(?:${names.join('|')})`, 'gi'))) {
    if ((looked += 1) > MAX_NAMES) return null;
    const [start, end] = [match.index, match.index + match[0].length];
    const said = before.exec(text.slice(Math.max(0, start - BESIDE_NAME), start));
    if (said !== null && /^(?!\w)/.test(text.slice(end, end + 1))) {
      return { start: start - said[0].length, end };
    }
    const follows = after.exec(text.slice(end, end + BESIDE_NAME));
    if (follows !== null) return { start, end: end + follows[0].length };
  }
  return null;
}
