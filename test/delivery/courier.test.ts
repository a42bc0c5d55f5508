import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobRecipient, RecipientOutcome } from '../../src/delivery/delivery-job.ts';
import { certificateFor } from '../support/certificates.ts';
import type { SinkBehaviour } from '../support/smtp-sink.ts';
import { closeAll, delivery, MESSAGE, startSink, type Bench } from './workbench.ts';

afterEach(closeAll);

const GOOD = certificateFor({ names: ['mx1.a.test'] });

function recipient(id: number, address: string, more: Partial<JobRecipient> = {}): JobRecipient {
  return { id, address, orcpt: null, notify: [], ...more };
}

/** Answers one stage by itself, the others as usual. */
function at(stage: string, reply: string): SinkBehaviour['answer'] {
  return (reached) => (reached === stage ? reply : null);
}

function mailCommands(bench: Bench): string[] {
  return bench.sink.commands().filter((line) => /^(MAIL|RCPT)/.test(line));
}

describe('the channel of ordinary mail', () => {
  it.each<[string, SinkBehaviour, object]>([
    ['clear text', {}, { level: 'L0', protocol: null, cipher: null, certificateSha256: null }],
    ['a valid certificate', { certificate: GOOD }, { level: 'L2', provedBy: 'none' }],
    [
      'an unverified certificate',
      { certificate: certificateFor({ names: ['x.test'], selfSigned: true }) },
      { level: 'L1', protocol: 'TLSv1.3' },
    ],
    [
      'clear text after a handshake that failed',
      {
        certificate: GOOD,
        tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
      },
      { level: 'L0' },
    ],
    [
      'clear text after a refused STARTTLS',
      { certificate: GOOD, answer: at('STARTTLS', '454 No') },
      { level: 'L0' },
    ],
  ])('send() records %s', async (_case, behaviour, evidence) => {
    const bench = await delivery(behaviour);
    const outcome = await bench.send();
    expect(outcome).toMatchObject({
      kind: 'delivered',
      reply: '250 2.0.0 Message taken',
      evidence: { ...evidence, mxHost: 'mx1.a.test', remoteAddress: '127.0.0.1' },
    });
    expect(bench.sink.messages()).toHaveLength(1);
  });

  it('send() records clear text for marked mail that is encrypted in itself', async () => {
    const bench = await delivery({});
    const outcome = await bench.send({ protection: 'required', contentEncrypted: true });
    expect(outcome).toMatchObject({ kind: 'delivered', evidence: { level: 'L0' } });
  });
});

describe('the bytes', () => {
  it.each<[string, Buffer]>([
    ['lines that are dots', MESSAGE],
    ['a dot first and a dot last', Buffer.from('.\r\n.x\r\n\r\n..\r\n.\r\n')],
    [
      '8-bit and NUL',
      Buffer.from([...Buffer.from('Subject: x\r\n\r\n'), 0, 0xff, 0xe9, 0x80, 13, 10]),
    ],
    ['only empty lines', Buffer.from('\r\n\r\n\r\n')],
    ['a very long line', Buffer.from(`Subject: x\r\n\r\n${'y'.repeat(100_000)}\r\n`)],
  ])('send() keeps %s', async (_case, bytes) => {
    const bench = await delivery({ certificate: GOOD });
    // One byte at a time is the hardest way to see where lines begin.
    const body = (): Readable =>
      Readable.from(bytes.length > 1000 ? [bytes] : [...bytes].map((byte) => Buffer.of(byte)));
    expect(await bench.send({ body, sizeBytes: bytes.length, eightBit: true })).toMatchObject({
      kind: 'delivered',
    });
    expect(bench.sink.messages()[0]?.data).toEqual(bytes);
  });

  it('send() ends the last line where the message did not', async () => {
    const bench = await delivery({});
    await bench.send({ body: () => Readable.from([Buffer.from('Subject: x\r\n\r\nend')]) });
    expect(bench.sink.messages()[0]?.data.toString()).toBe('Subject: x\r\n\r\nend\r\n');
  });

  it.each<[string, (body: Readable) => void]>([
    ['fails', (body) => void body.destroy(new Error('The spool is away'))],
    ['just ends too early', (body) => void body.destroy()],
  ])('send() leaves a body that %s unfinished, and waits', async (_case, breakOff) => {
    const bench = await delivery({});
    let started = false;
    const body = (): Readable =>
      new Readable({
        read() {
          if (started) breakOff(this);
          else this.push(MESSAGE.subarray(0, 100));
          started = true;
        },
      });
    const outcome = await bench.send({ body });
    expect(outcome).toEqual({ kind: 'deferred', reply: null, cause: 'body-unreadable' });
    expect(bench.sink.messages()).toEqual([]);
  });
});

describe('replies', () => {
  it.each<[string, string, Partial<RecipientOutcome> & object]>([
    [
      'RCPT',
      '550 5.1.1 Unknown',
      { kind: 'bounced', reply: '550 5.1.1 Unknown', cause: 'refused' },
    ],
    ['RCPT', '450 4.2.1 Greylisted', { kind: 'deferred', reply: '450 4.2.1 Greylisted' }],
    [
      'RCPT',
      '550-5.1.1 Two\r\n550 5.1.1 lines',
      { kind: 'bounced', reply: '550 5.1.1 Two 5.1.1 lines' },
    ],
    ['MAIL', '550 5.7.1 Not you', { kind: 'bounced', reply: '550 5.7.1 Not you' }],
    [
      'MAIL',
      '451 4.3.0 Later',
      { kind: 'deferred', reply: '451 4.3.0 Later', cause: 'sender-deferred' },
    ],
    ['DATA', '554 5.5.0 No', { kind: 'bounced', reply: '554 5.5.0 No' }],
    ['DATA', '451 4.3.0 Later', { kind: 'deferred' }],
    ['dot', '554 5.6.0 Spam', { kind: 'bounced', reply: '554 5.6.0 Spam' }],
    ['dot', '452 4.3.1 Full', { kind: 'deferred', reply: '452 4.3.1 Full' }],
    ['greeting', '554 5.3.2 Not now', { kind: 'deferred', reply: '554 5.3.2 Not now' }],
    [
      'greeting',
      '521 5.3.2 I take no mail',
      { kind: 'bounced', reply: '521 5.3.2 I take no mail' },
    ],
    ['greeting', '421 4.3.2 Closing', { kind: 'deferred', reply: '421 4.3.2 Closing' }],
    ['dot', '421 4.3.2 Closing', { kind: 'deferred', cause: 'server-closing' }],
    ['greeting', 'drop', { kind: 'deferred', reply: null, cause: 'connection-lost' }],
    ['greeting', 'hang', { kind: 'deferred', reply: null, cause: 'timeout' }],
    ['EHLO', 'drop', { kind: 'deferred' }],
    ['RCPT', 'hang', { kind: 'deferred', reply: null, cause: 'timeout' }],
    ['body', 'drop', { kind: 'deferred', reply: null }],
    ['dot', 'drop', { kind: 'deferred', reply: null, cause: 'reply-lost' }],
    ['dot', 'hang', { kind: 'deferred', reply: null, cause: 'reply-lost' }],
    ['greeting', 'HTTP/1.1 400 Bad Request', { kind: 'deferred' }],
    ['RCPT', 'what?', { kind: 'deferred', cause: 'unreadable-reply' }],
    ['dot', 'what?', { kind: 'deferred', cause: 'unreadable-reply' }],
    ['dot', '2fast', { kind: 'deferred', cause: 'unreadable-reply' }],
    ['dot', `550-${'x'.repeat(100_000)}`, { kind: 'deferred', cause: 'reply-lost' }],
  ])('send() understands at %s: %s', async (stage, reply, expected) => {
    const bench = await delivery({ answer: at(stage, reply) });
    expect(await bench.send()).toMatchObject(expected);
    expect(bench.sink.messages()).toEqual([]);
  });

  it('send() speaks HELO where EHLO is not understood', async () => {
    const bench = await delivery({ answer: at('EHLO', 'what?') });
    expect(await bench.send()).toMatchObject({ kind: 'delivered', evidence: { level: 'L0' } });
    expect(
      bench.sink
        .commands()
        .slice(0, 2)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['EHLO', 'HELO']);
  });

  it('send() bounds a server that trickles', async () => {
    const bench = await delivery(
      { answer: (stage) => (stage === 'greeting' ? '220-slow\r\n220-slower' : null) },
      { timeouts: { setupMs: 300, silenceMs: 5000, transactionMs: 5000, jobMs: 5000 } },
    );
    expect(await bench.send()).toMatchObject({ kind: 'deferred', cause: 'timeout' });
  });

  it('send() gives every recipient its own outcome', async () => {
    const bench = await delivery({
      answer: (stage, address) =>
        stage !== 'RCPT'
          ? null
          : address.startsWith('no@')
            ? '550 5.1.1 No'
            : address.startsWith('later@')
              ? '450 4.2.0 Later'
              : null,
    });
    const recipients = ['no', 'yes', 'later', 'also'].map((name, id) =>
      recipient(id, `${name}@a.test`),
    );
    recipients.push(
      recipient(4, 'yes@a.test'),
      recipient(5, 'in jection@a.test'),
      recipient(6, 'x@a.test>\r\nDATA'),
    );
    const outcomes = await bench.sendAll({ recipients });
    expect(recipients.map(({ id }) => outcomes.get(id)?.kind)).toEqual([
      'bounced',
      'delivered',
      'deferred',
      'delivered',
      'delivered',
      'bounced',
      'bounced',
    ]);
    expect(bench.sink.messages().map(({ rcptTo }) => rcptTo)).toEqual([
      ['yes@a.test', 'also@a.test'],
    ]);
  });

  it('send() goes on to the next host, but not when the first may have taken the mail', async () => {
    const bench = await delivery({ answer: at('MAIL', '451 4.3.0 Later') });
    const second = await startSink({ host: '127.0.0.2', port: bench.sink.port });
    bench.dns.set('MX a.test', [
      { preference: 1, exchange: 'mx1.a.test' },
      { preference: 2, exchange: 'mx2.a.test' },
    ]);
    bench.dns.set('A mx2.a.test', ['127.0.0.2']);
    expect(await bench.send()).toMatchObject({
      kind: 'delivered',
      evidence: { mxHost: 'mx2.a.test' },
    });
    bench.sink.behave({ answer: at('dot', 'drop') });
    expect(await bench.send()).toMatchObject({ kind: 'deferred', cause: 'reply-lost' });
    expect(second.messages()).toHaveLength(1);
  });

  it('send() passes on what onAttempt() throws, with nothing sent', async () => {
    const bench = await delivery({});
    const onAttempt = (): Promise<void> => Promise.reject(new Error('The record is away'));
    await expect(bench.send({ onAttempt })).rejects.toThrow('The record is away');
    expect(mailCommands(bench)).toEqual([]);
  });
});

describe('extensions', () => {
  it('send() passes DSN parameters on unchanged, per recipient', async () => {
    const bench = await delivery({});
    await bench.send({
      ret: 'HDRS',
      envid: 'QQ+2B314',
      eightBit: true,
      sizeBytes: 4000,
      recipients: [
        recipient(1, 'a@a.test', { notify: ['success', 'failure'], orcpt: 'rfc822;a+2Bb@x.test' }),
        recipient(2, 'b@a.test', { notify: ['never'] }),
        recipient(3, 'c@a.test'),
      ],
    });
    expect(mailCommands(bench)).toEqual([
      'MAIL FROM:<cllr.a@merebrook.test> BODY=8BITMIME SIZE=4000 RET=HDRS ENVID=QQ+2B314',
      'RCPT TO:<a@a.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@x.test',
      'RCPT TO:<b@a.test> NOTIFY=NEVER',
      'RCPT TO:<c@a.test>',
    ]);
  });

  it('send() leaves DSN parameters out where they are not offered or could break the command', async () => {
    const bench = await delivery({ extensions: [] });
    const marked = [recipient(1, 'a@a.test', { notify: ['never'], orcpt: 'rfc822;a@a.test' })];
    await bench.send({ ret: 'FULL', envid: 'x', recipients: marked });
    bench.sink.behave({ extensions: ['DSN'] });
    await bench.send({
      mailFrom: '',
      envid: 'x\r\nRSET',
      recipients: [recipient(1, 'b@a.test', { orcpt: 'a b' })],
    });
    expect(mailCommands(bench)).toEqual([
      'MAIL FROM:<cllr.a@merebrook.test>',
      'RCPT TO:<a@a.test>',
      'MAIL FROM:<>',
      'RCPT TO:<b@a.test>',
    ]);
  });

  it.each<[object, string[], string]>([
    [{ eightBit: true }, [], '5.6.3'],
    [{ smtpUtf8: true }, [], '5.6.7'],
    [{ recipients: [recipient(1, 'jürgen@a.test')] }, [], '5.6.7'],
    [{ sizeBytes: 1001 }, ['SIZE 1000'], '5.3.4'],
  ])('send() bounces %j at a server with %j', async (job, extensions, status) => {
    const bench = await delivery({ extensions });
    const outcome = await bench.send(job);
    expect(outcome).toMatchObject({
      kind: 'bounced',
      reply: expect.stringContaining(status) as string,
    });
    expect(mailCommands(bench)).toEqual([]);
  });

  it('send() asks for SMTPUTF8 where the message needs it, and writes domains as A-labels', async () => {
    const bench = await delivery({ extensions: ['SMTPUTF8'] });
    await bench.send({ smtpUtf8: true });
    await bench.send({ recipients: [recipient(1, 'clerk@bücher.test')] });
    expect(mailCommands(bench)).toEqual([
      'MAIL FROM:<cllr.a@merebrook.test> SMTPUTF8',
      'RCPT TO:<clerk@a.test>',
      'MAIL FROM:<cllr.a@merebrook.test>',
      'RCPT TO:<clerk@xn--bcher-kva.test>',
    ]);
  });
});

describe('open connections', () => {
  it('send() uses one for several messages, up to the limit', async () => {
    const bench = await delivery({ certificate: GOOD }, { pool: { maxMessages: 2 } });
    for (let count = 0; count < 3; count += 1) await bench.send();
    expect(bench.sink.messages()).toHaveLength(3);
    expect(bench.sink.sessions).toHaveLength(2);
  });

  it('send() opens no more to one host than allowed', async () => {
    const bench = await delivery({}, { pool: { perHost: 2 } });
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => bench.send()));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill('delivered'));
    expect(bench.sink.sessions).toHaveLength(2);
  });

  it('send() opens another when the kept one has ended unseen', async () => {
    const bench = await delivery({
      answer: (stage, _argument, session) =>
        stage === 'MAIL' && session.messages.length === 1 ? 'drop' : null,
    });
    await bench.send();
    expect(await bench.send()).toMatchObject({ kind: 'delivered' });
    expect(bench.sink.sessions).toHaveLength(2);
    expect(bench.attempts).toHaveLength(2);
  });

  it('send() does not keep one on which something went wrong', async () => {
    const bench = await delivery({ answer: at('RCPT', '550 5.1.1 No') });
    await bench.send();
    bench.sink.behave({ answer: undefined });
    expect(await bench.send()).toMatchObject({ kind: 'delivered' });
    expect(bench.sink.sessions).toHaveLength(2);
  });
});
