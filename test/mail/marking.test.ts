import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeaderBlock } from '../../src/mail/header-block.ts';
import type { LabelOptions } from '../../src/mail/marking-labels.ts';
import { markingOf, parseMarking } from '../../src/mail/marking.ts';
import { normaliseText } from '../../src/mail/normal-text.ts';

// Domain B.2, "must match", and variants of the same.
const MARKED = [
  'OFFICIAL-SENSITIVE',
  'OFFICIAL - SENSITIVE',
  'OFFICIAL – SENSITIVE',
  'OFFICIAL—SENSITIVE',
  'OFFICIAL\u2011SENSITIVE',
  'Official-Sensitive',
  'Official Sensitive',
  'Official\u00a0Sensitive: lease',
  'OFFICIAL: SENSITIVE',
  'OFFICIAL:Sensitive',
  'OFFICIAL- SENSITIVE: round 2 scores',
  'OFFICIALSENSITIVE PERSONAL',
  'OFFICIAL-SENSITIVE [PERSONAL]',
  'OFFICIAL-SENSITIVE [COMMERCIAL]',
  'OFFICIAL-SENSITIVE PERSONAL',
  'OFFICIAL-SENSITIVE COMMERCIAL',
  'OFFICIAL-SENSITIVE/LOCSEN flood gates',
  'OFFICIAL-SENSITIVE-PERSONAL',
  'OFFICIAL-SENSITIVE: COMMERCIAL',
  'OFFICIAL-SENSITIVE (HR)',
  '[OFFICIAL-SENSITIVE]',
  '(OFFICIAL-SENSITIVE) x',
  'x OFFICIAL-SENSITIVE y',
  'official_sensitive',
  'OFFICIAL/SENSITIVE',
  'OFFICIAL.SENSITIVE',
  '**OFFICIAL-SENSITIVE**',
  'RE: FW: OFFICIAL-SENSITIVE x',
  'Re:[OFFICIAL-SENSITIVE]Ferry lease',
  'OFFICIAL (SENSITIVE) x',
  'OFFICIAL | SENSITIVE',
  'OFFI\u00adCIAL-SENS\u200bITIVE',
  'OFFICIAL-SENS\0ITIVE',
  '\u202eOFFICIAL-SENSITIVE\u202c',
  'ＯＦＦＩＣＩＡＬ－ＳＥＮＳＩＴＩＶＥ',
  'ОFFІСІАL-ЅЕNЅІТІVЕ',
  'OFFİCİAL-SENSİTİVE',
  '[SEC=OFFICIAL:Sensitive, CAVEAT=x]',
  "Does 'OFFICIAL-SENSITIVE' have to be in capitals?",
  'Do I write Official Sensitive or official sensitive?',
  'please treat this as official: sensitive',
  'Official Sensitive to follow',
  'The official sensitive papers for Thursday',
  '[O F F I C I A L - S E N S I T I V E]  Land at the yard',
  'O.F.F.I.C.I.A.L S.E.N.S.I.T.I.V.E',
  'O F F I C I A L (S E N S I T I V E)',
  'o f f i c i a l sensitive',
  'Mr Ignatius Pereira - OFFICIAL-SENSITIVE PERSONAL',
];

// The words in another sense (domain B.2, "must not match", and everyday mail).
const UNMARKED = [
  'Unofficial sensitive matters',
  'Unofficial: sensitive plants sale',
  'The official, sensitive to concerns',
  'Officially sensitive',
  'OFFICIAL opening: sensitive planting',
  'Sensitive: official visit',
  'OFFICIALS SENSITIVE TO',
  'OFFICIAL-SENSITIVELY',
  'OFFICIAL-SENSITIVITY',
  'Official kit: sensitive skin?',
  "It's official: sensitive teeth week is here",
  'Now it is official - sensitive site saved',
  "IT'S OFFICIAL: SENSITIVE TEETH WEEK",
  'A council official sensitive to residents',
  'An official sensitive enough to listen',
  'Officials sensitive about parking',
  'Official insensitive remarks',
  'Official sensitisation training',
  'We are now official. Sensitive trees next',
  'Price-sensitive official figures',
  'sensitive officials',
  'Officiant: sensitive weddings',
  'Commercially sensitive: official response',
  'Light-sensitive officials and other jokes',
  'Judicial sensitive cases',
  'Semi-official sensitive matters',
  'Non-official sensitive papers',
  'Club made official: sensitive pitch reopened',
  'Is it official? Sensitive plants banned',
  'OFFICIAL NOTICE: SENSITIVE VERGES',
];

describe('parseMarking()', () => {
  it.each(MARKED)('reads OFFICIAL-SENSITIVE in %j', (subject) => {
    expect(parseMarking(subject)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', misspelt: false });
  });

  it.each(UNMARKED)('sees no marking in %j', (subject) => {
    expect(parseMarking(subject).level).toBe('NONE');
  });

  it.each([
    ['OFFICIAL', 'OFFICIAL'],
    ['Re: OFFICIAL: minutes', 'OFFICIAL'],
    ['[OFFICIAL] minutes', 'OFFICIAL'],
    ['OFFICIAL visit', 'NONE'],
    ['Official: visit', 'NONE'],
  ])('reads the ordinary tier of %j as %s', (subject, level) => {
    expect(parseMarking(subject).level).toBe(level);
  });

  it.each([
    'OFFICAL-SENSITIVE',
    'OFFICIAL-SENSATIVE: housing',
    'Re: OFFICIAL SENSTIVE',
    '[Offical sensitve] x',
    '0FFICIAL-SENS1TIVE: foo',
    'OFFCIALSENSITIVE foo',
    'Case 12: OFFICAL-SENSITIVE',
    'OFFCIIAL-SENSITIVE',
  ])('takes the slip in %j for a marking', (subject) => {
    expect(parseMarking(subject)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', misspelt: true });
  });

  it('leaves a slip alone where it may be speech', () => {
    expect(parseMarking('We met an offical sensitive to noise').level).toBe('NONE');
  });

  it.each([
    'not OFFICIAL-SENSITIVE',
    'Downgraded from OFFICIAL-SENSITIVE',
    'no longer [Official Sensitive]',
  ])('marks %j all the same, and records the negation', (subject) => {
    expect(parseMarking(subject)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', negated: true });
  });

  it.each([
    ['OFFICIAL-SENSITIVE [PERSONAL] x', 'PERSONAL'],
    ['OFFICIAL-SENSITIVE: Personal Data', 'PERSONAL DATA'],
    ['OFFICIAL-SENSITIVE - LEGAL PROFESSIONAL PRIVILEGE', 'LEGAL PROFESSIONAL PRIVILEGE'],
    ['OFFICIAL-SENSITIVE (HR/MANAGEMENT)', 'HR/MANAGEMENT'],
    ['OFFICIAL-SENSITIVE: personality test', null],
    ['OFFICIAL-SENSITIVE: lease', null],
  ])('records the descriptor of %j', (subject, descriptor) => {
    expect(parseMarking(subject).descriptor).toBe(descriptor);
  });

  it.each([
    ['SECRET', 'SECRET'],
    ['SECRET: x', 'SECRET'],
    ['RE: SECRET - x', 'SECRET'],
    ['Re: SECRET - x', 'SECRET'],
    ['Fwd: SECRET – Exercise Mere Otter', 'SECRET'],
    ['[SECRET] x', 'SECRET'],
    ['Re: [SECRET] convoy timings', 'SECRET'],
    ['UK SECRET: x', 'SECRET'],
    ['SECRET UK EYES ONLY', 'SECRET'],
    ['[EXTERNAL] SECRET: x', 'SECRET'],
    ['convoy timings [SECRET]', 'SECRET'],
    ['TOP SECRET', 'TOP SECRET'],
    ['Fwd: Re: TOP SECRET', 'TOP SECRET'],
    ['TOP SECRET//SI', 'TOP SECRET'],
    ['Re: S E C R E T: berth plan', 'SECRET'],
    ['T O P  S E C R E T', 'TOP SECRET'],
    ['TOP-SECRET: x', 'TOP SECRET'],
    ['Re: TOP SECRET-berth plan', 'TOP SECRET'],
    ['**SECRET** x', 'SECRET'],
    ['SЕCRЕT: Cyrillic letters', 'SECRET'],
    ['SECRET: OFFICIAL-SENSITIVE annex', 'SECRET'],
  ])('reads %j as %s', (subject, level) => {
    expect(parseMarking(subject).level).toBe(level);
  });

  it.each([
    'Secret Santa',
    'SECRET SANTA',
    'SECRET-SANTA draw',
    'SECRET-BALLOT rules',
    'THE SECRET: how we won',
    'SECRET: SANTA list',
    'Secretary',
    'SECRETARIAL',
    'TOP SECRET SURPRISE PARTY',
    'secret ballot',
    'SECRET BALLOT',
    'Secret: the best chip shop',
    'Trade secrets',
    'the worst-kept SECRET in town',
  ])('does not take %j for a classification', (subject) => {
    expect(parseMarking(subject).level).toBe('NONE');
  });

  it.each([
    ['[secure] x', true],
    ['Re: [ENCRYPT] x', true],
    ['x [PGP]', true],
    ['is the site secure?', false],
    ['(secure) x', false],
  ])('tells whether %j asks for encryption: %s', (subject, asked) => {
    expect(parseMarking(subject)).toMatchObject({ encryptRequested: asked, level: 'NONE' });
  });

  it('points its evidence into the normalised subject', () => {
    const subject = 'Re: the Caf\u00ad\u00e9 — OFFI\u200bCIAL – SENSITIVE plan';
    const { evidence } = parseMarking(subject);
    expect(evidence?.text).toBe('OFFICIAL – SENSITIVE');
    expect(normaliseText(subject).slice(evidence?.start, evidence?.end)).toBe(evidence?.text);
  });

  const dash = fc.constantFrom(
    ...'-|\u2010|\u2011|\u2012|\u2013|\u2014|\u2015|\u2212|\uff0d|\ufe63'.split('|'),
  );
  const gap = fc.constantFrom('', ' ', '  ', '\u00a0', '\u2009');
  const hidden = fc.constantFrom('', '\u00ad', '\u200b', '\u200d', '\u2060', '\ufeff', '\u200e');
  const casing = fc.constantFrom(
    (word: string) => word,
    (word: string) => word.toLowerCase(),
    (word: string) => word.slice(0, 1) + word.slice(1).toLowerCase(),
  );
  const wrap = fc.constantFrom(['', ''], ['[', ']'], ['(', ')'], ['**', '**'], ["'", "'"]);
  const prefix = fc.constantFrom('', 'Re: ', 'FW: RE: ', 'Fwd: ', 'Case 417, ', '[EXTERNAL] ');
  const suffix = fc.constantFrom('', ': housing', ' PERSONAL', ' - lease', '?');
  const variant = fc
    .tuple(prefix, wrap, casing, gap, dash, gap, hidden, suffix)
    .map(([before, [opens, ends], change, left, mark, right, unseen, after]) => {
      const words = `${change('OFFICIAL')}${left}${mark}${right}${change('SENSITIVE')}`;
      const split = `${words.slice(0, 3)}${unseen}${words.slice(3)}`;
      return `${before}${opens}${split}${ends}${after}`;
    });

  it('reads every dash, gap, case, bracket and invisible character', () => {
    fc.assert(
      fc.property(variant, (subject) => {
        expect(parseMarking(subject).level).toBe('OFFICIAL-SENSITIVE');
      }),
    );
  });

  it('reads every variant as encoded words cut at any byte', () => {
    fc.assert(
      fc.property(
        variant,
        fc.constantFrom('B', 'Q'),
        fc.integer({ min: 1, max: 12 }),
        (subject, encoding, size) => {
          const bytes = Buffer.from(subject);
          const words: string[] = [];
          for (let at = 0; at < bytes.length; at += size) {
            const piece = bytes.subarray(at, at + size);
            const text = encoding === 'B' ? piece.toString('base64') : quoted(piece);
            words.push(`=?utf-8?${encoding}?${text}?=`);
          }
          const block = Buffer.from(`Subject: ${words.join('\r\n ')}\r\n`);
          expect(markingOf(readHeaderBlock(block).fields).level).toBe('OFFICIAL-SENSITIVE');
        },
      ),
    );
  });

  it('sees no marking where another word stands between or is grown on', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(word, casing, (other, change) => {
        const [official, sensitive] = [change('OFFICIAL'), change('SENSITIVE')];
        expect(parseMarking(`${official} ${other} ${sensitive}`).level).toBe('NONE');
        expect(parseMarking(`Minutes: ${official}${other}x-${sensitive}`).level).toBe('NONE');
      }),
    );
  });

  it('never throws, and its evidence is always within the normalised subject', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (subject) => {
        const { evidence } = parseMarking(subject);
        const quoted = normaliseText(subject).slice(evidence?.start ?? 0, evidence?.end ?? 0);
        expect(quoted).toBe(evidence?.text ?? '');
      }),
    );
  });

  it.each(['re:', '[x]', 'OFFICIAL ', '(SECRET)   ', '[ ', 'OFFICIAL-SENSITIVF ', 'not '])(
    'takes bounded time for half a megabyte of %j',
    (unit) => {
      const started = performance.now();
      parseMarking(unit.repeat(Math.floor(500_000 / unit.length)));
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );
});

function quoted(bytes: Buffer): string {
  return [...bytes].map((byte) => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}

describe('markingOf()', () => {
  const of = (block: string, siteIds: string[] = [], levels: LabelOptions['levels'] = {}) =>
    markingOf(readHeaderBlock(Buffer.from(block, 'latin1')).fields, { siteIds, levels });

  it.each([
    'Subject: =?UTF-8?B?T0ZGSUNJQUzigJNTRU5TSVRJVkU6IEhvdXNpbmcgY2FzZQ==?=\r\n',
    'Subject: =?UTF-8?Q?OFFICIAL_=E2=80=93_SENS?=\r\n =?UTF-8?Q?ITIVE:_Housing?=\r\n',
    'Subject: =?iso-8859-1?Q?OFFICIAL=2DSENSITIVE?=\r\n',
    'Subject: =?windows-1252?Q?OFFICIAL_=96_SENSITIVE?=\r\n',
    'Subject: =?iso-8859-1?Q?OFFICIAL=A0SENSITIVE_-_derby?=\r\n',
    'Subject: OFFICIAL\r\n SENSITIVE\r\n',
    'Subject : OFFICIAL-SENSITIVE\r\n',
    'SUBJECT:OFFICIAL-SENSITIVE\r\n',
    'Subject: OFFICIAL \x96 SENSITIVE\r\n',
    'Subject: =?x-unknown-charset?Q?OFFICIAL-SENSITIVE?=\r\n',
    'Subject: =?utf-8?B?T0ZGSUNJQUwt?= =?utf-8?Q?SENSITIVE?=\r\n',
    'Subject: =?utf-8?Q?broken=?= OFFICIAL-SENSITIVE =?utf-8?B?!!?=\r\n',
    'Subject: hello\r\nSubject: OFFICIAL-SENSITIVE\r\n',
  ])('reads %j', (block) => {
    expect(of(block)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', source: 'subject' });
  });

  it('mends a base64 group cut between two words', () => {
    const text = Buffer.from('OFFICIAL–SENSITIVE x').toString('base64');
    const block = `Subject: =?utf-8?B?${text.slice(0, 13)}?=\r\n =?utf-8?B?${text.slice(13)}?=\r\n`;
    expect(of(block).level).toBe('OFFICIAL-SENSITIVE');
  });

  const label = (name: string, enabled = 'true', site = 'aaaa-01') =>
    `Subject: x\r\nmsip_labels: MSIP_Label_0f1e_SiteId=${site};\r\n MSIP_Label_0f1e_Enabled=${enabled};` +
    ` MSIP_Label_0f1e_Name=${name};\r\n MSIP_Label_0f1e_ContentBits=3\r\n`;

  it.each([
    [label('OFFICIAL-SENSITIVE'), 'OFFICIAL-SENSITIVE'],
    [label('Official\r\n Sensitive - Personal'), 'OFFICIAL-SENSITIVE'],
    [label('OFFICIAL'), 'OFFICIAL'],
    [label('Secret'), 'SECRET'],
    [label('OFFICIAL-SENSITIVE', 'false'), 'NONE'],
    [label('Public'), 'NONE'],
    ['X-Microsoft-Classification: Official Sensitive\r\n', 'OFFICIAL-SENSITIVE'],
    [
      'X-Protective-Marking: VER=2018.4, NS=gov.au, SEC=OFFICIAL:Sensitive, ORIGIN=a@b\r\n',
      'OFFICIAL-SENSITIVE',
    ],
    ['X-Protective-Marking: VER=2018.4, NS=gov.au, SEC=OFFICIAL\r\n', 'OFFICIAL'],
    ['X-Protective-Marking: nothing to see\r\n', 'NONE'],
  ])('reads the label %j as %s', (block, level) => {
    expect(of(block).level).toBe(level);
  });

  it('ignores the label of another tenant only where our own are known', () => {
    expect(of(label('OFFICIAL-SENSITIVE'), ['BBBB-02']).level).toBe('NONE');
    expect(of(label('OFFICIAL-SENSITIVE'), ['AAAA-01']).level).toBe('OFFICIAL-SENSITIVE');
  });

  const OURS = '0d7e4c52-9b1f-4a0e-8c55-2f6f3f4c1a02';
  const PUBLIC = '0d7e4c52-9b1f-4a0e-8c55-2f6f3f4c1a03';
  const LEVELS = { [OURS]: 'OFFICIAL-SENSITIVE', [PUBLIC]: 'NONE' } as const;
  const guid = (id: string, ...attributes: string[]) =>
    `Subject: x\r\nMSIP_Labels: ${attributes.map((each) => `MSIP_Label_${id}_${each}`).join(';\r\n ')}\r\n`;

  it.each([
    [guid(OURS, 'Enabled=true', 'SiteId=AAAA-01', 'Name=Amber'), 'OFFICIAL-SENSITIVE'],
    [guid(OURS.toUpperCase(), 'SiteId=aaaa-01', 'Enabled=True;'), 'OFFICIAL-SENSITIVE'],
    [
      guid(OURS, 'Name=Amber\r\n and more', 'ContentBits=3', 'Enabled=\r\n true'),
      'OFFICIAL-SENSITIVE',
    ],
    [guid(OURS, 'Enabled=false', 'SiteId=aaaa-01', 'Name=OFFICIAL-SENSITIVE'), 'NONE'],
    [guid(OURS, 'SiteId=aaaa-01', 'Name=OFFICIAL-SENSITIVE'), 'NONE'],
    [guid(OURS, 'Enabled=true', 'SiteId=cccc-03'), 'NONE'],
    // What the council says of its label stands before how the label is called.
    [guid(PUBLIC, 'Enabled=true', 'SiteId=aaaa-01', 'Name=OFFICIAL-SENSITIVE'), 'NONE'],
    [
      guid('ffff', 'Enabled=true', 'SiteId=aaaa-01', 'Name=Official Sensitive'),
      'OFFICIAL-SENSITIVE',
    ],
    [`X-Microsoft-Classified: true\r\nX-Microsoft-ClassID: {${OURS}}\r\n`, 'OFFICIAL-SENSITIVE'],
    [
      `X-MS-Exchange-Organization-Classification: ${PUBLIC};\r\n ${OURS.toUpperCase()}\r\n`,
      'OFFICIAL-SENSITIVE',
    ],
    ['X-MS-Exchange-Organization-Classification: 11111111-2222-3333-4444-555555555555\r\n', 'NONE'],
  ])('reads by the council’s own table %j as %s', (block, level) => {
    expect(of(block, ['aaaa-01'], LEVELS).level).toBe(level);
  });

  it('reads a label in any order of its attributes and at any fold between them', () => {
    const attributes = [`SetDate=2026-11-22T10:00:00Z`, 'Enabled=true', 'Method=Privileged']
      .concat(['Name=Amber Level', 'SiteId=aaaa-01', 'ActionId=5', 'ContentBits=1'])
      .map((each) => `MSIP_Label_${OURS}_${each}`);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(attributes, { minLength: attributes.length }),
        fc.array(fc.constantFrom(' ', '\r\n ', '\r\n\t', ''), { minLength: 7, maxLength: 7 }),
        (order, folds) => {
          const value = order.map((each, index) => `${folds[index]}${each}`).join(';');
          expect(of(`msip_labels: ${value}\r\n`, ['aaaa-01'], LEVELS).level).toBe(
            'OFFICIAL-SENSITIVE',
          );
        },
      ),
    );
  });

  it('lets the highest win: a lower label cancels no subject, a higher one counts', () => {
    const lower = label('OFFICIAL').replace('Subject: x', 'Subject: OFFICIAL-SENSITIVE x');
    expect(of(lower)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', source: 'subject' });
    const higher = label('OFFICIAL-SENSITIVE').replace('Subject: x', 'Subject: OFFICIAL: x');
    expect(of(higher)).toMatchObject({ level: 'OFFICIAL-SENSITIVE', source: 'label' });
  });

  it('takes Company-Confidential for a wish to encrypt, and Private for none', () => {
    const wish = { level: 'NONE', encryptRequested: true };
    expect(of('Sensitivity: Company-Confidential\r\n')).toMatchObject(wish);
    expect(of('Sensitivity: Private\r\n').encryptRequested).toBe(false);
  });

  it('finds SECRET in the second of two Subjects', () => {
    expect(of('Subject: lunch\r\nSubject: SECRET: convoy\r\n').level).toBe('SECRET');
  });

  it('says NONE for a message without any of it', () => {
    expect(of('From: a@b.test\r\n')).toMatchObject({
      level: 'NONE',
      source: 'none',
      evidence: null,
    });
  });
});
