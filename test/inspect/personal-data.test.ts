import { describe, expect, it } from 'vitest';
import { identifiersIn, isIban, passesLuhn } from '../../src/inspect/identifiers.ts';
import { createPersonalDataInspector } from '../../src/inspect/personal-data.ts';
import { recordTablesIn } from '../../src/inspect/record-table.ts';
import { inspectionOf } from './inspection-of.ts';
import { findingsOf } from './mail-of.ts';

describe('the personal-data detector', () => {
  it('reads the names of files', async () => {
    const part = (name: string): string =>
      `--b\nContent-Type: image/png; name="${name}"\nContent-Disposition: attachment\n\nx`;
    const headers = ['Content-Type: multipart/mixed; boundary=b'];
    const body = `${part('IMG_20260101_4582701.png')}\n${part('NHS_no_943_476_5919.png')}\n--b--`;
    expect(await findingsOf({ headers, body }, 'personal-data')).toMatchObject([
      { type: 'nhs-number', evidence: [{ part: 'file-name:2', start: 7, end: 19 }] },
    ]);
  });
});

describe('identifiersIn()', () => {
  it.each([
    ['NI AB 12 34 56 C', 'ni-number'],
    ['his nino is ab123456c', 'ni-number'],
    ['National Insurance AB123456', 'ni-number'],
    ['NHS number 943 476 5919', 'nhs-number'],
    ['458 270 1086', 'nhs-number'],
    ['hospital no 9990000018', 'nhs-number'],
    ['card 4111 1111 1111 1111', 'payment-card'],
    ['pay her at GB82 WEST 1234 5698 7654 32', 'iban'],
    ['refund him to 20-11-43 40512986', 'bank-account'],
    ['passport number 533380006', 'passport'],
    ['licence MORGA657054SM9IJ', 'driving-licence'],
    ['DOB 04/02/2015', 'date-of-birth'],
    ['refund him to 20-11-43 40512986, as the committee agreed', 'bank-account'],
    ['My own National Insurance number is AB 12 34 56 C', 'ni-number'],
    ['National Insurance AB  12  34  56  C', 'ni-number'],
    ['National Insurance A B 1 2 3 4 5 6 C', 'ni-number'],
    ['National Insurance AB - 12 - 34 - 56 - C', 'ni-number'],
    ['many wait, for example Jane Smith, NHS number 943 476 5919', 'nhs-number'],
    ['a good example of it is Jane Smith, NHS number 943 476 5919', 'nhs-number'],
    ['the blood sample of Jane Smith, NHS number 943 476 5919', 'nhs-number'],
    ['refund the council tax of Mrs Jones to 20-11-43, account 40512986', 'bank-account'],
    ['his pension is paid by the trust into 20 - 11 - 43, account 40512986', 'bank-account'],
    ['card 4111  1111  1111  1111', 'payment-card'],
  ])('reads "%s" as %s', (text, type) => {
    expect(identifiersIn(text).map((identifier) => identifier.type)).toContain(type);
  });

  it.each([
    'QQ 12 34 56 C',
    'specimen AB 12 34 56 C',
    'BG 12 34 56 A',
    'ref AB123456C',
    'NHS 943 476 5918',
    '+44 1708432515',
    'call 300 123 6795 patient line +44 3001236795',
    '1111111111',
    '9876543210 NHS',
    'card 4111 1111 1111 1112',
    'catalogue no. 4111 1111 1111 1111',
    'GB83 WEST 1234 5698 7654 32',
    "the club's account 20-11-43 40512986",
    '01-02-24 and 03-04-24',
    'number 533380006',
    'born to be wild 01/02',
    'sort code 00-00-00, account 40512986, to show the form',
    "the hall committee's account is 20-11-43 40512986",
    'Merebrook Collection, 20-11-43, 00000000, with your reference',
    'Subs are 25 pounds a half-season, to Quay Juniors FC in the usual way, 20-11-43, 40512986',
    "the bank's example is GB82 WEST 1234 5698 7654 32",
    'I tried the test site with 4111 1111 1111 1111 as the card',
    'the form says, for example, AB 12 34 56 C',
    'ring the help desk on 300 123 6795',
    'the hospital help desk is on 300 123 6795',
    'pay the hall hire into our account, 20-11-43, 40512986',
    'invoice 88 of Brook Paving Ltd, Mr Hill, 20-11-43, 40512986',
    'the village hall has 20-11-43, 40512986',
  ])('finds nothing in "%s"', (text) => {
    expect(identifiersIn(text)).toEqual([]);
  });
});

describe('checksums', () => {
  it('passesLuhn() tells one wrong digit', () => {
    expect(passesLuhn('4111111111111111')).toBe(true);
    expect(passesLuhn('4111111111111112')).toBe(false);
  });
  it('isIban() needs 22 characters of a British one', () => {
    expect(isIban('GB82WEST12345698765432')).toBe(true);
    expect(isIban('GB82WEST1234569876543')).toBe(false);
  });
});

describe('recordTablesIn()', () => {
  it('counts the rows under a header that names a date of birth', () => {
    const [table] = recordTablesIn('name,dob\nRuby Finch,03/05/2016\nAli Khan,19/08/2015\n');
    expect(table).toMatchObject({ type: 'table', rows: 2, start: 0 });
  });
  it('passes a short list of names and telephone numbers', () => {
    expect(recordTablesIn('name,phone\nRuby,07700 900001\nAli,07700 900002')).toEqual([]);
  });
  it('takes ten rows of contact details for a list', () => {
    const rows = Array.from({ length: 10 }, (_, n) => `Person ${n},${n} Mill Lane`);
    expect(recordTablesIn(['name,address', ...rows].join('\n'))).toHaveLength(1);
  });
  it('takes a header that is repeated within its table for a row of it', () => {
    expect(recordTablesIn('name,phone\n'.repeat(1000))).toMatchObject([{ rows: 999, start: 0 }]);
  });
  it('finds the table below a few lines of contacts', () => {
    const text = 'name,phone\nRuby,07700 900001\nname,dob\nAli Khan,19/08/2015\n';
    expect(recordTablesIn(text)).toMatchObject([{ rows: 1, start: text.indexOf('name,dob') }]);
  });
});

describe('createPersonalDataInspector()', () => {
  const inspector = createPersonalDataInspector();

  it('reads footers as well', () => {
    const body = [
      ['own', 'The drain is booked.\n'],
      ['disclaimer', 'This email is confidential. Her NHS number is 943 476 5919.'],
    ] as const;
    expect(inspector.inspect(inspectionOf({ body }))).toMatchObject([{ type: 'nhs-number' }]);
  });

  it('counts distinct subjects, and never keeps a value', () => {
    const body = 'NI AB 12 34 56 C, again AB123456C, and JG 10 37 59 A for his wife.';
    const [finding] = inspector.inspect(inspectionOf({ body }));
    expect(finding).toMatchObject({ type: 'ni-number', details: { subjects: 2, bulk: false } });
    expect(JSON.stringify(finding)).not.toMatch(/12 34 56|123456|103759|10 37 59/);
    const [first] = finding?.evidence ?? [];
    expect(first && body.slice(first.start, first.end)).toBe('AB 12 34 56 C');
  });

  const finds = (draft: Parameters<typeof inspectionOf>[0]): boolean =>
    inspector.inspect(inspectionOf(draft)).some(({ type }) => type !== 'date-of-birth');

  it.each([
    'My own National Insurance number is AB 12 34 56 C.',
    'Please pay my expenses. My account is 20-11-43 40512986.',
  ])("leaves out the writer's own number: %s", (body) => {
    expect(finds({ body })).toBe(false);
  });

  it.each([
    "My wife's NI number is AB 12 34 56 C.",
    'My lovely neighbour Ann, NI AB 12 34 56 C, is without money.',
    'My NI form came back for Ann Hale, NI AB 12 34 56 C.',
    'He wrote "my NI number is AB 12 34 56 C" on the card.',
    'My NHS number was fine. Hers is NHS 943 476 5919.',
    'My bank has his account at 20-11-43 40512986.',
  ])("never takes another's for it: %s", (body) => {
    expect(finds({ body })).toBe(true);
  });

  it.each([
    'Jane Alice Smith, date of birth 12/03/1984, of 4 Mill Lane, Merebrook MB1 2AB.',
    'Jane Alice Smith, UPRN 100023336956, council tax account 612345678, case reference HB/2026/9.',
    'Mrs Smith, d.o.b. 12/03/84.',
    'Jane Smith, born 12/03/1984, 4 Mill Lane.',
    'Jane Smith was born on 12 March 1984; her claim reference is HB/2026/00123.',
    "Mrs Smith's rent account is 61234567 and her housing ref H-2291.",
  ])('adds up what weak identifiers tell of somebody named: %s', (body) => {
    const found = inspector.inspect(inspectionOf({ body }));
    expect(found.map(({ type }) => type)).toEqual(['identifying-details']);
    expect(found[0]?.details).toEqual({ subjects: 1, bulk: false });
    expect(JSON.stringify(found)).not.toMatch(/1984|12345678|HB|H-2291/);
  });

  it.each([
    'Mrs Ann Jones of 4 Mill Lane, MB1 2AB, has a leak: job reference 4412388.',
    'Mrs Ann Jones of 4 Mill Lane, MB1 2AB, asks after her case reference HB/2026/00123.',
    'Mr Jones of 4 Mill Lane, UPRN 100023336956, planning application reference 26/00123/FUL.',
    'Please give your name, date of birth and council tax account number.',
    'Date of birth: 12/03/1984. Council tax account: 612345678.',
    'My date of birth is 12/03/1960, and my council tax account is 612345678, says Ann Jones.',
    'Date of birth 12/03/1960\nCouncil tax account 612345678\n\nOrla Kilbride',
    'I was born on 12/03/1960 in 4 Mill Lane, next to Ann Jones.',
    'Alderman Jim Foster, born on 4 May 1946 at 12 Mill Lane, died on Sunday.',
    'Sheila Hancock was born on 4 May 1956 at 12 Mill Lane.',
    'Dear Mrs Platt, for the form of a governor: date of birth 19/8/1978, 4 Mill Lane.',
    'Mr Emlyn Pugh, date of birth 3/2/1911, lies in plot 12.',
  ])('passes ordinary casework, public references and own birthdays: %s', (body) => {
    expect(inspector.inspect(inspectionOf({ body }))).toEqual([]);
  });

  it('counts each person whose details add up', () => {
    const people = ['Ann Jones', 'Bert Oakes', 'Kim Averill'];
    const body = people.map((name, n) => `${name}, date of birth 12/0${n + 1}/1984`).join('. ');
    const [finding] = inspector.inspect(inspectionOf({ body }));
    expect(finding?.details).toMatchObject({ subjects: 3 });
  });

  it.each([
    'Mrs Kaur, NI AB–12–34–56–C',
    'Mr Smith asks for his refund to 20–30–40, account 12345678',
  ])('reads typographic dashes, and shows the place as written: %s', (body) => {
    const [finding] = inspector.inspect(inspectionOf({ body }));
    const [first] = finding?.evidence ?? [];
    expect(first && body.slice(first.start, first.end)).toMatch(/\d–\d/);
  });

  it('takes "my" in a quotation, a forward and a file for whoever wrote that', () => {
    const text = 'My NI number is AB 12 34 56 C, please help.';
    expect(finds({ subject: 'Re: benefits', body: [['quoted', text]] })).toBe(true);
    expect(finds({ body: 'As asked.', attachments: [text] })).toBe(true);
  });

  it('finds nothing in mail that stays with officers, and all in mail that also leaves', () => {
    const body = 'Mrs Kaur, NI AB 12 34 56 C, has cancer.';
    const inside = 'housing@merebrook.gov.uk';
    const kinds = (to: string[]) => inspector.inspect(inspectionOf({ body, to })).length > 0;
    expect(kinds([inside])).toBe(false);
    expect(kinds([inside, 'solicitor@law.example'])).toBe(true);
  });

  it('calls ten subjects bulk', () => {
    const rows = Array.from({ length: 12 }, (_, n) => `Child ${n},0${(n % 9) + 1}/05/2016`);
    const [finding] = inspector.inspect(
      inspectionOf({ body: 'As asked', attachments: [['name,dob', ...rows].join('\n')] }),
    );
    expect(finding?.details).toEqual({ subjects: 12, bulk: true });
  });

  it('sees the health of a named person in quoted text too', () => {
    const body = [['quoted', 'Mrs Kaur was diagnosed with bowel cancer.']] as const;
    expect(inspector.inspect(inspectionOf({ body }))).toHaveLength(1);
  });
});
