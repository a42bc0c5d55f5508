import { decodeBytes } from './charset.ts';

const WORD = /=\?([^?\s]{1,80})\?([bq])\?([^?]*)\?=/gi;

interface Word {
  charset: string;
  encoding: string;
  text: string;
  end: number;
}

/**
 * Decodes the RFC 2047 encoded-words of an unfolded header value, wherever they stand. White space
 * between two of them is dropped (§6.2). Neighbours of one charset are decoded as one run of bytes,
 * so a character or a base64 group cut in two is mended. What cannot be decoded stays as it is;
 * nothing throws.
 */
export function decodeWords(value: string): string {
  let result = '';
  let end = 0;
  let run: Word[] = [];
  for (const match of value.matchAll(WORD)) {
    const gap = value.slice(end, match.index);
    const word = {
      charset: (match[1] ?? '').toLowerCase().replace(/\*.*$/, ''),
      encoding: (match[2] ?? '').toLowerCase(),
      text: match[3] ?? '',
      end: match.index + match[0].length,
    };
    const adjacent = run.length > 0 && gap.trim() === '';
    if (!adjacent || run[0]?.charset !== word.charset) {
      result += decodeRun(run);
      run = [];
    }
    if (!adjacent) result += gap;
    run.push(word);
    end = word.end;
  }
  return result + decodeRun(run) + value.slice(end);
}

function decodeRun(run: Word[]): string {
  const pieces: Buffer[] = [];
  let pending = '';
  for (const [index, word] of run.entries()) {
    if (word.encoding === 'q') {
      pieces.push(qBytes(word.text));
      continue;
    }
    pending += word.text.replace(/\s+/g, '');
    // A sender that cut its base64 anywhere continues the group in the next word.
    const continues = run[index + 1]?.encoding === 'b' && !pending.endsWith('=');
    if (continues && pending.length % 4 !== 0) continue;
    pieces.push(Buffer.from(pending, 'base64'));
    pending = '';
  }
  return pieces.length === 0 ? '' : decodeBytes(Buffer.concat(pieces), run[0]?.charset);
}

function qBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('_', ' '), 'utf8').toString('latin1');
  return Buffer.from(
    bytes.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
