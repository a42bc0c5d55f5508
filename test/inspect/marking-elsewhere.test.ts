import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkingElsewhereInspector } from '../../src/inspect/marking-elsewhere.ts';
import { bannersIn, filledLines } from '../../src/mail/marking-banner.ts';
import { findingsOf, type Mail } from './mail-of.ts';

const bannerLevels = (text: string): string[] =>
  bannersIn(filledLines(text)).map(({ level }) => level);

describe('bannersIn()', () => {
  it.each([
    'OFFICIAL-SENSITIVE',
    '  Official – Sensitive  ',
    '*** OFFICIAL-SENSITIVE ***',
    '[OFFICIAL-SENSITIVE]',
    'OFFICIAL-SENSITIVE: PERSONAL DATA',
    'OFFICIAL SENSITIVE [COMMERCIAL]',
    'UK OFFICIAL-SENSITIVE',
    'Classification: OFFICIAL-SENSITIVE',
    'Protective marking - Official Sensitive',
    'OFFICIAL-SENSITIVE (when complete)',
    'OFFICIAL-SENSITIVE // RECIPIENTS ONLY',
    'OFFICIAL-SENSITIVE HOUSING PANEL',
    'OFFICIAL-SENSITIVE   Page 2 of 14',
    'Page 2 of 14 | OFFICIAL-SENSITIVE',
    'OFFICAL-SENSITVE',
    'ОFFICIAL-SENSITIVE',
  ])('takes the line %j for a marking', (line) => {
    expect(bannerLevels(`Dear Ann\n${line}\nText`)).toEqual(['OFFICIAL-SENSITIVE']);
  });

  it.each([
    'Please write OFFICIAL-SENSITIVE in the subject.',
    'OFFICIAL-SENSITIVE is what we write on private mail',
    'Is it OFFICIAL-SENSITIVE?',
    '"OFFICIAL-SENSITIVE"',
    '“OFFICIAL-SENSITIVE”',
    '- OFFICIAL-SENSITIVE',
    '2. OFFICIAL-SENSITIVE',
    'OFFICIAL-SENSITIVE information must be encrypted',
    'Unofficial: sensitive plants',
    'official sensitive to noise',
    'Not OFFICIAL-SENSITIVE',
    'OFFICIALS, SENSITIVE',
    'Secret',
    'SECRET SANTA',
    'SECRET: Santa list',
    'SECRET BALLOT',
    'Top secret recipe',
  ])('takes the line %j for talk', (line) => {
    expect(bannerLevels(`Dear Ann\n${line}\nText`)).toEqual([]);
  });

  it('takes a list of levels for an explanation, and what a colon announces for an instruction', () => {
    expect(bannerLevels('OFFICIAL\nOFFICIAL-SENSITIVE')).toEqual([]);
    const scheme = 'OFFICIAL\nwhat we do\nOFFICIAL-SENSITIVE\nwhat is private\nSECRET\nnever';
    expect(bannerLevels(scheme)).toEqual([]);
    expect(bannerLevels('Start the subject line with:\n\nOFFICIAL-SENSITIVE')).toEqual([]);
    expect(bannerLevels('Dear Ann Lee:\nOFFICIAL-SENSITIVE')).toEqual(['OFFICIAL-SENSITIVE']);
  });

  it('finds the marking whatever is drawn around it, and none once a small word stands beside it', () => {
    const drawn = fc.stringMatching(/^[\s*_=~#|[\](){}.-]{0,12}$/).filter((s) => !s.includes('\n'));
    fc.assert(
      fc.property(
        drawn,
        drawn,
        fc.constantFrom('-', ' - ', ' ', '–', ': '),
        (left, right, joint) => {
          const line = `==${left}OFFICIAL${joint}SENSITIVE${right}==`;
          expect(bannerLevels(line)).toEqual(['OFFICIAL-SENSITIVE']);
          expect(bannerLevels(`${line} means care`)).toEqual([]);
        },
      ),
    );
  });

  it('reads any text, however hostile, in time that grows with its length', () => {
    for (const unit of [
      'OFFICIAL-',
      'OFFICIAL-SENSITIVE ',
      '[',
      '* ',
      'page 1 of ',
      '>\n',
      'SECRET\n',
    ]) {
      const text = unit.repeat(Math.floor(300_000 / unit.length));
      const before = performance.now();
      bannersIn(filledLines(text));
      expect(performance.now() - before).toBeLessThan(3000);
    }
  });
});

const LETTER = ['Dear Ann,', '', 'May we meet about the tenancy on Tuesday?', '', 'Vera'];
const seen = async (mail: Mail) => {
  const found = await findingsOf(mail, 'marking-elsewhere');
  return found.map(({ type, details }) => `${type} ${String(details['level'])}`);
};

describe('a marking elsewhere than in the Subject', () => {
  it('is found as the first or the last line of what the sender wrote', async () => {
    const top = ['OFFICIAL-SENSITIVE', '', ...LETTER].join('\n');
    expect(await seen({ body: top })).toEqual(['body OFFICIAL-SENSITIVE']);
    const foot = [...LETTER, '', 'OFFICIAL-SENSITIVE: PERSONAL'].join('\n');
    expect(await seen({ body: foot })).toEqual(['body OFFICIAL-SENSITIVE']);
  });

  it('is not sought in the middle of a long text', async () => {
    const lines = Array.from({ length: 12 }, (_, index) => `Line ${index} of a long letter.`);
    expect(await seen({ body: [...lines, 'OFFICIAL-SENSITIVE', ...lines].join('\n') })).toEqual([]);
  });

  it('is found in a quoted thread: its banner, or the Subject that it had', async () => {
    const block = [
      'From: Ann',
      'Sent: Monday',
      'To: Vera',
      'Subject: OFFICIAL-SENSITIVE: Lee',
      '',
      'x',
    ];
    expect(await seen({ body: [...LETTER, '', ...block].join('\n') })).toEqual([
      'quoted OFFICIAL-SENSITIVE',
    ]);
    const quoted = [
      'On Monday, Ann <ann@charity.test> wrote:',
      '> OFFICIAL-SENSITIVE',
      '> Dear Vera',
    ];
    expect(await seen({ body: [...LETTER, '', ...quoted].join('\n') })).toEqual([
      'quoted OFFICIAL-SENSITIVE',
    ]);
  });

  it('is not found where the Subject says as much already', async () => {
    expect(
      await seen({
        headers: ['Subject: OFFICIAL-SENSITIVE: Lee'],
        body: 'OFFICIAL-SENSITIVE\n\nx',
      }),
    ).toEqual([]);
    expect(
      await seen({ headers: ['Subject: OFFICIAL: Lee'], body: 'OFFICIAL-SENSITIVE\n\nx' }),
    ).toEqual(['body OFFICIAL-SENSITIVE']);
  });

  it('is found above it where the Subject says less, with SECRET set apart', async () => {
    const found = await findingsOf({ body: 'TOP SECRET\n\nThe convoy' }, 'marking-elsewhere');
    expect(found[0]?.details).toEqual({ level: 'TOP SECRET', secret: true });
  });

  it('is quoted as evidence by its place', async () => {
    const body = 'Dear Ann,\n\n  ** OFFICIAL-SENSITIVE **\nText';
    const [found] = await findingsOf({ body }, 'marking-elsewhere');
    expect(found?.evidence).toMatchObject([{ part: 'body', text: '** OFFICIAL-SENSITIVE **' }]);
  });

  it('is called by its own name', () => {
    expect(createMarkingElsewhereInspector().name).toBe('marking-elsewhere');
  });
});
