import type { Command } from 'commander';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { loadPolicy } from '../policy/load.ts';
import { electionAlarms, electionState } from '../policy/elections.ts';
import type { Election, Policy } from '../policy/policy.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

interface Options {
  at?: string;
  council?: string;
  folder?: boolean;
  json?: boolean;
}

/** `elections`: which periods are in force, what comes, and which notice is missing. */
export function addElectionsCommand(program: Command, context: CliContext): void {
  program
    .command('elections')
    .description('election periods in force and to come, with the dates that the law sets')
    .option('--at <time>', 'as it stands then, ISO 8601 with offset; now where left out')
    .option('--council <id>', 'of one council only')
    .option('--folder', 'as the policy folder proposes, not as activated')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1 where a notice of election is due and none was entered.')
    .action(async (options: Options) => {
      const at = options.at === undefined ? context.now() : new Date(options.at);
      if (Number.isNaN(at.getTime())) {
        throw new UsageError(`--at takes an ISO 8601 time, not "${options.at}"`);
      }
      const policy = await policyOf(context, options.folder ?? false);
      const { council } = options;
      if (council !== undefined && !policy.councils.has(council)) {
        const known = [...policy.councils.keys()].join(', ');
        throw new UsageError(`No policy for council "${council}"; there are ${known}`);
      }
      const isMeant = (each: { council: string }) => !council || each.council === council;
      const elections = policy.elections
        .filter(isMeant)
        .map((election) => ({ ...election, state: electionState(election, at) }))
        .sort((a, b) => a.poll.localeCompare(b.poll) || a.id.localeCompare(b.id));
      const alarms = electionAlarms(policy, at).filter(isMeant);
      const text = elections.length === 0 ? 'No election is entered' : listing(elections);
      print(context, options, { at: at.toISOString(), elections, alarms }, text);
      if (alarms.length === 0) return;
      const lines = alarms.map(({ election, kind, latestNotice }) =>
        kind === 'notice-due-today'
          ? `"${election}": the notice of election is due today, and none was entered`
          : `"${election}": the notice of election was due on ${latestNotice}; none was entered`,
      );
      const advice = 'Enter noticePublishedAt in policies/elections and activate the policy';
      throw new CommandFailed([...lines, advice].join('\n'));
    });
}

async function policyOf(context: CliContext, folder: boolean): Promise<Policy> {
  if (folder) return loadPolicy(context.config().policy.dir);
  const active = await context.withRecord((db) => activePolicy(db, { at: context.now() }));
  if (!active) throw new CommandFailed('No policy is active: run "portreeve policy activate"');
  return policyFromFiles(active.files);
}

function listing(elections: (Election & { state: string })[]): string {
  const rows = elections.map((election) => [
    election.state,
    election.id,
    election.council,
    election.kind,
    election.wards.join(', ') || 'whole council',
    election.noticePublishedAt ?? (election.startsAt ? `${election.startsAt} (by law)` : '-'),
    election.dates.latestNotice ?? '-',
    election.dates.registerBy ?? '-',
    election.poll,
    election.endedBecause ? `${election.endsAt} (${election.endedBecause})` : election.endsAt,
  ]);
  const headings = ['state', 'election', 'council', 'kind', 'area', 'starts'];
  return table([...headings, 'notice by', 'register by', 'poll', 'ends'], rows);
}
