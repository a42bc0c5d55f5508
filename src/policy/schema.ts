import { z } from 'zod';
import { GATES } from '../mail/disposition.ts';
import { FINDING_KINDS, typesOf } from '../mail/finding.ts';
import { PERSON_CLASSES } from '../mail/person.ts';
import { HOLIDAY_REGIONS, NATIONS, POLL_KINDS } from './election-calendar.ts';
import {
  CASE_ACTIONS,
  COUNCIL_ACTIONS,
  OFFICER_ROLES,
  PERSON_ACTIONS,
  QUEUE,
  RETURNING_OFFICER_MAIL,
  SECOND_OFFICER_ACTIONS,
} from './permissions.ts';
import { EXAMPLE_FILE } from './example-mail.ts';
import { AREAS, PARAMETER_TYPES, ROLES } from './policy.ts';
import { address, date, domain, identifier, text, texts, yesNo } from './schema-terms.ts';
import { councilSettings } from './settings-schema.ts';

// What the files of policies/ may hold. Every object is strict: a misspelt key would otherwise
// switch something off without a word.

const localTime = z
  .string({ error: 'needs a local time' })
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, {
    error: 'needs a local date and time such as 2026-10-02T09:30, without an offset',
  });
const parameterValue = z.union([z.number(), text, z.boolean(), z.array(text)], {
  error: 'needs a number, text, true, false or a list of texts',
});
const parameters = z.record(z.string(), parameterValue, { error: 'needs names with values' });

/** Of an example that names none. */
const ANY_TYPE = 'example';

const given = z.strictObject({
  findings: z
    .array(
      z
        .strictObject({
          kind: z.enum(FINDING_KINDS),
          type: text.default(ANY_TYPE),
          score: z.number({ error: 'needs a number from 0 to 1' }).min(0).max(1).default(1),
          details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
        })
        .refine(({ kind, type }) => type === ANY_TYPE || (typesOf(kind)?.includes(type) ?? true), {
          error: ({ input }) => {
            const { kind, type } = input as { kind: string; type: string };
            return `needs a type that "${kind}" has, not "${type}": ${typesOf(kind)?.join(', ')}`;
          },
          path: ['type'],
        }),
    )
    .optional(),
  election: z.enum(['open', 'closed']).optional(),
  sender: z.enum(PERSON_CLASSES).optional(),
  senderName: text.optional(),
  known: yesNo.optional(),
  personalProvider: yesNo.optional(),
  actorsOwn: yesNo.optional(),
  outsideRecipients24h: z.int({ error: 'needs a whole number' }).optional(),
});

const example = z.strictObject({
  file: z
    .string({ error: 'needs the name of a file' })
    .regex(EXAMPLE_FILE, {
      error: 'needs a file of the folder beside the rules: examples/NAME.eml',
    })
    .describe(
      'A whole message in policies/rules/examples, in place of subject, text, from and headers; ' +
        '"to" says whom its envelope names',
    )
    .optional(),
  subject: z.string({ error: 'needs text, which may be empty' }).default('Example'),
  text: z.string({ error: 'needs text' }).default(''),
  from: text.default('Councillor Alex Example <cllr.alex.example@council.example>'),
  to: z
    .union([text.transform((one) => [one]), z.array(text).min(1)], {
      error: 'needs an address or a list of addresses',
    })
    .default(['resident@outside.example']),
  headers: z.record(z.string(), z.string()).default({}),
  parameters: parameters.default({}),
  given: given.default({}),
  matches: yesNo,
});

const examples = z.array(example, { error: 'needs a list of examples' });

/** What a sender reads; without it the findings' own words are used. */
const words = z.strictObject({
  reason: text,
  advice: texts.default([]),
  mayResend: yesNo.default(true),
});

export const ruleFile = z.strictObject({
  id: identifier,
  why: text,
  area: z.enum(AREAS),
  when: text,
  shadow: yesNo.default(false),
  words: words.optional(),
  parameters: z
    .record(
      z.string(),
      z.strictObject({
        type: z.enum(PARAMETER_TYPES),
        meaning: text,
        default: parameterValue.optional(),
      }),
    )
    .default({}),
  examples,
});

const exception = z.strictObject({
  id: identifier,
  permits: z.enum(['redirect', 'rule-off']),
  rule: identifier.optional(),
  member: address.optional(),
  recipient: address.optional(),
  domain: domain.optional(),
  reason: text,
  owner: text,
  approver: text,
  ticket: text.optional(),
  from: date,
  until: date,
});

/** What a clause may say that it is kept by. */
const SETTINGS = Object.keys(councilSettings.shape) as (keyof typeof councilSettings.shape)[];

const clause = z.strictObject({
  clause: text,
  document: identifier.optional(),
  quote: text.optional(),
  ourChoice: yesNo.default(false),
  rule: identifier.optional(),
  shadow: yesNo.optional(),
  gate: z.enum(GATES).optional(),
  queue: z.enum(ROLES).optional(),
  protection: z.literal('required').optional(),
  nudge: yesNo.optional(),
  tag: yesNo.optional(),
  notify: z.array(z.enum(ROLES)).optional(),
  fourEyes: yesNo.optional(),
  parameters: parameters.optional(),
  words: words.optional(),
  off: text.optional(),
  kept: text.optional(),
  setting: z.enum(SETTINGS).optional(),
  notEnforced: text.optional(),
});
export type ClauseEntry = z.output<typeof clause>;

export const councilFile = z.strictObject({
  id: identifier,
  name: text,
  domains: z.array(domain).min(1, { error: 'needs at least one domain' }),
  wards: texts,
  timezone: z.literal('Europe/London'),
  settings: councilSettings,
  documents: z.array(
    z.strictObject({
      id: identifier,
      council: text,
      title: text,
      version: text.optional(),
      date: text,
    }),
  ),
  clauses: z.array(clause).min(1, { error: 'needs at least one clause' }),
  exceptions: z.array(exception).default([]),
});
export type CouncilFile = z.output<typeof councilFile>;

export const electionFile = z.strictObject({
  id: identifier,
  council: identifier,
  name: text,
  kind: z.enum(POLL_KINDS),
  nation: z.enum(NATIONS),
  // Left out until the notice is published.
  noticePublishedAt: localTime.optional(),
  zone: z.literal('Europe/London'),
  poll: date,
  wards: texts,
  ended: z.strictObject({ at: localTime, reason: text }).optional(),
});

export const calendarFile = z.strictObject({
  bankHolidays: z.record(
    z.enum(HOLIDAY_REGIONS),
    z.record(z.string().regex(/^\d{4}$/), z.array(date)),
  ),
  otherDays: z.array(date),
});

const entries = z.array(z.string({ error: 'needs text; put it in quotes' }), {
  error: 'needs a list',
});

const parties = z.array(
  z.strictObject({
    name: text,
    words: entries,
    phrases: entries,
    hashtags: entries,
    domains: entries,
  }),
  { error: 'needs a list of parties' },
);

/** One schema for each file of policies/lists/, by the key it has in `Lists`. */
export const listFiles = {
  personalProviders: entries,
  parties,
  campaignDomains: entries,
  abusiveTerms: entries,
  discriminatoryTerms: entries,
  deadDomains: entries,
};

const action = z.enum([...CASE_ACTIONS, ...PERSON_ACTIONS, ...COUNCIL_ACTIONS]);
const grants = z.array(
  z.strictObject({
    do: z.array(action, { error: 'needs a list of actions' }).min(1, { error: 'needs an action' }),
    on: z
      .array(z.enum([...AREAS, QUEUE, RETURNING_OFFICER_MAIL]), { error: 'needs a list' })
      .min(1, { error: 'needs a matter' })
      .optional(),
  }),
  { error: 'needs a list of grants, or "deputises" with a role' },
);
const rolePowers = z.partialRecord(
  z.enum(OFFICER_ROLES),
  z.union([grants, z.strictObject({ deputises: z.enum(OFFICER_ROLES) })]),
);

export const permissionsFile = z.strictObject({
  reasonFor: z.array(action, { error: 'needs a list of actions' }),
  secondOfficerFor: z.array(z.enum(SECOND_OFFICER_ACTIONS), { error: 'needs a list of actions' }),
  roles: rolePowers,
  councils: z.record(identifier, rolePowers),
});
export type PermissionsFile = z.output<typeof permissionsFile>;
