import { describe, expect, it } from 'vitest';
import { readHeaderBlock } from '../../src/mail/header-block.ts';
import { countReceived, receivedField } from '../../src/mail/trace.ts';

const clauses = {
  hostname: 'gate.merebrook.gov.uk',
  helo: 'client.example',
  remoteAddress: '192.0.2.7',
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  authenticated: true,
  queueId: 'Q1',
  at: new Date('2027-04-01T09:00:00Z'),
  smtpUtf8: false,
};

describe('receivedField()', () => {
  it('writes a folded trace field in the form of RFC 5321', () => {
    expect(receivedField(clauses)).toBe(
      'Received: from client.example ([192.0.2.7])\r\n' +
        '\tby gate.merebrook.gov.uk with ESMTPSA\r\n' +
        '\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n' +
        '\tid Q1;\r\n' +
        '\tThu, 01 Apr 2027 09:00:00 +0000\r\n',
    );
  });

  it.each([
    [{ tls: null, authenticated: false }, 'with ESMTP\r\n'],
    [{ authenticated: false }, 'with ESMTPS\r\n'],
    [{ smtpUtf8: true }, 'with UTF8SMTPSA\r\n'],
    [{ remoteAddress: '2001:db8::1' }, '([IPv6:2001:db8::1])'],
    [{ remoteAddress: '::ffff:192.0.2.9' }, '([192.0.2.9])'],
    [{ helo: '[192.0.2.1]' }, 'from [192.0.2.1] '],
    [{ helo: '' }, 'from unknown '],
  ])('says %j as %j', (change, text) => {
    expect(receivedField({ ...clauses, ...change })).toContain(text);
  });

  it('lets no client write a field of its own', () => {
    const field = receivedField({ ...clauses, helo: 'x\r\nBcc: a@b (by evil)\r\n\r\nbody' });
    expect(readHeaderBlock(Buffer.from(field)).fields).toHaveLength(1);
    expect(field).toContain('from xBcc:abbyevilbody (');
  });
});

describe('countReceived()', () => {
  const count = (...values: string[]) =>
    countReceived(
      values.map((value) => ({ name: 'received', value })),
      'Gate.Merebrook.gov.uk',
    );

  it('counts all, and ours by the by clause', () => {
    const ours = receivedField(clauses).slice('Received: '.length).trim();
    expect(count(ours, 'from gate.merebrook.gov.uk by mx.example; date', 'junk')).toEqual({
      total: 3,
      ours: 1,
    });
  });

  it('is not misled by comments, dots or case', () => {
    expect(count('from x (by mx.example) BY gate.MEREBROOK.gov.uk. with SMTP').ours).toBe(1);
    expect(count('from x (by gate.merebrook.gov.uk) by mx.example').ours).toBe(0);
    expect(count('from x by gate.merebrook.gov.uk.evil.example').ours).toBe(0);
  });

  it('counts no other field', () => {
    expect(countReceived([{ name: 'x-received', value: 'by a' }], 'a')).toEqual({
      total: 0,
      ours: 0,
    });
  });
});
