import { describe, expect, it } from 'vitest';
import { spansOf } from '../../src/mail/quoted-text.ts';

/** What is left to the sender of a message that ends in `footer`, beside the letter itself. */
function ownOf(footer: string): string {
  const text = `Dear Ann\n\nThe bins in Mill Lane were missed.\n\nCllr Bo Marsh\n\n${footer}\n`;
  const own = spansOf(text).filter(({ role }) => role !== 'disclaimer');
  const rest = own.map(({ start, end }) => text.slice(start, end)).join('');
  return rest.replace(/^Dear Ann\n\n.*\n\nCllr Bo Marsh/, '').trim();
}

describe('spansOf()', () => {
  it.each([
    `This email and any attachments are confidential and intended solely for the use of the
individual or entity to whom they are addressed. If you have received this email in error
please notify the sender and delete it from your system.`,
    `Merebrook Borough Council may monitor and record any emails sent to or from its network.
Senders and recipients of email should be aware that, under the Freedom of Information Act
2000, the contents may have to be disclosed in response to a request.`,
    `The views expressed in this e-mail are those of the author and do not necessarily represent
those of Merebrook Metropolitan Borough Council.`,
    `**********************************************************************
Disclaimer: This transmission is intended for the named addressee(s) only and may contain
sensitive or protectively marked material. Unless you are the named addressee (or authorised
to receive it for the addressee) you may not copy or use it, or disclose it to anyone else.
If you have received this transmission in error please notify the sender immediately. All
traffic may be subject to recording and/or monitoring in accordance with relevant legislation.
**********************************************************************`,
    `This message has been scanned for viruses and dangerous content by Mimecast. No liability is
accepted for any loss or damage that may arise from the use of this email.`,
    `This footnote confirms that this email message has been swept by Mimecast for the presence of
computer viruses.`,
    'Please consider the environment before printing this email.',
    '\u{1f333} Think before you print. Do you really need a paper copy?',
    `CONFIDENTIALITY NOTICE
The information contained in this communication is privileged and confidential. If you are not
the intended recipient, any disclosure, copying, distribution or reliance upon the contents is
strictly prohibited and may be unlawful.`,
    `This communication is from Northern Trade Bank plc, which is authorised and regulated by
the Financial Conduct Authority. The contents are confidential and may be legally privileged.
Internet communications are not secure and the bank does not accept legal responsibility for
the contents of this message. The views expressed are those of the sender and not necessarily
those of the bank.`,
    `Mae'r e-bost hwn ac unrhyw atodiadau yn gyfrinachol ac wedi'u bwriadu ar gyfer y person y
cyfeiriwyd ef ato yn unig. Os ydych wedi derbyn y neges hon trwy gamgymeriad, rhowch wybod
i'r anfonwr a dilëwch y neges. Nid yw'r farn a fynegir o reidrwydd yn farn y Cyngor.

This email and any attachments are confidential and intended only for the person to whom they
are addressed. If you have received this message in error, please tell the sender and delete it.`,
    `Croesewir gohebiaeth yn Gymraeg a Saesneg. Byddwn yn ateb gohebiaeth Gymraeg yn Gymraeg heb oedi.
We welcome correspondence in Welsh and English. Corresponding in Welsh will not lead to a delay.`,
    `Email has been checked for malware. The council cannot accept liability for any damage caused
by any virus transmitted by this email. Read our privacy notice at https://merebrook.gov.uk/privacy.`,
  ])('leaves nothing of the disclaimer %j to the sender', (footer) => {
    expect(ownOf(footer).replaceAll(/[*\s\u{1f333}]/gu, '')).toBe('');
  });

  it.each([
    'This email is confidential. Mrs Ann Jones of 4 Mill Lane has HIV and her NHS number is 943 476 5919.',
    'I think I received this in error from the hospital, it is the discharge letter of Ann Jones.',
    'The views expressed are my own. Please vote Labour on 6 May, and lend me your vote.',
    'Your password is Sunshine99! This email is intended for you only, please delete it.',
    'This message is private and confidential because it concerns Ann Jones, who was sectioned.',
  ])('leaves what %j says beside the phrase to the sender', (letter) => {
    const said = letter.replace(
      /^(?:This email is confidential|The views expressed are my own)\. /,
      '',
    );
    expect(ownOf(letter)).toContain(said.replace(/ This email is intended.*$/, ''));
  });

  it('leaves what stands between the sentences of a disclaimer, and above them, to the sender', () => {
    const first = 'This email is intended solely for the person to whom it is addressed.';
    const second = 'If you are not the intended recipient please delete it and notify the sender.';
    expect(ownOf(`Vote Labour on 6 May.\n${first} Ann Jones has HIV. ${second}`)).toBe(
      'Vote Labour on 6 May.\nAnn Jones has HIV.',
    );
  });

  it('knows a disclaimer by the place at the end, also where a quotation follows', () => {
    const footer = 'If you are not the intended recipient please delete this email.';
    const letter =
      'The bins were missed in Mill Lane, in Heath Street and in the close behind it. ';
    const roles = (text: string) => spansOf(text).map(({ role }) => role);
    expect(roles(`Yes.\n${footer}\n> ${letter}\n`)).toEqual(['own', 'disclaimer', 'quoted']);
    expect(roles(`${footer}\n\n${letter.repeat(3)}\n`)).toEqual(['own']);
  });
});
