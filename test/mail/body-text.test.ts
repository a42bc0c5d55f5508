import { describe, expect, it } from 'vitest';
import { bodyText, unflow, type RoleText, type TextContent } from '../../src/mail/body-text.ts';
import { htmlText } from '../../src/mail/html-text.ts';
import { normaliseText } from '../../src/mail/normal-text.ts';
import { spansOf } from '../../src/mail/quoted-text.ts';

const content = (type: string, text: string): TextContent => ({
  type,
  bytes: Buffer.from(text),
  charset: 'utf-8',
  flowed: false,
  delSp: false,
});
const plain = (text: string) => content('text/plain', text);
const html = (text: string) => content('text/html', text);

/** `role: text` of every span, and a check that they cover the text in order. */
function roles({ text, spans }: RoleText): string[] {
  let at = 0;
  for (const span of spans) {
    expect(span.start).toBe(at);
    expect(span.end).toBeGreaterThan(span.start);
    at = span.end;
  }
  expect(at).toBe(text.length);
  return spans.map(({ role, start, end }) => `${role}: ${text.slice(start, end).trim()}`);
}
const rolesOf = (text: string) => roles({ text, spans: spansOf(text) });

describe('normaliseText()', () => {
  it.each([
    ['OFFI\u00adCI\u200bAL\ufeff', 'OFFICIAL'],
    ['a\u202eb\u2066c\u0000d', 'abcd'],
    ['ＡＢ\u00a0ﬁ ²', 'AB fi 2'],
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['tag\u{e0041}\u{e0042}s', 'tags'],
  ])('makes %j into %j', (raw, text) => {
    expect(normaliseText(raw)).toBe(text);
    expect(normaliseText(text)).toBe(text);
  });
});

describe('spansOf()', () => {
  it('gives everything to the sender where nothing says otherwise', () => {
    expect(rolesOf('Dear Ann\n\nThe bins were missed.\n')).toEqual([
      'own: Dear Ann\n\nThe bins were missed.',
    ]);
    expect(spansOf('')).toEqual([]);
  });

  it('gives the reply between quoted lines back to the sender', () => {
    expect(
      rolesOf('Hi\n\nOn Mon, 1 Mar 2027, Bo <b@x.test> wrote:\n> one\n\nYes.\n> two\nNo.\n'),
    ).toEqual([
      'own: Hi',
      'quoted: On Mon, 1 Mar 2027, Bo <b@x.test> wrote:\n> one',
      'own: Yes.',
      'quoted: > two',
      'own: No.',
    ]);
  });

  it.each([
    '-----Original Message-----',
    '---------- Forwarded message ---------',
    '--- Forwarded Message ---',
    'Begin forwarded message:',
    '________________________________',
    'From: Bo <b@x.test>\nSent: 1 March 2027\nTo: Ann\nSubject: bins',
    '*From:* Bo\n\n*Date:* today\n\n*To:* Ann',
    'On 1 March 2027 at 10:00, Bo Derek\n<b@x.test> wrote:',
    'On Mon, 1 Mar 2027 at 10:00 Bo <b@x.test> wrote:',
    'Bo Derek <b@x.test> wrote:',
  ])('takes all that follows %j for quoted', (separator) => {
    expect(rolesOf(`See below.\n\n${separator}\n\nTheir words.\nMore.`)).toEqual([
      'own: See below.',
      `quoted: ${separator}\n\nTheir words.\nMore.`,
    ]);
  });

  it.each([
    'On reflection I wrote: nothing new',
    'From: what I hear, the fence is down',
    'Original message sent in May had no answer',
    'I forwarded message after message',
  ])('leaves the sentence %j to the sender', (sentence) => {
    expect(rolesOf(`${sentence}\nand so on\n`)).toEqual([`own: ${sentence}\nand so on`]);
  });

  it('knows signatures by the mark, by the closing words and by the telephone', () => {
    expect(rolesOf('Text.\n-- \nAnn\nWard 3\n')).toEqual([
      'own: Text.',
      'signature: -- \nAnn\nWard 3',
    ]);
    expect(
      rolesOf('Text.\n\nKind regards,\n\nCllr Ann\n01234 567890\n\nSent from my iPhone\n'),
    ).toEqual([
      'own: Text.',
      'signature: Kind regards,\n\nCllr Ann\n01234 567890\n\nSent from my iPhone',
    ]);
  });

  it('takes the sentence below the name for the sender speaking again', () => {
    expect(rolesOf('Text.\n\nThanks\nAnn\n\nP.S. Please vote for us on Thursday.\n')).toEqual([
      'own: Text.',
      'signature: Thanks\nAnn',
      'own: P.S. Please vote for us on Thursday.',
    ]);
    expect(rolesOf('Thanks\n\nI will bring the leaflets round to every house tonight.\n')).toEqual([
      'signature: Thanks',
      'own: I will bring the leaflets round to every house tonight.',
    ]);
  });

  it('knows a disclaimer, and leaves a short request for discretion to the sender', () => {
    const footer =
      'This e-mail and any files with it are confidential and intended solely for the use of the person named. ' +
      'If you are not the intended recipient please delete it.';
    expect(rolesOf(`Text.\n\n${footer}\n`)).toEqual(['own: Text.', `disclaimer: ${footer}`]);
    expect(rolesOf('This e-mail is confidential, do not share it.\n')).toEqual([
      'own: This e-mail is confidential, do not share it.',
    ]);
  });
});

describe('htmlText()', () => {
  it('keeps words whole, blocks apart, cells apart, and writes links out', () => {
    const { text } = htmlText(
      '<h1>Title</h1><p>OFFI<b>CIAL</b></p><table><tr><td>a</td><td>b</td></tr></table><a href="https://x.test/">go</a>',
    );
    expect(text).toMatch(/Title\s+OFFICIAL\s+a b\s+go \[https:\/\/x\.test\/\]/);
  });

  it.each([
    '<span style="display:none">hid</span>',
    "<p style='Display : None !important'>hid</p>",
    '<i style="font-size:0px">hid</i>',
    '<div style="color:#FFF">hid</div>',
    '<font style="color: white; background-color: #ffffff">hid</font>',
    '<div hidden>hid</div>',
    '<div style="visibility:hidden"><div style="display:none">hid</div></div>',
  ])('moves what %j hides behind the visible text', (element) => {
    const { text, hiddenFrom } = htmlText(
      `<p>OFFI${element.startsWith('<p') ? '</p>' : ''}${element}CIAL</p>`,
    );
    expect(text.slice(0, hiddenFrom)).not.toContain('hid');
    expect(text.slice(hiddenFrom).trim()).toBe('hid');
  });

  it.each(['font-size:0.9em', 'color:#fff;background:#005', 'display:block', 'opacity:0.5'])(
    'shows what %j shows',
    (style) => {
      const { text, hiddenFrom } = htmlText(`<p style="${style}">seen</p>`);
      expect([text.trim(), hiddenFrom]).toEqual(['seen', text.length]);
    },
  );

  it('says what a picture says to who does not see it, and what a frame holds', () => {
    const { text, hiddenFrom } = htmlText(
      '<p>Hi <img src="https://x.test/l.png" alt="Vote &amp; win"> all</p>' +
        '<img alt="psst" style="display:none"><img src="a.png">' +
        '<iframe srcdoc="&lt;b&gt;On 6&lt;/b&gt; &amp;amp; 7 May"></iframe>',
    );
    expect(text.slice(0, hiddenFrom)).toMatch(/^Hi Vote & win all\s+On 6 & 7 May\s*$/);
    expect(text.slice(hiddenFrom).trim()).toBe('psst');
  });

  it('joins a word that hidden text was put into', () => {
    const { text, hiddenFrom } = htmlText('<p>OFFI<span style="display:none">xx</span>CIAL</p>');
    expect(text.slice(0, hiddenFrom).trim()).toBe('OFFICIAL');
  });

  it.each([
    ['unclosed', '<b>'.repeat(60_000), '</i>'.repeat(60_000)],
    ['nested', '<div>'.repeat(50_000), '</div>'.repeat(50_000)],
    ['disguised', '<b a="</b>">'.repeat(10_000), '</i>'.repeat(20_000)],
    ['never ended', '<a style="x '.repeat(20_000), ''],
    ['quoting', '<blockquote>'.repeat(60_000), '</blockquote>'.repeat(60_000)],
    ['replying', '<div id=appendonsend class="a gmail_quote">'.repeat(20_000), '</div>'],
    ['half', '<img src="data: alt='.repeat(20_000), ''],
    ['framing', '<iframe srcdoc="<p>">'.repeat(20_000), ''],
  ])('reads the text of %s tags in bounded time', (_, before, after) => {
    const started = performance.now();
    expect(htmlText(`${before}deep words${after}`).text).toContain('deep words');
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('bodyText()', () => {
  it('quotes what the markup quotes and returns to the sender after it', () => {
    const body = bodyText([
      [html('<p>Mine</p><blockquote><p>Theirs</p></blockquote><p>Mine again</p>')],
    ]);
    expect(roles(body)).toEqual(['own: Mine', 'quoted: Theirs', 'own: Mine again']);
  });

  it.each([
    '<div class="gmail_quote">Theirs</div>',
    '<div id="divRplyFwdMsg"><b>From:</b> Bo</div><div>Theirs</div>',
  ])('takes %j for quoted, however long the letter', (markup) => {
    for (const filling of ['', `<!-- ${'x'.repeat(300_000)} -->`]) {
      const body = bodyText([[html(`${filling}<p>Mine</p>${markup}`)]]);
      const last = roles(body).at(-1);
      expect(last).toMatch(/^quoted: [^]*Theirs$/);
      expect(body.text.replace(/x{9,}/, '')).toContain('Mine');
      expect(last).not.toContain('Mine');
    }
  });

  it('returns to the sender after a quotation, however long or deep the letter', () => {
    const markup =
      '<p>Mi<b>ne</b></p><div><div class="x gmail_quote"><p>Theirs</p><div>a</div>b</div></div>' +
      '<p>Mine <img alt="again"></p><blockquote>c<blockquote>d</blockquote>e</blockquote><p>End</p>';
    for (const filling of ['', '<br>'.repeat(80_000), '<i>'.repeat(300)]) {
      expect(
        roles(bodyText([[html(filling + markup)]])).map((each) => each.replace(/\s+/g, ' ')),
      ).toEqual([
        'own: Mine',
        'quoted: Theirs a b',
        'own: Mine again',
        'quoted: c d e',
        'own: End',
      ]);
    }
  });

  it('does not take a picture that stands in its tag for length', () => {
    const picture = `<img alt="Seal" src="data:image/png;base64,${'A'.repeat(400_000)}">`;
    expect(roles(bodyText([[html(`<p>OFFI<b>CIAL</b></p>${picture}`)]]))).toEqual([
      'own: OFFICIAL\n\nSeal',
    ]);
  });

  it('says once what both alternatives say', () => {
    const body = bodyText([
      [
        plain('The road is closed on Tuesday <https://x.test/a>.\nKind regards\nAnn\n'),
        html(
          '<p>The road is <b>closed</b> on <a href="https://x.test/a">Tuesday</a>.</p><p>Kind regards<br>Ann</p>',
        ),
      ],
    ]);
    expect(body.text.match(/closed/g)).toHaveLength(1);
  });

  it('adds what only the HTML says, and what it hides', () => {
    const body = bodyText([
      [
        plain('The road is closed on Tuesday.\n'),
        html(
          '<p>The road is closed on Tuesday.</p><p>Vote Labour</p><p style="display:none">psst</p>',
        ),
      ],
    ]);
    expect(roles(body)).toEqual([
      'own: The road is closed on Tuesday.',
      'own: Vote Labour',
      'hidden: psst',
    ]);
  });

  it('adds the words that the HTML puts into a long line, and no more of it', () => {
    const before = 'Please look into the case of Jane Smith of Mill Lane who has been waiting';
    const after = 'for her repair since last spring and who rang me again about it on Monday.';
    const body = bodyText([
      [
        plain(`${before} ${after}\n`),
        html(`<p>${before} AB&nbsp;123456 C ${after}</p><p>${before} ${after} vote Labour</p>`),
      ],
    ]);
    expect(roles(body)).toEqual([
      `own: ${before} ${after}`,
      'own: been waiting AB 123456 C for her\non Monday. vote Labour',
    ]);
  });

  it('is not fooled by the same words in another order', () => {
    const body = bodyText([
      [plain('not for sale: the car I vote you get\n'), html('<p>you vote for the car not I</p>')],
    ]);
    expect(body.text).toContain('you vote for the car not I');
  });

  it('joins the text parts around an attachment', () => {
    const body = bodyText([[plain('one')], [plain('two\n')], [html('<p>three</p>')]]);
    expect(roles(body)).toEqual(['own: one', 'own: two', 'own: three']);
  });
});

describe('unflow()', () => {
  it.each([
    ['one \ntwo\nthree', false, 'one two\nthree'],
    ['OFFI \nCIAL', true, 'OFFICIAL'],
    ['> a \n> b\n>> c \n> d', false, '> a b\n>> c \n> d'],
    ['x\n-- \nAnn', false, 'x\n-- \nAnn'],
    [' From stuffed \n line', false, 'From stuffed line'],
  ])('reads %j', (flowed, delSp, text) => {
    expect(unflow(flowed, delSp)).toBe(text);
  });
});
