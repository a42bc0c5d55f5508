import createLibheif, { type HeifImage } from 'libheif-js/libheif-wasm/libheif-bundle.js';
import { Unreadable, type Extraction } from './extraction.ts';
import { mayHoldText, recogniseWithin, type OcrEngine } from './image-text.ts';
import { pixmapOf, type Bitmap } from './portable-map.ts';

/**
 * The words in the pictures of an HEIC file, which telephones write. Each file gets a decoder of
 * its own, so that a crash harms no later one.
 * @throws {Unreadable} `corrupt-file`
 */
export async function heifText(
  bytes: Buffer,
  extraction: Extraction,
  ocr: OcrEngine,
): Promise<string> {
  const { HeifDecoder } = await createLibheif();
  const images = new HeifDecoder().decode(bytes);
  if (images.length === 0) throw new Unreadable('corrupt-file');
  const texts: string[] = [];
  for (const image of images) {
    const size = { width: image.get_width(), height: image.get_height() };
    if (!mayHoldText(size)) continue;
    // Decoded only once it is known to keep within the limits.
    const read = () => decoded(image);
    texts.push(await recogniseWithin(read, size, extraction, ocr));
    image.free();
  }
  return texts.join('\n');
}

async function decoded(image: HeifImage): Promise<Buffer> {
  const width = image.get_width();
  const height = image.get_height();
  const empty: Bitmap = { data: new Uint8ClampedArray(width * height * 4), width, height };
  const filled = await new Promise<Bitmap | null>((resolve) => {
    image.display(empty, resolve);
  });
  if (filled === null) throw new Unreadable('corrupt-file');
  return pixmapOf(filled);
}
