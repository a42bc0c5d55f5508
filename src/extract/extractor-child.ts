import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AttachmentText } from '../mail/attachment-reader.ts';

export interface ExtractRequest {
  /** As `detectType` says. */
  type: string;
  bytes: Uint8Array;
  /** Time for its pictures together; `null`: pictures are not read. */
  ocrMs: number | null;
}

export const EXTRACTOR_PROGRAM = new URL('./extractor-process.ts', import.meta.url);

const HEAP_MB = 512;
const WATCH_MS = 100;

/**
 * Starts a process that reads hostile files. It gets no secret from our environment, may read
 * nothing but the program, and may neither write nor start anything, so that a file which takes it
 * over gains little.
 */
export function startExtractor(program: URL): ChildProcess {
  const readable = ['src/', 'node_modules/', 'package.json'].map((name) =>
    fileURLToPath(new URL(`../../${name}`, import.meta.url)),
  );
  return fork(program, {
    env: {},
    // What libraries complain of may quote the file: it goes nowhere.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    execArgv: [
      '--permission',
      ...[...readable, fileURLToPath(program)].map((place) => `--allow-fs-read=${place}`),
      // Tesseract runs in a thread of it.
      '--allow-worker',
      `--max-old-space-size=${HEAP_MB}`,
    ],
  });
}

export function isAlive(child: ChildProcess): boolean {
  return child.connected && child.exitCode === null && child.signalCode === null && !child.killed;
}

/**
 * Has one file read. Never rejects: a process that dies, or has to be killed, is a failure of ours.
 * @returns `failed`: `extractor-timeout`, `extractor-memory` or `extractor-crashed`
 */
export async function askExtractor(
  child: ChildProcess,
  request: ExtractRequest,
  limitMs: number,
  memoryBytes: number,
): Promise<AttachmentText> {
  let killedFor: string | null = null;
  const kill = (reason: string): void => {
    killedFor ??= reason;
    child.kill('SIGKILL');
  };
  const check = async (): Promise<void> => {
    if ((await residentBytes(child)) > memoryBytes) kill('extractor-memory');
  };
  const timer = setTimeout(() => kill('extractor-timeout'), limitMs);
  // What a library allocates outside the heap no setting of Node limits.
  const watch = setInterval(() => void check(), WATCH_MS);
  try {
    return await new Promise<AttachmentText>((resolve) => {
      const crashed = (): void =>
        resolve({ text: '', uninspectable: null, failed: killedFor ?? 'extractor-crashed' });
      child.once('message', (answer) => resolve(answer as AttachmentText));
      child.once('exit', crashed);
      child.once('error', crashed);
      child.send(request, (error) => {
        if (error) kill('extractor-crashed');
      });
    });
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    for (const event of ['message', 'exit', 'error']) child.removeAllListeners(event);
  }
}

const PAGE_BYTES = 4096;

/** Linux tells; elsewhere the limit of the heap has to do. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  try {
    const pages = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1];
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

export async function endExtractor(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
