import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createClamd, ScannerUnavailable } from '../../src/scan/clamd.ts';
import { watched } from '../../src/scan/watched-scanner.ts';
import {
  EICAR,
  freePort,
  hasClamd,
  MADE_UP_VIRUS,
  startClamd,
  type TestClamd,
} from '../support/clamd.ts';
import { zipOf } from '../extract/zip-of.ts';

const text = (lines: string[]): Readable => Readable.from([Buffer.from(lines.join('\r\n'))]);

/** A message with one attachment in base64. */
function withAttachment(content: Buffer, first = 'From: a@council.example'): Readable {
  return text([
    first,
    'Subject: Minutes',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Attached.',
    '--b',
    'Content-Type: application/octet-stream; name=minutes.bin',
    'Content-Transfer-Encoding: base64',
    '',
    ...(content.toString('base64').match(/.{1,76}/g) ?? []),
    '--b--',
    '',
  ]);
}

// Where clamd is not installed these are skipped; `apt install clamav-daemon` brings it.
describe.skipIf(!hasClamd)('a real clamd', () => {
  let clamd: TestClamd;
  beforeAll(async () => {
    clamd = await startClamd();
  }, 60_000);
  afterAll(() => clamd?.stop());

  for (const way of ['tcp', 'unix'] as const) {
    it(`is asked over ${way}`, async () => {
      const scanner = createClamd({ address: clamd[way], timeoutMs: 20_000 });
      expect(await scanner.version()).toMatch(/^ClamAV \d/);
      const clean = await scanner.scan(text(['Subject: Bins', '', 'On Tuesday.', '']));
      expect(clean).toEqual({ kind: 'clean' });
      expect(await scanner.scan(text(['Subject: x', '', MADE_UP_VIRUS]))).toEqual({
        kind: 'found',
        signature: 'Portreeve.MadeUp.UNOFFICIAL',
      });
    });
  }

  const scan = (message: Readable) =>
    createClamd({ address: clamd.tcp, timeoutMs: 20_000 }).scan(message);

  it('looks into attachments, and into archives in them', async () => {
    const eicar = { kind: 'found', signature: 'Portreeve.Eicar.UNOFFICIAL' };
    expect(await scan(withAttachment(Buffer.from(EICAR)))).toEqual(eicar);
    const zip = zipOf([{ name: 'a.com', content: EICAR }]);
    expect(await scan(withAttachment(zip))).toEqual(eicar);
  });

  it('takes a message for one, whatever field stands first', async () => {
    const strange = `X-Strange: ${'of ours '.repeat(1000)}`;
    const odd = withAttachment(Buffer.from(EICAR), strange);
    expect((await scan(odd)).kind).toBe('found');
  });

  it('takes a large message in pieces, and finds what stands at its end', async () => {
    const large = Readable.from([
      Buffer.from('Subject: Large\r\n\r\n'),
      Buffer.alloc(1_500_000, 'abc \r\n'),
      Buffer.from(MADE_UP_VIRUS),
    ]);
    expect((await scan(large)).kind).toBe('found');
  });

  it('has no verdict on more than it takes, which is no clean bill', async () => {
    const huge = Readable.from([
      Buffer.from('Subject: Huge\r\n\r\n'),
      Buffer.alloc(5_000_000, 'a'),
    ]);
    await expect(scan(huge)).rejects.toBeInstanceOf(ScannerUnavailable);
  });

  it('passes on the error of the message that it reads', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('Subject: x\r\n');
        await Promise.resolve();
        throw new Error('The disk is away');
      })(),
    );
    await expect(scan(broken)).rejects.toThrow('The disk is away');
  });
});

describe('a scanner that misbehaves', () => {
  const servers: (() => void)[] = [];
  afterEach(() => servers.splice(0).forEach((close) => close()));

  async function server(serve: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
      serve(socket);
    }).listen(0, '127.0.0.1');
    servers.push(() => {
      listening.close();
      sockets.forEach((socket) => socket.destroy());
    });
    await once(listening, 'listening');
    return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
  }
  const message = () => text(['Subject: x', '', 'y']);

  for (const [what, serve] of [
    ['hangs up at once', (socket: Socket) => socket.destroy()],
    ['says nothing', () => undefined],
    ['says something else', (socket: Socket) => socket.end('stream: perhaps\0')],
    ['reports an error', (socket: Socket) => socket.end('Out of memory ERROR\0')],
    [
      'stops in the middle of its verdict',
      (socket: Socket) => socket.end('stream: OK'.slice(0, 9)),
    ],
    ['never ends its reply', (socket: Socket) => socket.write('x'.repeat(100_000))],
    ['names a signature without saying FOUND', (socket: Socket) => socket.end('stream: Eicar\0')],
  ] as const) {
    it(`that ${what} gives no verdict`, async () => {
      const scanner = createClamd({ address: await server(serve), timeoutMs: 300 });
      await expect(scanner.scan(message())).rejects.toBeInstanceOf(ScannerUnavailable);
    });
  }

  it('that is not there gives no verdict', async () => {
    const tcp = createClamd({ address: `127.0.0.1:${await freePort()}`, timeoutMs: 300 });
    await expect(tcp.scan(message())).rejects.toBeInstanceOf(ScannerUnavailable);
    const unix = createClamd({ address: '/nowhere/clamd.ctl', timeoutMs: 300 });
    await expect(unix.scan(message())).rejects.toBeInstanceOf(ScannerUnavailable);
  });

  it('is reported once, left alone for some seconds, and reported back', async () => {
    let reply = 'stream: nonsense\0';
    let asked = 0;
    const address = await server((socket) => {
      asked += 1;
      socket.once('data', () => socket.end(reply));
    });
    const lines: string[] = [];
    const log = createLog('info', (line) => void lines.push(line));
    let now = 0;
    const scanner = watched(createClamd({ address, timeoutMs: 300 }), log, () => new Date(now));
    expect(scanner.isUp()).toBeNull();
    for (const _ of [1, 2, 3]) await expect(scanner.scan(message())).rejects.toThrow('clamd');
    expect([asked, scanner.isUp()]).toEqual([1, false]);
    now += 6000;
    await expect(scanner.scan(message())).rejects.toThrow('clamd');
    expect(asked).toBe(2);
    reply = 'stream: OK\0';
    now += 6000;
    expect(await scanner.scan(message())).toEqual({ kind: 'clean' });
    expect(scanner.isUp()).toBe(true);
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(['fault', 'lifecycle']);
  });
});
