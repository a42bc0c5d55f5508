import { getDocumentProxy, getResolvedPDFJS } from 'unpdf';
import { Unreadable, type Extraction } from './extraction.ts';
import type { ImageSize } from './image-size.ts';
import { mayHoldText, recogniseWithin, type OcrEngine } from './image-text.ts';
import { pixmapOf, portableHead, type Bitmap } from './portable-map.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Pdf['getPage']>>;

/**
 * The text of a PDF: title and keywords, pages with their form fields, comments and links, and the
 * files attached to it. Pages that are little but pictures are read by OCR where there is one.
 * @throws {Unreadable} `encrypted-pdf` where it wants a password, `corrupt-file`
 */
export async function pdfText(
  bytes: Buffer,
  extraction: Extraction,
  ocr: OcrEngine | null,
): Promise<string> {
  const pdf = await open(bytes);
  const texts = [await information(pdf)];
  const pages = Math.min(pdf.numPages, extraction.limits.pages);
  if (pdf.numPages > pages) extraction.note('limit-reached');
  let length = 0;
  for (let number = 1; number <= pages && length < extraction.limits.textLength; number++) {
    const text = await pageText(pdf, number, extraction, ocr);
    length += text.length;
    texts.push(text);
  }
  texts.push(...(await attachedFiles(pdf, extraction)));
  await pdf.loadingTask.destroy();
  return texts.filter((text) => text.trim() !== '').join('\n\n');
}

async function open(bytes: Buffer): Promise<Pdf> {
  try {
    // The reader takes the array over, so it gets its own.
    return await getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      useSystemFonts: false,
      disableFontFace: true,
    });
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw new Unreadable(isLocked ? 'encrypted-pdf' : 'corrupt-file', error);
  }
}

async function information(pdf: Pdf): Promise<string> {
  const { info } = await pdf.getMetadata();
  const texts = (from: unknown, wanted: RegExp): [string, string][] =>
    Object.entries(from ?? {}).filter(
      (entry): entry is [string, string] => wanted.test(entry[0]) && typeof entry[1] === 'string',
    );
  const own = texts(info, /^(?:Title|Subject|Keywords|Author)$/).map(([, value]) => value);
  const { Custom } = info as { Custom?: unknown };
  const labels = texts(Custom, /^MSIP_Label_/).map(([name, value]) => `${name}: ${value}`);
  return [...own, ...labels].join('\n');
}

// A scanner or a printer puts a line of its own on a page that is a picture.
const FEW_CHARACTERS = 200;

async function pageText(
  pdf: Pdf,
  number: number,
  extraction: Extraction,
  ocr: OcrEngine | null,
): Promise<string> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = items
      .map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
      .join('');
    const notes = await annotations(page);
    const isPicture = text.trim().length < FEW_CHARACTERS && ocr !== null;
    const seen = isPicture ? await picturesText(page, extraction, ocr) : '';
    page.cleanup();
    return [text, seen, notes].filter((each) => each !== '').join('\n');
  } catch (error) {
    if (error instanceof Unreadable) extraction.note(error.reason);
    else extraction.note('corrupt-file');
    return '';
  }
}

/** Form fields, comments, and the addresses that links lead to. */
async function annotations(page: Page): Promise<string> {
  const found = (await page.getAnnotations()) as Record<string, unknown>[];
  return found
    .flatMap(({ fieldValue, contentsObj, url }) => [
      fieldValue,
      (contentsObj as { str?: unknown } | undefined)?.str,
      url,
    ])
    .filter((value): value is string => typeof value === 'string' && value !== '')
    .join('\n');
}

interface Picture extends ImageSize {
  data: Uint8Array | Uint8ClampedArray | undefined;
  /** pdf.js's ImageKind: 2 is RGB, 3 is RGBA; 1, and none for a stencil, is a bit a pixel. */
  kind: number | undefined;
}

/** A scanned page is one picture or a few strips of one; a black and white one may be a stencil. */
async function picturesText(page: Page, extraction: Extraction, ocr: OcrEngine): Promise<string> {
  const { OPS } = await getResolvedPDFJS();
  const { fnArray, argsArray } = await page.getOperatorList();
  const texts: string[] = [];
  for (const [index, operator] of fnArray.entries()) {
    if (operator !== OPS.paintImageXObject && operator !== OPS.paintImageMaskXObject) continue;
    const [drawn] = argsArray[index] as [string | { data: unknown }];
    const name = typeof drawn === 'string' ? drawn : drawn.data;
    if (typeof name !== 'string') continue;
    const objects = name.startsWith('g_') ? page.commonObjs : page.objs;
    const picture = await new Promise<Picture | null>((resolve) => objects.get(name, resolve));
    if (picture?.data === undefined || !mayHoldText(picture)) continue;
    const { data } = picture;
    texts.push(
      await recogniseWithin(() => portableMap({ ...picture, data }), picture, extraction, ocr),
    );
  }
  return texts.join('\n');
}

/** As the OCR engine takes it. */
function portableMap({ width, height, data, kind }: Picture & Bitmap): Buffer {
  const size = { width, height };
  if (kind === 3) return pixmapOf({ ...size, data });
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (kind === 2) return Buffer.concat([portableHead('P6', size), bytes]);
  // Here a set bit is white, there it is black.
  return Buffer.concat([portableHead('P4', size), bytes.map((byte) => ~byte)]);
}

async function attachedFiles(pdf: Pdf, extraction: Extraction): Promise<string[]> {
  const files = (await pdf.getAttachments()) as Record<string, AttachedFile> | null;
  const texts: string[] = [];
  for (const { filename, content } of Object.values(files ?? {})) {
    texts.push(await extraction.member(filename, Buffer.from(content)));
  }
  return texts;
}

interface AttachedFile {
  filename: string;
  content: Uint8Array;
}
