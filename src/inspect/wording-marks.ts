import { isWithin } from '../mail/address.ts';
import type { Facts } from '../mail/facts.ts';
import type { Lists } from '../mail/lists.ts';
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

const ADDRESS =
  /(?<![\w.+@/-])(?:https?:\/\/)?[\w+-]{1,63}(?:[.@][\w-]{1,63}){1,6}(?:\/[\w./-]{0,80})?/g;
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
    const [slogan, trade] = [ownSlogan(facts), ownTrade(facts)];
    const inText = (passage: Passage): Mark[] => {
      const at = (name: string, found: Span | null): Mark[] =>
        found === null ? [] : [{ name, place: { passage, ...found } }];
      return [
        ...at('hashtag', span(hashtags.exec(passage.plain))),
        ...at('party-domain', partyDomainIn(passage.plain, isParty)),
        ...at('poll-date', pollDateIn(passage.plain, facts.openElections)),
        ...at('slogan', span(slogan.exec(passage.plain))),
        ...at('own-trade', span(trade.exec(passage.plain))),
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
    ['reply', /^\s*re\s*:/i.test(message.subject)],
    ['forward', /^\s*fwd?\s*:/i.test(message.subject)],
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
    const domain = match[0].replace(/^.*?(?:@|\/\/)/, '').replace(/\/.*$/s, '');
    if (isParty(match[0], domain)) return span(match);
  }
  return null;
}

/** A hashtag of a party, as a pattern over a whole text. */
function hashtagPattern(tags: readonly string[]): RegExp {
  const forms = tags.map((tag) => RegExp.escape(tag));
  return new RegExp(`#(?:${forms.join('|') || '(?!)'})(?![\\p{L}\\p{N}])`, 'iu');
}

/** `Foden 4 council`, `Vote Foden`, `Foden for Heath`: the member's own name as a slogan. */
function ownSlogan(facts: Facts): RegExp {
  const surname = facts.actor.name.trim().split(/\s+/).at(-1) ?? '';
  if (!/^[\p{L}'-]{2,40}$/u.test(surname)) return /(?!)/;
  return new RegExp(
    String.raw`\bvote\s{1,3}(?:for\s)?(?:[\p{L}]{1,20}\s)?${surname}\b` +
      String.raw`|\b${surname}\s{1,12}(?:4|for)\s{1,12}(?:council|\p{L}{3,20}\b)` +
      String.raw`|\b(?:team|make it|it's|back|elect)\s${surname}\b|\b${surname}\son both\b`,
    'iu',
  );
}

/** `Eastaugh Farm`, `Winston's Vans`: a trade under the member's own name. */
function ownTrade(facts: Facts): RegExp {
  const names = facts.actor.name
    .split(/\s+/)
    .filter((word) => /^\p{L}[\p{L}'-]{2,40}$/u.test(word));
  if (names.length === 0) return /(?!)/;
  return new RegExp(
    String.raw`\b(?:${names.join('|')})(?:'s|s)?\s(?:\p{Lu}?\p{L}{1,14}\s)?(?:farm|vans?|` +
      String.raw`removals|electricals?|shop|stores?|builders?|garage|motors|plumbing|catering|` +
      String.raw`bakery|lettings|estates|interiors|joinery|roofing|print(?:ers|ing)?|` +
      String.raw`consult\p{L}{2,6}|solutions|services|properties|& (?:sons?|co|daughters?))\b`,
    'iu',
  );
}
