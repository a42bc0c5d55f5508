import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { certificatesOf } from '../store/evidence.ts';
import { CommandFailed, print, type CliContext } from './context.ts';
import { evidenceProblems } from './evidence-check.ts';
import { makeEvidenceFile, readEvidenceFile, type EvidenceFile } from './evidence-file.ts';

/** `evidence`: how a protected message was protected, for people who need not believe us. */
export function addEvidenceCommands(program: Command, context: CliContext): void {
  const evidence = program
    .command('evidence')
    .description('export the signed proof of how a message was protected, one file, no content')
    .argument('<queue-id>')
    .option('--out <file>', 'write it there instead of printing it')
    .action((queueId: string, options: { out?: string }) => exportFile(context, queueId, options));
  evidence
    .command('verify <file>')
    .description('check such a file offline: no database, no network')
    .requiredOption('--key <file>', 'the published audit.pub, from anywhere but this file')
    .option('--json', 'print JSON')
    .action((file: string, options: { key: string; json?: boolean }) =>
      verifyFile(context, file, options),
    );
}

async function exportFile(
  context: CliContext,
  queueId: string,
  { out }: { out?: string },
): Promise<void> {
  const found = await context.withRecord((db) => certificatesOf(db, queueId));
  if (found.length === 0) {
    throw new CommandFailed(
      `Nothing of message "${queueId}" was delivered under protection, or it was erased`,
    );
  }
  const deliveries = found.map(({ certificate, audit }) => {
    if (audit === null || audit === 'unsealed') {
      throw new CommandFailed(
        `Message "${queueId}" is not sealed yet: the running gateway does it within seconds`,
      );
    }
    return { certificate, audit };
  });
  const key = await context.auditKey();
  const file = makeEvidenceFile(queueId, deliveries, key, context.now());
  const text = `${JSON.stringify(file, null, 2)}\n`;
  if (out === undefined) return context.out(text);
  // It names recipients: for the eyes of whoever asked.
  await writeFile(out, text, { mode: 0o600 });
  context.out(`Evidence about ${deliveries.length} recipient(s) is in ${out}\n`);
}

async function verifyFile(
  context: CliContext,
  file: string,
  options: { key: string; json?: boolean },
): Promise<void> {
  const publicKey = createPublicKey(await readFile(options.key, 'utf8'));
  let problems: string[];
  let evidence: EvidenceFile['evidence'] | null = null;
  try {
    evidence = readEvidenceFile(await readFile(file, 'utf8'), publicKey);
    problems = evidenceProblems(evidence, publicKey);
  } catch (error) {
    problems = [error instanceof Error ? error.message : String(error)];
  }
  const lines = problems.length > 0 ? problems : (evidence?.deliveries ?? []).map(summary);
  const deliveries = evidence?.deliveries.map(({ certificate }) => certificate) ?? [];
  print(context, options, { problems, deliveries }, lines.join('\n'));
  if (problems.length > 0) throw new CommandFailed('The evidence does not prove what it says');
}

function summary({ certificate }: EvidenceFile['evidence']['deliveries'][number]): string {
  const { recipient, protectedBy, transport, deliveredAt, openpgp, proof } = certificate;
  const last = proof.certificateChain.at(-1);
  const root = last && new X509Certificate(Buffer.from(last, 'base64')).subject;
  const { protocol, cipher } = transport;
  const channel = protocol === null ? 'in clear' : `${protocol} ${cipher ?? ''}`;
  return [
    `Proven: ${recipient}, ${protectedBy}, ${deliveredAt}`,
    `  server ${transport.mxHost} [${transport.remoteAddress}], ${channel}`,
    ...(openpgp ? [`  encrypted to OpenPGP key ${openpgp.fingerprint}`] : []),
    ...(root ? [`  the certificate chain ends at ${root.replaceAll('\n', ', ')}`] : []),
    `  message ${certificate.messageSha256}, reply ${certificate.reply}`,
  ].join('\n');
}
