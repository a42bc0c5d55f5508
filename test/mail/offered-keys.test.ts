import { describe, expect, it } from 'vitest';
import { offeredKeys } from '../../src/mail/offered-keys.ts';
import { parseMessage } from '../../src/mail/parse.ts';

const BLOCK = [
  '-----BEGIN PGP PUBLIC KEY BLOCK-----',
  '',
  'bm90IGEga2V5',
  '-----END PGP PUBLIC KEY BLOCK-----',
].join('\r\n');

async function keysOf(headers: string[], body = 'Hello.'): Promise<[string, string | null][]> {
  const head = ['From: Maeve <maeve@resident.example>', ...headers].join('\r\n');
  const message = await parseMessage(Buffer.from(`${head}\r\n\r\n${body}\r\n`));
  const keys = offeredKeys(message, ['merebrook.gov.uk']);
  return keys.map(({ source, address }) => [source, address]);
}

const field = (text: string): string[] => [`Autocrypt: ${text}`];

describe('offeredKeys()', () => {
  it('reads the Autocrypt field of the author, folded as it may be', async () => {
    const keys = await keysOf(
      field(
        'addr=Maeve@resident.example; prefer-encrypt=mutual; _x=1;\r\n keydata=bm90\r\n IGEga2V5',
      ),
    );
    expect(keys).toEqual([['autocrypt', 'maeve@resident.example']]);
  });

  it.each([
    ['another address', field('addr=other@resident.example; keydata=bm90')],
    ['no key data', field('addr=maeve@resident.example')],
    ['an unknown attribute', field('addr=maeve@resident.example; type=1; keydata=bm90')],
    ['two fields', [1, 2].flatMap(() => field('addr=maeve@resident.example; keydata=bm90'))],
    ['no attributes', field('rubbish')],
    ['too long a field', field(`addr=maeve@resident.example; keydata=${'A'.repeat(11_000)}`)],
  ])('passes over a field with %s', async (_, headers) => {
    expect(await keysOf(headers)).toEqual([]);
  });

  it('passes over a key for the council itself', async () => {
    const message = await parseMessage(
      Buffer.from(
        'From: a@merebrook.gov.uk\r\nAutocrypt: addr=a@merebrook.gov.uk; keydata=bm90\r\n\r\nHi\r\n',
      ),
    );
    expect(offeredKeys(message, ['merebrook.gov.uk'])).toEqual([]);
  });

  it('finds key blocks in the text, three at most, and no half ones', async () => {
    expect(await keysOf([], BLOCK)).toEqual([['attached', null]]);
    expect(await keysOf([], `${BLOCK}\r\n`.repeat(9))).toHaveLength(3);
    expect(await keysOf([], BLOCK.slice(0, 60))).toEqual([]);
  });
});
