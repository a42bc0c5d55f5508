import { stringify } from 'yaml';
import { inspect, type Inspector } from '../inspect/inspect.ts';
import { headerField, multipart, textEntity } from '../mail/compose.ts';
import type { Facts } from '../mail/facts.ts';
import { markingOf } from '../mail/marking.ts';
import { headerValues, type ParsedMessage } from '../mail/message.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../mail/parse.ts';
import type { Person } from '../mail/person.ts';
import { decide } from '../policy/decide.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';
import { createRedactor, type Redactor } from './redact.ts';

export interface ExampleRequest {
  message: ParsedMessage;
  facts: Facts;
  /** Rules whose match held it, by the recorded decision. */
  rules: readonly string[];
  policy: Policy;
  inspectors: readonly Inspector[];
  /** What the message will be called in `policies/rules`: `examples/case-7.eml`. */
  file: string;
  /** Everybody of the council. */
  people: readonly Pick<Person, 'name' | 'addresses'>[];
}

/** An officer's decision as an example for those who change the rules. */
export interface CaseExample {
  eml: Buffer;
  /** Entries for the `examples` of the rules' files, by rule id. */
  yaml: string;
  /** Rules of the hold that still match the redacted message now, and those that do not. */
  still: string[];
  lost: string[];
  /** Numbers of attachments whose text could not be taken along. */
  leftOut: number[];
}

/**
 * Redacts a released message and decides it again under the active policy, so that whoever reads
 * the example knows whether it still shows what the officer overturned. Pure but for parsing.
 */
export async function caseExample(request: ExampleRequest): Promise<CaseExample> {
  const { message, facts, policy, inspectors, rules } = request;
  const redactor = createRedactor({
    names: namesOf(request),
    domains: facts.council.domains,
  });
  const leftOut = message.attachments
    .map(({ number }) => number)
    .filter((number) => attachmentText(message, number) === null);
  const eml = redactedMessage(message, redactor);
  const parsed = await parseMessage(eml, DEFAULT_PARSE_LIMITS);
  const again = redactedFacts(facts, redactor);
  const decision = decide(policy, {
    message: parsed,
    marking: markingOf(parsed.headers, facts.council.labels),
    findings: inspect(inspectors, { message: parsed, facts: again }),
    facts: again,
    sha256: '',
  });
  const fired = decision.recipients.flatMap(({ hits }) => hits.map(({ rule }) => rule));
  const council = policy.councils.get(facts.council.id);
  return {
    eml,
    yaml: rules
      .map((rule) => entryOf(rule, { file: request.file, facts: again, council }))
      .join('\n'),
    still: rules.filter((rule) => fired.includes(rule)),
    lost: rules.filter((rule) => !fired.includes(rule)),
    leftOut,
  };
}

function namesOf({ message, facts, people }: ExampleRequest): string[] {
  const boxes = [...message.from, ...message.to, ...message.cc, ...message.replyTo];
  const mailboxes = message.sender ? [...boxes, message.sender] : boxes;
  return [
    ...people.map(({ name }) => name),
    ...facts.namedPeople.map(({ name }) => name),
    facts.actor.name,
    ...mailboxes.flatMap(({ name, address }) => [name, address]),
  ];
}

function attachmentText(message: ParsedMessage, number: number): string | null {
  return message.texts.find(({ name }) => name === `attachment:${number}`)?.text ?? null;
}

/** Fields that detectors read; all others name machines, people or times. */
const KEPT_FIELDS = new RegExp(
  '^(?:auto-submitted|precedence|importance|sensitivity|list-(?:id|unsubscribe)|reply-to|' +
    'sender|resent-(?:from|to|sender)|x-ms-exchange-(?:inbox-rules-loop|' +
    'generated-message-source)|x-auto-response-suppress|x-forwarded-(?:to|for)|' +
    'delivered-to|msip_labels)$',
);

function redactedMessage(message: ParsedMessage, redactor: Redactor): Buffer {
  const fields = (name: string) =>
    headerValues(message, name).map((value) => headerField(titled(name), redactor.text(value)));
  const kept = [...new Set(message.headers.map(({ name }) => name))].filter((name) =>
    KEPT_FIELDS.test(name),
  );
  const head = [
    ...['from', 'to', 'cc', 'subject', ...kept].flatMap(fields),
    headerField('Date', 'Thu, 01 Oct 2026 10:00:00 +0100'),
    headerField('Message-ID', '<redacted@council.example>'),
    ...(headerValues(message, 'in-reply-to').length > 0
      ? [headerField('In-Reply-To', '<earlier@council.example>')]
      : []),
    headerField('MIME-Version', '1.0'),
  ].join('');
  const body = textEntity('text/plain', redactor.text(bodyOf(message)));
  if (message.attachments.length === 0) return Buffer.from(`${head}${body}\r\n`);
  const parts = message.attachments.map(({ number, contentType }) => {
    const text = attachmentText(message, number);
    const words = text === null ? `[${contentType}, left out]` : redactor.text(text);
    const name = `attachment-${number}.txt`;
    const disposition = headerField('Content-Disposition', `attachment; filename="${name}"`);
    return disposition + textEntity('text/plain', words);
  });
  return Buffer.from(head + multipart('multipart/mixed', [body, ...parts], 'redacted'));
}

function bodyOf(message: ParsedMessage): string {
  return message.texts.find(({ name }) => name === 'body')?.text ?? '';
}

function titled(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** The facts of the time, about the invented people. What is known of each stays known. */
function redactedFacts(facts: Facts, redactor: Redactor): Facts {
  const inside = (address: string): string => (address === '' ? '' : redactor.address(address));
  const { envelope, actor } = facts;
  return {
    ...facts,
    council: { ...facts.council, domains: [...facts.council.domains, 'council.example'] },
    envelope: {
      ...envelope,
      mailFrom: inside(envelope.mailFrom),
      rcptTo: envelope.rcptTo.map((to) => ({ ...to, address: inside(to.address), orcpt: null })),
    },
    actor: { ...actor, address: inside(actor.address), name: redactor.text(actor.name) },
    entitled: facts.entitled.map(inside),
    recipients: facts.recipients.map((recipient) => {
      const address = inside(recipient.address);
      return { ...recipient, address, domain: address.slice(address.indexOf('@') + 1) };
    }),
    namedPeople: facts.namedPeople.map((person) => ({
      ...person,
      name: redactor.text(person.name),
      addresses: person.addresses.map(inside),
    })),
  };
}

interface Entry {
  file: string;
  facts: Facts;
  council: CouncilPolicy | undefined;
}

/** One entry as rules' files take it: by the officer's word the rule should not match. */
function entryOf(rule: string, { file, facts, council }: Entry): string {
  const { recipients, actor } = facts;
  const entries = (council?.clauses ?? []).flatMap(({ enforcement }) =>
    enforcement.kind === 'rule' && enforcement.rule.id === rule ? [enforcement] : [],
  );
  // A rule that was put in shadow since has no entry that acts.
  const set = (entries.find(({ shadow }) => !shadow) ?? entries[0])?.parameters ?? {};
  const example = {
    file,
    to: recipients.map(({ address }) => address),
    ...(Object.keys(set).length > 0 && { parameters: set }),
    given: {
      sender: actor.class,
      senderName: actor.name || 'Alex Marlow',
      election: facts.openElections.length > 0 ? 'open' : 'closed',
      known: actor.basis !== 'unknown',
      personalProvider: recipients.some(({ personalProvider }) => personalProvider),
      actorsOwn: recipients.some(({ actorsOwn }) => actorsOwn),
      outsideRecipients24h: facts.outsideRecipients24h,
    },
    matches: false,
  };
  const entry = stringify([example], { lineWidth: 0 });
  const where = `below "examples:"; the message as policies/rules/${file}`;
  return `# policies/rules/${rule}.yaml, ${where}\n${entry}`;
}
