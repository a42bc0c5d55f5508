import { describe, expect, it } from 'vitest';
import { nextHopsOf } from '../../src/delivery/next-hop.ts';
import type { Lookup, MxRecord, Resolver } from '../../src/delivery/resolve.ts';

function resolver(
  mx: Lookup<MxRecord>,
  addresses: Lookup<string> = { kind: 'nodata', secure: false },
): Resolver {
  return {
    mx: () => Promise.resolve(mx),
    addresses: () => Promise.resolve(addresses),
  } as unknown as Resolver;
}

function found(...records: [number, string][]): Lookup<MxRecord> {
  const values = records.map(([preference, exchange]) => ({ preference, exchange }));
  return { kind: 'found', values, secure: false };
}

const hops = (
  mx: Lookup<MxRecord>,
  addresses?: Lookup<string>,
  random = (): number => 0,
): ReturnType<typeof nextHopsOf> =>
  nextHopsOf('a.test', resolver(mx, addresses), ['Gateway.test'], random);

describe('nextHopsOf()', () => {
  it('orders by preference, equals by chance', async () => {
    const chances = [0.9, 0.1, 0.5];
    const records = found([20, 'late.test'], [10, 'x.test'], [10, 'y.test']);
    expect(await hops(records, undefined, () => chances.shift() ?? 0)).toMatchObject({
      names: ['x.test', 'y.test', 'late.test'],
    });
  });

  it('leaves out hosts no better than ourselves', async () => {
    const records = found(
      [10, 'better.test'],
      [20, 'gateway.test'],
      [20, 'equal.test'],
      [30, 'worse.test'],
    );
    expect(await hops(records)).toMatchObject({ names: ['better.test'] });
  });

  it('bounces where we are the best host, for that is a loop', async () => {
    expect(await hops(found([10, 'gateway.test']))).toMatchObject({
      kind: 'bounced',
      reply: expect.stringMatching(/^554 5\.4\.6 /) as string,
    });
  });

  it('bounces on a null MX', async () => {
    expect(await hops(found([0, '']))).toMatchObject({
      kind: 'bounced',
      reply: expect.stringMatching(/^556 5\.1\.10 /) as string,
    });
  });

  it('takes the domain itself where there is no MX record but an address', async () => {
    const addresses: Lookup<string> = { kind: 'found', values: ['192.0.2.1'], secure: true };
    expect(await hops({ kind: 'nodata', secure: true }, addresses)).toEqual({
      kind: 'hosts',
      names: ['a.test'],
      secure: true,
    });
  });

  it.each<[Lookup<MxRecord>, Lookup<string>, string]>([
    [{ kind: 'nxdomain', secure: false }, { kind: 'nxdomain', secure: false }, 'bounced'],
    [{ kind: 'nodata', secure: false }, { kind: 'nodata', secure: false }, 'bounced'],
    [{ kind: 'nodata', secure: false }, { kind: 'failed', cause: 'x' }, 'failed'],
    [{ kind: 'failed', cause: 'x' }, { kind: 'nodata', secure: false }, 'failed'],
  ])('with MX %j and addresses %j it has %s', async (mx, addresses, kind) => {
    expect(await hops(mx, addresses)).toMatchObject({ kind });
  });

  it('tries no more hosts than a handful', async () => {
    const records = found(
      ...Array.from({ length: 50 }, (_, n): [number, string] => [n, `h${n}.test`]),
    );
    expect(await hops(records)).toMatchObject({ names: { length: 8 } });
  });
});
