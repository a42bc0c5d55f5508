import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import nodemailer from 'nodemailer';
import { afterEach, expect, test } from 'vitest';
import { openGateway, PASSWORD, SERVER, type Gateway, type GatewayOptions } from './gateway.ts';

const run = promisify(execFile);

/** Where a program is, `null` where this machine lacks it; its tests are then skipped by name. */
function find(program: string): string | null {
  const look = 'PATH="$PATH:/usr/sbin"; command -v "$0"';
  const { status, stdout } = spawnSync('sh', ['-c', look, program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

const swaks = find('swaks');
const smtpSource = find('smtp-source');

let gateway: Gateway | undefined;
afterEach(() => gateway?.close());

async function open(options: GatewayOptions): Promise<Gateway> {
  gateway = await openGateway(options);
  return gateway;
}

test.skipIf(swaks === null)('swaks, if installed, logs in over STARTTLS and submits', async () => {
  const { port, offered } = await open({ kind: 'submission' });
  const { stdout } = await run(swaks ?? '', [
    ...`--server 127.0.0.1 --port ${port} --tls --pipeline --ehlo client.test`.split(' '),
    ...'--auth LOGIN --auth-user cllr.a@merebrook.test --auth-password'.split(' '),
    PASSWORD,
    ...'--from cllr.a@merebrook.test --to b@elsewhere.test,c@elsewhere.test --body'.split(' '),
    '.\n..\nText',
  ]);
  expect(stdout).toMatch(/250 2\.0\.0 queued as ID1/);
  expect(offered[0]?.envelope.rcptTo).toHaveLength(2);
  expect(offered[0]?.data).toContain('\r\n.\r\n..\r\nText\r\n');
});

test.skipIf(smtpSource === null)(
  'smtp-source of Postfix, if installed, sends 200 messages over 10 sessions at a time',
  async () => {
    const { port, offered } = await open({ kind: 'connector', certificate: null });
    const options = '-s 10 -m 200 -l 20000 -r 5 -d -f a@merebrook.test -t b@elsewhere.test';
    await run(smtpSource ?? '', [...options.split(' '), `inet:127.0.0.1:${port}`]);
    expect(offered).toHaveLength(200);
    for (const { data, envelope } of offered) {
      expect(data.length).toBeGreaterThan(19_000);
      expect(envelope.rcptTo).toHaveLength(5);
    }
  },
);

test('nodemailer submits eight-bit content with SMTPUTF8 and DSN over implicit TLS', async () => {
  const { port, offered } = await open({ kind: 'submission', implicitTls: true });
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port,
    secure: true,
    tls: { ca: SERVER.cert, servername: 'gateway.test' },
    auth: { user: 'cllr.a@merebrook.test', pass: PASSWORD },
  });
  const sent = await transport.sendMail({
    envelope: {
      from: 'cllr.a@merebrook.test',
      to: ['josé@elsewhere.test'],
      use8BitMime: true,
      dsn: { return: 'HDRS', id: 'a+b=c', notify: ['FAILURE', 'DELAY'], recipient: 'j@x.test' },
    },
    raw: 'Subject: Grüße\r\n\r\n.Text\r\n',
  });
  transport.close();
  expect(sent.response).toBe('250 2.0.0 queued as ID1');
  expect(offered[0]?.envelope).toEqual({
    mailFrom: 'cllr.a@merebrook.test',
    rcptTo: [
      { address: 'josé@elsewhere.test', notify: ['failure', 'delay'], orcpt: 'rfc822;j@x.test' },
    ],
    ret: 'HDRS',
    envid: 'a+2Bb+3Dc',
    requireTls: false,
    smtpUtf8: true,
    body: '8BITMIME',
  });
  expect(offered[0]?.data).toBe(Buffer.from('Subject: Grüße\r\n\r\n.Text\r\n').toString('latin1'));
});
