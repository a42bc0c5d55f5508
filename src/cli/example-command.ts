import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { createExtractorPool } from '../extract/extractor-pool.ts';
import { createInspectors } from '../inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../mail/parse.ts';
import { caseExample, type CaseExample } from '../pipeline/case-example.ts';
import { MAX_EXAMPLE_BYTES } from '../policy/example-mail.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { appendAudit } from '../store/audit.ts';
import { loadCase } from '../store/cases.ts';
import type { Database } from '../store/connect.ts';
import { loadMessage } from '../store/messages.ts';
import { listPeople } from '../store/people.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, type CliContext } from './context.ts';

interface Options {
  out: string;
  officer: string;
  json?: boolean;
}

/** `case to-example`: a hold that an officer overturned, as an example for the rules. */
export function addExampleCommand(cases: Command, context: CliContext): void {
  cases
    .command('to-example <case>')
    .description('write a released message, redacted, with the outcome that the officer chose')
    .option('--out <folder>', 'where to', '.')
    .option('--officer <name>', 'who does it; goes into the audit trail', context.user)
    .option('--json', 'print JSON')
    .action(async (caseId: string, options: Options) => {
      const { example, queueId } = await context.withRecord((db) =>
        exampleOf(context, db, caseId, options.officer),
      );
      const base = path.join(options.out, nameOf(caseId));
      await mkdir(options.out, { recursive: true, mode: 0o700 });
      await writeFile(`${base}.eml`, example.eml, { mode: 0o600, flag: 'wx' }).catch(existing);
      await writeFile(`${base}.yaml`, example.yaml, { mode: 0o600, flag: 'wx' }).catch(existing);
      const { still, lost, leftOut } = example;
      const files = [`${base}.eml`, `${base}.yaml`];
      const text = [...files.map((file) => `Wrote ${file}`), ...report(example), WARNING];
      print(context, options, { queueId, files, still, lost, leftOut }, text.join('\n'));
    });
}

function nameOf(caseId: string): string {
  return `case-${caseId.toLowerCase()}`;
}

function existing(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EEXIST') throw error;
  throw new CommandFailed(`${error.path} is there already: give another --out, or remove it`);
}

const WARNING =
  'READ BOTH FILES BEFORE YOU SHARE THEM. A program took the names, addresses and numbers out; ' +
  'only a person can see what else tells who it is about.';

function report({ eml, still, lost, leftOut }: CaseExample): string[] {
  return [
    ...(still.length > 0
      ? [`Redacted, it still matches ${still.join(', ')} under the active policy`]
      : []),
    ...(lost.length > 0
      ? [`Redacted, it no longer matches ${lost.join(', ')}: it shows nothing of them`]
      : []),
    ...(leftOut.length > 0
      ? [`Left out: attachments ${leftOut.join(', ')}, which have no text`]
      : []),
    ...(eml.length > MAX_EXAMPLE_BYTES
      ? [`Shorten it: the rules take messages of up to ${MAX_EXAMPLE_BYTES / 1024} KiB`]
      : []),
  ];
}

/** The audit row is written before the content is opened. */
async function exampleOf(context: CliContext, db: Database, caseId: string, officer: string) {
  const found = await loadCase(db, caseId);
  if (!found) throw new CommandFailed(`No case "${caseId}": see "portreeve case list"`);
  const isReleased = found.actions.some(
    ({ action, state }) => state === 'done' && action.startsWith('release'),
  );
  if (found.kind !== 'hold' || !isReleased) {
    throw new CommandFailed(`Case ${caseId} is no hold that an officer released`);
  }
  const message = await loadMessage(db, found.queueId);
  if (!message?.wrappedKey || !message.facts || !message.decision) {
    throw new CommandFailed(`Message ${found.queueId} was erased`);
  }
  const active = await activePolicy(db, { at: context.now() });
  if (!active) throw new CommandFailed('No policy is active');
  const policy = policyFromFiles(active.files);
  const { queueId, facts, decision, wrappedKey } = message;
  const data = { case: caseId };
  await appendAudit(db, { event: 'case-example', queueId, actor: officer, data });
  const spool = await context.openSpool();
  const extractors = createExtractorPool(context.config().attachments);
  try {
    const raw = spool.read(queueId, wrappedKey);
    const parsed = await parseMessage(raw, DEFAULT_PARSE_LIMITS, extractors.forMessage());
    const hits = decision.recipients.flatMap((recipient) => recipient.hits);
    const held = hits.filter(({ gate, inert }) => gate === 'hold' && inert === null);
    const rules = [...new Set(held.map(({ rule }) => rule))].filter((rule) =>
      policy.rules.has(rule),
    );
    const example = await caseExample({
      message: parsed,
      facts,
      rules,
      policy,
      inspectors: createInspectors(policy.lists),
      people: await listPeople(db, message.council),
      file: `examples/${nameOf(caseId)}.eml`,
    });
    return { example, queueId };
  } finally {
    await extractors.close();
  }
}
