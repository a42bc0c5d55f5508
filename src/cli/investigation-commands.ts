import type { Command } from 'commander';
import { closeFormalInvestigation, openFormalInvestigation } from '../pipeline/investigations.ts';
import { londonDate, londonDays } from '../policy/elections.ts';
import { PERSON_ACTIONS, type PersonAction } from '../policy/permissions.ts';
import {
  investigationState,
  listInvestigations,
  type ClosingResult,
} from '../store/investigations.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';
import { accountsWorld, findByAddress } from './officer-commands.ts';

interface OpenOptions {
  council: string;
  reference: string;
  allegation: string;
  authorisedBy: string;
  investigator: string[];
  member: string[];
  action: string[];
  mailFrom: string;
  mailUntil: string;
  until: string;
  officer: string;
  json?: boolean;
}

/** `investigation`: what a look at one member's mail rests on (St Helens 3.2.5). */
export function addInvestigationCommands(program: Command, context: CliContext): void {
  const investigations = program
    .command('investigation')
    .description('formal investigations: whose mail may be looked at, by whom, until when');
  addOpen(investigations, context);
  investigations
    .command('list')
    .description('those on record; each ends by itself on its last day')
    .option('--council <id...>', 'of these councils alone')
    .option('--open', 'only those that are open now')
    .option('--json', 'print JSON')
    .action((options: { council?: string[]; open?: boolean; json?: boolean }) =>
      list(context, options),
    );
  investigations
    .command('close <investigation>')
    .description('end one early: one officer asks, another confirms with the same command')
    .requiredOption('--officer <address>', 'login of the officer who closes it')
    .requiredOption('--reason <text>', 'kept in the record')
    .option('--json', 'print JSON')
    .action((id: string, options: { officer: string; reason: string; json?: boolean }) =>
      close(context, id, options),
    );
}

function addOpen(investigations: Command, context: CliContext): void {
  investigations
    .command('open')
    .description('open one; days are whole days in London, the last one included')
    .requiredOption('--council <id>')
    .requiredOption('--reference <text>', 'the council’s own, of the formal investigation')
    .requiredOption('--allegation <text>', 'what is looked into, in a sentence')
    .requiredOption('--authorised-by <address>', 'login of the officer who authorised it')
    .requiredOption('--investigator <address...>', 'logins of those who may look; nobody else may')
    .requiredOption('--member <address...>', 'whose mail; all addresses of theirs count')
    .option('--action <action...>', PERSON_ACTIONS.join(', '), ['search-person', 'view-other-mail'])
    .requiredOption('--mail-from <day>', 'first day of the mail that may be looked at')
    .requiredOption('--mail-until <day>', 'last day of it')
    .requiredOption('--until <day>', 'last day on which it is open')
    .option('--officer <name>', 'who enters it', context.user)
    .option('--json', 'print JSON')
    .action((options: OpenOptions) => open(context, options));
}

async function open(context: CliContext, options: OpenOptions): Promise<void> {
  const { council, reference, allegation, officer: openedBy } = options;
  const unknown = options.action.find(
    (each) => !(PERSON_ACTIONS as readonly string[]).includes(each),
  );
  if (unknown !== undefined) {
    throw new UsageError(`--action is one of ${PERSON_ACTIONS.join(', ')}, not "${unknown}"`);
  }
  const mail = daysOf('--mail-from and --mail-until', options.mailFrom, options.mailUntil);
  const opensAt = context.now();
  const { until: endsAt } = daysOf('--until', options.until, options.until);
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    const ids = await Promise.all(
      options.investigator.map(async (each) => (await findByAddress(db, each)).id),
    );
    const result = await openFormalInvestigation(world, {
      council,
      reference,
      allegation,
      authorisedBy: (await findByAddress(db, options.authorisedBy)).id,
      officers: ids,
      members: options.member,
      actions: options.action as PersonAction[],
      mailFrom: mail.from,
      mailUntil: mail.until,
      opensAt,
      endsAt,
      openedBy,
    });
    if (result.kind === 'refused') throw new CommandFailed(result.advice);
    print(context, options, { id: result.id }, `Investigation ${result.id} is open`);
  });
}

function daysOf(option: string, first: string, last: string): { from: Date; until: Date } {
  const days = londonDays(first, last);
  if (!days) throw new UsageError(`${option}: give a day as YYYY-MM-DD`);
  return days;
}

const HEADINGS = ['investigation', 'reference', 'council', 'state', 'ends', 'officers', 'members'];

async function list(
  context: CliContext,
  options: { council?: string[]; open?: boolean; json?: boolean },
): Promise<void> {
  await context.withRecord(async (db) => {
    const at = context.now();
    const { policy } = await accountsWorld(context, db);
    const councils = options.council ?? [...policy().councils.keys()];
    const found = await listInvestigations(db, { councils, at });
    const shown = found
      .map((each) => ({ ...each, state: investigationState(each, at) }))
      .filter(({ state }) => !options.open || state === 'open');
    const rows = shown.map((each) => [
      each.id,
      each.reference,
      each.council,
      each.state === 'open' && each.closingAskedBy !== null ? 'open, closing asked' : each.state,
      londonDate(new Date(each.endsAt.getTime() - 1)),
      String(each.officers.length),
      each.members.join(', '),
    ]);
    print(context, options, shown, table(HEADINGS, rows));
  });
}

const CLOSING: Record<ClosingResult, string> = {
  asked: 'Asked. Another officer confirms it with the same command; until then it stays open',
  closed: 'Closed',
  'needs-another': 'This officer asked for it already: another one must confirm it',
  'not-open': 'There is no such open investigation that this officer may close',
};

async function close(
  context: CliContext,
  id: string,
  options: { officer: string; reason: string; json?: boolean },
): Promise<void> {
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    const { id: officerId } = await findByAddress(db, options.officer);
    const { reason } = options;
    const result = await closeFormalInvestigation(world, { id, officerId, reason });
    if (result === 'asked' || result === 'closed') {
      return print(context, options, { id, result }, CLOSING[result]);
    }
    throw new CommandFailed(CLOSING[result]);
  });
}
