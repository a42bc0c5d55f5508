import type { Lists, Party } from '../mail/lists.ts';
import { evidenceOf } from './cues.ts';
import type { Inspector } from './inspect.ts';
import { partySource } from './party-names.ts';
import { readWithFooters } from './passages.ts';

const SCORE = 0.9;
/** Nobody writes this many by hand that are harmless: the next one counts unread. */
const MAX_MATCHES = 5000;
const MAX_EVIDENCE = 8;
const NOT =
  "(?:they|people|who|to|would|will|could|may|might|not|never|shan't|won't|didn't|don't|did|you)";

/**
 * Plain asks for a vote for oneself or for a party (domain D.7): they say by themselves what the
 * rest is. What is reported in quotation marks is none, nor a vote in another contest.
 */
export function createVoteAskInspector(lists: Lists): Inspector {
  const pattern = asks(lists.parties);
  return {
    name: 'vote-ask',
    inspect: (input) => {
      const evidence = readWithFooters(input).flatMap((passage) => {
        const found = firstAsk(passage.plain, pattern);
        return found === null ? [] : [evidenceOf({ passage, ...found })];
      });
      if (evidence.length === 0) return [];
      return [
        {
          kind: 'political',
          type: 'vote-ask',
          score: SCORE,
          summary: 'An ask for a vote',
          evidence: evidence.slice(0, MAX_EVIDENCE),
          recipient: null,
          details: {},
        },
      ];
    },
  };
}

function asks(parties: readonly Party[]): RegExp {
  const party = partySource(parties);
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}])(?:` +
      String.raw`(?:(?i:you|everyone|everybody|all)\s(?i:should|must|can|to)\s|` +
      String.raw`(?<!(?i:${NOT})\s))(?i:vote\s{1,20}(?:for\s{1,20})?(?:me|us))` +
      String.raw`(?!\s(?i:to|all|both|in a|in the vote)\b)` +
      // An order, not a habit: "some residents vote Labour".
      String.raw`|(?<=(?:^|[.!?:;,*#>-]|\b(?i:please|so|just|then|and|should|must))\s{0,3})` +
      String.raw`(?i:vote\s{1,20}(?:for\s{1,20})?)${party}` +
      // In the chamber one votes for a group's amendment.
      String.raw`(?!(?:'s)?\s(?i:group|amendments?|motions?|budget|proposals?))` +
      String.raw`|(?i:(?:lend|give|giving|lending)\s(?:me|us)\s(?:all |both )?your\svotes?)` +
      String.raw`|(?i:(?:count|rely)\son\syour\svotes?)` +
      // The Welsh order, to one or to many.
      String.raw`|(?i:pleidleisi(?:a|wch)\s(?:drosta i|drosto[mn] ni|` +
      String.raw`(?:dros|i)\s{1,20}(?:y\s)?${party}))` +
      String.raw`)(?![\p{L}\p{N}])`,
    'gu',
  );
}

function firstAsk(text: string, pattern: RegExp): { start: number; end: number } | null {
  let looked = 0;
  for (const match of text.matchAll(pattern)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if ((looked += 1) > MAX_MATCHES) return { start, end };
    if (isQuoted(text, start) || isContest(text, start, end) || isTold(text, start)) continue;
    return { start, end };
  }
  return null;
}

/** An opening quotation mark before it that nothing closed. */
function isQuoted(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 160), start);
  return (
    (before.match(/"|(?<![\p{L}])'(?=\p{L})|(?<=[\p{L}.!?])'(?!\p{L})/gu) ?? []).length % 2 === 1
  );
}

const CONTEST = new RegExp(
  String.raw`\b(?:awards?|competition|contest|in bloom|tokens?|prize|shortlist|song|bake|` +
    String.raw`choir|x factor|people's choice|green flag|governors?|trustees?|captain|` +
    String.raw`chair(?:man|woman|person)? of|(?:community|grant|lottery) fund|society|` +
    String.raw`allotments?|agm|shareholders?|residents' panel|talent|dancing)\b`,
  'i',
);
/** What one does not do, and what was said in another century. */
const TOLD = new RegExp(
  String.raw`\b(?:cannot|can't|can not|may not|must not|mustn't|won't|shan't|wouldn't|` +
    String.raw`not here to|not (?:going|allowed|able) to|not asking|never (?:ask|told)|` +
    String.raw`1[789]\d\d)\b` +
    String.raw`[^.!?]{0,80}$`,
  'i',
);

function isTold(text: string, start: number): boolean {
  return TOLD.test(text.slice(Math.max(0, start - 120), start));
}

function isContest(text: string, start: number, end: number): boolean {
  return CONTEST.test(text.slice(Math.max(0, start - 200), end + 200));
}
