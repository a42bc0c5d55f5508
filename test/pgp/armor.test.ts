import fc from 'fast-check';
import { unarmor } from 'openpgp';
import { describe, expect, it } from 'vitest';
import { armor, dearmor } from '../../src/pgp/armor.ts';

/** In pieces of `size` octets, as a stream may bring them. */
async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function armored(bytes: Uint8Array, size = 1000, expectedOctets = 0): Promise<string> {
  const frame = { head: Buffer.from('head\r\n'), foot: Buffer.from('foot\r\n'), expectedOctets };
  const { output, armored } = await armor(piecesOf(bytes, size), frame);
  const text = armored.toString('latin1');
  expect(output.toString('latin1')).toBe(`head\r\n${text}foot\r\n`);
  return text;
}

describe('armor()', () => {
  it('writes what openpgp.js and dearmor() read back, however the octets come', async () => {
    const octets = fc.uint8Array({ minLength: 1, maxLength: 500 });
    await fc.assert(
      fc.asyncProperty(octets, fc.nat(200), fc.nat(600), async (bytes, size, expected) => {
        const text = await armored(bytes, size + 1, expected);
        const lines = text.split('\r\n').slice(2, -4);
        for (const line of lines) expect(line).toHaveLength(76);
        expect(text).not.toMatch(/(?<!\r)\n/);
        expect((await unarmor(text)).data).toEqual(bytes);
        expect(dearmor(Buffer.from(text.trim()))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('writes the checksum of RFC 9580', async () => {
    // CRC-24/OPENPGP of "123456789" is 21CF02.
    expect(await armored(Buffer.from('123456789'))).toContain('\r\n=Ic8C\r\n');
  });
});

describe('dearmor()', async () => {
  const good = (await armored(Buffer.from('packets of a message'))).trim();

  it.each([
    ['another beginning', good.replace('MESSAGE-----', 'SIGNATURE-----')],
    ['words before it', `Secret ${good}`],
    ['words after it', `${good} Secret`],
    ['words within', good.replace('\r\n\r\n', '\r\n\r\nA secret!\r\n')],
    ['an armour header', good.replace('\r\n\r\n', '\r\nComment: secret\r\n\r\n')],
    ['no checksum', good.replace(/\r\n=....\r\n/, '\r\n')],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(text).not.toBe(good);
    expect(dearmor(Buffer.from(text))).toBeNull();
  });
});
