import { multipart, noticeHeader, textEntity } from './compose.ts';
import { renderTemplate } from './notice-template.ts';
import type { Contact, TemplateShape } from './notice-variables.ts';

/** Name of its template below policies/notices/. */
export const KEY_REQUEST = 'key-request';

/** All that the request may say: nothing of any message, and nobody's name. */
export interface KeyRequestVariables {
  councilName: string;
  replyTo: string;
  contacts: readonly Contact[];
  reference: string;
}

export const KEY_REQUEST_SHAPE: TemplateShape<KeyRequestVariables> = {
  variables: {
    councilName: { meaning: 'Name of the council', example: 'Merebrook Council', others: [] },
    replyTo: {
      meaning: 'Where the answer goes',
      example: 'keys@merebrook.gov.uk',
      others: [],
    },
    contacts: {
      meaning: 'Who deals with keys: id of the role, and who that is with telephone and hours',
      example: [{ role: 'ict', text: 'ICT desk, 01632 960 000, 8 am to 5 pm' }],
      others: [],
    },
    reference: {
      meaning: 'Our number for the request itself',
      example: '01JD7Q4RZ8K2M5N9PX',
      others: [],
    },
  },
  subject: ['councilName', 'reference'],
  required: ['councilName', 'replyTo', 'contacts', 'reference'],
  codes: [],
};

export interface KeyRequestInput {
  council: {
    name: string;
    noticeFrom: string;
    keyReplyTo?: string | undefined;
    contacts: readonly Contact[];
  };
  /** Address of somebody outside. */
  to: string;
  /** Text of policies/notices/key-request.md. */
  template: string;
  /** Queue id of the request. */
  reference: string;
  messageId: string;
  at: Date;
}

/**
 * Composes the plain message that asks somebody outside for an OpenPGP key, text first: 7-bit,
 * CRLF, for the council's notice address as its envelope sender.
 * @throws {RangeError} for a template, address or Message-ID that cannot be written.
 */
export function composeKeyRequest(input: KeyRequestInput): Buffer {
  const { council, to, template, reference, messageId, at } = input;
  const replyTo = council.keyReplyTo ?? council.noticeFrom;
  const desk = council.contacts.filter(({ role }) => role === 'ict');
  const { subject, text, html } = renderTemplate(
    template,
    {
      councilName: council.name,
      replyTo,
      contacts: desk.length > 0 ? desk : council.contacts,
      reference,
    },
    KEY_REQUEST_SHAPE,
  );
  const fields = noticeHeader({
    from: { name: `${council.name} e-mail service`, address: council.noticeFrom },
    to: { name: '', address: to },
    replyTo: { name: '', address: replyTo },
    subject,
    at,
    messageId,
    inReplyTo: '',
    autoSubmitted: 'auto-generated',
    token: null,
  });
  const parts = [textEntity('text/plain', text), textEntity('text/html', html)];
  return Buffer.from(fields + multipart('multipart/alternative', parts, messageId));
}
