import { NO_LABELS } from '../../src/mail/marking-labels.ts';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ElectionPeriod, Facts } from '../../src/mail/facts.ts';
import type { Lists } from '../../src/mail/lists.ts';
import type { ParsedMessage, SpanRole } from '../../src/mail/message.ts';
import type { Inspection } from '../../src/inspect/inspect.ts';

const ELECTIONS: Record<'by' | 'local', ElectionPeriod> = {
  by: {
    id: 'by',
    name: 'Windle by-election',
    startsAt: '2026-10-02T00:00:00+01:00',
    endsAt: '2026-11-12T22:00:00+00:00',
    wards: [],
  },
  local: {
    id: 'local',
    name: 'Local elections',
    startsAt: '2027-03-26T00:00:00+00:00',
    endsAt: '2027-05-06T22:00:00+01:00',
    wards: [],
  },
};

/** One message: its body in stretches by role, or as one text of the member's own. */
export interface Draft {
  subject?: string;
  body?: string | readonly (readonly [SpanRole, string])[];
  attachments?: readonly string[];
  from?: { name: string; address: string };
  to?: readonly string[];
  election?: '' | 'by' | 'local';
  namedPeople?: Facts['namedPeople'];
}

const list = (name: string): unknown =>
  parse(readFileSync(new URL(`../../policies/lists/${name}.yaml`, import.meta.url), 'utf8'));

/** The lists that come with the gateway, as far as these detectors read them. */
export const LISTS: Lists = {
  personalProviders: [],
  parties: list('parties') as Lists['parties'],
  campaignDomains: list('campaign-domains') as string[],
  abusiveTerms: list('abusive-terms') as string[],
  discriminatoryTerms: list('discriminatory-terms') as string[],
  deadDomains: [],
};

export function inspectionOf(draft: Draft): Inspection {
  const from = draft.from ?? {
    name: 'Orla Kilbride',
    address: 'cllr.orla.kilbride@merebrook.gov.uk',
  };
  const to = draft.to ?? ['someone@elsewhere.example'];
  return { message: messageOf(draft, from, to), facts: factsOf(draft, from, to) };
}

function messageOf(
  draft: Draft,
  from: { name: string; address: string },
  to: readonly string[],
): ParsedMessage {
  const body =
    typeof draft.body === 'string'
      ? [['own', draft.body.normalize('NFKC')] as const]
      : (draft.body ?? []);
  let offset = 0;
  const spans = body.map(([role, text]) => ({ role, start: offset, end: (offset += text.length) }));
  const whole = (name: string, text: string): ParsedMessage['texts'][number] => ({
    name,
    text,
    spans: [{ role: 'own', start: 0, end: text.length }],
  });
  return {
    headers: [],
    subject: draft.subject ?? '',
    from: [from],
    sender: null,
    to: to.map((address) => ({ name: '', address })),
    cc: [],
    replyTo: [],
    messageId: '<1@merebrook.gov.uk>',
    contentType: { type: 'text/plain', parameters: {} },
    texts: [
      whole('subject', draft.subject ?? ''),
      { name: 'body', text: body.map(([, text]) => text).join(''), spans },
      ...(draft.attachments ?? []).map((text, index) => whole(`attachment:${index + 1}`, text)),
    ],
    attachments: [],
    structure: ['text/plain'],
    limitsReached: [],
  };
}

function factsOf(
  draft: Draft,
  from: { name: string; address: string },
  to: readonly string[],
): Facts {
  const domain = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
  return {
    receivedAt: '2027-04-01T09:00:00Z',
    council: {
      id: 'merebrook',
      name: 'Merebrook',
      domains: ['merebrook.gov.uk'],
      wards: [],
      labels: NO_LABELS,
    },
    arrival: {
      via: 'login',
      name: from.address,
      council: 'merebrook',
      authenticatedAs: from.address,
      remoteAddress: '127.0.0.1',
      helo: 'client.example',
      tls: null,
    },
    envelope: {
      mailFrom: from.address,
      rcptTo: to.map((address) => ({ address, notify: [], orcpt: null })),
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '8BITMIME',
    },
    actor: {
      address: from.address,
      name: from.name,
      class: 'member',
      ward: null,
      personalAddresses: [],
      basis: 'login',
    },
    entitled: [from.address],
    recipients: to.map((address) => ({
      address,
      domain: domain(address),
      internal: domain(address) === 'merebrook.gov.uk',
      personalProvider: false,
      actorsOwn: false,
      trustedKey: false,
    })),
    openElections: draft.election ? [ELECTIONS[draft.election]] : [],
    namedPeople: draft.namedPeople ?? [],
    outsideRecipients24h: to.length,
    similarRecipients24h: to.length,
    scan: { by: null, signature: null },
  };
}
