import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { Arrival } from '../../src/mail/envelope.ts';
import type { TenantPin } from '../../src/mail/screen.ts';
import {
  createAccept,
  hasBareLineBreak,
  type AcceptLimits,
  type AcceptResult,
  type AcceptRoad,
  type Submission,
} from '../../src/pipeline/accept.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { connect, type Db } from '../../src/store/connect.ts';
import { loadMessage } from '../../src/store/messages.ts';
import { generateSpoolKeys, openSpool, SpoolFull, type Spool } from '../../src/store/spool.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

const POLICY = loadPolicy(fileURLToPath(new URL('../../policies', import.meta.url)));
const LIMITS: AcceptLimits = { messageBytes: 100_000, headerBytes: 2000, reserveBytes: 0 };
const HEADER = 'From: a@merebrook.gov.uk\r\nSubject: Bins\r\n';
const MESSAGE = `${HEADER}\r\nThey come on Friday.\r\n`;

let dir: string;
let database: FreshDatabase;
let spool: Spool;
let privateKey: string;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-accept-'));
  const keys = generateSpoolKeys();
  privateKey = keys.privateKey;
  spool = await openSpool({ dir, publicKey: keys.publicKey, privateKeys: [privateKey] });
  return () => rm(dir, { recursive: true });
});

function roadOf(changes: Partial<AcceptRoad> = {}): AcceptRoad {
  return {
    db: database.db,
    spool,
    log: createLog('silent'),
    hostname: 'gate.merebrook.gov.uk',
    clock: () => new Date('2026-11-22T10:00:00Z'),
    random: (bytes) => randomBytes(bytes),
    policy: () => POLICY,
    queues: { wake: () => Promise.resolve() },
    ...changes,
  };
}

function submission(tenantPin: TenantPin | null = null): Submission {
  const arrival: Arrival = {
    via: 'connector',
    name: 'exchange',
    council: 'merebrook',
    authenticatedAs: null,
    remoteAddress: '127.0.0.1',
    helo: 'mail.merebrook.gov.uk',
    tls: null,
  };
  return {
    arrivals: [{ arrival, tenantPin }],
    envelope: {
      mailFrom: 'a@merebrook.gov.uk',
      rcptTo: [{ address: 'ann@plain.example', notify: [], orcpt: null }],
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '8BITMIME',
    },
    person: null,
  };
}

/** The bytes in the given pieces, as the network may cut them. */
function stream(...pieces: (string | Buffer)[]): Readable {
  return Readable.from(pieces.map((piece) => Buffer.from(piece)));
}

interface Circumstances {
  road?: AcceptRoad;
  limits?: Partial<AcceptLimits>;
  pin?: TenantPin;
}

async function offer(
  body: Readable,
  { road = roadOf(), limits, pin }: Circumstances = {},
): Promise<AcceptResult> {
  return createAccept(road, { ...LIMITS, ...limits })(submission(pin), body);
}

function line(result: AcceptResult): string {
  if (result.kind === 'accepted') return 'accepted';
  const { code, enhanced } = result.reply;
  return `${code} ${enhanced}${result.close ? ', closed' : ''}`;
}

/** Message rows, audit rows and spool files: what a refusal must not leave behind. */
async function left(): Promise<number[]> {
  const [row] = await database.db`
    select (select count(*)::int from messages) as messages,
      (select count(*)::int from audit) as audit`;
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).length;
  return [Number(row?.['messages']), Number(row?.['audit']), files];
}

async function expectNothingLeft(work: () => Promise<void>): Promise<void> {
  const before = await left();
  await work();
  expect(await left()).toEqual(before);
}

async function bytesOf(queueId: string): Promise<string> {
  const message = await loadMessage(database.db, queueId);
  const pieces: Buffer[] = [];
  for await (const piece of spool.read(queueId, message?.wrappedKey ?? Buffer.alloc(0))) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString();
}

describe('hasBareLineBreak()', () => {
  const cases: [chunk: string, afterCr: boolean, bare: boolean][] = [
    ['', false, false],
    ['', true, false],
    ['text', false, false],
    ['a\r\nb\r\n', false, false],
    ['\nb', true, false],
    ['\r\n\r\n', false, false],
    ['a\r', false, false],
    ['a\nb', false, true],
    ['\nb', false, true],
    ['a\rb', false, true],
    ['b', true, true],
    ['\r\n', true, true],
    ['a\r\r\n', false, true],
    ['a\r\n\nb', false, true],
    ['a\n\r', false, true],
  ];
  for (const [chunk, afterCr, bare] of cases) {
    const where = afterCr ? ' after a CR' : '';
    it(`${bare ? 'finds one' : 'finds none'} in ${JSON.stringify(chunk)}${where}`, () => {
      expect(hasBareLineBreak(Buffer.from(chunk), afterCr)).toBe(bare);
    });
  }
});

describe('accept() takes custody', () => {
  it('of the very bytes, wherever the network cuts them', async () => {
    for (let cut = 0; cut <= MESSAGE.length; cut += 1) {
      const result = await offer(stream(MESSAGE.slice(0, cut), MESSAGE.slice(cut)));
      if (result.kind !== 'accepted') throw new Error(line(result));
      if (cut % 10 === 0) expect(await bytesOf(result.queueId)).toBe(MESSAGE);
      expect((await loadMessage(database.db, result.queueId))?.subject).toBe('Bins');
    }
  });

  it('of a message that is all header', async () => {
    expect(line(await offer(stream(HEADER)))).toBe('accepted');
  });

  it('and says so only after the bytes are durable and the record is committed', async () => {
    const steps: string[] = [];
    const db = new Proxy(database.db, {
      apply: (target, self, args: unknown[]) => {
        const query: unknown = Reflect.apply(target, self, args);
        return (query as Promise<unknown>).then((rows) => {
          steps.push('committed');
          return rows;
        });
      },
    }) as Db;
    const road = roadOf({
      db,
      spool: spooling(async (queueId, source) => {
        const stored = await spool.write(queueId, source);
        steps.push('durable');
        return stored;
      }),
      queues: { wake: () => Promise.resolve(void steps.push('woken')) },
    });
    await offer(stream(MESSAGE), { road });
    steps.push('answered');
    expect(steps).toEqual(['durable', 'committed', 'woken', 'answered']);
  });

  it('whether or not a wake-up call ever ends', async () => {
    const road = roadOf({ queues: { wake: () => new Promise(() => undefined) } });
    expect(line(await offer(stream(MESSAGE), { road }))).toBe('accepted');
  });

  it('exactly at its limits, and one octet beyond them not', async () => {
    const messageBytes = MESSAGE.length;
    expect(line(await offer(stream(MESSAGE), { limits: { messageBytes } }))).toBe('accepted');
    expect(line(await offer(stream(MESSAGE), { limits: { messageBytes: messageBytes - 1 } }))).toBe(
      '552 5.3.4',
    );
    const headerBytes = HEADER.length;
    expect(line(await offer(stream(MESSAGE), { limits: { headerBytes } }))).toBe('accepted');
    expect(line(await offer(stream(MESSAGE), { limits: { headerBytes: headerBytes - 1 } }))).toBe(
      '552 5.3.4',
    );
  });
});

function spooling(write: Spool['write'], changes: Partial<Spool> = {}): Spool {
  return {
    write,
    read: (queueId, key) => spool.read(queueId, key),
    remove: (queueId) => spool.remove(queueId),
    freeBytes: () => spool.freeBytes(),
    olderThan: (before) => spool.olderThan(before),
    ...changes,
  };
}

describe('accept() refuses, and nothing stays behind,', () => {
  it('a bare line break, even where two pieces meet, and closes the connection', async () => {
    await expectNothingLeft(async () => {
      for (const body of [
        stream(`${MESSAGE}a\nb\r\n`),
        stream(`${MESSAGE}a\r`, 'b\r\n'),
        stream(`${MESSAGE}a`, '\nb\r\n'),
        stream(`${MESSAGE}a\r`),
        stream('From: a@merebrook.gov.uk\nSubject: x\r\n\r\n'),
      ]) {
        expect(line(await offer(body))).toBe('550 5.6.0, closed');
      }
    });
  });

  it('a header that does not end, without reading it into memory', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        yield Buffer.from(HEADER);
        for (; given < 90_000; given += 1000) yield Buffer.from(`X-Fill: ${'a'.repeat(990)}\r\n`);
      })(),
    );
    await expectNothingLeft(async () => {
      expect(line(await offer(endless))).toBe('552 5.3.4');
    });
    expect(endless.readableEnded).toBe(true);
  });

  it('a message whose first line is empty: what looks like its header is body', async () => {
    await expectNothingLeft(async () => {
      expect(line(await offer(stream(`\r\n${MESSAGE}`)))).toBe('550 5.6.0');
    });
  });

  it('anything when the disk has less room than is reserved', async () => {
    const reserveBytes = (await spool.freeBytes()) * 2;
    await expectNothingLeft(async () => {
      expect(line(await offer(stream(MESSAGE), { limits: { reserveBytes } }))).toBe('452 4.3.1');
    });
  });

  it('a message for which the disk has no room after all', async () => {
    const full = spooling((_queueId, source) => {
      source.destroy();
      return Promise.reject(new SpoolFull('The spool has no room left'));
    });
    await expectNothingLeft(async () => {
      expect(line(await offer(stream(MESSAGE), { road: roadOf({ spool: full }) }))).toBe(
        '452 4.3.1',
      );
    });
  });

  it('for a while when the spool fails', async () => {
    const broken = spooling(() => Promise.reject(new Error('EIO')));
    await expectNothingLeft(async () => {
      const result = await offer(stream(MESSAGE), { road: roadOf({ spool: broken }) });
      expect(line(result)).toBe('451 4.3.0');
      expect(result).toHaveProperty('cause.message', 'EIO');
    });
  });

  it('for a while when the record is down', async () => {
    const down = connect('postgres://nobody@127.0.0.1:1/none', { max: 1 });
    await expectNothingLeft(async () => {
      expect(line(await offer(stream(MESSAGE), { road: roadOf({ db: down }) }))).toBe('451 4.3.0');
    });
    await down.end();
  });

  it('for a while when no policy of the council is active', async () => {
    const road = roadOf({ policy: () => ({ ...POLICY, councils: new Map() }) });
    await expectNothingLeft(async () => {
      expect(line(await offer(stream(MESSAGE), { road }))).toBe('451 4.3.0');
    });
  });

  it('a message whose client goes away in the middle', async () => {
    await expectNothingLeft(async () => {
      const body = Readable.from(
        (function* () {
          yield Buffer.from(MESSAGE);
          throw new Error('gone');
        })(),
      );
      expect(line(await offer(body))).toBe('451 4.3.0');
    });
  });

  it('mail of another tenant of a shared mail system', async () => {
    const pin = { header: 'X-Tenant', value: 'one' };
    await expectNothingLeft(async () => {
      for (const fields of ['', 'X-Tenant: two\r\n', 'X-Tenant: one\r\nX-Tenant: one\r\n']) {
        expect(line(await offer(stream(fields + MESSAGE), { pin }))).toBe('550 5.7.1');
      }
    });
    expect(line(await offer(stream(`X-Tenant: ONE\r\n${MESSAGE}`), { pin }))).toBe('accepted');
  });
});
