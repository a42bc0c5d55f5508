import { evidenceOf } from './cues.ts';
import type { Inspector } from './inspect.ts';
import { readWithFooters } from './passages.ts';

/**
 * Imprints (domain D.4; Elections Act 2022, Part 6). `promoted by ... on behalf of` counts where an
 * address, `both at`, an agent or a candidate follows, and `promoted by ... for` only where a party
 * or a candidate does: otherwise the words are everyday ones ("the scheme, promoted by the NHS").
 */
const PROMOTED = new RegExp(
  String.raw`\b(?<printed>printed,?\s{1,3}(?:and\s|&\s)?)?(?:published,?\s{1,3}(?:and\s|` +
    String.raw`&\s)?)?promoted\s{1,3}(?:and\spublished\s)?` +
    // Dots instead of a name: somebody asks how an imprint is written.
    String.raw`by\b(?!\s{0,3}(?:\.{2}|…|\[|_))[^!?]{0,160}?` +
    String.raw`\b(?:(?<behalf>on\s{1,3}behalf\s{1,3}of)|for)\b`,
  'gi',
);
const FOR_PARTY = new RegExp(
  String.raw`\b(?:(?:[Bb]oth|[Aa]ll)\sat|[Cc]andidates?|Labour|Conservatives?|Liberal Democrats?|` +
    String.raw`Lib Dems?|LibDems|Greens|Green Party|Reform UK|Independents|Plaid Cymru)\b`,
);
const CONFIRMS = new RegExp(
  String.raw`\b(?:both|all)\s(?:at|of)\b|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\bagent\b|` +
    String.raw`\bcandidates?\b|\b(?:party|labour|conservatives?|liberal democrats?|lib dems?|` +
    String.raw`greens?|reform uk|independents?)\b|` +
    String.raw`\b\d{1,4}[a-z]?,?\s(?:[A-Z][\w'-]{1,20}\s){1,3}(?:street|st|road|rd|lane|` +
    String.raw`avenue|close|yard|row|terrace|crescent|way|drive|place|square|hill|court|` +
    String.raw`gardens|house)\b`,
  'i',
);
const PERSON = new RegExp(
  String.raw`promoted\s{1,3}(?:and\spublished\s)?by\s{1,3}(?:[A-Z]\.?\s)` +
    String.raw`{0,3}[A-Z][a-z'-]{1,20}[^!?]{0,60}\b(?:for|` +
    String.raw`behalf of)\s(?:[A-Z]\.?\s){0,3}[A-Z][a-z'-]{1,20}`,
);

/** Nobody writes this many by hand that are harmless: the next one counts unread. */
const MAX_MATCHES = 5000;
const MAX_EVIDENCE = 8;

/** Whose name stands on election material (domain D.4): it says by itself what the rest is. */
export function createImprintInspector(): Inspector {
  return {
    name: 'imprint',
    inspect: (input) => {
      const evidence = readWithFooters(input).flatMap((passage) => {
        const imprint = imprintIn(passage.plain);
        return imprint === null ? [] : [evidenceOf({ passage, ...imprint })];
      });
      if (evidence.length === 0) return [];
      return [
        {
          kind: 'political',
          type: 'imprint',
          score: 1,
          summary: 'An imprint, as the law asks for on election material',
          evidence: evidence.slice(0, MAX_EVIDENCE),
          recipient: null,
          details: {},
        },
      ];
    },
  };
}

/** Where the imprint stands in a plain text, `null` where there is none. */
export function imprintIn(text: string): { start: number; end: number } | null {
  let looked = 0;
  for (const match of text.matchAll(PROMOTED)) {
    const end = match.index + match[0].length;
    if ((looked += 1) > MAX_MATCHES) return { start: match.index, end };
    const around = text.slice(match.index, end + 200);
    const isConfirmed = match.groups?.['behalf']
      ? CONFIRMS.test(around) || (PERSON.test(around) && !/\bthe scheme\b/i.test(around))
      : FOR_PARTY.test(around) || (match.groups?.['printed'] && PERSON.test(around));
    if (isConfirmed) return { start: match.index, end };
  }
  return null;
}
