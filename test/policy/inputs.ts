import { NO_LABELS } from '../../src/mail/marking-labels.ts';
import type { Facts, RecipientFacts } from '../../src/mail/facts.ts';
import type { Finding, FindingKind } from '../../src/mail/finding.ts';
import { NO_MARKING, type MarkingLevel } from '../../src/mail/marking.ts';
import type { ParsedMessage } from '../../src/mail/message.ts';
import type { DecisionInput } from '../../src/policy/decide.ts';

/** A finding as a detector would make it. */
export function finding(kind: FindingKind, more: Partial<Finding> = {}): Finding {
  return {
    kind,
    type: 'test',
    score: 0.9,
    summary: 'Test',
    evidence: [],
    recipient: null,
    details: {},
    ...more,
  };
}

export interface Draft {
  council?: string;
  subject?: string;
  marking?: MarkingLevel;
  misspelt?: boolean;
  encryptRequested?: boolean;
  findings?: Finding[];
  to?: string[];
  at?: string;
  actor?: Partial<Facts['actor']>;
  elections?: Facts['openElections'];
  recipient?: Partial<RecipientFacts>;
  message?: Partial<ParsedMessage> | null;
}

/** A member's ordinary letter to a resident, and what differs from it. */
export function inputOf(draft: Draft = {}): DecisionInput {
  const to = draft.to ?? ['resident@outside.example'];
  const subject = draft.subject ?? 'Your missed bin in High Street';
  return {
    message: draft.message === null ? null : { ...letter(subject, to), ...draft.message },
    marking: {
      ...NO_MARKING,
      level: draft.marking ?? 'NONE',
      misspelt: draft.misspelt ?? false,
      encryptRequested: draft.encryptRequested ?? false,
    },
    findings: draft.findings ?? [],
    facts: factsOf(draft, to),
    sha256: 'ab'.repeat(32),
  };
}

function letter(subject: string, to: string[]): ParsedMessage {
  const body = 'Dear resident,\nit will be collected on Friday.\nOrla Kilbride\n';
  const whole = (name: string, text: string): ParsedMessage['texts'][number] => ({
    name,
    text,
    spans: [{ role: 'own', start: 0, end: text.length }],
  });
  return {
    headers: [],
    subject,
    from: [{ name: 'Cllr Orla Kilbride', address: 'cllr.orla.kilbride@merebrook.gov.uk' }],
    sender: null,
    to: to.map((address) => ({ name: '', address })),
    cc: [],
    replyTo: [],
    messageId: '<1@merebrook.gov.uk>',
    contentType: { type: 'text/plain', parameters: {} },
    texts: [whole('subject', subject), whole('body', body)],
    attachments: [],
    structure: ['text/plain'],
    limitsReached: [],
  };
}

function factsOf(draft: Draft, to: string[]): Facts {
  const member = 'cllr.orla.kilbride@merebrook.gov.uk';
  const council = draft.council ?? 'merebrook';
  return {
    receivedAt: draft.at ?? '2026-09-01T10:00:00.000Z',
    council: {
      id: council,
      name: 'Merebrook',
      domains: ['merebrook.gov.uk'],
      wards: [],
      labels: NO_LABELS,
    },
    arrival: {
      via: 'login',
      name: member,
      council,
      authenticatedAs: member,
      remoteAddress: '192.0.2.1',
      helo: 'pc',
      tls: null,
    },
    envelope: {
      mailFrom: member,
      rcptTo: to.map((address) => ({ address, notify: [], orcpt: null })),
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '7BIT',
    },
    actor: {
      address: member,
      name: 'Orla Kilbride',
      class: 'member',
      ward: 'Abbey',
      personalAddresses: [],
      basis: 'login',
      ...draft.actor,
    },
    entitled: [member],
    recipients: to.map((address) => {
      const domain = address.slice(address.indexOf('@') + 1).toLowerCase();
      const internal = domain === 'merebrook.gov.uk';
      const none = { personalProvider: false, actorsOwn: false, trustedKey: false };
      return { address, domain, internal, ...none, ...draft.recipient };
    }),
    openElections: draft.elections ?? [],
    namedPeople: [],
    outsideRecipients24h: to.length,
    similarRecipients24h: to.length,
    scan: { by: null, signature: null },
  };
}
