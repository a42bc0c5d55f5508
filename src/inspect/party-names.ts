import type { Party } from '../mail/lists.ts';

/** What makes a street or a house of the word before it, or a person of the word behind. */
const PLACES =
  'Lane|Close|Street|Road|Way|Row|Avenue|Terrace|Court|House|Drive|Hill|End|Exchange|Club|Man|' +
  'Island|Park|Hall|Farm|Bank|Belt|Flag|Square';
const TITLES = 'Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor';

/**
 * The names of parties as the source of a pattern with the flag `u`. A word of everyday use counts
 * with its capital or all in capitals, never in lower case.
 */
export function partySource(parties: readonly Party[]): string {
  const phrases = parties.flatMap((party) => party.phrases);
  const words = parties.flatMap((party) => party.words);
  const form = (name: string): string => RegExp.escape(name).replaceAll('\\x20', '[\\s-]?');
  const sure = phrases.map(form).join('|') || '(?!)';
  const everyday = words.flatMap((word) => [form(word), form(word.toUpperCase())]).join('|');
  const alone = `(?<!(?:${TITLES}) )(?:${everyday || '(?!)'})`;
  return `(?:(?i:${sure})|${alone})(?![\\p{L}\\p{N}]| (?:${PLACES}))`;
}
