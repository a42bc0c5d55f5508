import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kindsOf } from './mail-of.ts';

interface Sample {
  expected: boolean;
  subject: string;
  body: string;
}

const SAMPLES = readFileSync(new URL('samples/chain-letter.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample);
const CHAIN = SAMPLES[0]?.body;

describe('the chain-letter detector', () => {
  it.each(SAMPLES)('tells what "$subject" is ($expected)', async ({ expected, subject, body }) => {
    const kinds = await kindsOf({ headers: [`Subject: ${subject}`], body });
    expect(kinds).toEqual(expected ? ['chain-letter'] : []);
  });

  it('does not blame a reply for the chain that it quotes', async () => {
    const body = `Take me off your list, Bert.\n\nOn Monday Bert Oakes <bert@sky.com> wrote:\n> ${CHAIN}`;
    expect(await kindsOf({ headers: ['Subject: Re: St Anthony'], body })).toEqual([]);
  });

  it('counts what is forwarded', async () => {
    const body = `-------- Forwarded Message --------\nFrom: Bert <bert@sky.com>\nSubject: St Anthony\nDate: Monday\n\n${CHAIN}`;
    expect(await kindsOf({ headers: ['Subject: Fwd: St Anthony'], body })).toEqual([
      'chain-letter',
    ]);
  });

  it('reads a long hostile text', async () => {
    const body = 'send this to ten and any of us, each friend '.repeat(20_000);
    expect(await kindsOf({ body })).toEqual(['chain-letter']);
  });
});
