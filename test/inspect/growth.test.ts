import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { createInspectors, inspect } from '../../src/inspect/inspect.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { parseMessage } from '../../src/mail/parse.ts';
import { spansOf } from '../../src/mail/quoted-text.ts';
import { allPassages } from '../../src/inspect/passages.ts';
import { inspectionOf } from './inspection-of.ts';

const { lists } = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));
const inspectors = createInspectors(lists);

/** Each could be begun at every place and end at none; single signs are in `linear.test.ts`. */
const UNITS = [
  '12-34-56 ',
  '> ',
  ';\n',
  '-----BEGIN ',
  '-----BEGIN PGP MESSAGE-----\n',
  'PIN to ',
  'wifi password: ab123 ',
  'door code: 4512 ',
  'door code to ',
  'password: ',
  'one-time code is ',
  'born on 1 ',
  'dob 1/2/1980 ',
  'A B 1  2  3  ',
  'UPRN 100023 ',
  'case ref AB1/',
  'council tax account 6123456 ',
  '4 Mill Lane ',
  'Jo Hill 1/2/1980 ',
  'vote for the Labour ',
  'Foden for ',
  'he is so ',
  'the officer ',
  'Councillor Hill is ',
  'her illness ',
  'send this to ',
  'everyone you know ',
  'invest now ',
  'Not for publication ',
  'From: a\n',
  'Fwd: ',
  'name,phone\n',
  'Vote for us in the awards. ',
  'promoted by Ann Hill for Bo ',
  'This email is confidential. ',
  'this email ',
  'On 1 ',
  '> a\nbb\n',
  '>\na\n',
];
const SHORT = 40_000;
const TIMES = 4;
/** Four times the text may take four times as long; with its square it would take sixteen. */
const MOST = 10;
/** Below this the ratio tells of the clock. */
const LEAST_MS = 40;

/** The body with the roles that its lines have, as it arrives. */
function cpuMilliseconds(body: string): number {
  const input = inspectionOf({
    body: spansOf(body).map(({ role, start, end }) => [role, body.slice(start, end)]),
  });
  const before = process.cpuUsage();
  inspect(inspectors, input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('the detectors', () => {
  it.each(['>\r\na\r\n', '> a\r\nbb\r\n'])(
    'read %j, however often, in few passages',
    async (unit) => {
      const raw = Buffer.from(`Subject: Re: bins\r\n\r\n${unit.repeat(80_000)}Vote for me.\r\n`);
      const passages = allPassages(await parseMessage(raw));
      expect(passages.length).toBeLessThanOrEqual(501);
      expect(passages.some(({ text }) => text.includes('Vote for me.'))).toBe(true);
    },
  );

  it.each(UNITS)('read %j over and over in time that grows with the length', (unit) => {
    const text = unit.repeat(Math.ceil((SHORT * TIMES) / unit.length));
    const short = Math.min(...[1, 2].map(() => cpuMilliseconds(text.slice(0, SHORT))));
    const long = Math.min(...[1, 2].map(() => cpuMilliseconds(text)));
    expect(long).toBeLessThan(Math.max(LEAST_MS, short * MOST));
  });
});
