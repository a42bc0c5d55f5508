import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { createInspectors, inspect } from '../../src/inspect/inspect.ts';
import { readPassages, windowsOf } from '../../src/inspect/passages.ts';
import { createUninspectableInspector } from '../../src/inspect/uninspectable.ts';
import { createFeatureReader } from '../../src/inspect/wording-features.ts';
import type { Inspection } from '../../src/inspect/inspect.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';

const inspectors = createInspectors(LISTS);
const CAMPAIGN =
  'We are out canvassing again on Saturday and need bodies. Three rounds of leaflets, then the ' +
  'boards. The other lot are out every night. It will be tight on the 6th, so bring a friend.';

describe('createWordingModel()', () => {
  it('shows the words that spoke for a kind, where they stand', () => {
    const input = inspectionOf({ subject: 'Saturday', body: CAMPAIGN, election: 'local' });
    const [finding] = inspect(inspectors, input).filter(({ kind }) => kind === 'political');
    expect(finding?.evidence.length).toBeGreaterThan(0);
    for (const { part, text, start, end } of finding?.evidence ?? []) {
      const whole = input.message.texts.find(({ name }) => name === part)?.text ?? '';
      expect(text).toBe(whole.slice(start, end).replaceAll(/\s+/g, ' '));
    }
  });

  it('never repeats words about a person', () => {
    const body =
      'Between us, Mrs Garth at 14 Forge Street has been beaten by her husband again. She has ' +
      'taken her tablets all at once before and the social worker knows. Can you move her?';
    const found = inspect(inspectors, inspectionOf({ subject: 'A quiet word', body }));
    const personal = found.filter(({ kind }) => kind === 'personal-data');
    expect(personal).not.toEqual([]);
    for (const { text } of personal.flatMap(({ evidence }) => evidence)) {
      expect(text).toMatch(/^\[.*\]$/);
    }
  });

  it('passes what is only quoted', () => {
    const body = [
      ['own', 'Noted, the kerb is booked for June.\n'],
      ['quoted', CAMPAIGN],
    ] as const;
    expect(inspect(inspectors, inspectionOf({ subject: 'Re: kerb', body }))).toEqual([]);
  });
});

describe('createFeatureReader()', () => {
  const reader = createFeatureReader(LISTS);
  const read = (input: Inspection) => reader(input, windowsOf(readPassages(input))[0] ?? []);

  it('folds names and figures, which belong to one message', () => {
    const names = [...read(inspectionOf({ body: 'we saw Imran about £40 on the 12th' })).keys()];
    expect(names).toEqual(expect.arrayContaining(['w:<name>', 'w:<money>', 'w:<nth>']));
    expect(names.filter((name) => name.includes('imran'))).toEqual([]);
  });

  it.each(['stupid fat old ', 'you are a ', 'a ', '£1,', 'A', "he's "])(
    'reads six times as much of "%s" in far less than the square of six',
    (unit) => {
      const fastest = (length: number): number => {
        const body = unit.repeat(Math.ceil(length / unit.length));
        const times = Array.from({ length: 5 }, () => {
          const input = inspectionOf({ body });
          const start = process.cpuUsage();
          read(input);
          const { user, system } = process.cpuUsage(start);
          return user + system;
        });
        return Math.min(...times);
      };
      fastest(4000);
      expect(fastest(24_000) / fastest(4000)).toBeLessThan(18);
    },
  );

  const minutes = 'minutes of the meeting ';
  const partsOf = (input: ReturnType<typeof inspectionOf>, part: string) =>
    windowsOf(readPassages(input))
      .flat()
      .filter((passage) => passage.part === part);

  it('reads of a text that is too long ten windows, its beginning and its end among them, and says so', () => {
    const body = `First words. ${minutes.repeat(45_000)}Last words.`;
    const input = inspectionOf({ subject: 'Minutes', body });
    expect(windowsOf(readPassages(input))).toHaveLength(10);
    const read = partsOf(input, 'body');
    expect(read[0]?.text).toMatch(/^First words/);
    expect(read.at(-1)?.text).toMatch(/Last words\.$/);
    for (const { text, start } of read) expect(body.startsWith(text, start)).toBe(true);
    expect(createUninspectableInspector().inspect(input)).toMatchObject([
      { kind: 'uninspectable', type: 'limit' },
    ]);
  });

  it('reads a leaflet between two agendas, however long these are', () => {
    const attachments = [minutes.repeat(30_000), 'Our leaflet.', minutes.repeat(30_000)];
    const input = inspectionOf({ subject: 'Minutes', body: 'Three files.', attachments });
    expect(partsOf(input, 'attachment:2').map(({ text }) => text)).toEqual(['Our leaflet.']);
  });

  it('reads an agenda of three hundred pages to its end', () => {
    const agenda = minutes.repeat((300 * 2500) / minutes.length);
    const input = inspectionOf({ subject: 'Agenda', body: 'Attached.', attachments: [agenda] });
    const read = partsOf(input, 'attachment:1');
    expect(read.map(({ text }) => text).join('')).toBe(agenda);
    expect(createUninspectableInspector().inspect(input)).toEqual([]);
  });

  it('reads a long text in windows that leave out nothing', () => {
    const body = 'minutes of the meeting '.repeat(4000);
    const windows = windowsOf(readPassages(inspectionOf({ subject: 'Minutes', body })));
    expect(windows.length).toBeGreaterThan(3);
    const written = windows.flat().filter(({ part }) => part === 'body');
    expect(written.map(({ text }) => text).join('')).toBe(body);
    for (const { text, start } of written) expect(body.startsWith(text, start)).toBe(true);
  });
});
