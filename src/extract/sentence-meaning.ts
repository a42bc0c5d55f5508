import { Worker } from 'node:worker_threads';
import type { MeaningReader, SentenceMeaning } from '../mail/meaning.ts';

export interface MeaningRequest {
  id: number;
  sentences: readonly string[];
}

export interface MeaningAnswer {
  id: number;
  /** `null` where the encoder failed. */
  vectors: SentenceMeaning[] | null;
}

export interface SentenceReaderOptions {
  /** Time for the sentences of one message, waiting for other messages included. */
  messageSeconds?: number;
  /** What the thread runs. */
  program?: URL;
}

/** A thread that tells what sentences mean; started by the first question. */
export interface SentenceReader extends MeaningReader {
  close(): Promise<void>;
}

const DEFAULTS = {
  messageSeconds: 30,
  program: new URL('./meaning-worker.ts', import.meta.url),
};
const HEAP_MB = 512;

/**
 * The encoder runs in a thread of its own, so that the road never waits for it. Where it dies or
 * outstays its time, what was asked fails, and the next question gets a fresh thread.
 */
export function createSentenceReader(options: SentenceReaderOptions = {}): SentenceReader {
  const settings = { ...DEFAULTS, ...options };
  const waiting = new Map<number, (answer: MeaningAnswer) => void>();
  let worker: Worker | null = null;
  let lastId = 0;

  function fail(): void {
    worker = null;
    for (const [id, resolve] of waiting) resolve({ id, vectors: null });
    waiting.clear();
  }
  function start(): Worker {
    const thread = new Worker(settings.program, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      env: {},
      stdout: true,
      stderr: true,
    });
    const ended = (): void => {
      if (worker === thread) fail();
    };
    thread.on('message', (answer: MeaningAnswer) => {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
      // An idle thread shall not keep a command from ending.
      if (waiting.size === 0) thread.unref();
    });
    thread.on('error', ended);
    thread.on('exit', ended);
    return thread;
  }
  async function ask(sentences: readonly string[]): Promise<SentenceMeaning[]> {
    const thread = (worker ??= start());
    const id = (lastId += 1);
    thread.ref();
    const timer = setTimeout(() => {
      void thread.terminate();
    }, settings.messageSeconds * 1000);
    try {
      const answer = await new Promise<MeaningAnswer>((resolve) => {
        waiting.set(id, resolve);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
        thread.postMessage({ id, sentences } satisfies MeaningRequest);
      });
      if (answer.vectors === null) throw new Error('The reader of sentences failed');
      return answer.vectors;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    read: (sentences) => (sentences.length === 0 ? Promise.resolve([]) : ask(sentences)),
    async close() {
      const thread = worker;
      fail();
      await thread?.terminate();
    },
  };
}
