import { Command } from 'commander';
import { addCaseCommands } from './case-commands.ts';
import type { CliContext } from './context.ts';
import { addDoctor } from './doctor.ts';
import { addExplainCommand } from './explain-command.ts';
import { addExportCommand } from './export-command.ts';
import { addElectionsCommand } from './elections-command.ts';
import { addEvidenceCommands } from './evidence-commands.ts';
import { addInspectCommand } from './inspect-command.ts';
import { addInvestigationCommands } from './investigation-commands.ts';
import { addKeyCommands } from './key-commands.ts';
import { addOfficerCommands } from './officer-commands.ts';
import { addPeopleCommands } from './people-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addQueueCommands } from './queue-commands.ts';
import { addReadinessCommand } from './readiness-command.ts';
import { addRecordCommands } from './record-commands.ts';

const EXIT_CODES = `
Exit codes: 0 fine, 1 a finding or a failure, 2 wrong usage, 78 wrong configuration.`;

/** The whole command line. Every command has --help, and --json where it prints results. */
export function createProgram(context: CliContext): Command {
  const program = new Command('portreeve')
    .description('Outbound e-mail compliance gateway for councils')
    .option('--config <file>', 'configuration file (portreeve.yaml)')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .exitOverride();

  program
    .command('start')
    .description('run the gateway until it is told to stop')
    .option('--role <role...>', 'smtp, worker, console; all where left out')
    .option('--demo', 'with the demo council, its people and a world of mail servers on loopback')
    .action((options: { role?: string[]; demo?: boolean }) =>
      context.start({ roles: options.role ?? [], demo: options.demo ?? false }),
    );
  program
    .command('demo')
    .description('send nine messages through the running demo and show what became of them')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      process.exitCode = await context.demo(options.json ?? false);
    });

  addInspectCommand(program, context);
  addPolicyCommands(program, context);
  addExplainCommand(program, context);
  addElectionsCommand(program, context);
  addPeopleCommands(program, context);
  addOfficerCommands(program, context);
  addInvestigationCommands(program, context);
  addKeyCommands(program, context);
  addCaseCommands(program, context);
  addQueueCommands(program, context);
  addRecordCommands(program, context);
  addEvidenceCommands(program, context);
  addReadinessCommand(program, context);
  addExportCommand(program, context);
  addDoctor(program, context);
  return program;
}
