import fc from 'fast-check';
import { unarmor } from 'openpgp';
import { describe, expect, it } from 'vitest';
import { armorPieces, dearmor } from '../../src/pgp/armor.ts';

const armored = (bytes: Uint8Array): string =>
  Buffer.concat(armorPieces(Buffer.from(bytes))).toString('latin1');

describe('armorPieces()', () => {
  it('writes what openpgp.js and dearmor() read back, in lines of 76 at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), async (bytes) => {
        const text = armored(bytes);
        for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
        expect(text).not.toMatch(/(?<!\r)\n/);
        expect((await unarmor(text)).data).toEqual(bytes);
        expect(dearmor(text.trim())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('joins its blocks without a seam', () => {
    for (const size of [57 * 8192 - 1, 57 * 8192, 57 * 8192 + 1, 57 * 8192 * 2 + 30]) {
      const bytes = Buffer.alloc(size, 'seam');
      const text = armored(bytes);
      expect(
        text
          .split('\r\n')
          .slice(2, -4)
          .every((line) => line.length === 76),
      ).toBe(true);
      expect(dearmor(text.trim())?.equals(bytes)).toBe(true);
    }
  });
});

describe('dearmor()', () => {
  const good = armored(Buffer.from('packets of a message')).trim();

  it.each([
    ['another beginning', good.replace('MESSAGE-----', 'SIGNATURE-----')],
    ['words before it', `Secret ${good}`],
    ['words after it', `${good} Secret`],
    ['words within', good.replace('\r\n\r\n', '\r\n\r\nA secret!\r\n')],
    ['an armour header', good.replace('\r\n\r\n', '\r\nComment: secret\r\n\r\n')],
    ['a changed octet', good.replace('cGFja2V0', 'cGFja2V1')],
    ['no checksum', good.replace(/\r\n=....\r\n/, '\r\n')],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(text).not.toBe(good);
    expect(dearmor(text)).toBeNull();
  });
});
