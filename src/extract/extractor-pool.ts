import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { AttachmentReader, AttachmentText } from '../mail/attachment-reader.ts';
import {
  askExtractor,
  endExtractor,
  EXTRACTOR_PROGRAM,
  isAlive,
  startExtractor,
  type ExtractRequest,
} from './extractor-child.ts';
import { ARCHIVE_TYPES, PACKED_TYPES } from './extraction.ts';

export interface ExtractorPoolOptions {
  /** Whether pictures are read. */
  ocr: boolean;
  /** Processes at most. */
  processes?: number;
  /** Time for one attachment. */
  partSeconds?: number;
  /** Time for all attachments of one message, waiting not counted. */
  messageSeconds?: number;
  /** Memory that a process may hold. */
  memoryBytes?: number;
  /** What the processes run. */
  program?: URL;
}

/** Processes that take the text out of attachments. */
export interface ExtractorPool {
  /** For the attachments of one message, which share its time. */
  forMessage(): AttachmentReader;
  /** Ends the processes; what they were reading has failed. */
  close(): Promise<void>;
}

const DEFAULTS = {
  processes: 1,
  partSeconds: 20,
  messageSeconds: 40,
  memoryBytes: 1024 * 1024 * 1024,
  program: EXTRACTOR_PROGRAM,
};
// What takes longer to read is no letter: it counts as a limit, and not as our failure.
const OCR_MS_PER_PART = 10_000;
const OCR_MS_PER_MESSAGE = 20_000;

const READ = new Set<string>([
  'application/zip',
  'application/x-cfb',
  'application/x-tar',
  ...ARCHIVE_TYPES,
  ...PACKED_TYPES,
  'application/vnd.ms-tnef',
  'application/pdf',
  'application/rtf',
  'message/rfc822',
  'application/mbox',
]);
const PICTURES = /^image\/(?:png|jpeg|gif|bmp|webp|tiff|heic)$/;

/**
 * Starts nothing before the first attachment. A process works on one attachment at a time and is
 * used again; where it outstays its time or outgrows its memory it is killed, and the next
 * attachment gets a fresh one.
 */
export function createExtractorPool(options: ExtractorPoolOptions): ExtractorPool {
  const settings = { ...DEFAULTS, ...options };
  const line = createLine(settings.processes, () => startExtractor(settings.program));

  async function run(request: ExtractRequest, limitMs: number) {
    const child = await line.take();
    if (child === null) return { answer: failed('extractor-closed'), tookMs: 0 };
    const start = performance.now();
    try {
      const answer = await askExtractor(child, request, limitMs, settings.memoryBytes);
      return { answer, tookMs: performance.now() - start };
    } finally {
      line.giveBack(child);
    }
  }

  return {
    forMessage() {
      let leftMs = settings.messageSeconds * 1000;
      let ocrLeftMs = OCR_MS_PER_MESSAGE;
      return {
        reads: (type) => READ.has(type) || (settings.ocr && PICTURES.test(type)),
        async read({ type, bytes }) {
          const limitMs = Math.min(leftMs, settings.partSeconds * 1000);
          if (limitMs <= 0) return failed('extractor-timeout');
          const ocrMs = settings.ocr ? Math.min(ocrLeftMs, OCR_MS_PER_PART) : null;
          const { answer, tookMs } = await run({ type, bytes, ocrMs }, limitMs);
          leftMs -= tookMs;
          ocrLeftMs -= tookMs;
          return answer;
        },
      };
    },
    close: () => line.close(),
  };
}

function failed(reason: string): AttachmentText {
  return { text: '', uninspectable: null, failed: reason };
}

/** Idle processes, and those who wait for one; `null` is for whoever waits when the line closes. */
function createLine(most: number, start: () => ChildProcess) {
  const idle: ChildProcess[] = [];
  const busy = new Set<ChildProcess>();
  const waiting: ((child: ChildProcess | null) => void)[] = [];
  const state = { isClosed: false };

  function next(): void {
    while (waiting.length > 0 && (state.isClosed || busy.size < most)) {
      waiting.shift()?.(state.isClosed ? null : pick());
    }
  }
  function pick(): ChildProcess {
    let child = idle.pop();
    while (child !== undefined && !isAlive(child)) child = idle.pop();
    child ??= start();
    busy.add(child);
    child.ref();
    child.channel?.ref();
    return child;
  }
  return {
    take: () =>
      new Promise<ChildProcess | null>((resolve) => {
        waiting.push(resolve);
        next();
      }),
    giveBack(child: ChildProcess): void {
      busy.delete(child);
      // An idle process shall not keep a command from ending.
      child.unref();
      child.channel?.unref();
      if (isAlive(child)) idle.push(child);
      next();
    },
    async close(): Promise<void> {
      state.isClosed = true;
      next();
      await Promise.all([...idle, ...busy].map(endExtractor));
    },
  };
}
