import { createHmac } from 'node:crypto';
import type { Db } from './connect.ts';

// What can be searched of a held message: not its words but their hashes under a key that the
// database does not know, without positions. Beginnings of words are hashed as well, so that the
// beginning of a word finds it.

const SHORTEST = 3;
const LONGEST_BEGINNING = 8;
/** Distinct words of one message; later ones are not searchable. */
const MOST_WORDS = 5000;
const HASH_BYTES = 9;

const WORD = /[\p{L}\p{N}]+/gu;

/** The words of a text as they are compared: lower case, without accents. */
function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.match(WORD) ?? [];
}

/** Lexemes by which a text is found: each word, and its beginnings from three letters on. */
export function lexemesOf(texts: readonly string[], key: Buffer): string[] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const word of wordsOf(text)) {
      if (words.size >= MOST_WORDS) break;
      words.add(word);
    }
  }
  const lexemes = new Set<string>();
  for (const word of words) {
    lexemes.add(hashOf(`=${word}`, key));
    const letters = Array.from(word).slice(0, LONGEST_BEGINNING);
    for (let length = SHORTEST; length <= letters.length; length += 1) {
      lexemes.add(hashOf(`^${letters.slice(0, length).join('')}`, key));
    }
  }
  return [...lexemes];
}

/**
 * What to ask for: every word of the question must stand in the message, whole or as a beginning.
 * `null` where nothing in it can be asked.
 */
export function wordsQuery(question: string, key: Buffer): string | null {
  const wanted = wordsOf(question).map((word) => {
    const letters = Array.from(word);
    if (letters.length < SHORTEST) return hashOf(`=${word}`, key);
    const beginning = letters.slice(0, LONGEST_BEGINNING).join('');
    return hashOf(`^${beginning}`, key);
  });
  return wanted.length === 0 ? null : wanted.map((lexeme) => `'${lexeme}'`).join(' & ');
}

function hashOf(word: string, key: Buffer): string {
  return createHmac('sha256', key).update(word).digest().subarray(0, HASH_BYTES).toString('hex');
}

/** Makes a held message searchable until its case closes. */
export async function indexCase(tx: Db, caseId: string, lexemes: string[]): Promise<void> {
  await tx`
    insert into case_words (case_id, words)
    values (${caseId}, array_to_tsvector(${lexemes}::text[]))
    on conflict (case_id) do nothing`;
}
