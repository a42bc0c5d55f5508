import type { Extraction } from './extraction.ts';
import { hasMorePages, imageSize, type ImageSize } from './image-size.ts';

/** Reads the words in a picture. */
export interface OcrEngine {
  /**
   * @returns `null` where the time for pictures is over
   * @throws {Unreadable} `corrupt-file` where the picture is none
   */
  recognise(bytes: Buffer): Promise<string | null>;
}

// Smaller ones are icons, rules, tracking pixels and the logos of signatures.
const MIN_SIDE = 30;
const MIN_PIXELS = 15_000;

/** Whether a picture is large enough to say something. */
export function mayHoldText({ width, height }: ImageSize): boolean {
  return Math.min(width, height) >= MIN_SIDE && width * height >= MIN_PIXELS;
}

/**
 * The words in a picture, `''` where it is too small to hold any; of a TIFF of several pages those
 * of the first. Pictures and pages beyond the limits are noted.
 * @throws {Unreadable} `corrupt-file`
 */
export async function imageText(
  bytes: Buffer,
  type: string,
  extraction: Extraction,
  ocr: OcrEngine,
): Promise<string> {
  const size = imageSize(bytes, type);
  if (size === null || !mayHoldText(size)) return '';
  if (type === 'image/tiff' && hasMorePages(bytes)) extraction.note('limit-reached');
  return recogniseWithin(() => bytes, size, extraction, ocr);
}

/**
 * As `imageText`, for a picture whose size is known.
 * @param decode Called only where the picture keeps within the limits.
 */
export async function recogniseWithin(
  decode: () => Promise<Buffer> | Buffer,
  { width, height }: ImageSize,
  extraction: Extraction,
  ocr: OcrEngine,
): Promise<string> {
  extraction.left.images -= 1;
  if (extraction.left.images < 0 || width * height > extraction.limits.pixels) {
    extraction.note('limit-reached');
    return '';
  }
  const text = await ocr.recognise(await decode());
  if (text === null) extraction.note('limit-reached');
  return text ?? '';
}
