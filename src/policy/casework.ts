import { z } from 'zod';
import { isWithin } from '../mail/address.ts';
import { ROLES } from './policy.ts';
import { address, domain, identifier, text, wholeNumber, yesNo } from './schema-terms.ts';

/** What a reason from the short list may be given for. */
export const REASON_FOR = ['release', 'reject', 'return-for-pgp', 'view', 'escalate'] as const;
export type ReasonFor = (typeof REASON_FOR)[number];

/** One reason of the short list. The sender reads the words of a release or a refusal. */
export interface CaseReason {
  id: string;
  text: string;
  for: ReasonFor[];
}

/** How officers work on held messages: no document fixes it, so each council may set its own. */
export interface Casework {
  /** A claim that nobody renews runs out. */
  claimMinutes: number;
  /** A refusal can be taken back so long; the sender hears of it only then. */
  undoMinutes: number;
  /** The queue and the case page show who sent it only on request. */
  maskSender: boolean;
  reasons: CaseReason[];
  /** The mailbox of a role, at the council, where alerts about its cases go. */
  alertsTo: Partial<Record<(typeof ROLES)[number], string>>;
  /** Recipients' domains, and all below, for which more care is due (domain H.3). */
  privilegedDomains: string[];
  /** What a second officer agreed to may be read so long. */
  readingHours: number;
}

/** Whether more care is due for mail to one of these domains. */
export function isPrivileged(
  { privilegedDomains }: Pick<Casework, 'privilegedDomains'>,
  domains: readonly string[],
): boolean {
  return domains.some((domain) => isWithin(domain, privilegedDomains));
}

const REASONS: CaseReason[] = [
  { id: 'casework', text: 'It is ordinary casework or council business.', for: ['release'] },
  { id: 'rule-mistaken', text: 'The rule does not fit this message.', for: ['release'] },
  { id: 'allowed', text: 'The protocol allows it in this case.', for: ['release'] },
  { id: 'agreed', text: 'It was talked over with the sender.', for: ['release', 'reject'] },
  {
    id: 'campaign',
    text: 'Party or election material may not be sent from a council address.',
    for: ['reject'],
  },
  {
    id: 'personal-data',
    text: 'It may hold personal information that these people should not have.',
    for: ['reject'],
  },
  {
    id: 'wrong-recipient',
    text: 'It may be going to somebody whom it is not meant for.',
    for: ['reject'],
  },
  { id: 'wording', text: 'Its wording may not meet the protocol.', for: ['reject'] },
  { id: 'not-from-you', text: 'It may not come from the person it names.', for: ['reject'] },
  {
    id: 'needs-encryption',
    text: 'It must be encrypted, and we hold no key for the recipient that we trust.',
    for: ['return-for-pgp'],
  },
  { id: 'to-decide', text: 'To decide this held message.', for: ['view'] },
  { id: 'sender-asked', text: 'The sender asked for help with it.', for: ['view'] },
  { id: 'security', text: 'To find out whether it is safe.', for: ['view'] },
  { id: 'not-mine', text: 'Another role decides this kind of message.', for: ['escalate'] },
  { id: 'conflict', text: 'I know the people in it.', for: ['escalate'] },
  { id: 'advice', text: 'It needs advice.', for: ['escalate'] },
];

// The Commons and the Lords, secure criminal justice mail, trade unions, whistleblowing lines.
const PRIVILEGED_DOMAINS = [
  'parliament.uk',
  'cjsm.net',
  'unison.org.uk',
  'unitetheunion.org',
  'gmb.org.uk',
  'protect-advice.org.uk',
];

const reason = z.strictObject({
  id: identifier,
  text,
  for: z.array(z.enum(REASON_FOR)).min(1, { error: 'needs at least one use' }),
});

/** `casework` in the settings of a council file. */
export const caseworkSettings = z
  .strictObject({
    claimMinutes: wholeNumber.default(20),
    undoMinutes: z.int({ error: 'needs a whole number' }).min(0).default(10),
    maskSender: yesNo.default(false),
    reasons: z
      .array(reason)
      .refine((reasons) => new Set(reasons.map(({ id }) => id)).size === reasons.length, {
        error: 'has two reasons of the same id',
      })
      .refine(
        (reasons) => REASON_FOR.every((use) => reasons.some((each) => each.for.includes(use))),
        { error: `needs at least one reason for each of ${REASON_FOR.join(', ')}` },
      )
      .default(REASONS),
    alertsTo: z.partialRecord(z.enum(ROLES), address).default({}),
    privilegedDomains: z.array(domain).default(PRIVILEGED_DOMAINS),
    readingHours: wholeNumber.max(168, { error: 'may be 168 at most' }).default(24),
  })
  .prefault({});
