import { z } from 'zod';
import { MARKING_LEVELS } from '../mail/marking-level.ts';
import { caseworkSettings } from './casework.ts';
import { ROLES, type Role } from './policy.ts';
import { address, date, domain, guid, text, wholeNumber, yesNo } from './schema-terms.ts';
import { HOLD_REASONS, type HoldReason, type Span } from './service-level.ts';

// The `settings` of a council file. What a clause does not fix has a default, and is our choice.

const SPAN = /^([1-9]\d{0,3}) (working )?(minute|hour|day)s?$/;

const span = z
  .string({ error: 'needs a time such as "2 working hours"' })
  .regex(SPAN, { error: 'needs a time such as "2 working hours", "1 working day", "15 minutes"' })
  .transform((written): Span => {
    const [, count, working, unit] = SPAN.exec(written) ?? [];
    return { count: Number(count), unit: unit as Span['unit'], working: working !== undefined };
  });

interface Written {
  firstLook?: string;
  decide?: string;
  sameDayInLastDays?: number;
  escalateTo: Role;
  releaseAfter?: string;
}

/** Domain H.5: no document fixes these, so each council may set its own. */
const SERVICE_LEVELS: Record<HoldReason, Written> = {
  'personal-data': {
    firstLook: '2 working hours',
    decide: '4 working hours',
    escalateTo: 'data-protection-officer',
  },
  'political-in-election': {
    firstLook: '2 working hours',
    decide: '4 working hours',
    sameDayInLastDays: 3,
    escalateTo: 'monitoring-officer',
  },
  political: {
    firstLook: '4 working hours',
    decide: '1 working day',
    escalateTo: 'monitoring-officer',
    releaseAfter: '2 working days',
  },
  conduct: {
    firstLook: '4 working hours',
    decide: '1 working day',
    escalateTo: 'monitoring-officer',
  },
  identity: { firstLook: '2 working hours', decide: '4 working hours', escalateTo: 'ict' },
  security: { firstLook: '2 working hours', decide: '4 working hours', escalateTo: 'ict' },
  'our-fault': { firstLook: '1 working hour', decide: '4 working hours', escalateTo: 'ict' },
  divert: { escalateTo: 'ict' },
};

/** What a council's file leaves out of one reason is as above. */
function serviceLevel({ firstLook, decide, sameDayInLastDays, escalateTo, releaseAfter }: Written) {
  const promised = (written?: string) =>
    written === undefined ? span.nullable().default(null) : span.nullable().prefault(written);
  return z
    .strictObject({
      firstLook: promised(firstLook),
      decide: promised(decide),
      sameDayInLastDays: z
        .int()
        .min(0)
        .default(sameDayInLastDays ?? 0),
      escalateTo: z.enum(ROLES).default(escalateTo),
      senderMayReleaseAfter: promised(),
      releaseAfter: promised(releaseAfter),
      neverReleaseAtScore: z.number().min(0).max(1).nullable().default(null),
    })
    .prefault({});
}

const serviceLevels = z
  .strictObject(
    Object.fromEntries(
      HOLD_REASONS.map((reason) => [reason, serviceLevel(SERVICE_LEVELS[reason])]),
    ) as Record<HoldReason, ReturnType<typeof serviceLevel>>,
  )
  .prefault({});

const clockTime = z.string({ error: 'needs a time' }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, {
  error: 'needs a time such as "08:30", in quotes',
});

const supportHours = z
  .strictObject({ from: clockTime, to: clockTime, clause: text.nullable().default(null) })
  .refine(({ from, to }) => from < to, { error: 'must end after they begin' })
  .prefault({ from: '09:00', to: '17:00' });

export const councilSettings = z.strictObject({
  retention: z.strictObject({ deliveredDays: wholeNumber.nullable(), keptYears: wholeNumber }),
  // A member may have own archived copies deleted early. Redditch 5 asks for it; the others keep.
  memberEarlyDeletion: yesNo.default(false),
  pgpFallback: z.enum(['auto', 'on_resend', 'off']),
  acceptL2: z.strictObject({ domains: z.array(domain), mxSuffixes: z.array(domain) }),
  delayNoticeAfterMinutes: wholeNumber,
  giveUpAfterHours: z.strictObject({ marked: wholeNumber, other: wholeNumber }),
  membersInformedOn: date.nullable(),
  autoForwardScope: z.enum(['personal', 'external']),
  contacts: z.array(z.strictObject({ role: z.enum(ROLES), text })).min(1, {
    error: 'needs at least one contact: a notice must say whom to ask',
  }),
  // What the council calls a role, in the middle of a sentence: "Members' Services".
  roleNames: z.partialRecord(z.enum(ROLES), text).default({}),
  noticeFrom: address,
  keyReplyTo: address.optional(),
  // A councillor who mails a draft there is told what would happen; nothing is delivered.
  preflightAddress: address.nullable().default(null),
  // Notices in another language stand beside the English ones: held.cy.md.
  noticeLanguage: z.enum(['en', 'cy']).default('en'),
  // Microsoft 365: the council's own tenants, and the level that each label's GUID stands for.
  sensitivityLabels: z
    .strictObject({
      siteIds: z.array(guid, { error: 'needs a list of tenant ids' }).default([]),
      levels: z.record(guid, z.enum(MARKING_LEVELS)).default({}),
    })
    .default({ siteIds: [], levels: {} }),
  // St Helens 6.2.3 has members mark what is to be encrypted; West Lancashire 6.2 does not.
  markingAdvised: yesNo.default(false),
  // West Lancashire 1.4: mail may be redirected by arrangement with ICT.
  redirectAllowed: yesNo.default(false),
  diverted: z.strictObject({ deliverInwardAfterHours: wholeNumber }),
  // Without it a period starts only by the notice that is entered (domain D.1).
  electionStartsByLaw: yesNo.default(false),
  supportHours,
  serviceLevels,
  casework: caseworkSettings,
  // Whether an officer who looks at one member's mail needs an open investigation (St Helens
  // 3.2.5), or only a reason (West Lancashire 6.2). The stricter one where nobody says.
  perPersonSearch: z.enum(['investigation', 'reason']).default('investigation'),
  // Whether members may use the council's e-mail for private matters.
  privateUse: z.enum(['allowed', 'not-allowed', 'silent']).default('silent'),
  // Redditch 5: by telephone or physical token, as the member chooses.
  twoFactor: z.enum(['required', 'optional']).default('required'),
  // Who may have an account suspended, as the document says it.
  suspensionBy: text.nullable().default(null),
  // When the protocol itself is to be reviewed, and by whom.
  review: z
    .strictObject({ due: date.nullable().default(null), everyMonths: wholeNumber, owner: text })
    .nullable()
    .default(null),
});
