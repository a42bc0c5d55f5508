import type { Facts } from '../mail/facts.ts';
import type { Evidence, Finding } from '../mail/finding.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { type Identifier, identifiersIn } from './identifiers.ts';
import { allPassages, windowsOf } from './passages.ts';
import type { Passage } from './passages.ts';
import { personReference } from './person-reference.ts';
import { recordTablesIn } from './record-table.ts';
import { FAMILIES, GENERAL, GENERAL_BEFORE } from './special-category.ts';
import { identifiedIn } from './weak-identifiers.ts';

/** Thresholds of domain F.4. */
const STRONG = 0.7;
const BULK_SUBJECTS = 10;
/** Quoted text is still disclosed, but somebody else wrote it, often about himself. */
const QUOTED = 0.9;
const MAX_EVIDENCE = 8;
const MAX_WORDS = 400;
const NEIGHBOURHOOD = 200;

interface Sighting {
  type: string;
  label: string;
  score: number;
  subjects: string[];
  rows: number;
  evidence: Evidence;
}

/**
 * Personal data of others that ought not to leave in clear (domain F): identifiers with checksum
 * and context, special categories about a particular person, lists of people. No finding holds a
 * matched value: evidence names the type and the place.
 */
export function createPersonalDataInspector(): Inspector {
  return { name: 'personal-data', inspect: inspectPersonalData };
}

function inspectPersonalData({ message, facts }: Inspection): Finding[] {
  if (!leavesTheCouncil(facts)) return [];
  const passages = allPassages(message);
  const subject = personReference(message.subject);
  const sightings = [
    ...passages.flatMap((passage) => [
      ...identifierSightings(passage, facts.actor.name),
      ...tableSightings(passage),
    ]),
    // Told by words, as the model of wording reads them.
    ...windowsOf(passages)
      .flat()
      .flatMap((passage) => sensitiveSightings(passage, subject)),
  ];
  const strong = sightings.filter((sighting) => sighting.score >= STRONG);
  const byType = Map.groupBy(strong, (sighting) => sighting.type);
  return [...byType].map(([type, found]) => finding(type, found));
}

/** Officers need what they are asked about; only what goes outside discloses anything. */
export function leavesTheCouncil({ recipients }: Facts): boolean {
  return recipients.some((recipient) => !recipient.internal);
}

function finding(type: string, found: readonly Sighting[]): Finding {
  const distinct = new Set(found.flatMap((sighting) => sighting.subjects)).size;
  const subjects = Math.max(distinct, ...found.map((sighting) => sighting.rows), 1);
  return {
    kind: 'personal-data',
    type,
    score: Math.max(...found.map((sighting) => sighting.score)),
    summary: `${found[0]?.label ?? 'Personal data'} of a particular person`,
    evidence: found.slice(0, MAX_EVIDENCE).map((sighting) => sighting.evidence),
    recipient: null,
    details: { subjects, bulk: subjects >= BULK_SUBJECTS },
  };
}

function sighting(
  passage: Passage,
  seen: { type: string; label: string; score: number; start: number; end: number },
): Sighting {
  const { type, label, score, start, end } = seen;
  const place = { start: passage.start + start, end: passage.start + end };
  const evidence = { part: passage.part, text: `[${label}]`, ...place };
  return { type, label, score, subjects: [], rows: 0, evidence };
}

function identifierSightings(passage: Passage, ownName: string): Sighting[] {
  const others = identifiersIn(passage.plain).filter((one) => !isOwn(passage, one.start));
  const strong = others.filter(({ score }) => score >= STRONG);
  const weak = others.filter(({ score }) => score < STRONG);
  return [
    ...strong.map((one) => ({ ...sighting(passage, one), subjects: [one.value] })),
    ...togetherSightings(passage, weak, ownName),
  ];
}

/** Weak identifiers that tell together who somebody is; the writer's signature tells of him. */
function togetherSightings(
  passage: Passage,
  births: readonly Identifier[],
  ownName: string,
): Sighting[] {
  if (passage.role === 'signature') return [];
  // Few texts identify anybody even with these names in, and to take them out takes long.
  if (identifiedIn(passage.plain, births).length === 0) return [];
  return identifiedIn(withoutNames(passage.plain, ownName), births)
    .filter(({ start }) => !isOwn(passage, start))
    .map(({ score, subject, start, end }) => {
      const weight = score * (passage.role === 'quoted' ? QUOTED : 1);
      const seen = { type: 'identifying-details', label: 'Identifying details', start, end };
      return { ...sighting(passage, { ...seen, score: weight }), subjects: [subject] };
    });
}

const SALUTATION = new RegExp(
  String.raw`\b(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))\s` +
    String.raw`(?:[\p{L}'-]{1,20}\.?\s){0,2}[\p{L}'-]{1,20}`,
  'giu',
);

/** Writer and reader are no third person. The same length, so that places stay true. */
function withoutNames(text: string, ownName: string): string {
  const blank = (found: string): string => ' '.repeat(found.length);
  const words = ownName.split(/[^\p{L}'-]+/u).filter((word) => word.length > 1);
  const greeted = text.replaceAll(SALUTATION, blank);
  if (words.length < 2) return greeted;
  const [first = '', last = ''] = [words[0], words.at(-1)].map((word) => RegExp.escape(word ?? ''));
  const whole = new RegExp(`${first}(?:\\W\\p{L}{1,20}){0,2}?\\W${last}`, 'giu');
  return greeted.replaceAll(whole, blank);
}

/** "My" and the names of such numbers, and nothing else, before one. */
const MY_NUMBER = new RegExp(
  String.raw`\bmy\s(?:(?:own|personal|n\.?i|nino|national|insurance|nhs|bank|building|society|` +
    String.raw`sort|code|account|passport|driving|licence|card|iban|date|of|birth|dob|numbers?|` +
    String.raw`no|details|is|are|was|remains|and|the|with|at)\b|[\s:,()#.-]|\d){0,80}$`,
  'i',
);

/**
 * The writer's own number, in what was written in the body: in a quotation, a forward or a file
 * "my" is somebody else. Where there is doubt it is another's.
 */
function isOwn({ part, role, text }: Passage, start: number): boolean {
  if (part !== 'body' || role !== 'own') return false;
  const before = text.slice(Math.max(0, start - 120), start);
  return MY_NUMBER.test(before) && !/["“”‘]/.test(before);
}

function tableSightings(passage: Passage): Sighting[] {
  return recordTablesIn(passage.text).map((table) => ({
    ...sighting(passage, {
      ...table,
      label: table.type === 'table' ? 'Table of personal details' : 'List of dates of birth',
      score: 0.9,
    }),
    rows: table.rows,
  }));
}

/** Special categories: the words of a neighbourhood, added up, and whom they are about. */
function sensitiveSightings(passage: Passage, subject: number): Sighting[] {
  const words = FAMILIES.flatMap((family) =>
    [...firstMatches(family.pattern, passage.plain)]
      .filter((match) => concernsSomebody(passage.plain, match))
      .map((match) => ({ family, start: match.index, end: match.index + match[0].length })),
  );
  return words.flatMap((word) => {
    const around = passage.plain.slice(
      Math.max(0, word.start - NEIGHBOURHOOD),
      word.end + NEIGHBOURHOOD,
    );
    const person = Math.max(personReference(around), subject);
    if (person === 0 || isHistory(around)) return [];
    const near = words
      .filter((other) => Math.abs(other.start - word.start) < NEIGHBOURHOOD)
      .map((other) => other.family.weight)
      .sort((a, b) => b - a);
    const [first = 0, second = 0, third = 0] = near;
    const sum = Math.min(0.65, first + second / 2 + third / 4) + person;
    const score = sum * (passage.role === 'quoted' ? QUOTED : 1);
    const { name } = word.family;
    const label = `Words about ${name.replaceAll('-', ' ')}`;
    return [
      sighting(passage, { ...word, type: name, label, score: Math.round(score * 100) / 100 }),
    ];
  });
}

function* firstMatches(pattern: RegExp, text: string): Generator<RegExpExecArray> {
  let count = 0;
  for (const match of text.matchAll(pattern)) {
    if ((count += 1) > MAX_WORDS) return;
    yield match;
  }
}

/** Not a service, a policy or a group; not the writer's own health. */
function concernsSomebody(text: string, match: RegExpExecArray): boolean {
  const before = text.slice(Math.max(0, match.index - 40), match.index);
  const after = text.slice(match.index + match[0].length, match.index + match[0].length + 40);
  return !GENERAL.test(after) && !GENERAL_BEFORE.test(before);
}

/** Dates before 1935 tell of the dead. */
function isHistory(text: string): boolean {
  return /\b(?:1[0-8]\d\d|19[0-2]\d|193[0-4])\b/.test(text) && !/\b20[0-4]\d\b/.test(text);
}
