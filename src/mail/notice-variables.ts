/**
 * Somebody to ask: id of the role, and the council's words, `ICT desk, 01632 960 000, 8 am to 5
 * pm`.
 */
export interface Contact {
  role: string;
  text: string;
}

/**
 * What a template may use, and nothing else. Words are in place already; flags choose paragraphs.
 */
export interface NoticeVariables {
  councilName: string;
  recipientName: string;
  sentAt: string;
  reference: string;
  reason: string;
  clauses: readonly { words: string; quote: string | null }[];
  recipients: readonly { address: string; outcome: string; reason: string | null }[];
  notAffected: readonly string[];
  contacts: readonly Contact[];
  ictDesk: string;
  protected: boolean;
  waitingHelps: boolean;
  pgp: 'auto' | 'on_resend' | 'off';
  keyHeld: boolean;
  markingAdvised: boolean;
  redirectAllowed: boolean;
  waitsForOfficer: string | null;
  dueBy: string | null;
  retryUntil: string | null;
  officerReason: string | null;
  advice: readonly string[];
  mayResend: boolean;
  statusLink: string | null;
  forIct: string | null;
  isDraft: boolean;
}

type Documented<Value> = { meaning: string; example: Value; others: readonly Value[] };

/** What a template of one kind may and must say. */
export interface TemplateShape<Variables> {
  /** Each with its meaning, an example, and the other shapes in which it may come. */
  variables: { readonly [Name in keyof Variables]: Documented<Variables[Name]> };
  /** Those that may stand in the subject line, which is seen on locked screens and in lists. */
  subject: readonly (keyof Variables & string)[];
  required: readonly (keyof Variables & string)[];
  /** Texts that choose a paragraph and are not for printing. */
  codes: readonly (keyof Variables & string)[];
}

const VARIABLES: TemplateShape<NoticeVariables>['variables'] = {
  councilName: { meaning: 'Name of the council', example: 'Merebrook Council', others: [] },
  recipientName: {
    meaning: 'How to greet the reader',
    example: 'Councillor Ivory',
    others: [],
  },
  sentAt: {
    meaning: 'When we took the message over, in local time',
    example: 'Sunday 22 November 2026 at 2:41 pm',
    others: [],
  },
  reference: {
    meaning: 'Our number for the message (the queue id)',
    example: '01JD7Q4RZ8K2M5N9PX',
    others: [],
  },
  reason: {
    meaning: 'Why, in one sentence',
    example: 'It may contain party political or election material.',
    others: [],
  },
  clauses: {
    meaning: "Clauses of the council's own documents: words to name one, and its exact quote",
    example: [
      {
        words: 'clause 6.2.3 of the Members ICT Protocol',
        quote: 'You will need to include OFFICIAL-SENSITIVE in the subject field.',
      },
    ],
    others: [[], [{ words: 'the part “Council business only” of the Protocol', quote: null }]],
  },
  recipients: {
    meaning: 'Those it concerns: address (masked in a diverted notice), outcome, reason',
    example: [
      {
        address: 'jo@charity.example',
        outcome: 'not sent yet',
        reason: "the recipient's mail server does not offer encryption",
      },
    ],
    others: [[{ address: 'jo@charity.example', outcome: 'not sent', reason: null }]],
  },
  notAffected: {
    meaning: 'Addresses that did get the message',
    example: ['sam@merebrook.gov.uk'],
    others: [[]],
  },
  contacts: {
    meaning: 'Whom to ask: id of the role, and who that is with telephone and hours',
    example: [{ role: 'ict', text: 'ICT desk, 01632 960 000, 8 am to 5 pm, Monday to Friday' }],
    others: [],
  },
  ictDesk: {
    meaning: 'What the council calls its ICT service desk, in the middle of a sentence',
    example: 'the ICT desk',
    others: [],
  },
  protected: { meaning: 'It must go encrypted', example: true, others: [false] },
  waitingHelps: {
    meaning: 'Trying again may succeed by itself',
    example: true,
    others: [false],
  },
  pgp: {
    meaning:
      'auto: a waiting message goes by PGP once a key is trusted; ' +
      'on_resend: the sender sends it again with [PGP]; off: no PGP',
    example: 'auto',
    others: ['on_resend', 'off'],
  },
  keyHeld: {
    meaning: 'An officer-trusted PGP key is held for each recipient it concerns',
    example: true,
    others: [false],
  },
  markingAdvised: {
    meaning: "The council's protocol asks to mark private mail OFFICIAL-SENSITIVE",
    example: true,
    others: [false],
  },
  redirectAllowed: {
    meaning: 'The council can arrange a redirect to a personal account',
    example: true,
    others: [false],
  },
  waitsForOfficer: {
    meaning: 'Who decides it',
    example: 'the Monitoring Officer',
    others: [null],
  },
  dueBy: {
    meaning: 'By when that happens, in local time',
    example: 'Monday 23 November 2026 at 5 pm',
    others: [null],
  },
  retryUntil: {
    meaning: 'Until when we try, in local time',
    example: 'Monday 23 November 2026 at 2:41 pm',
    others: [null],
  },
  officerReason: {
    meaning: 'What the officer wrote for the sender',
    example: 'It asks people to vote for a candidate.',
    others: [null],
  },
  advice: {
    meaning: 'What the sender can do about it, sentences',
    example: ['Leave the political part out.'],
    others: [[]],
  },
  mayResend: {
    meaning: 'The sender may send it again once the advice is followed',
    example: true,
    others: [false],
  },
  statusLink: {
    meaning: 'Address of a page that shows where the message is',
    example: 'https://mail.merebrook.gov.uk/status/7QK',
    others: [null],
  },
  forIct: {
    meaning: 'One technical sentence for the ICT desk',
    example: 'Header X-MS-Exchange-Generated-Message-Source names an inbox rule.',
    others: [null],
  },
  isDraft: {
    meaning: 'It was only a draft, sent to be checked: nothing of it was sent on',
    example: true,
    others: [false],
  },
};

/** A notice to the actor. Its subject bears no address, no reason, no clause. */
export const NOTICE_SHAPE: TemplateShape<NoticeVariables> = {
  variables: VARIABLES,
  subject: ['councilName', 'sentAt', 'reference'],
  required: ['councilName', 'recipientName', 'reference', 'contacts'],
  codes: ['pgp'],
};
