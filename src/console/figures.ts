import type { Figures } from '../store/figures.ts';
import { hitWords } from './case-words.ts';
import { barChart, columnChart, lineChart, swatch, type Chart } from './charts.ts';
import { shownCount, shownRows } from './small-numbers.ts';

/** One chart with the table behind it. */
export interface Figure extends Chart {
  /** Over the first column of its table. */
  rowsTitle: string;
  /** What was counted, in a sentence. */
  counted: string;
  svg: string;
  legend: { text: string; swatch: string }[];
  /** Nothing of it may be shown. */
  isEmpty: boolean;
}

type Drawing = Omit<Figure, 'svg' | 'legend' | 'isEmpty' | 'description'>;

const MOST_REASONS = 5;
const MOST_RULES = 12;

/** The charts of the page, with every count as it may be shown. */
export function figuresOf(found: Figures, weeks: readonly string[]): Figure[] {
  return [
    held(found, weeks),
    ...decided(found, weeks),
    ended(found),
    sent(found),
    open(found, weeks),
  ];
}

/** A rule's id in words; our own failure has none. */
function ruleWords(rule: string | null): string {
  return rule === null ? 'We could not look inside' : hitWords(rule);
}

function held({ held: found }: Figures, weeks: readonly string[]): Figure {
  const byRule = [...Map.groupBy(found, ({ rule }) => rule)].map(([rule, counts]) => ({
    label: ruleWords(rule),
    counts: weeks.map((_week, at) => counts.find(({ week }) => week === at + 1)?.count ?? 0),
  }));
  const reasons = shownRows(byRule, { most: MOST_REASONS, others: 'Other reasons' });
  return figure(columnChart, {
    id: 'held',
    title: 'Messages held, by reason',
    counted: 'Messages held in each week, by the rule that holds them.',
    rowsTitle: 'Week of',
    series: reasons.map(({ label }) => label),
    rows: weeks.map((label, at) => ({
      label,
      values: reasons.map(({ values }) => values[at] ?? null),
    })),
  });
}

function decided({ decided: found }: Figures, weeks: readonly string[]): Figure[] {
  const of = (at: number) => found.find(({ week }) => week === at + 1);
  const hours = (at: number): number | null => {
    const week = of(at);
    if (!week || shownCount(week.count) === null) return null;
    const exact = week.medianSeconds / 3600;
    return exact < 10 ? Math.round(exact * 2) / 2 : Math.round(exact);
  };
  const time = figure(lineChart, {
    id: 'time',
    title: 'Time to decision, in working hours',
    counted:
      'From the hold to the last decision on it, in the council’s working hours: nights, ' +
      'weekends and bank holidays do not count. Half of the cases took less, half took longer. ' +
      'To the half hour.',
    rowsTitle: 'Week of',
    series: ['Working hours'],
    rows: weeks.map((label, at) => ({ label, values: [hours(at)] })),
  });
  const levels = figure(columnChart, {
    id: 'levels',
    title: 'Decided in time',
    counted: 'Cases that officers decided, by whether it was within the council’s service level.',
    rowsTitle: 'Week of',
    series: ['In time', 'Later'],
    rows: weeks.map((label, at) => {
      const { count = 0, inTime = 0 } = of(at) ?? {};
      return { label, values: [shownCount(inTime), shownCount(count - inTime)] };
    }),
  });
  return [time, levels];
}

function ended({ ended: found }: Figures): Figure {
  const rows = found.map(({ rule, released, refused, byItself }) => ({
    label: ruleWords(rule),
    counts: [released, refused, byItself],
  }));
  return figure(barChart, {
    id: 'ended',
    title: 'How holds ended, by rule',
    counted:
      'Holds that were closed. Where an officer released the message, in whole or for some of ' +
      'its recipients, the hold was overturned. Many of those may mean that a rule holds too much.',
    rowsTitle: 'Rule',
    series: [
      'Overturned: an officer released it',
      'Refused by an officer',
      'Ended without an officer’s decision',
    ],
    rows: shownRows(rows, { most: MOST_RULES, others: 'All other rules' }),
  });
}

const METHODS: Record<string, string> = {
  openpgp: 'Encrypted with OpenPGP',
  'sender-encryption': 'Encrypted by the sender',
  dane: 'TLS to a server proven by DANE',
  'mta-sts': 'TLS to a server proven by MTA-STS',
  connector: 'TLS over a named connection',
  'pkix-accepted': 'TLS with an accepted certificate',
};

function sent({ protected: found }: Figures): Figure {
  const rows = [...Map.groupBy(found, ({ method }) => methodWords(method))].map(
    ([label, methods]) => ({
      label,
      counts: [methods.reduce((sofar, { count }) => sofar + count, 0)],
    }),
  );
  return figure(barChart, {
    id: 'protected',
    title: 'Protected deliveries, by method',
    counted: 'Recipients reached with mail that must leave protected.',
    rowsTitle: 'Method',
    series: ['Deliveries'],
    rows: shownRows(rows, { most: MOST_RULES, others: 'Other methods' }),
  });
}

/** The record says the seal, or the level and the proof of the channel. */
function methodWords(method: string): string {
  return METHODS[method.split(' ').at(-1) ?? ''] ?? 'Other methods';
}

function open({ open: found }: Figures, weeks: readonly string[]): Figure {
  return figure(columnChart, {
    id: 'open',
    title: 'Open at the end of the week',
    counted: 'Cases not closed by Sunday midnight, by whether their time was over.',
    rowsTitle: 'Week of',
    series: ['Within time', 'Overdue'],
    rows: weeks.map((label, at) => {
      const { open: all = 0, overdue = 0 } = found.find(({ week }) => week === at + 1) ?? {};
      return { label, values: [shownCount(all - overdue), shownCount(overdue)] };
    }),
  });
}

function figure(draw: (chart: Chart) => string, drawing: Drawing): Figure {
  const chart = { ...drawing, description: describe(drawing) };
  return {
    ...chart,
    svg: draw(chart),
    legend:
      chart.series.length < 2
        ? []
        : chart.series.map((text, at) => ({ text, swatch: swatch(chart, at) })),
    isEmpty: chart.rows.every(({ values }) => values.every((value) => value === null)),
  };
}

/** The highest and the latest, for whoever does not see the drawing. */
function describe({ rows, series, counted }: Drawing): string {
  const all = rows.flatMap(({ label, values }) =>
    values.flatMap((value, at) => (value === null ? [] : [{ label, value, of: series[at] }])),
  );
  const [first, ...others] = all;
  if (!first) return `${counted} Nothing that can be shown.`;
  const most = others.reduce((sofar, each) => (each.value > sofar.value ? each : sofar), first);
  return `${counted} The highest: ${most.value}, ${most.of}, ${most.label}.`;
}

/** All figures, one value a line. What is hidden says so. */
export function figuresCsv(figures: readonly Figure[]): string {
  const lines = figures.flatMap(({ title, series, rows }) =>
    rows.flatMap(({ label, values }) =>
      values.map((value, at) => [title, label, series[at] ?? '', value ?? 'fewer than 5']),
    ),
  );
  return [['figure', 'row', 'of', 'value'], ...lines]
    .map((line) => `${line.map(csvField).join(',')}\r\n`)
    .join('');
}

/** RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe. */
function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}
