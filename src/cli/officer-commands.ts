import type { Command } from 'commander';
import { addressKey } from '../mail/address.ts';
import {
  addAccount,
  changeRole,
  disableAccount,
  linkUrl,
  readRole,
  resetAccount,
  type AccountsWorld,
  type Managed,
  type RoleAtCouncil,
} from '../pipeline/officer-accounts.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { OFFICER_ROLES } from '../policy/permissions.ts';
import type { Database } from '../store/connect.ts';
import { findOfficer, listOfficers, type StoredOfficer } from '../store/officers.ts';
import { loadDirectory } from '../store/people.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

interface Acting {
  officer: string;
  json?: boolean;
}

/** `officer`: who may sign in to the console, and as what. */
export function addOfficerCommands(program: Command, context: CliContext): void {
  const officers = program.command('officer').description('who may sign in to the console');
  const acting = (name: string, description: string): Command =>
    officers
      .command(name)
      .description(description)
      .option('--officer <name>', 'who does this', context.user)
      .option('--json', 'print JSON');
  acting('add <address>', 'a new officer; prints the link by which they set up their account')
    .requiredOption('--name <name>', 'first and last name, as it stands in mail')
    .option('--role <council:role...>', `roles are ${OFFICER_ROLES.join(', ')}`)
    .option('--also <address...>', 'other addresses that reach them: shared mailboxes, aliases')
    .action((address: string, options: AddOptions) => add(context, address, options));
  officers
    .command('list')
    .description('all officers, their roles and ways in')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await context.withRecord((db) => listOfficers(db));
      print(context, options, found, table(HEADINGS, found.map(rowOf)));
    });
  acting('role <address> <council:role>', 'give an officer a role')
    .option('--take', 'take it away instead')
    .action((address: string, role: string, options: Acting & { take?: boolean }) =>
      setRole(context, address, role, options),
    );
  acting('disable <address>', 'end all access at once')
    .option('--lift', 'give it back')
    .action((address: string, options: Acting & { lift?: boolean }) =>
      disable(context, address, options),
    );
  acting('reset <address>', 'take away every way in; prints a new set-up link').action(
    (address: string, options: Acting) => reset(context, address, options),
  );
}

interface AddOptions extends Acting {
  name: string;
  role?: string[];
  also?: string[];
}

async function add(context: CliContext, address: string, options: AddOptions): Promise<void> {
  const { name, officer: by } = options;
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw new UsageError(`"${address}" is no address`);
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    const roles = (options.role ?? []).map((text) => roleOf(world, text));
    const addresses = [address, ...(options.also ?? [])];
    const { officer } = done(await addAccount(world, { name, addresses, roles, by }));
    await printLink(context, world, officer, options, 'Added');
  });
}

async function setRole(
  context: CliContext,
  address: string,
  text: string,
  options: Acting & { take?: boolean },
): Promise<void> {
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    const role = roleOf(world, text);
    const { id: officerId } = await findByAddress(db, address);
    const give = !options.take;
    const { officer } = done(
      await changeRole(world, { ...role, officerId, give, by: options.officer }),
    );
    print(context, options, officer, table(HEADINGS, [rowOf(officer)]));
  });
}

async function disable(
  context: CliContext,
  address: string,
  options: Acting & { lift?: boolean },
): Promise<void> {
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    const { id: officerId } = await findByAddress(db, address);
    const disabled = !options.lift;
    const { officer } = done(
      await disableAccount(world, { officerId, disabled, by: options.officer }),
    );
    print(context, options, officer, table(HEADINGS, [rowOf(officer)]));
  });
}

async function reset(context: CliContext, address: string, options: Acting): Promise<void> {
  await context.withRecord(async (db) => {
    const world = await accountsWorld(context, db);
    await printLink(context, world, await findByAddress(db, address), options, 'Reset');
  });
}

async function printLink(
  context: CliContext,
  world: AccountsWorld,
  officer: StoredOfficer,
  options: Acting,
  what: string,
): Promise<void> {
  const token = await resetAccount(world, { officerId: officer.id, by: options.officer });
  const { publicUrl, tls, port } = context.config().console;
  const base = publicUrl ?? `${tls ? 'https' : 'http'}://localhost:${port}`;
  const link = linkUrl(base.replace(/\/$/, ''), token);
  const said = `${what} ${officer.addresses[0]}. Once, within a day: ${link}`;
  print(context, options, { id: officer.id, address: officer.addresses[0], link }, said);
}

/** What commands about officers need of the world, under the policy in force. */
export async function accountsWorld(context: CliContext, db: Database): Promise<AccountsWorld> {
  const active = await activePolicy(db, { at: context.now() });
  if (!active)
    throw new CommandFailed('No policy is active: run "portreeve policy activate" first');
  const policy = policyFromFiles(active.files);
  const directory = await loadDirectory(db);
  const { now: clock, random } = context;
  return { db, clock, random, policy: () => policy, directory: () => directory };
}

function roleOf(world: AccountsWorld, text: string): RoleAtCouncil {
  const role = readRole(text, world.policy());
  if (role) return role;
  const councils = [...world.policy().councils.keys()].join(', ');
  throw new UsageError(
    `"${text}" is no role: write COUNCIL:ROLE with a council of ${councils} ` +
      `and a role of ${OFFICER_ROLES.join(', ')}`,
  );
}

/** @throws CommandFailed where nobody signs in so */
export async function findByAddress(db: Database, address: string): Promise<StoredOfficer> {
  const officer = await findOfficer(db, { login: addressKey(address) });
  if (!officer) throw new CommandFailed(`No officer signs in as "${address}"; see "officer list"`);
  return officer;
}

function done(managed: Managed): { officer: StoredOfficer } {
  if (managed.kind === 'refused') throw new CommandFailed(managed.advice);
  return managed;
}

const HEADINGS = ['address', 'name', 'roles', 'ways in', 'state'];

function rowOf(officer: StoredOfficer): string[] {
  const ways = [
    ...(officer.oidcSubject === null ? [] : ['council account']),
    ...(officer.hasPassword ? ['password'] : []),
    ...(officer.hasTotp ? ['authenticator'] : []),
    ...(officer.passkeys > 0 ? [`${officer.passkeys} passkeys`] : []),
  ];
  const roles = officer.roles.map(({ council, role }) => `${council}:${role}`);
  return [
    officer.addresses[0] ?? '',
    officer.name,
    roles.join(', ') || 'none',
    ways.join(', ') || 'none yet',
    officer.disabledAt === null ? '' : 'disabled',
  ];
}
