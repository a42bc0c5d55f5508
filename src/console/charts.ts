/**
 * Charts as SVG for pages without scripts and under a strict CSP: no styles, no links, every text
 * escaped. Widths are shares of the page, so that letters keep their size at 320 px, when zoomed
 * and in print. Series differ by pattern, not by colour alone; the table beside it has the numbers.
 */
export interface Chart {
  /** Of this chart alone on its page: letters, digits, hyphens. */
  id: string;
  title: string;
  /** What is to be seen, in a sentence, for whoever does not see it. */
  description: string;
  /** What each value of a row is: at most six. */
  series: readonly string[];
  /** `null` is not drawn, nor is what is no number from 0 on. */
  rows: readonly { label: string; values: readonly (number | null)[] }[];
}

/** So many rows are drawn; of weeks the last ones, of bars the first. */
const MOST_COLUMNS = 104;
const MOST_BARS = 30;
const MOST_LETTERS = 48;
const LARGEST = 1e12;

const INK = '#12343b';
const GRID = '#c9d5d6';
const LETTERS = '#0b0c0c';
const FONT = 'system-ui, Arial, sans-serif';

/** Columns side by side, one a row, each of its series on top of one another. */
export function columnChart(chart: Chart): string {
  const rows = drawn(chart.rows.slice(-MOST_COLUMNS));
  const height = 240;
  const top = niceTop(rows.map(({ values }) => total(values)));
  const [base, plot] = [height - 30, height - 50];
  const step = 88 / Math.max(1, rows.length);
  const columns = rows.flatMap(({ values }, at) => {
    let below = 0;
    return values.map((value, series) => {
      const tall = (value / top) * plot;
      const y = base - below - tall;
      below += tall;
      if (tall === 0) return '';
      return rect({ x: 11 + at * step, width: step * 0.8, y, height: tall }, fill(chart, series));
    });
  });
  return svg(chart, height, [
    ...scale(top, base, plot),
    ...columns,
    ...underneath(rows, step, height),
  ]);
}

/** One line over the rows, of the first series; a gap where a value is missing. */
export function lineChart(chart: Chart): string {
  const rows = drawn(chart.rows.slice(-MOST_COLUMNS));
  const height = 240;
  const top = niceTop(rows.map(({ values }) => values[0] ?? 0));
  const [base, plot] = [height - 30, height - 50];
  const step = 88 / Math.max(1, rows.length);
  const points = rows.map(({ values, isThere }, at) =>
    isThere[0] === true
      ? { x: 11 + (at + 0.4) * step, y: base - ((values[0] ?? 0) / top) * plot }
      : null,
  );
  const marks = points.flatMap((point, at) => {
    if (!point) return [];
    const before = points[at - 1];
    const line = before
      ? `<line x1="${share(before.x)}" y1="${px(before.y)}" x2="${share(point.x)}" ` +
        `y2="${px(point.y)}" stroke="${INK}" stroke-width="2"/>`
      : '';
    return [line, `<circle cx="${share(point.x)}" cy="${px(point.y)}" r="4" fill="${INK}"/>`];
  });
  return svg(chart, height, [
    ...scale(top, base, plot),
    ...marks,
    ...underneath(rows, step, height),
  ]);
}

/** A bar a row under its label and its numbers, the series one after the other. */
export function barChart(chart: Chart): string {
  const rows = drawn(chart.rows.slice(0, MOST_BARS));
  const top = Math.max(1, ...rows.map(({ values }) => total(values)));
  const bars = rows.flatMap(({ label, values }, at) => {
    const y = at * 52;
    let before = 0;
    const parts = values.map((value, series) => {
      const width = (value / top) * 99;
      const x = before;
      before += width;
      return width === 0
        ? ''
        : rect({ x: x + 0.5, width, y: y + 22, height: 20 }, fill(chart, series));
    });
    const numbers = values
      .filter((value) => value > 0)
      .map((value) => value.toLocaleString('en-GB'));
    const of = numbers.length > 0 ? `${label}: ${numbers.join(' + ')}` : label;
    return [words(of, { x: '0', y: y + 15 }), ...parts];
  });
  return svg(chart, Math.max(1, rows.length) * 52, bars);
}

/** A square of a series' pattern, for the legend beside the chart. */
export function swatch(chart: Pick<Chart, 'id'>, series: number): string {
  const square = rect({ x: 4, width: 92, y: 1, height: 14 }, fill(chart, series));
  return `<svg width="20" height="16" aria-hidden="true" focusable="false">${square}</svg>`;
}

interface Row {
  label: string;
  values: number[];
  isThere: boolean[];
}

function drawn(rows: Chart['rows']): Row[] {
  return rows.map(({ label, values }) => ({
    label,
    values: values.map((value) => (isDrawable(value) ? Math.min(value, LARGEST) : 0)),
    isThere: values.map(isDrawable),
  }));
}

function isDrawable(value: number | null): value is number {
  return value !== null && value >= 0;
}

function total(values: readonly number[]): number {
  return values.reduce((sofar, value) => sofar + value, 0);
}

/** A round number that is not below any of them: 1, 2 or 5 with noughts. */
function niceTop(values: readonly number[]): number {
  const largest = Math.max(1, ...values);
  const tens = 10 ** Math.floor(Math.log10(largest));
  return ([1, 2, 5, 10].find((each) => each * tens >= largest) ?? 10) * tens;
}

function scale(top: number, base: number, plot: number): string[] {
  return [0, 0.5, 1].flatMap((part) => {
    const y = px(base - part * plot);
    return [
      `<line x1="11%" y1="${y}" x2="100%" y2="${y}" stroke="${GRID}" stroke-width="1"/>`,
      words(compact(top * part), { x: '9.5%', y: Number(y) + 5, anchor: 'end' }),
    ];
  });
}

function compact(value: number): string {
  return value.toLocaleString('en-GB', { notation: 'compact', maximumFractionDigits: 1 });
}

/** The first label, the last and, where there is room, the one in the middle. */
function underneath(rows: readonly Row[], step: number, height: number): string[] {
  const last = rows.length - 1;
  const at = (index: number, x: number, anchor: 'start' | 'middle' | 'end') =>
    words(rows[index]?.label ?? '', { x: share(x), y: height - 8, anchor });
  if (last < 0) return [words('Nothing to show', { x: '50%', y: height / 2, anchor: 'middle' })];
  if (last === 0) return [at(0, 11, 'start')];
  const ends = [at(0, 11, 'start'), at(last, 99, 'end')];
  const middle = Math.floor(last / 2);
  return last < 4 ? ends : [...ends, at(middle, 11 + (middle + 0.4) * step, 'middle')];
}

function words(
  text: string,
  { x, y, anchor = 'start' }: { x: string; y: number; anchor?: 'start' | 'middle' | 'end' },
): string {
  const letters = Array.from(text.toWellFormed());
  const short =
    letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join('')}…` : text;
  return (
    `<text x="${x}" y="${px(y)}" text-anchor="${anchor}" font-family="${FONT}" font-size="14" ` +
    `fill="${LETTERS}">${escaped(short)}</text>`
  );
}

/** `x` and `width` in per cent, `y` and `height` in pixels. */
function rect(
  { x, width, y, height }: Record<'x' | 'width' | 'y' | 'height', number>,
  paint: string,
): string {
  return (
    `<rect x="${share(x)}" y="${px(y)}" width="${share(width)}" height="${px(height)}" ` +
    `fill="${paint}" stroke="${INK}" stroke-width="1"/>`
  );
}

function svg(chart: Chart, height: number, parts: readonly string[]): string {
  const id = chart.id.replaceAll(/[^\w-]/g, '');
  return (
    `<svg role="img" aria-labelledby="${id}-t ${id}-d" width="100%" height="${height}" ` +
    `focusable="false"><title id="${id}-t">${escaped(chart.title)}</title>` +
    `<desc id="${id}-d">${escaped(chart.description)}</desc>` +
    `<defs>${PATTERNS.map((body, series) => pattern(id, series, body)).join('')}</defs>` +
    `${parts.join('')}</svg>`
  );
}

function fill({ id }: Pick<Chart, 'id'>, series: number): string {
  return `url(#${id.replaceAll(/[^\w-]/g, '')}-p${series % PATTERNS.length})`;
}

function pattern(id: string, series: number, body: string): string {
  return (
    `<pattern id="${id}-p${series}" width="8" height="8" patternUnits="userSpaceOnUse">` +
    `<rect width="8" height="8" fill="#fff"/>${body}</pattern>`
  );
}

/** Full, slanted, empty, dotted, level and crossed: told apart in black and white. */
const PATTERNS = [
  `<rect width="8" height="8" fill="${INK}"/>`,
  '<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#7a5800" stroke-width="2.5"/>',
  '',
  `<circle cx="4" cy="4" r="2" fill="${INK}"/>`,
  '<path d="M0 2H8M0 6H8" stroke="#7a5800" stroke-width="1.5"/>',
  `<path d="M0 4H8M4 0V8" stroke="${INK}" stroke-width="1"/>`,
];

const share = (value: number): string => `${round(value)}%`;
const px = (value: number): string => String(round(value));
const round = (value: number): number => Math.round(value * 1000) / 1000;

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
