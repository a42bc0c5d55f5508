import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMail, parseRcpt } from '../../src/ingress/command.ts';
import { replyLine } from '../../src/mail/smtp-reply.ts';

const mail = (text: string) => parseMail(Buffer.from(text));
const rcpt = (text: string, smtpUtf8 = false) => parseRcpt(Buffer.from(text), smtpUtf8);
const refused = (parsed: ReturnType<typeof mail> | ReturnType<typeof rcpt>): string =>
  'refusal' in parsed ? replyLine(parsed.refusal) : 'accepted';

test('parseMail() keeps every parameter as it was sent', () => {
  const line =
    'mail from:<a@merebrook.test> SIZE=00042 body=8bitmime SMTPUTF8 REQUIRETLS ' +
    'RET=hdrs ENVID=QQ+2B1 AUTH=<>';
  expect(mail(line)).toEqual({
    command: {
      mailFrom: 'a@merebrook.test',
      ret: 'HDRS',
      envid: 'QQ+2B1',
      requireTls: true,
      smtpUtf8: true,
      body: '8BITMIME',
      sizeBytes: 42,
    },
  });
});

test('parseMail() takes the null sender, and nothing given for nothing', () => {
  expect(mail('MAIL FROM:<>')).toEqual({
    command: {
      mailFrom: '',
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '7BIT',
      sizeBytes: null,
    },
  });
});

test('parseRcpt() keeps ORCPT undecoded and NOTIFY in a fixed order', () => {
  expect(
    rcpt('RCPT TO:<B@Elsewhere.test> ORCPT=rfc822;b+2Bc@Elsewhere.test NOTIFY=DELAY,failure'),
  ).toEqual({
    command: {
      address: 'B@Elsewhere.test',
      notify: ['failure', 'delay'],
      orcpt: 'rfc822;b+2Bc@Elsewhere.test',
    },
  });
});

test('parseRcpt() takes letters in a utf-8 ORCPT only with SMTPUTF8 (RFC 6533)', () => {
  const line = 'RCPT TO:<b@elsewhere.test> ORCPT=utf-8;josé@elsewhere.test';
  expect(refused(rcpt(line, true))).toBe('accepted');
  expect(refused(rcpt(line, false))).toBe('501 5.5.4 Bad parameter value');
});

test.each([
  'NOTIFY=',
  'NOTIFY=,',
  'NOTIFY=NEVER,NEVER,SUCCESS',
  'ORCPT=rfc822',
  'ORCPT=rfc822;',
  'ORCPT=;b@elsewhere.test',
  'ORCPT=rfc822;b+zz',
  'ORCPT=rfc822;b=c',
  `ORCPT=rfc822;${'b'.repeat(500)}`,
  '-X=1',
  'NOTIFY=SUCCESS\t',
])('parseRcpt() refuses the parameter %s', (parameter) => {
  expect(refused(rcpt(`RCPT TO:<b@elsewhere.test> ${parameter} X`))).toBe(
    '501 5.5.4 Bad parameter value',
  );
});

test.each([
  ['a@b.test', true],
  ['a.b+c@b.test', true],
  ["o'neill@b.test", true],
  ['"a b"@b.test', true],
  ['"a\\"b"@b.test', true],
  ['"a@b"@b.test', true],
  ['""@b.test', true],
  ['a@localhost', true],
  ['a@[192.0.2.1]', true],
  ['a@[IPv6:2001:db8::1]', true],
  [`${'a'.repeat(200)}@b.test`, true],
  [`${'a'.repeat(260)}@b.test`, false],
  [`a@${'b'.repeat(64)}.test`, false],
  ['a', false],
  ['@b.test', false],
  ['a@', false],
  ['.a@b.test', false],
  ['a.@b.test', false],
  ['a..b@b.test', false],
  ['a@b@b.test', false],
  ['a"b"@b.test', false],
  ['"a"b"@b.test', false],
  ['a@-b.test', false],
  ['a@b-.test', false],
  ['a@b_c.test', false],
  ['a@b.test.', false],
  ['a@192.0.2.1', false],
  ['a@0x7f', false],
  ['a@[192.0.2]', false],
  ['a@[IPv6:fe80::1%eth0]', false],
  ['a@[]', false],
  ['a(comment)@b.test', false],
  ['a@b%2Etest', false],
  ['@relay.test:', false],
])('parseMail() judges the address %j: %s', (address, valid) => {
  expect(refused(mail(`MAIL FROM:<${address}>`))).toBe(
    valid ? 'accepted' : '501 5.1.7 Bad sender address syntax',
  );
});

test.each([
  ['josé@b.test', true],
  ['"josé b"@b.test', true],
  ['用户@例子.test', true],
  ['a@b\u3002test', true],
  // Fullwidth "127.1": normalised, it is an IPv4 address.
  ['a@１２７.１', false],
  // Zero-width space, right-to-left override, line separator.
  ['a\u200Bb@b.test', false],
  ['a\u202Eb@b.test', false],
  ['a\u2028b@b.test', false],
  ['a@b\u00ADc.test', false],
])('parseMail() judges the internationalised address %j: %s', (address, valid) => {
  expect(refused(mail(`MAIL FROM:<${address}> SMTPUTF8`))).toBe(
    valid ? 'accepted' : '501 5.1.7 Bad sender address syntax',
  );
});

test('parseMail() reads the longest line of the worst kind in no time', () => {
  for (const line of [
    `MAIL FROM:<${'a.'.repeat(6000)}>`,
    `MAIL FROM:<${'"'.repeat(12_000)}`,
    `MAIL FROM:<"${'\\'.repeat(12_000)}`,
    `MAIL FROM:<a@b.test>${' '.repeat(12_000)}X=`,
    `MAIL FROM:<a@b.test> X=1${' '.repeat(12_000)}`,
    `MAIL FROM:<${'@a,'.repeat(4000)}:a@b.test>`,
    `MAIL FROM:<a@${'b.'.repeat(6000)}test>`,
  ]) {
    const start = performance.now();
    mail(line);
    expect(performance.now() - start).toBeLessThan(100);
  }
});

test('parseMail() and parseRcpt() answer any octets with a command or a 5xx', () => {
  const octets = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  const pieces = fc
    .array(fc.constantFrom('<', '>', '"', '\\', '@', ' ', '=', ';', 'a', 'SIZE', 'é', '.test', '+'))
    .map((words) => Buffer.from(words.join('')));
  fc.assert(
    fc.property(fc.oneof(octets, pieces), (tail) => {
      const answers = [
        parseMail(Buffer.concat([Buffer.from('MAIL FROM:'), tail])),
        parseRcpt(Buffer.concat([Buffer.from('RCPT TO:'), tail]), true),
      ].map((parsed) =>
        'refusal' in parsed ? replyLine(parsed.refusal) : JSON.stringify(parsed.command),
      );
      // A command holds no control character and no invisible one; a refusal is one line with one
      // code.
      for (const answer of answers) {
        expect(answer).toMatch(/^(?:5\d\d 5\.\d\.\d+ [\w ]+|\{[^\p{Cc}\u200B\u202E\uFFFD]+\})$/u);
      }
    }),
  );
});
