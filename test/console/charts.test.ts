import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { barChart, columnChart, lineChart, type Chart } from '../../src/console/charts.ts';
import { shownCount, shownRows } from '../../src/console/small-numbers.ts';

const DRAW = { columnChart, barChart, lineChart };

/** Elements with their attributes, by a strict XML parser. */
function parsed(svg: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => found.push({ name, attributes }));
  parser.write(svg).close();
  return found;
}

function chart(rows: Chart['rows'], change: Partial<Chart> = {}): Chart {
  return { id: 'c', title: 'T', description: 'D', series: ['a', 'b'], rows, ...change };
}

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyValue = fc.oneof(fc.constant(null), fc.double(), fc.constant(0), fc.nat());
const anyChart = fc.record({
  id: fc.constant('c'),
  title: anyText,
  description: anyText,
  series: fc.array(anyText, { maxLength: 8 }),
  rows: fc.array(fc.record({ label: anyText, values: fc.array(anyValue, { maxLength: 8 }) }), {
    maxLength: 150,
  }),
});

describe.each(Object.entries(DRAW))('%s', (_name, draw) => {
  it('is well-formed, named, and draws within its frame whatever the values are', () => {
    fc.assert(
      fc.property(anyChart, (any) => {
        const elements = parsed(draw(any));
        expect(elements[0]?.attributes['aria-labelledby']).toBe('c-t c-d');
        expect(elements.slice(1, 3).map(({ name }) => name)).toEqual(['title', 'desc']);
        for (const { name, attributes } of elements) {
          expect(Object.keys(attributes).filter((key) => /^on|style|href/.test(key))).toEqual([]);
          if (name !== 'rect' || attributes['width'] === '8') continue;
          const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((key) =>
            Number.parseFloat(attributes[key] ?? ''),
          ) as [number, number, number, number];
          for (const each of [x, y, width, height]) expect(each).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(100.01);
          expect(y + height).toBeLessThanOrEqual(Number(elements[0]?.attributes['height']) + 0.01);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('makes something of nothing, of one point and of very many', () => {
    for (const count of [0, 1, 10_000]) {
      const rows = Array.from({ length: count }, (_each, at) => ({
        label: `w${at}`,
        values: [at],
      }));
      const svg = draw(chart(rows));
      expect(parsed(svg).length).toBeLessThan(500);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('lets no text end its element', () => {
    const evil = '</text><script>alert(1)</script>"&\u0000';
    const svg = draw(chart([{ label: evil, values: [1] }], { title: evil, description: evil }));
    expect(parsed(svg).map(({ name }) => name)).not.toContain('script');
  });
});

describe('what is drawn', () => {
  it('gives each series a pattern of its own, so that colour is not all that tells them apart', () => {
    const svg = columnChart(chart([{ label: 'w', values: [5, 10] }]));
    const fills = parsed(svg).flatMap(({ attributes }) =>
      attributes['fill']?.startsWith('url') ? [attributes['fill']] : [],
    );
    expect(fills).toEqual(['url(#c-p0)', 'url(#c-p1)']);
  });

  it('draws twice as tall what is twice as many', () => {
    const svg = columnChart(chart([5, 10].map((value) => ({ label: 'w', values: [value] }))));
    const [one = 0, two = 0] = parsed(svg).flatMap(({ attributes }) =>
      attributes['fill']?.startsWith('url') ? [Number(attributes['height'])] : [],
    );
    expect(two / one).toBeCloseTo(2);
  });

  it('leaves a gap in a line where nothing may be shown', () => {
    const of = (values: (number | null)[]) =>
      parsed(lineChart(chart(values.map((value) => ({ label: 'w', values: [value] })))));
    const lines = (values: (number | null)[]) =>
      of(values).filter(({ attributes }) => attributes['stroke-width'] === '2').length;
    expect(lines([5, 6, 7])).toBe(2);
    expect(lines([5, null, 7])).toBe(0);
  });
});

describe('small numbers', () => {
  it('are hidden below five, and others are to the nearest five', () => {
    expect([0, 1, 4, 5, 7, 8, 12, 13].map(shownCount)).toEqual([
      null,
      null,
      null,
      5,
      5,
      10,
      10,
      15,
    ]);
  });

  it('are not recovered by subtracting a part from the whole', () => {
    // Every pair of a part and its whole that shows the same: the rest must stay in doubt.
    const seen = new Map<string, Set<number>>();
    for (let whole = 0; whole <= 200; whole += 1) {
      for (let part = 0; part <= whole; part += 1) {
        const key = `${shownCount(part)} of ${shownCount(whole)}`;
        const rests = seen.get(key) ?? new Set();
        seen.set(key, rests.add(whole - part));
      }
    }
    const told = [...seen].filter(([, rests]) => Math.min(...rests) < 5 && rests.size < 3);
    expect(told).toEqual([]);
  });

  it('do not name the rows that they stand in', () => {
    const rows = [
      { label: 'often', counts: [12, 3] },
      { label: 'rare', counts: [1, 4] },
      { label: 'once', counts: [0, 1] },
    ];
    expect(shownRows(rows, { most: 5, others: 'Others' })).toEqual([
      { label: 'often', values: [10, null] },
      { label: 'Others', values: [null, 5] },
    ]);
  });

  it('keep the largest rows and put the rest together', () => {
    const rows = [10, 30, 20].map((count) => ({ label: `r${count}`, counts: [count] }));
    expect(shownRows(rows, { most: 2, others: 'Others' })).toEqual([
      { label: 'r30', values: [30] },
      { label: 'r20', values: [20] },
      { label: 'Others', values: [10] },
    ]);
  });
});
