import type { Facts } from '../mail/facts.ts';
import { isWithin } from '../mail/address.ts';
import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { CANDIDACY, VOTE_ASKS } from './campaign-signals.ts';
import { HINTS } from './campaign-hints.ts';
import { IDIOMS } from './campaign-idioms.ts';
import { MONEY, OPERATIONS } from './campaign-operations.ts';
import { classScores, evidenceOf, findCues, signal } from './cues.ts';
import type { Cue, CueHit } from './cues.ts';
import { BELONGING, ELECTION_TALK } from './election-talk.ts';
import { imprintIn } from './imprint.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { NEUTRAL } from './neutral-signals.ts';
import { hasNewsletterShape } from './newsletter.ts';
import { compileSignals, hashtagPattern, partyCues } from './party-mentions.ts';
import { forwardedPassages, ownPassages } from './passages.ts';
import type { Passage } from './passages.ts';
import { pollDateIn } from './poll-date.ts';

/**
 * Score at which the detector stands behind the finding. Domain D.7 says 0.8 for its coarser
 * weights; ours are finer and lower each, and 0.65 of them says as much.
 */
const THRESHOLD = 0.65;
const MAX_EVIDENCE = 8;

interface Signals {
  cues: Cue[];
  hashtags: RegExp;
  partyAddress: RegExp;
  domains: string[];
}

/**
 * Party political content and campaigning in what the member wrote, attached or forwarded by hand
 * (domain D.7). It stands behind a finding at 0.65 with two classes of signal, or with an imprint,
 * or with an explicit ask for a vote. A party's name, a newsletter's shape and an open election
 * are signals, never findings.
 */
export function createPoliticalInspector(lists: Lists): Inspector {
  const rows = [
    ...VOTE_ASKS,
    ...CANDIDACY,
    ...ELECTION_TALK,
    ...BELONGING,
    ...OPERATIONS,
    ...MONEY,
    ...HINTS,
    ...IDIOMS,
    ...NEUTRAL,
  ];
  const signals: Signals = {
    cues: [...partyCues(lists.parties), ...compileSignals(rows, lists.parties)],
    hashtags: hashtagPattern(lists.parties),
    partyAddress: new RegExp(
      String.raw`(?:labour|lib-?dems?|conservatives?|\btor(?:y|ies)\b|greens\b|green-?party|` +
        String.raw`reform-?uk|\bvote[a-z]+|4council|for-?council)`,
      'i',
    ),
    domains: [...lists.parties.flatMap((party) => party.domains), ...lists.campaignDomains],
  };
  return { name: 'political', inspect: (input) => inspectPolitical(signals, input) };
}

function inspectPolitical(signals: Signals, { message, facts }: Inspection): Finding[] {
  const passages = [...ownPassages(message), ...forwarded(message, facts)];
  const hits = [
    ...findCues(signals.cues, passages),
    ...passages.flatMap((passage) => contextHits(signals, passage, facts)),
  ];
  if (hits.length === 0) return [];
  const scores = classScores(hits);
  const positive = [...scores].filter(([kind, score]) => kind !== 'N' && score > 0);
  if (positive.length === 0) return [];
  const extras =
    (hasNewsletterShape(message, facts) ? 0.2 : 0) +
    (facts.openElections.length > 0 ? 0.1 : 0) +
    (facts.recipients.some((one) => isPartyAddress(signals, one.address, one.domain)) ? 0.3 : 0);
  const said = positive.reduce((sum, [, score]) => sum + score, 0);
  // Council business weighs against a hint of campaigning, little against plain campaigning,
  // and not at all against an imprint or an ask for a vote.
  const limit = said >= 1 ? 0.3 : 0.5;
  const asks = hits.some((hit) => hit.class === 'V' && hit.weight >= 0.9);
  const explicit = scores.has('I') || asks;
  const against = explicit ? 0 : Math.max(scores.get('N') ?? 0, -limit);
  const score = Math.min(1, Math.max(0, said + extras + against));
  if (score < THRESHOLD || !positive.some(([kind]) => kind in TYPES)) return [];
  const classes = positive.length + (extras >= 0.3 ? 1 : 0);
  if (!explicit && (classes < 2 || !telling(hits)) && !insistent(hits)) return [];
  return [finding(score, positive, hits)];
}

/** One class of signal in so many ways that it needs no other. */
function insistent(hits: readonly CueHit[]): boolean {
  const weights = hits.filter((hit) => hit.weight > 0).map((hit) => hit.weight);
  const strongest = Math.max(0, ...weights);
  return (weights.length >= 2 && strongest >= 0.6) || (weights.length >= 3 && strongest >= 0.5);
}

/** Leaflets, launches and days to go are everybody's: there must be a word of parties or polls. */
function telling(hits: readonly CueHit[]): boolean {
  return hits.some(({ class: kind, weight }) => {
    const least = 'PC'.includes(kind) ? 0.1 : kind === 'M' || kind === 'E' ? 0.5 : 0.4;
    return weight >= least;
  });
}

/** A resident's own opinion does not become campaigning by being passed to officers. */
function forwarded(message: ParsedMessage, facts: Facts): Passage[] {
  return facts.recipients.every((recipient) => recipient.internal)
    ? []
    : forwardedPassages(message);
}

function finding(score: number, classes: [string, number][], hits: CueHit[]): Finding {
  const strongest = hits
    .filter((hit) => hit.weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, MAX_EVIDENCE);
  const kinds = classes.toSorted((a, b) => b[1] - a[1]).map(([kind]) => kind);
  return {
    kind: 'political',
    type: TYPES[kinds.find((kind) => kind in TYPES) ?? ''] ?? 'campaigning',
    score: Math.round(score * 100) / 100,
    summary: 'Wording of a political campaign',
    evidence: strongest.map(evidenceOf),
    recipient: null,
    details: { classes: kinds.join('') },
  };
}

const TYPES: Record<string, string> = {
  I: 'imprint',
  H: 'party-publicity',
  V: 'vote-ask',
  C: 'candidacy',
  K: 'campaigning',
  M: 'party-money',
  A: 'party-publicity',
};

function isPartyAddress(signals: Signals, address: string, domain: string): boolean {
  return isWithin(domain, signals.domains) || signals.partyAddress.test(address);
}

const ADDRESS =
  /(?<![\w.+@/-])(?:https?:\/\/)?[\w+-]{1,63}(?:[.@][\w-]{1,63}){1,6}(?:\/[\w./-]{0,80})?/g;
const MAX_ADDRESSES = 200;

/** Signals that are no wording: imprint, hashtag, address of a party, day of the poll, own name. */
function contextHits(signals: Signals, passage: Passage, facts: Facts): CueHit[] {
  const hits: CueHit[] = [];
  const add = (kind: string, weight: number, at: { start: number; end: number } | null): void => {
    if (at !== null)
      hits.push({ class: kind, weight, cue: MARKERS[kind] ?? NO_CUE, passage, ...at });
  };
  const imprint = imprintIn(passage.plain);
  add('I', imprint?.weight ?? 0, imprint);
  add('H', 0.8, span(signals.hashtags.exec(passage.plain)));
  let looked = 0;
  for (const match of passage.plain.matchAll(ADDRESS)) {
    if ((looked += 1) > MAX_ADDRESSES) break;
    const domain = match[0].replace(/^.*?(?:@|\/\/)/, '').replace(/\/.*$/s, '');
    if (!isPartyAddress(signals, match[0], domain)) continue;
    add('D', 0.3, span(match));
    break;
  }
  add('E', 0.3, pollDateIn(passage.plain, facts.openElections));
  add('C', 0.6, span(ownSlogan(facts).exec(passage.plain)));
  return hits;
}

const NO_CUE = signal('', 0, '(?!)');
const MARKERS: Record<string, Cue> = Object.fromEntries(
  ['I', 'H', 'D', 'E', 'C'].map((kind) => [kind, { ...NO_CUE, class: kind }]),
);

function span(match: RegExpExecArray | null): { start: number; end: number } | null {
  return match === null ? null : { start: match.index, end: match.index + match[0].length };
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
