import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import {
  composeKeyRequest,
  KEY_REQUEST_SHAPE,
  type KeyRequestInput,
} from '../../src/mail/key-request.ts';
import { checkTemplate } from '../../src/mail/notice-template.ts';

const template = readFileSync(
  new URL('../../policies/notices/key-request.md', import.meta.url),
  'utf8',
);

function input(council: Partial<KeyRequestInput['council']> = {}): KeyRequestInput {
  return {
    council: {
      name: 'Merebrook Council',
      noticeFrom: 'notices@merebrook.gov.uk',
      contacts: [
        { role: 'monitoring-officer', text: 'Monitoring Officer, 3219' },
        { role: 'ict', text: 'ICT desk, 01632 960 000' },
      ],
      ...council,
    },
    to: 'jo@charity.example',
    template,
    reference: '01JD7Q4RZ8K2M5N9PX',
    messageId: '<k1@gw.merebrook.gov.uk>',
    at: new Date('2026-11-22T15:11:00Z'),
  };
}

const read = (council: Partial<KeyRequestInput['council']> = {}) =>
  simpleParser(composeKeyRequest(input(council)));
const flat = (text: string | undefined) => (text ?? '').replace(/\s+/g, ' ');

describe('composeKeyRequest()', () => {
  it('asks in plain words for a key, says what not to send, and how to check it', async () => {
    const mail = await read();
    const text = flat(mail.text);
    expect(mail.subject).toBe('Merebrook Council asks for your PGP public key');
    expect(text).toContain('would like to write to you by encrypted e-mail');
    expect(text).toContain('Ask the people who look after your e-mail');
    expect(text).toContain('Reply to this message with the key attached');
    expect(text).toContain('Web Key Directory, WKD');
    expect(text).toContain('Nothing private or secret');
    expect(text).toContain('Never your private key, and never a password');
    expect(text).toContain("Look the number up on the council's own website");
    expect(text).toContain('Reference: 01JD7Q4RZ8K2M5N9PX');
    expect(text).not.toMatch(/councillor|OFFICIAL|https?:/i);
  });

  it('is automatic mail of the council, text first, without a link', async () => {
    const raw = composeKeyRequest(input()).toString();
    expect(raw.indexOf('Content-Type: text/plain')).toBeGreaterThan(0);
    expect(raw.indexOf('Content-Type: text/plain')).toBeLessThan(raw.indexOf('text/html'));
    const mail = await read();
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.from?.value[0]?.address).toBe('notices@merebrook.gov.uk');
    expect(mail.html).toMatch(/<html lang="en">[\s\S]*<ol>/);
    expect(mail.html).not.toMatch(/<(?:a|img|script|style|link)\b/);
  });

  it('has answers go to the address for keys, else to that of notices', async () => {
    const own = await read({ keyReplyTo: 'keys@merebrook.gov.uk' });
    expect(own.replyTo?.value[0]?.address).toBe('keys@merebrook.gov.uk');
    expect(flat(own.text)).toContain('Your reply goes to keys@merebrook.gov.uk.');
    expect((await read()).replyTo?.value[0]?.address).toBe('notices@merebrook.gov.uk');
  });

  it('names the ICT desk alone, and everybody where there is none', async () => {
    expect((await read()).text).not.toContain('Monitoring Officer');
    const contacts = [{ role: 'monitoring-officer', text: 'Monitoring Officer, 3219' }];
    expect((await read({ contacts })).text).toContain('Monitoring Officer, 3219');
  });

  it.each(['jo@charity.example\r\nBcc: x@y.test', 'a@b.test, c@d.test', 'jo'])(
    'refuses %j as an address',
    (to) => {
      expect(() => composeKeyRequest({ ...input(), to })).toThrow(RangeError);
    },
  );
});

describe('the words of the request', () => {
  it('use only documented variables', () => {
    expect(checkTemplate('key-request', template, KEY_REQUEST_SHAPE)).toEqual([]);
  });

  it.each(['recipientName', 'sentAt', 'recipients'])('cannot say the %s of a message', (name) => {
    const problems = checkTemplate('key-request', `${template}{{ ${name} }}`, KEY_REQUEST_SHAPE);
    expect(problems.join()).toContain(`unknown variable "${name}"`);
  });

  it.each(['councilName', 'replyTo', 'contacts', 'reference'])('must say the %s', (name) => {
    const without = template.replaceAll(name, 'reference').replaceAll('contact.text', 'contact');
    const text = name === 'reference' ? template.replaceAll(name, 'councilName') : without;
    const problems = checkTemplate('key-request', text, KEY_REQUEST_SHAPE);
    expect(problems.join()).toContain(`It never uses "${name}"`);
  });
});
