import { expect, test } from 'vitest';
import { createLogin, type LoginResult } from '../../src/ingress/login.ts';
import { hashPassword } from '../../src/mail/password.ts';
import { replyLine } from '../../src/mail/smtp-reply.ts';
import { MEMBER, PASSWORD } from './gateway.ts';

const HASH = await hashPassword(PASSWORD, Buffer.alloc(16, 7), { N: 1024, r: 8, p: 1 });
const LIMITS = { failedLoginsPerAddress: 3, failedLoginsPerAccount: 5, loginWindowSeconds: 60 };

function fixture() {
  const clock = { now: Date.parse('2027-03-01T09:00:00Z') };
  const asked: string[] = [];
  const login = createLogin(
    async (address) => {
      asked.push(address);
      if (address === 'nologin@merebrook.test') return { person: MEMBER, passwordHash: null };
      return address === MEMBER.addresses[0] ? { person: MEMBER, passwordHash: HASH } : null;
    },
    LIMITS,
    () => new Date(clock.now),
  );
  const attempt = async (
    remoteAddress: string,
    password = 'wrong',
    username = 'cllr.a@merebrook.test',
  ) => said(await login({ username, password, authzid: '', remoteAddress }));
  return { clock, asked, login, attempt };
}

function said(result: LoginResult): string {
  return 'person' in result ? result.person.name : replyLine(result.refusal);
}

const BAD = '535 5.7.8 Authentication credentials invalid';
const HERE = '421 4.7.0 Too many failed logins, try again later';
const THERE = '454 4.7.0 Too many failed logins, try again later';

test('createLogin() answers alike whatever of password and account is wrong', async () => {
  const { attempt } = fixture();
  expect(await attempt('192.0.2.1')).toBe(BAD);
  expect(await attempt('192.0.2.2', PASSWORD, 'nobody@merebrook.test')).toBe(BAD);
  expect(await attempt('192.0.2.3', '', 'nologin@merebrook.test')).toBe(BAD);
  expect(await attempt('192.0.2.4', PASSWORD)).toBe('Ann Example');
});

test('createLogin() looks accounts up in the form in which addresses are compared', async () => {
  const { attempt, asked } = fixture();
  expect(await attempt('192.0.2.1', PASSWORD, 'Cllr.A@Merebrook.TEST')).toBe('Ann Example');
  expect(asked).toEqual(['cllr.a@merebrook.test']);
});

test('createLogin() stops an address after three failures until the window is over', async () => {
  const { attempt, asked, clock } = fixture();
  for (let count = 0; count < 3; count += 1) expect(await attempt('192.0.2.1')).toBe(BAD);
  expect(await attempt('192.0.2.1', PASSWORD)).toBe(HERE);
  expect(asked).toHaveLength(3);
  expect(await attempt('192.0.2.2', PASSWORD)).toBe('Ann Example');
  clock.now += 60_000;
  expect(await attempt('192.0.2.1', PASSWORD)).toBe('Ann Example');
});

test('createLogin() counts one customer of IPv6 once', async () => {
  const { attempt } = fixture();
  for (const host of ['1', '2', '3']) await attempt(`2001:db8::${host}`);
  expect(await attempt('2001:db8::ffff', PASSWORD)).toBe(HERE);
});

test('createLogin() stops an account after five failures from anywhere', async () => {
  const { attempt } = fixture();
  for (const host of [1, 2, 3, 4, 5]) expect(await attempt(`192.0.2.${host}`)).toBe(BAD);
  expect(await attempt('192.0.2.6', PASSWORD)).toBe(THERE);
});

test('createLogin() judges no more attempts at once than one after the other', async () => {
  const { attempt, asked } = fixture();
  const replies = await Promise.all(Array.from({ length: 10 }, () => attempt('192.0.2.1')));
  expect(replies.filter((reply) => reply === HERE)).toHaveLength(7);
  expect(asked).toHaveLength(3);
});

test('createLogin() does not count logins that succeed', async () => {
  const { attempt } = fixture();
  for (let count = 0; count < 6; count += 1) {
    expect(await attempt('192.0.2.1', PASSWORD)).toBe('Ann Example');
  }
});

test('createLogin() neither admits nor blames anybody when accounts cannot be read', async () => {
  const cause = new Error('Database is away');
  const login = createLogin(
    () => Promise.reject(cause),
    { ...LIMITS, failedLoginsPerAddress: 1 },
    () => new Date(0),
  );
  const credentials = {
    username: 'a@b.test',
    password: 'x',
    authzid: '',
    remoteAddress: '192.0.2.1',
  };
  for (let count = 0; count < 2; count += 1) {
    const result = await login(credentials);
    expect(said(result)).toBe('454 4.7.0 Temporary authentication failure');
    expect(result).toHaveProperty('cause', cause);
  }
});
