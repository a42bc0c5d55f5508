import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface StaticFile {
  type: string;
  body: Buffer;
}

/** The few files that pages load, in memory, under one version: `/assets/VERSION/NAME`. */
export interface StaticFiles {
  version: string;
  files: ReadonlyMap<string, StaticFile>;
}

const FONTS =
  '"Source Sans 3",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';

/** Reads them all, once. Files that change have another version, so browsers may keep them. */
export function loadStaticFiles(): StaticFiles {
  const own = (name: string): string =>
    readFileSync(fileURLToPath(new URL(`./assets/${name}`, import.meta.url)), 'utf8');
  const govuk = (name: string): string =>
    readFileSync(fileURLToPath(import.meta.resolve(`govuk-frontend/dist/govuk/${name}`)), 'utf8');
  const texts: [name: string, type: string, text: string][] = [
    ['govuk.css', 'text/css; charset=utf-8', withoutCrown(govuk('govuk-frontend.min.css'))],
    ['console.css', 'text/css; charset=utf-8', own('console.css')],
    ['govuk.js', 'text/javascript; charset=utf-8', govuk('govuk-frontend.min.js')],
    ['console.js', 'text/javascript; charset=utf-8', own('console.js')],
    ['passkey.js', 'text/javascript; charset=utf-8', own('passkey.js')],
    ['queue.js', 'text/javascript; charset=utf-8', own('queue.js')],
    ['gate.svg', 'image/svg+xml', own('gate.svg')],
  ];
  const version = createHash('sha256').update(texts.flat().join('\0')).digest('hex').slice(0, 12);
  const files = texts.map(
    ([name, type, text]) => [name, { type, body: Buffer.from(text) }] as const,
  );
  return { version, files: new Map(files) };
}

/**
 * The typeface and the crest belong to GOV.UK alone; the design system asks others to use their
 * own.
 */
function withoutCrown(css: string): string {
  return css
    .replaceAll(/@font-face\{[^}]*\}/g, '')
    .replaceAll(/"?GDS Transport"?,arial,sans-serif/g, FONTS)
    .replaceAll(
      /(?:-webkit-)?(?:mask|background)(?:-image)?:[^;}]*url\(\/assets\/[^)]*\)[^;}]*/g,
      '',
    )
    .replace(/\/\*# sourceMappingURL=.*?\*\//, '');
}
