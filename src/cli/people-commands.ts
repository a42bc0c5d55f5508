import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { hashPassword } from '../mail/password.ts';
import type { Person } from '../mail/person.ts';
import { transaction } from '../store/connect.ts';
import { importPeople, listPeople, setSuspended } from '../store/people.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';
import { PEOPLE_COLUMNS, readPeople } from './people-file.ts';

/** `people`: who may send, as whom, and who may not for now. */
export function addPeopleCommands(program: Command, context: CliContext): void {
  const people = program.command('people').description('members, officers and their addresses');
  people
    .command('import <file>')
    .description(`add or update people from CSV or JSON; columns: ${PEOPLE_COLUMNS.join(', ')}`)
    .requiredOption('--council <id>', 'council of rows that name none')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { council: string; json?: boolean }) => {
      const count = await importFile(context, file, options.council);
      print(context, options, { imported: count }, `Imported ${count} people from ${file}`);
    });
  people
    .command('list')
    .description('everybody, or everybody of one council')
    .option('--council <id>')
    .option('--json', 'print JSON')
    .action(async (options: { council?: string; json?: boolean }) => {
      const found = await context.withRecord((db) => listPeople(db, options.council ?? null));
      print(context, options, found, table(HEADINGS, found.map(rowOf)));
    });
  people
    .command('show <address>')
    .description('one person, by any of the addresses')
    .option('--json', 'print JSON')
    .action(async (address: string, options: { json?: boolean }) => {
      const person = await find(context, address);
      print(context, options, person, detail(person));
    });
  people
    .command('suspend <address>')
    .description('refuse everything this person sends, or take that back')
    .option('--reason <text>', 'why, and who authorised it')
    .option('--lift', 'let the person send again')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action(async (address: string, options: SuspendOptions) => suspend(context, address, options));
}

interface SuspendOptions {
  reason?: string;
  lift?: boolean;
  officer: string;
  json?: boolean;
}

async function importFile(context: CliContext, file: string, council: string): Promise<number> {
  const text = await readFile(file, 'utf8');
  const rows = readPeople(file, text, council);
  const hashed = await Promise.all(
    rows.map(async ({ password, ...person }) => ({
      ...person,
      passwordHash: password === null ? null : await hashPassword(password, context.random(16)),
    })),
  );
  await context.withRecord((db) => transaction(db, (tx) => importPeople(tx, hashed)));
  return hashed.length;
}

async function find(context: CliContext, address: string): Promise<Person> {
  const everybody = await context.withRecord((db) => listPeople(db));
  const person = everybody.find((each) => each.addresses.includes(address.toLowerCase()));
  if (!person) throw new CommandFailed(`Nobody has the address "${address}"`);
  return person;
}

async function suspend(
  context: CliContext,
  address: string,
  options: SuspendOptions,
): Promise<void> {
  if (!options.lift && !options.reason) {
    throw new CommandFailed('A suspension needs --reason: it is shown in the audit trail');
  }
  const person = await find(context, address);
  const change = {
    personId: person.id,
    reason: options.lift ? null : (options.reason ?? null),
    by: options.officer,
    at: context.now(),
  };
  await context.withRecord((db) => transaction(db, (tx) => setSuspended(tx, change)));
  const { name } = person;
  const text = `${name} ${options.lift ? 'may send again' : 'may not send for now'}`;
  print(context, options, { address, suspended: change.reason }, text);
}

const HEADINGS = ['address', 'name', 'class', 'council', 'ward', 'group', 'suspended'];

function rowOf(person: Person): string[] {
  const { addresses, name, council, ward, group, suspended } = person;
  return [
    addresses[0] ?? '',
    name,
    person.class,
    council,
    ward ?? '',
    group ?? '',
    suspended ?? '',
  ];
}

function detail(person: Person): string {
  return Object.entries(person)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : (value ?? '-')}`)
    .join('\n');
}
