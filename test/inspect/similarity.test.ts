import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/inspect/similarity.ts';
import { parseMessage } from '../../src/mail/parse.ts';

const SALT = Buffer.from('0123456789abcdef', 'hex');

async function of(text: string, salt = SALT, more = ''): Promise<string | null> {
  const raw = `From: a@council.example\r\nSubject: x\r\n${more}\r\n${text}`;
  return fingerprintOf(await parseMessage(Buffer.from(raw)), salt);
}

function distance(a: string | null, b: string | null): number {
  if (a === null || b === null) throw new Error('No fingerprint');
  return Array.from(a).filter((digit, index) => digit !== b[index]).length;
}

const letter = (name: string, street: string): string =>
  `Dear ${name},\n\nI am writing to everybody in ${street} about the resurfacing that starts on ` +
  `Monday 8 March. The road will be closed from eight in the morning until half past five, and ` +
  `buses 41 and 42 will stop in Chapel Street instead. The contractor has promised that residents ` +
  `can reach their houses on foot at any time. Please move your car by Sunday night; there is ` +
  `free parking behind the library. If you have a carer or a delivery that cannot wait, ring the ` +
  `highways team and they will let it through.\n\nKind regards`;

const OTHER =
  `Thank you for the minutes. I have two corrections. Item four should say that the committee ` +
  `asked for a second quotation for the boiler, and in item seven the date of the site visit was ` +
  `the nineteenth and not the ninth. I would also like the appendix about the allotment rents to ` +
  `be sent to all who had to leave early. Apart from that I am happy for them to be signed at ` +
  `the next meeting, which I am told is now in the small committee room upstairs.`;

describe('fingerprintOf()', () => {
  it('is the same for the same words, whoever quotes or signs below them', async () => {
    const plain = await of(letter('Bert', 'Mill Lane'));
    expect(plain).toMatch(/^[01]{64}$/);
    expect(await of(letter('Bert', 'Mill Lane').replaceAll(' ', '  '))).toBe(plain);
    const quoted = `${letter('Bert', 'Mill Lane')}\n\nOn Monday Bert wrote:\n> When is it?\n`;
    expect(distance(await of(quoted), plain)).toBeLessThanOrEqual(4);
  });

  it('stays near where only the salutation changes, and far for another letter', async () => {
    const one = await of(letter('Bert', 'Mill Lane'));
    expect(distance(one, await of(letter('Mrs Adaeze Okonkwo', 'Mill Lane')))).toBeLessThan(11);
    expect(distance(one, await of(letter('Tom and Jean', 'Station Road')))).toBeLessThan(11);
    expect(distance(one, await of(OTHER))).toBeGreaterThan(16);
  });

  it('says nothing without its salt', async () => {
    const mine = await of(OTHER);
    expect(distance(mine, await of(OTHER, Buffer.alloc(8)))).toBeGreaterThan(16);
  });

  it('is none where hardly anything was written', async () => {
    expect(await of('Thanks, see you on Tuesday.')).toBeNull();
    expect(await of('')).toBeNull();
  });

  it('goes by what is attached where little was written', async () => {
    const type = 'Content-Type: multipart/mixed; boundary=b\r\n';
    const body = (words: string, file: string): string =>
      `--b\r\n\r\n${words}\r\n--b\r\nContent-Type: application/octet-stream; name=n.bin\r\n\r\n${file}\r\n--b--`;
    const one = await of(body('See attached, Bert.', 'newsletter'), SALT, type);
    expect(distance(one, await of(body('For you, Jean.', 'newsletter'), SALT, type))).toBeLessThan(
      11,
    );
    expect(
      distance(one, await of(body('See attached, Bert.', 'plan'), SALT, type)),
    ).toBeGreaterThan(11);
  });
});
