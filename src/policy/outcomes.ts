import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Decision } from '../mail/decision.ts';
import { GATES } from '../mail/disposition.ts';
import { PERSON_CLASSES } from '../mail/person.ts';
import { policyFromFiles } from './policy-from-files.ts';
import { PolicyError, type Policy } from './policy.ts';
import { address, date, identifier, text, yesNo } from './schema-terms.ts';
import { checkShape, readYaml } from './source.ts';

/** Name of the table, beside the policy's folders. It is no part of what runs. */
export const OUTCOMES_FILE = 'outcomes.yaml';

const cell = z.strictObject({
  gate: z.enum(GATES),
  protection: z.enum(['required', 'none']),
  nudge: yesNo.default(false),
  tag: yesNo.default(false),
  by: z.array(text),
});

const message = z.strictObject({
  id: identifier,
  what: text,
  // By the login of `sender`, or as the council's mail system relays it.
  via: z.enum(['login', 'connector']).default('login'),
  sender: text,
  mailFrom: text.optional(),
  from: text,
  to: z.array(text).min(1),
  subject: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  text: z.string(),
  duringElection: yesNo.default(false),
  outcomes: z.record(identifier, cell),
});

/** `outcomes.yaml`: the same messages from several councils, and what becomes of each. */
export const outcomesFile = z.strictObject({
  assume: z.strictObject({
    membersInformedOn: date,
    at: z.iso.datetime({ offset: true }),
    election: z.strictObject({
      noticePublishedAt: text,
      poll: date,
      at: z.iso.datetime({ offset: true }),
    }),
    redirect: z.strictObject({ member: text, recipient: address, from: date, until: date }),
  }),
  people: z.array(
    z.strictObject({
      address: text,
      name: text,
      class: z.enum(PERSON_CLASSES),
      personalAddresses: z.array(address).default([]),
    }),
  ),
  messages: z.array(message).min(1),
});
export type Outcomes = z.output<typeof outcomesFile>;
export type OutcomeMessage = Outcomes['messages'][number];
export type OutcomeCell = z.output<typeof cell>;

/** Reads the table. @throws {PolicyError} with every problem as file, line and column. */
export function readOutcomes(yaml: string): Outcomes {
  const { source, problems } = readYaml(OUTCOMES_FILE, yaml);
  if (!source) throw new PolicyError(problems);
  const { value, problems: wrong } = checkShape(source, outcomesFile);
  const ids = value?.messages.map(({ id }) => id) ?? [];
  const twice = ids.flatMap((id, index) =>
    ids.indexOf(id) === index
      ? []
      : [source.problem(['messages', index, 'id'], `Message "${id}" stands here a second time`)],
  );
  if (!value || twice.length > 0) throw new PolicyError([...wrong, ...twice]);
  return value;
}

/** The councils of the table, in its order. */
export function councilsOf({ messages }: Outcomes): string[] {
  return [...new Set(messages.flatMap(({ outcomes }) => Object.keys(outcomes)))];
}

/**
 * The policy as the table assumes it: members were informed, an election was announced, and where
 * redirects may be approved, one was. What the files say of all else stands.
 */
export function assumedPolicy(files: Record<string, string>, outcomes: Outcomes): Policy {
  const { membersInformedOn, election, redirect } = outcomes.assume;
  const changed = { ...files };
  for (const council of councilsOf(outcomes)) {
    const file = `councils/${council}.yaml`;
    const document = parseDocument(files[file] ?? '');
    const domain = String(document.getIn(['domains', 0]));
    document.setIn(['settings', 'membersInformedOn'], membersInformedOn);
    if (document.getIn(['settings', 'redirectAllowed']) === true) {
      const approved = { id: 'assumed', permits: 'redirect', reason: 'Assumed by the table' };
      const who = { owner: 'ICT', approver: 'ICT', ...redirect };
      const member = atDomain(redirect.member, domain);
      document.setIn(['exceptions'], [{ ...approved, ...who, member }]);
    }
    changed[file] = document.toString();
    const id = `assumed-${council}`;
    changed[`elections/${id}.yaml`] = JSON.stringify({
      id,
      council,
      name: 'Assumed election',
      kind: 'local',
      nation: 'england',
      noticePublishedAt: election.noticePublishedAt,
      zone: 'Europe/London',
      poll: election.poll,
      wards: [],
    });
  }
  return policyFromFiles(changed);
}

/** `{domain}` stands for the council's own. */
export function atDomain(written: string, domain: string): string {
  return written.replaceAll('{domain}', domain);
}

/** The message as bytes, as it leaves a member of this council. */
export function rawOutcomeMessage(message: OutcomeMessage, domain: string): Buffer {
  const fields = {
    ...message.headers,
    From: message.from,
    To: message.headers['To'] ?? message.to.join(', '),
    Subject: message.subject,
    Date: 'Tue, 10 Feb 2026 10:00:00 +0000',
    'Message-ID': `<${message.id}@{domain}>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const whole = [...head, '', ...message.text.split('\n'), ''].join('\r\n');
  return Buffer.from(atDomain(whole, domain), 'utf8');
}

/** What became of the first recipient, as a cell of the table says it. */
export function cellOf(decision: Decision): OutcomeCell {
  const [recipient] = decision.recipients;
  const acting = recipient?.hits.filter(({ inert }) => inert === null) ?? [];
  const by = acting.map(({ clause, rule }) =>
    clause.quote === null ? `our choice: ${rule}` : `${clause.section}: ${rule}`,
  );
  return {
    gate: recipient?.gate ?? 'hold',
    protection: recipient?.protection ?? 'required',
    nudge: acting.some(({ nudge }) => nudge),
    tag: acting.some(({ tag }) => tag),
    by: [...new Set(by)].sort(),
  };
}

/** One cell on one line, for a person. */
export function cellWords({ gate, protection, nudge, tag, by }: OutcomeCell): string {
  const effects = [
    gate,
    ...(protection === 'required' ? ['protected'] : []),
    ...(nudge ? ['nudge'] : []),
    ...(tag ? ['tag'] : []),
  ];
  return `${effects.join(', ')} by ${by.length === 0 ? 'no clause' : [...by].sort().join('; ')}`;
}
