import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from '../../src/mail/password.ts';

const CHEAP = { N: 1024, r: 8, p: 1 };
const SALT = Buffer.alloc(16, 1);

test('verifyPassword() knows the password that was hashed, and no other', async () => {
  const stored = await hashPassword('Tide & Timber', SALT, CHEAP);
  expect(stored).toMatch(/^scrypt\$1024\$8\$1\$[^$]+\$[^$]+$/);
  expect(await verifyPassword('Tide & Timber', stored)).toBe(true);
  for (const wrong of ['tide & timber', 'Tide & Timber ', '']) {
    expect(await verifyPassword(wrong, stored)).toBe(false);
  }
});

test('hashPassword() gives another hash for another salt, and wants a long one', async () => {
  const other = Buffer.alloc(16, 2);
  expect(await hashPassword('x', SALT, CHEAP)).not.toBe(await hashPassword('x', other, CHEAP));
  await expect(hashPassword('x', Buffer.alloc(15), CHEAP)).rejects.toThrow(/16 bytes, got 15/);
});

test('verifyPassword() takes an accent for the same however the keyboard composed it', async () => {
  const stored = await hashPassword('caf\u00E9', SALT, CHEAP);
  expect(await verifyPassword('cafe\u0301', stored)).toBe(true);
});

test('verifyPassword() says no for an unknown account, at the cost of a known one', async () => {
  const stored = await hashPassword('x', SALT);
  const time = async (hash: string | null): Promise<bigint> => {
    const start = process.hrtime.bigint();
    expect(await verifyPassword('wrong', hash)).toBe(false);
    return process.hrtime.bigint() - start;
  };
  const [known, unknown] = [await time(stored), await time(null)];
  // Equal but for the noise of a busy machine; without the decoy it would be a thousandth.
  expect(unknown * 10n).toBeGreaterThan(known);
});

test.each([
  '',
  'x',
  'scrypt$1024$8$1$AAAA',
  'scrypt$1024$8$1$AAAA$AAAA',
  'bcrypt$1$1$1$AAAA$AAAA',
  '$$$$$$',
])('verifyPassword() throws for a stored hash that is none: %j', async (stored) => {
  await expect(verifyPassword('x', stored)).rejects.toThrow(/Stored password hash/);
});
