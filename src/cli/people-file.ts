import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { addressKey } from '../mail/address.ts';
import { PERSON_CLASSES, type Directory, type Person } from '../mail/person.ts';

/** A row of a people file, before it belongs to a council. */
const LIST = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[;\s]+/).filter(Boolean) : value),
  z.array(z.string()).default([]),
);
const OPTIONAL = z.preprocess((value) => (value === '' ? null : value), z.string().nullish());
const DATE = z.preprocess(
  (value) => (value === '' ? null : value),
  z.iso.date('expected a date as YYYY-MM-DD').nullish(),
);

const ROW = z.strictObject({
  address: z.string().includes('@', { message: 'expected an e-mail address' }),
  name: z.string().min(1),
  class: z.enum(PERSON_CLASSES).default('member'),
  council: OPTIONAL,
  aliases: LIST,
  delegate_of: LIST,
  personal_addresses: LIST,
  ward: OPTIONAL,
  group: OPTIONAL,
  office_from: DATE,
  office_until: DATE,
  password: OPTIONAL,
});

/** Columns of a people file, for help texts and errors. */
export const PEOPLE_COLUMNS = Object.keys(ROW.shape);

export interface PersonRow extends Person {
  /** In clear, as in the file; hashed before it is kept, `null` where the person cannot log in. */
  password: string | null;
}

/** What is wrong with a people file, line by line. */
export class PeopleFileError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`People file has ${problems.length} problem(s)`);
    this.problems = problems;
  }
}

/**
 * Reads people from CSV with a header row, or from a JSON array of the same names. Lists are
 * separated by semicolons or spaces. The id follows from the address, so that a second import
 * updates the person.
 * @param council taken where a row names none
 * @throws {PeopleFileError} with every problem
 */
export function readPeople(file: string, text: string, council: string): PersonRow[] {
  const problems: string[] = [];
  const people = rawRows(file, text).flatMap(({ at, row }) => {
    const result = ROW.safeParse(row);
    if (result.success) return [{ at, person: personOf(result.data, council) }];
    for (const issue of result.error.issues) problems.push(`${file}:${at}: ${wrong(issue)}`);
    return [];
  });
  problems.push(...sharedAddresses(file, people));
  if (problems.length > 0) throw new PeopleFileError(problems);
  return people.map(({ person }) => person);
}

/** `at`: the line on which a CSV row ends, the number of a JSON entry. */
function rawRows(file: string, text: string): { at: number; row: unknown }[] {
  try {
    if (file.endsWith('.json')) {
      const entries = z.array(z.unknown()).parse(JSON.parse(text));
      return entries.map((row, index) => ({ at: index + 1, row }));
    }
    return parse<{ at: number; row: unknown }>(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      on_record: (row: unknown, { lines }) => ({ at: lines, row }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : 'unreadable';
    throw new PeopleFileError([`${file}: ${reason}`]);
  }
}

function wrong(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown column "${issue.keys.join('", "')}", columns are ${PEOPLE_COLUMNS.join(', ')}`;
  }
  return `${issue.path.join('.')}: ${issue.message}`;
}

function personOf(row: z.infer<typeof ROW>, council: string): PersonRow {
  const address = addressKey(row.address);
  return {
    id: idOf(address),
    council: row.council ?? council,
    name: row.name,
    class: row.class,
    addresses: [address, ...row.aliases.map(addressKey)],
    delegateOf: row.delegate_of.map(addressKey),
    personalAddresses: row.personal_addresses.map(addressKey),
    ward: row.ward ?? null,
    group: row.group ?? null,
    officeFrom: row.office_from ?? null,
    officeUntil: row.office_until ?? null,
    suspended: null,
    password: row.password ?? null,
  };
}

/**
 * A UUID that follows from the address (RFC 9562 §5.8), so that imports meet their earlier selves.
 */
function idOf(address: string): string {
  const hex = createHash('sha256').update(`person:${address}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function sharedAddresses(file: string, people: { at: number; person: PersonRow }[]): string[] {
  const owners = new Map<string, number>();
  return people.flatMap(({ at, person }) =>
    person.addresses.flatMap((address) => {
      const first = owners.get(address);
      if (first === undefined) owners.set(address, at);
      return first === undefined || first === at
        ? []
        : [`${file}:${at}: address: "${address}" belongs to the person of ${first} already`];
    }),
  );
}

/** Who is who, from a list. */
export function directoryOf(people: readonly Person[]): Directory {
  const byAddress = new Map<string, Person>();
  for (const person of people) {
    for (const address of person.addresses) byAddress.set(address, person);
  }
  return {
    byAddress: (address) => byAddress.get(addressKey(address)) ?? null,
    of: (council) => people.filter((person) => person.council === council),
  };
}
