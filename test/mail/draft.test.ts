import { describe, expect, it } from 'vitest';
import { readDraft, UNNAMED_RECIPIENT } from '../../src/mail/draft.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';

async function draftOf(text: string) {
  const lines = ['From: a@council.example', 'To: check@council.example', 'Cc: b@council.example'];
  const raw = [...lines, 'Subject: x', '', text].join('\r\n').replace(/(?<!\r)\n/g, '\r\n');
  return readDraft(await parseMessage(Buffer.from(raw), DEFAULT_PARSE_LIMITS));
}
const bodyOf = ({ message }: Awaited<ReturnType<typeof draftOf>>) =>
  message.texts.find(({ name }) => name === 'body');

describe('readDraft()', () => {
  it('takes the To lines at the top for recipients, each once, and out of the body', async () => {
    const draft = await draftOf(
      '\nTo: a@x.example, Bo <b@y.example>\nto: A@X.example\n\nDear Bo\n',
    );
    expect(draft.recipients).toEqual(['a@x.example', 'b@y.example']);
    expect(bodyOf(draft)?.text.trim()).toBe('Dear Bo');
    expect(draft.message.to.map(({ address }) => address)).toEqual(draft.recipients);
    expect(draft.message.cc).toEqual([]);
    const spans = bodyOf(draft)?.spans ?? [];
    expect(spans[0]?.start).toBe(0);
    expect(spans.at(-1)?.end).toBe(bodyOf(draft)?.text.length);
  });

  it('leaves a body alone that names nobody at its top', async () => {
    const text = 'Dear Bo\nTo: a@x.example\n';
    const draft = await draftOf(text);
    expect(draft.recipients).toEqual([]);
    expect(bodyOf(draft)?.text).toContain('To: a@x.example');
    expect(draft.message.to).toEqual([{ name: '', address: UNNAMED_RECIPIENT }]);
  });

  it('takes fifty at most, and no word that is no address', async () => {
    const many = Array.from({ length: 80 }, (_, number) => `p${number}@x.example`).join(', ');
    expect((await draftOf(`To: ${many}\n\nHello`)).recipients).toHaveLength(50);
    expect((await draftOf('To: all our members\n\nHello')).recipients).toEqual([]);
  });
});
