import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { daneMatches, usableTlsa } from '../../src/delivery/dane.ts';
import type { TlsaRecord } from '../../src/delivery/resolve.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';

const CA = new X509Certificate(certificateAuthority().cert);
const LEAF = new X509Certificate(certificateFor({ names: ['mx.a.test'] }).cert);
const EXPIRED = new X509Certificate(certificateFor({ names: ['mx.a.test'], expired: true }).cert);
const STRANGER = new X509Certificate(
  certificateFor({ names: ['mx.a.test'], selfSigned: true }).cert,
);
const NOW = LEAF.validFromDate.getTime() + 60_000;

function tlsa(
  usage: number,
  selector: number,
  matchingType: number,
  certificate: X509Certificate,
): TlsaRecord {
  const content =
    selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: 'spki', format: 'der' });
  const data =
    matchingType === 0
      ? content
      : createHash(matchingType === 1 ? 'sha256' : 'sha512')
          .update(content)
          .digest();
  return { usage, selector, matchingType, data };
}

const KINDS = [0, 1].flatMap((selector) =>
  [0, 1, 2].map((matchingType) => [selector, matchingType] as const),
);

describe('daneMatches()', () => {
  it.each(KINDS)('knows the leaf by selector %i, matching type %i', (selector, matchingType) => {
    const record = tlsa(3, selector, matchingType, LEAF);
    expect(daneMatches([record], [LEAF], ['mx.a.test'], NOW)).toBe(true);
    expect(daneMatches([record], [STRANGER], ['mx.a.test'], NOW)).toBe(false);
  });

  it.each(KINDS)('knows the anchor by selector %i, matching type %i', (selector, matchingType) => {
    const record = tlsa(2, selector, matchingType, CA);
    expect(daneMatches([record], [LEAF, CA], ['mx.a.test'], NOW)).toBe(true);
    expect(daneMatches([record], [STRANGER, CA], ['mx.a.test'], NOW)).toBe(false);
  });

  it('DANE-EE looks at neither name nor dates', () => {
    expect(daneMatches([tlsa(3, 1, 1, EXPIRED)], [EXPIRED], ['other.test'], NOW)).toBe(true);
  });

  it('DANE-TA looks at both', () => {
    const anchor = [tlsa(2, 1, 1, CA)];
    expect(daneMatches(anchor, [EXPIRED, CA], ['mx.a.test'], NOW)).toBe(false);
    expect(daneMatches(anchor, [LEAF, CA], ['other.test'], NOW)).toBe(false);
    expect(daneMatches(anchor, [LEAF, CA], ['other.test', 'mx.a.test'], NOW)).toBe(true);
    expect(daneMatches(anchor, [LEAF, CA], ['mx.a.test'], CA.validToDate.getTime() + 1)).toBe(
      false,
    );
  });

  it('DANE-TA does not take the leaf for its own anchor', () => {
    expect(daneMatches([tlsa(2, 1, 1, LEAF)], [LEAF], ['mx.a.test'], NOW)).toBe(false);
  });

  it('wants a record, and a certificate', () => {
    expect(daneMatches([], [LEAF, CA], ['mx.a.test'], NOW)).toBe(false);
    expect(daneMatches([tlsa(3, 1, 1, LEAF)], [], ['mx.a.test'], NOW)).toBe(false);
  });
});

describe('usableTlsa()', () => {
  it.each<[Partial<TlsaRecord>, boolean]>([
    [{}, true],
    [{ usage: 2 }, true],
    [{ usage: 0 }, false],
    [{ usage: 1 }, false],
    [{ usage: 4 }, false],
    [{ selector: 2 }, false],
    [{ matchingType: 3 }, false],
    [{ matchingType: 2 }, false],
    [{ matchingType: 0 }, true],
    [{ matchingType: 0, data: Buffer.alloc(0) }, false],
    [{ data: Buffer.alloc(31) }, false],
  ])('%j is usable: %s', (changes, usable) => {
    const record = { usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32), ...changes };
    expect(usableTlsa([record])).toHaveLength(usable ? 1 : 0);
  });
});
