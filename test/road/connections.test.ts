import { execFile, spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../ingress/raw-client.ts';
import {
  eventually,
  MEMBER,
  PASSWORD,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

const run = promisify(execFile);

/** Where a program is, `null` where this machine lacks it; its tests are then skipped by name. */
function find(program: string): string | null {
  const look = 'PATH="$PATH:/usr/sbin"; command -v "$0"';
  const { status, stdout } = spawnSync('sh', ['-c', look, program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

const swaks = find('swaks');
const smtpSource = find('smtp-source');

let world: TestWorld;
let gate: TestGateway;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

function portOf(name: string): number {
  return Number((gate.gateway.endpoints[name] ?? '').split(':')[1]);
}

/** Messages that were taken over; notices of the gateway's own come when they are ready. */
async function messages(): Promise<number> {
  const [row] = await gate.gateway.db`
    select count(*)::int as count from messages where origin = 'received'`;
  return Number(row?.['count']);
}

async function spoolFiles(): Promise<number> {
  const spool = path.join(world.config.stateDir, 'spool');
  const entries = await readdir(spool, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

/** A session of the council's mail system up to the 354. */
async function inData(): Promise<RawClient> {
  const client = await RawClient.connect(portOf('connector'));
  await client.reply();
  for (const line of [
    'EHLO mail.merebrook.gov.uk',
    `MAIL FROM:<${MEMBER}>`,
    'RCPT TO:<ann@plain.example>',
    'DATA',
  ]) {
    await client.command(line);
  }
  return client;
}

const HEADER = `From: ${MEMBER}\r\nSubject: Raw\r\n\r\n`;

describe('a real connection', () => {
  it('that breaks off in DATA leaves nothing behind', async () => {
    const before = [await messages(), await spoolFiles()];
    const client = await inData();
    client.send(`${HEADER}${'Half a message.\r\n'.repeat(20_000)}`);
    client.destroy();
    // A whole message afterwards, so that there was time to do wrong.
    const next = await inData();
    expect(await next.command(`${HEADER}Whole.\r\n.`)).toMatch(/^250 2\.0\.0 queued as /);
    next.destroy();
    await eventually(
      async () => ((await spoolFiles()) === (before[1] ?? 0) + 1 ? true : null),
      'Half a message stayed in the spool',
    );
    expect(await messages()).toBe((before[0] ?? 0) + 1);
  });

  it('that smuggles a second message behind a bare line feed is refused and closed', async () => {
    const before = await messages();
    for (const end of ['\n.\r\n', '\r.\r\n', '\n.\n', '\r\n.\n', '\r\n.\r']) {
      const client = await inData();
      client.send(
        `${HEADER}One.${end}MAIL FROM:<${MEMBER}>\r\nRCPT TO:<b@plain.example>\r\nDATA\r\n` +
          `${HEADER}Two.\r\n.\r\n`,
      );
      expect((await client.reply()).at(-1)).toMatch(/^550 5\.6\.0 /);
      await client.closed();
    }
    expect(await messages()).toBe(before);
  });

  it.each([
    ['no header at all', 'Only a body.\r\n', /^550 5\.6\.0 /],
    ['null bytes', `${HEADER}a\0b\0\r\n`, /^250 /],
    ['eight-bit bytes in its header', `X-Odd: \xff\xfe\r\n${HEADER}x\r\n`, /^250 /],
    ['broken MIME', `Content-Type: multipart/mixed; boundary="\r\n${HEADER}--\r\n--x\r\n`, /^250 /],
    [
      'ten thousand parts',
      `Content-Type: multipart/mixed; boundary=b\r\n${HEADER}${'--b\r\n\r\nx\r\n'.repeat(10_000)}--b--\r\n`,
      /^250 /,
    ],
    [
      'a thousand messages inside each other',
      `Content-Type: message/rfc822\r\n${HEADER}${'Content-Type: message/rfc822\r\n\r\n'.repeat(1000)}x\r\n`,
      /^250 /,
    ],
  ])('that brings %s is answered, and the message settles', async (_what, data, answer) => {
    const client = await inData();
    client.send(Buffer.from(data, 'latin1'));
    const reply = (await client.command('.')) ?? '';
    expect(reply).toMatch(answer);
    client.destroy();
    const queueId = /queued as (\w+)/.exec(reply)?.[1];
    if (queueId) await gate.until(queueId, 'delivered', 'held');
  });
});

describe('a foreign client', () => {
  it.skipIf(swaks === null)('swaks, if installed, submits what is then delivered', async () => {
    const { stdout } = await run(swaks ?? '', [
      ...`--server 127.0.0.1 --port ${portOf('submission')} --tls --pipeline`.split(' '),
      ...`--auth PLAIN --auth-user ${MEMBER} --auth-password`.split(' '),
      PASSWORD,
      ...`--from ${MEMBER} --to ann@plain.example,ben@plain.example`.split(' '),
      '--header',
      'Subject: By swaks',
      '--body',
      '.\n..\nBy swaks',
    ]);
    const queueId = /queued as (\w+)/.exec(stdout)?.[1] ?? '';
    await gate.until(queueId, 'delivered');
    const got = world.plain.messages().filter(({ data }) => data.includes('Subject: By swaks'));
    expect(got.map(({ rcptTo }) => rcptTo)).toEqual([['ann@plain.example', 'ben@plain.example']]);
    expect(got[0]?.data.toString()).toContain('\r\n.\r\n..\r\nBy swaks\r\n');
  });

  it.skipIf(smtpSource === null)(
    'smtp-source of Postfix, if installed, sends 200 messages, each delivered exactly once',
    async () => {
      const options = `-s 10 -m 200 -l 4000 -d -S By-postfix -f ${MEMBER} -t ann@plain.example`;
      await run(smtpSource ?? '', [...options.split(' '), `inet:127.0.0.1:${portOf('connector')}`]);
      const open = async (): Promise<number> => {
        const [row] = await gate.gateway.db`
          select count(*)::int as open from recipients
          where status in ('spooled', 'queued', 'deferred')`;
        return Number(row?.['open']);
      };
      await eventually(async () => ((await open()) === 0 ? true : null), 'Not all were delivered');
      const got = world.plain.messages().filter(({ data }) => data.includes('By-postfix'));
      expect(got).toHaveLength(200);
      const ids = got.map(({ data }) => /^Message-Id: (.*)\r$/im.exec(data.toString())?.[1]);
      expect(new Set(ids).size).toBe(200);
    },
  );
});
