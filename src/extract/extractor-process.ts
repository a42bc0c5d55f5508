// The whole of a child process that reads hostile files. It was started without the gateway's
// secrets and without leave to write or to start anything; it is ended by force where it takes too
// long.
import process from 'node:process';
import { DEFAULT_EXTRACT_LIMITS } from './extraction.ts';
import { extractFile } from './extract-file.ts';
import type { AttachmentText } from '../mail/attachment-reader.ts';
import type { ExtractRequest } from './extractor-child.ts';
import type { OcrEngine } from './image-text.ts';

let engine: ((timeMs: number) => OcrEngine) | null = null;

async function reply({ type, bytes, ocrMs }: ExtractRequest): Promise<AttachmentText> {
  try {
    if (ocrMs !== null) engine ??= (await import('./tesseract.ts')).createTesseract();
    const ocr = engine && ocrMs !== null ? engine(ocrMs) : null;
    const options = { limits: DEFAULT_EXTRACT_LIMITS, ocr };
    return { ...(await extractFile({ type, bytes: Buffer.from(bytes) }, options)), failed: null };
  } catch {
    // The error may quote the file, so it stays here.
    return { text: '', uninspectable: null, failed: 'extractor-error' };
  }
}

process.on('message', (request: ExtractRequest) => {
  void reply(request).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
