import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createWorker, OEM, type Worker } from 'tesseract.js';
import { Unreadable } from './extraction.ts';
import type { OcrEngine } from './image-text.ts';

const ENGLISH = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('@tesseract.js-data/eng'))),
  '4.0.0_best_int',
);
// Photographs of leaves and tiles "read" as letters too, but the engine does not believe it either.
const MIN_CONFIDENCE = 50;

/**
 * Tesseract with its English data, started with the first picture.
 * @returns an engine for one file, whose pictures share `timeMs`
 */
export function createTesseract(): (timeMs: number) => OcrEngine {
  let engine: Promise<Worker> | null = null;
  const start = (): Promise<Worker> =>
    createWorker('eng', OEM.LSTM_ONLY, {
      langPath: ENGLISH,
      cacheMethod: 'none',
      gzip: true,
      // Without this the library throws where nobody can catch it.
      errorHandler: () => {},
    });
  async function recognise(bytes: Buffer, timeMs: number): Promise<string | null> {
    const worker = await (engine ??= start());
    const limit = timeLimit(timeMs);
    const work = worker.recognize(bytes, {}, { text: false, blocks: true });
    try {
      const page = await Promise.race([work, limit.over]);
      if (page !== null) return confidentLines(page.data.blocks ?? []);
    } catch (error) {
      throw new Unreadable('corrupt-file', error);
    } finally {
      limit.clear();
    }
    // It cannot be interrupted, only ended; the next picture starts another.
    engine = null;
    await worker.terminate();
    return null;
  }
  return (timeMs) => {
    let leftMs = timeMs;
    return {
      async recognise(bytes) {
        if (leftMs <= 0) return null;
        const start = performance.now();
        const text = await recognise(bytes, leftMs);
        leftMs -= performance.now() - start;
        return text;
      },
    };
  };
}

type Blocks = NonNullable<Awaited<ReturnType<Worker['recognize']>>['data']['blocks']>;

function confidentLines(blocks: Blocks): string {
  return blocks
    .flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines))
    .filter(({ confidence }) => confidence >= MIN_CONFIDENCE)
    .map(({ text }) => text.trim())
    .join('\n');
}

function timeLimit(ms: number): { over: Promise<null>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return { over, clear: () => clearTimeout(timer) };
}
