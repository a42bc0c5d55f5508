import { describe, expect, it } from 'vitest';
import { forwardingEvidence } from '../../src/inspect/forwarding-evidence.ts';
import { FORWARDING_TRACES } from '../../src/inspect/forwarding-signals.ts';
import { viewOf } from '../../src/inspect/sending.ts';
import { inspectionOfMail, type Mail, MARGARET } from './mail-of.ts';

const HOME = 'maggie.ackroyd@gmail.com';
const RESIDENT = 'From: Bert Oakes <bert.oakes@sky.com>';
const OFFICER = 'From: Parks <parks@wexbourne.gov.uk>';
const TO_HER = `To: Margaret Ackroyd <${MARGARET}>`;
const FORWARD = 'Subject: FW: Bowling green';
const RULE = `X-MS-Exchange-Inbox-Rules-Loop: ${MARGARET}`;
const BLOCK = `From: Parks\nSent: Tuesday\nTo: Margaret\nSubject: Green\n\nBroken.`;
const LOCAL = 'cllr.margaret.ackroyd';
const OURS = 'wexbourne.gov.uk';

/** Through the council's connector; by her own login where `login` says so. */
const came = (headers: string[], extra: Partial<Mail> = {}): Mail => ({
  login: null,
  rcpt: [HOME],
  headers,
  ...extra,
});
const redirected = (header: string): Mail => came([header, RESIDENT, TO_HER]);
const from = (mailFrom: string): Mail => came([RESIDENT, TO_HER], { mailFrom });
const sent = (...headers: string[]): Mail => ({ rcpt: [HOME], headers, body: BLOCK });

/** One message a row of the table of fingerprints (F18 and F30 need a log of what came in). */
const ROWS: [string, string, Mail][] = [
  ['F01', 'foreign-from', from('bert.oakes@sky.com')],
  ['F01', 'sent-on-by-addressee', came([OFFICER, TO_HER], { mailFrom: MARGARET })],
  ['F02', 'foreign-return-path', from('bert.oakes@sky.com')],
  ['F03', 'exchange-srs', from(`${LOCAL}+SRS=Xy1=AB=sky.com=bert.oakes@${OURS}`)],
  ['F04', 'exchange-srs-bounces', from(`bounces+srs=Xy1Za=AB@${OURS}`)],
  ['F05', 'srs', from(`SRS0=q1=AB=sky.com=bert.oakes@${OURS}`)],
  [
    'F06',
    'exchange-mailbox-forwarding',
    redirected(`X-MS-Exchange-ForwardingLoop: ${MARGARET};7d1e7a52-40bb-4c27-9a68-0c6a2ab5a1de`),
  ],
  ['F07', 'exchange-inbox-rule-redirect', redirected(RULE)],
  ['F08', 'exchange-inbox-rule-forward', sent(RULE, FORWARD)],
  [
    'F09',
    'exchange-rules-agent',
    sent(RULE, FORWARD, 'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent'),
  ],
  [
    'F10',
    'generated-forward',
    sent(FORWARD, 'Auto-Submitted: auto-generated', 'X-MS-Exchange-Parent-Message-Id: <7@x.test>'),
  ],
  ['F11', 'auto-forwarded-flag', sent(FORWARD, 'X-MS-Exchange-Organization-AutoForwarded: true')],
  ['F12', 'resent', redirected(`Resent-From: <${MARGARET}>`)],
  ['F13, F14', 'nothing-added', sent(FORWARD)],
  ['F15', 'gmail-forwarding', from(`${LOCAL}+caf_=maggie.ackroyd=gmail.com@${OURS}`)],
  ['F16', 'x-forwarded', redirected(`X-Forwarded-For: ${MARGARET} ${HOME}`)],
  ['F17', 'sieve-redirect', redirected(`X-Sieve-Redirected-From: ${MARGARET}`)],
  ['F19', 'delivered-before', redirected(`Delivered-To: ${MARGARET}`)],
  ['F20', 'x-loop', redirected(`X-Loop: ${MARGARET}`)],
  [
    'F21',
    'received-for-us',
    redirected(`Received: from mx.sky.com by mx.${OURS} with ESMTPS for <${MARGARET}>; Tue`),
  ],
  ['F22', 'from-rewrite', redirected('From-Rewrite: rewritten for a forwarded message')],
  ['F23', 'forwarder-header', redirected(`X-Yandex-Forward: ${MARGARET}`)],
  [
    'F24',
    'report-sent-on',
    came(
      [
        'From: Mail Delivery System <mailer-daemon@sky.com>',
        TO_HER,
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      ],
      { mailFrom: '', body: '--b\n\nNo such user.\n--b--' },
    ),
  ],
  [
    'F25',
    'foreign-signature',
    redirected('DKIM-Signature: v=1; a=rsa-sha256; d=sky.com; s=k; b=x'),
  ],
  ['F26', 'arc-history', redirected('ARC-Seal: i=2; a=rsa-sha256; d=google.com; cv=pass; b=x')],
  [
    'F27',
    'inbound-verdict',
    redirected(`Authentication-Results: mx.${OURS}; spf=pass smtp.mailfrom=sky.com`),
  ],
  ['F28', 'transport-rule', redirected('X-MS-Exchange-Transport-Rules-Loop: 1')],
  [
    'F29',
    'automation',
    sent(
      FORWARD,
      'X-MS-Mail-Application: Microsoft Power Automate',
      'X-MS-Mail-Operation-Type: Forward',
    ),
  ],
];

async function evidenceOf(mail: Mail) {
  const { message, facts } = await inspectionOfMail(mail);
  const { arrival, envelope, council } = facts;
  const view = viewOf({ message, arrival, envelope, domains: council.domains });
  return forwardingEvidence({ ...view, recipient: mail.rcpt?.[0] ?? '' });
}

describe('the table of forwarding traces', () => {
  it.each(ROWS)('%s: %s', async (_row, id, mail) => {
    const { signals } = await evidenceOf(mail);
    const signal = signals.find((each) => each.id === id);
    expect(signal).toBeDefined();
    expect(signal?.weight).toBeGreaterThan(0);
    expect(signal?.weight).toBeLessThan(1);
    expect(signal?.sentence).toMatch(/^[A-Z].{20,}[^.]$/);
  });

  it('has a message for each of its traces', () => {
    const tested = new Set(ROWS.map(([, id]) => id));
    expect(FORWARDING_TRACES.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
  });

  it('adds up: more traces make it surer, and none makes it certain', async () => {
    const one = await evidenceOf(redirected(RULE));
    const two = await evidenceOf(
      came([RULE, `Delivered-To: ${MARGARET}`, RESIDENT, TO_HER], { mailFrom: MARGARET }),
    );
    expect(two.score).toBeGreaterThan(one.score);
    expect(two.score).toBeLessThan(1);
  });

  it('takes a workflow that lays out each new message as forwarding, not one that reminds', async () => {
    const flow = 'X-MS-Mail-Application: Microsoft Power Automate';
    const subject = 'Subject: [auto] New mail in "Housing"';
    const copied =
      'New item matched your flow "Copy home".\n\nFrom: Parks <parks@wexbourne.gov.uk>\n' +
      'Received: 2026-03-20T14:02:55Z\nBody:\nBroken.';
    const reminder =
      'From your flow to you@home.example.\nTo: do: put the bins out tonight, says the rota.';
    const mail = (body: string): Mail => ({ rcpt: [HOME], headers: [flow, subject], body });
    expect((await evidenceOf(mail(copied))).score).toBeGreaterThan(0.6);
    expect((await evidenceOf(mail(reminder))).score).toBeLessThan(0.6);
  });

  it('gives history of another organisation no weight (N of our own mailboxes is named)', async () => {
    const other = 'clerk@otherplace.gov.uk';
    const { signals } = await evidenceOf({
      headers: [
        `X-MS-Exchange-Inbox-Rules-Loop: ${other}`,
        `X-Forwarded-For: ${other} office@otherplace.gov.uk`,
        `X-Sieve-Redirected-From: ${other}`,
        `Delivered-To: ${other}`,
        'X-MS-Exchange-ForwardingLoop: ForwardingHandled;8812',
      ],
    });
    expect(signals).toEqual([]);
  });
});
