import { expect, it } from 'vitest';
import { markedParts } from '../../src/console/evidence-text.ts';
import { parseMessage } from '../../src/mail/parse.ts';

it('markedParts() calls each text what an officer would call it', async () => {
  const raw =
    'Subject: Hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n' +
    '--b\r\nContent-Type: text/plain; name=ward_list.txt\r\n\r\nMill Lane\r\n--b--\r\n';
  const parts = markedParts(await parseMessage(Buffer.from(raw)), null);
  expect(parts.map(({ title }) => title)).toEqual([
    'Subject',
    'Message',
    'Attachment 1: ward_list.txt',
    'Name of attachment 1',
  ]);
});
