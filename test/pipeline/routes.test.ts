import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/delivery/delivery-job.ts';
import { outwardRoute } from '../../src/pipeline/routes.ts';

const smarthost = (host: string): Route => ({
  kind: 'smarthost',
  host,
  port: 25,
  tls: 'verified',
  protects: true,
});
const routes = {
  outward: { kind: 'mx' } as const,
  inward: smarthost('inward.test'),
  domains: new Map([
    ['cjsm.net', smarthost('cjsm.test')],
    ['police.cjsm.net', smarthost('police.test')],
  ]),
  dkim: null,
  signingKey: null,
};

describe('outwardRoute()', () => {
  it.each([
    ['cjsm.net', 'cjsm.test'],
    ['Court.CJSM.net', 'cjsm.test'],
    ['police.cjsm.net', 'police.test'],
    ['a.police.cjsm.net', 'police.test'],
  ])('sends mail to %s by the route of its narrowest domain', (domain, host) => {
    expect(outwardRoute(routes, domain)).toMatchObject({ host });
  });

  it.each(['notcjsm.net', 'cjsm.net.example', 'example.org', ''])(
    'sends %j as all mail',
    (domain) => {
      expect(outwardRoute(routes, domain)).toEqual({ kind: 'mx' });
    },
  );
});
