import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createExtractorPool,
  type ExtractorPoolOptions,
} from '../../src/extract/extractor-pool.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/extract');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name));
const RTF = { type: 'application/rtf', bytes: Buffer.from('{\\rtf1 some words}') };
/** A program that does what the file tells it. */
const OBEDIENT = pathToFileURL(path.join(import.meta.dirname, 'obedient-program.mjs'));
const tell = (command: string) => ({ type: 'application/rtf', bytes: Buffer.from(command) });

const pools: { close(): Promise<void> }[] = [];
function pool(options: Partial<ExtractorPoolOptions> = {}) {
  const opened = createExtractorPool({ ocr: false, ...options });
  pools.push(opened);
  return opened;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close()));
});

describe('createExtractorPool()', () => {
  it('reads a file in another process', async () => {
    const reader = pool().forMessage();
    const answer = { text: 'some words', uninspectable: null, failed: null };
    expect(await reader.read(RTF)).toEqual(answer);
  });

  it('says what it reads: no picture where OCR is off', () => {
    const types = ['application/zip', 'image/png', 'image/svg+xml', 'application/x-lz4'];
    const reads = (ocr: boolean) => types.map((type) => pool({ ocr }).forMessage().reads(type));
    expect(reads(false)).toEqual([true, false, false, false]);
    expect(reads(true)).toEqual([true, true, false, false]);
  });

  it('reads a picture, and a page that is one, by OCR', async () => {
    const reader = pool({ ocr: true }).forMessage();
    const words = expect.stringMatching(/Neville Drabble[^]*Promoted by N Drabble, 2 Pit Row/);
    const card = await reader.read({ type: 'image/gif', bytes: fixture('card.gif') });
    expect(card).toEqual({ text: words, uninspectable: null, failed: null });
    const photo = await reader.read({ type: 'image/heic', bytes: fixture('card.heic') });
    expect(photo).toEqual({ text: words, uninspectable: null, failed: null });
    const page = await reader.read({ type: 'application/pdf', bytes: fixture('scanned.pdf') });
    expect(page).toEqual({ text: words, uninspectable: null, failed: null });
  }, 30_000);

  it('survives a picture that is none', async () => {
    const reader = pool({ ocr: true }).forMessage();
    const broken = Buffer.concat([fixture('card.gif').subarray(0, 40), Buffer.alloc(9000, 7)]);
    const answer = await reader.read({ type: 'image/gif', bytes: broken });
    expect(answer).toEqual({ text: '', uninspectable: 'corrupt-file', failed: null });
    const card = await reader.read({ type: 'image/gif', bytes: fixture('card.gif') });
    expect(card.text).toContain('Neville Drabble');
  }, 30_000);

  it('kills what hangs, says so, and reads the next', async () => {
    const reader = pool({ program: OBEDIENT, partSeconds: 2 }).forMessage();
    expect(await reader.read(tell('hang'))).toMatchObject({ failed: 'extractor-timeout' });
    expect(await reader.read(tell('echo'))).toMatchObject({ text: 'echo', failed: null });
  });

  it('says when a process dies, and reads the next', async () => {
    const reader = pool({ program: OBEDIENT }).forMessage();
    expect(await reader.read(tell('die'))).toMatchObject({ failed: 'extractor-crashed' });
    expect(await reader.read(tell('echo'))).toMatchObject({ text: 'echo', failed: null });
  });

  it('kills what outgrows its memory', async () => {
    const reader = pool({ program: OBEDIENT, memoryBytes: 300_000_000 }).forMessage();
    expect(await reader.read(tell('grow'))).toMatchObject({ failed: 'extractor-memory' });
  });

  it('works on one file at a time in each process, and lets the others wait', async () => {
    const opened = pool({ program: OBEDIENT, processes: 2 });
    const asked = Array.from({ length: 6 }, () => opened.forMessage().read(tell('who')));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(2);
  });

  it('gives the attachments of one message a common time', async () => {
    const opened = pool({ program: OBEDIENT, messageSeconds: 2, partSeconds: 9 });
    const reader = opened.forMessage();
    expect(await reader.read(tell('hang'))).toMatchObject({ failed: 'extractor-timeout' });
    expect(await reader.read(tell('echo'))).toMatchObject({ failed: 'extractor-timeout' });
    expect(await opened.forMessage().read(tell('echo'))).toMatchObject({ text: 'echo' });
  });

  it('gives its process no environment, and no way to write or to our keys', async () => {
    const reader = pool({ program: OBEDIENT }).forMessage();
    expect((await reader.read(tell('powers'))).text).toBe(
      'env: 0, write: false, child: false, state: false',
    );
  });

  it('fails whatever it reads or has waiting when it closes', async () => {
    const opened = pool({ program: OBEDIENT });
    const reading = opened.forMessage().read(tell('hang'));
    const waiting = opened.forMessage().read(tell('echo'));
    await opened.close();
    expect((await reading).failed).toBe('extractor-crashed');
    expect((await waiting).failed).toBe('extractor-closed');
    expect(await opened.forMessage().read(RTF)).toMatchObject({ failed: 'extractor-closed' });
  });
});
