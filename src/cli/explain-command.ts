import type { Command } from 'commander';
import { localWords } from '../mail/plain-words.ts';
import { isQueueId } from '../mail/queue-id.ts';
import { explain, explanationLines, maskSubject, type Explanation } from '../policy/explain.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { PolicyError, type Policy } from '../policy/policy.ts';
import { recordedInput } from '../policy/recorded-input.ts';
import { appendAudit } from '../store/audit.ts';
import { transaction, type Database, type Db } from '../store/connect.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import { policyOfVersion } from '../store/policies.ts';
import { CommandFailed, print, UsageError, type CliContext } from './context.ts';

interface Options {
  officer: string;
  json?: boolean;
}

/** `explain`: why a message of the record was decided as it was, under the policy of its time. */
export function addExplainCommand(program: Command, context: CliContext): void {
  program
    .command('explain <queue-id>')
    .description('why each rule did or did not fire for a message; shows its addresses and subject')
    .option('--officer <name>', 'who looks; goes into the audit trail', context.user)
    .option('--json', 'print JSON')
    .action(async (given: string, options: Options) => {
      const queueId = given.toUpperCase();
      if (!isQueueId(queueId)) throw new UsageError(`"${given}" is no queue id`);
      const told = await context.withRecord((db) => explainMessage(db, queueId, options.officer));
      print(context, options, told, lines(told).join('\n'));
    });
}

interface Told extends Explanation {
  queueId: string;
  receivedAt: Date;
  council: string;
  actor: { address: string; class: string; basis: string };
  subject: string | null;
  statuses: { address: string | null; status: string; lastResult: string | null }[];
}

/** The look is in the audit trail before anything is shown. */
async function explainMessage(db: Database, queueId: string, officer: string): Promise<Told> {
  return transaction(db, async (tx) => {
    const message = await loadMessage(tx, queueId);
    if (!message) throw new CommandFailed(`No message "${queueId}" in the record`);
    if (message.erasedAt) {
      throw new CommandFailed(`Message ${queueId} was erased: its decision is kept no longer`);
    }
    const told = await toldOf(tx, message);
    const data = { policyVersion: told.policyVersion };
    await appendAudit(tx, { event: 'message-explained', queueId, actor: officer, data });
    return told;
  });
}

async function toldOf(tx: Db, message: StoredMessage): Promise<Told> {
  const { queueId, facts, decision, readings, sha256 } = message;
  if (message.origin === 'internal') {
    throw new CommandFailed(`Message ${queueId} is the gateway's own: no rule was asked`);
  }
  if (!facts || !decision) throw new CommandFailed(`Message ${queueId} is not decided yet`);
  const policy = await policyThen(tx, decision.policyVersion);
  const { address, class: personClass, basis } = facts.actor;
  return {
    queueId,
    receivedAt: message.receivedAt,
    council: message.council,
    actor: { address, class: personClass, basis },
    subject: message.subject && maskSubject(message.subject, decision.findings),
    statuses: message.recipients.map(({ address: to, status, lastResult }) => ({
      address: to,
      status,
      lastResult,
    })),
    ...explain(policy, recordedInput({ facts, decision, readings, sha256 }), decision),
  };
}

/** The policy as it was, not as it is. */
async function policyThen(tx: Db, version: string): Promise<Policy> {
  const stored = await policyOfVersion(tx, version);
  if (!stored) throw new CommandFailed(`Policy version ${version} is not in the record`);
  try {
    return policyFromFiles(stored.files);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new CommandFailed(
      `This release cannot read policy version ${version}: ` +
        `use the release of that time, or see the case's own lines with "portreeve case show"`,
    );
  }
}

function lines(told: Told): string[] {
  const { address, class: personClass, basis } = told.actor;
  return [
    `Message ${told.queueId} of ${told.council}, received ${localWords(told.receivedAt)}`,
    `From ${address || 'somebody unknown'} (${personClass}, known by ${basis})`,
    `Subject: ${told.subject ?? ''}`,
    ...told.statuses.map(
      ({ address: to, status, lastResult }) =>
        `To ${to ?? '(erased)'}: ${status}${lastResult ? `, ${lastResult}` : ''}`,
    ),
    ...explanationLines(told),
  ];
}
