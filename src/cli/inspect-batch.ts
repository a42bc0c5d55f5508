import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import addressparser from 'nodemailer/lib/addressparser';
import { z } from 'zod';
import type { Inspector } from '../inspect/inspect.ts';
import { addressKey, domainOf } from '../mail/address.ts';
import type { AttachmentReader } from '../mail/attachment-reader.ts';
import type { Arrival } from '../mail/envelope.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { Person, Directory } from '../mail/person.ts';
import type { ParseLimits } from '../mail/parse.ts';
import { readHeaderBlock } from '../mail/header-block.ts';
import { decodeWords } from '../mail/encoded-words.ts';
import { UsageError, type CliContext } from './context.ts';
import { examine, type Examination, type World } from '../pipeline/examine.ts';
import { NOT_SCANNED } from '../pipeline/scan.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';

/** One line of the requests: a message as it would reach the gateway. */
const REQUEST = z.strictObject({
  file: z.string().min(1),
  mailFrom: z.string(),
  rcptTo: z.array(z.string().min(1)).min(1),
  at: z.iso.datetime({ offset: true, message: 'expected an ISO 8601 time with offset' }),
  authenticatedAs: z.string().optional(),
  council: z.string().optional(),
});
export type InspectRequest = z.infer<typeof REQUEST>;

export interface InspectOptions {
  policy: Policy;
  inspectors: readonly Inspector[];
  parseLimits: ParseLimits;
  /** For the attachments of one message; without it only texts are read. */
  attachmentReader?: () => AttachmentReader;
  /** What sentences mean; without it words alone count. */
  meaningReader?: MeaningReader;
  /** `null`: every address at the council's domain is a member of the name that From bears. */
  people: Directory | null;
  /** The council of requests that name none. */
  council: string;
  /** Folder that relative file names start from. */
  baseDir: string;
}

/** The result line of one request; `error` where the file could not be examined at all. */
export type InspectResult = ReturnType<typeof resultOf> | { file: string; error: string };

/**
 * Reads requests, one JSON object a line, and yields their results in the same order. Needs no
 * server, no database and no network. A bad line or an unreadable file gives a result with `error`,
 * and the batch goes on.
 */
export async function* inspectBatch(
  requests: Readable,
  options: InspectOptions,
): AsyncGenerator<InspectResult> {
  const underWay: Promise<InspectResult>[] = [];
  for await (const line of createInterface({ input: requests, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    underWay.push(inspectLine(line, options));
    const oldest = underWay.length < AT_ONCE ? undefined : underWay.shift();
    if (oldest) yield await oldest;
  }
  for (const each of underWay) yield await each;
}

/** While sentences and attachments of one message are read elsewhere, others are looked at. */
const AT_ONCE = 8;

async function inspectLine(line: string, options: InspectOptions): Promise<InspectResult> {
  const parsed = readRequest(line);
  if ('error' in parsed) return parsed;
  try {
    return await inspectFile(parsed, options);
  } catch (error) {
    return { file: parsed.file, error: error instanceof Error ? error.message : 'unknown error' };
  }
}

function readRequest(line: string): InspectRequest | { file: string; error: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { file: '', error: 'The request line is not JSON' };
  }
  const result = REQUEST.safeParse(value);
  if (result.success) return result.data;
  const file = z.object({ file: z.string() }).safeParse(value).data?.file ?? '';
  const problems = result.error.issues.map(
    ({ path: at, message }) => `${at.join('.')}: ${message}`,
  );
  return { file, error: problems.join('; ') };
}

/**
 * The request that the options of a command describe. @throws {UsageError} for a time that is none
 */
export function requestFor(
  context: CliContext,
  file: string,
  options: { to: string[]; mailFrom?: string; login?: string; at?: string },
): InspectRequest {
  const at = options.at ?? context.now().toISOString();
  if (Number.isNaN(Date.parse(at))) {
    throw new UsageError(`--at takes an ISO 8601 time with offset, not "${at}"`);
  }
  return {
    file,
    mailFrom: options.mailFrom ?? options.login ?? '',
    rcptTo: options.to,
    at,
    ...(options.login === undefined ? {} : { authenticatedAs: options.login }),
  };
}

/** Examines one message file. @throws where the file cannot be read or the council is unknown. */
export async function inspectFile(
  request: InspectRequest,
  options: InspectOptions,
): Promise<ReturnType<typeof resultOf>> {
  return resultOf(request, await examineFile(request, options));
}

/** The whole examination behind `inspectFile`, for `policy explain`. */
export async function examineFile(
  request: InspectRequest,
  options: InspectOptions,
): Promise<Examination> {
  const bytes = await readFile(path.resolve(options.baseDir, request.file));
  return examineBytes(bytes, request, options);
}

/** Nothing of a batch is kept. */
const NO_SALT = Buffer.alloc(8);

/** The same for a message that is at hand; `request.file` only names it. */
export async function examineBytes(
  bytes: Buffer,
  request: InspectRequest,
  options: InspectOptions,
): Promise<Examination> {
  const council = councilOf(request, options);
  const world: World = {
    policy: options.policy,
    council,
    inspectors: options.inspectors,
    directory: options.people ?? assumedDirectory(bytes, request, council),
    trustedKeys: () => Promise.resolve(new Set()),
    outsideRecipients24h: () => Promise.resolve(new Set()),
    similarRecipients24h: () => Promise.resolve(new Set()),
    fingerprintSalt: NO_SALT,
    scan: NOT_SCANNED,
    parseLimits: options.parseLimits,
    ...(options.attachmentReader && { attachmentReader: options.attachmentReader }),
    ...(options.meaningReader && { meaningReader: options.meaningReader }),
  };
  const incoming = {
    arrival: arrivalOf(request, council.id),
    envelope: {
      mailFrom: request.mailFrom,
      rcptTo: request.rcptTo.map((address) => ({ address, notify: [], orcpt: null })),
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '8BITMIME' as const,
    },
    receivedAt: new Date(request.at),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  return examine(world, incoming, bytes);
}

function councilOf(request: InspectRequest, options: InspectOptions): CouncilPolicy {
  const id = request.council ?? options.council;
  const council = options.policy.councils.get(id);
  if (council) return council;
  const known = [...options.policy.councils.keys()].join(', ');
  throw new Error(`No policy for council "${id}", known are ${known}`);
}

function arrivalOf(request: InspectRequest, council: string): Arrival {
  const login = request.authenticatedAs;
  return {
    via: login === undefined ? 'connector' : 'login',
    name: login ?? 'batch',
    council,
    authenticatedAs: login === undefined ? null : addressKey(login),
    remoteAddress: '127.0.0.1',
    helo: 'batch.invalid',
    tls: null,
  };
}

/** Without a people file: the login is a member, named as From says where From is that address. */
function assumedDirectory(
  bytes: Buffer,
  request: InspectRequest,
  council: CouncilPolicy,
): Directory {
  const end = bytes.indexOf('\r\n\r\n');
  const { fields } = readHeaderBlock(bytes.subarray(0, end < 0 ? bytes.length : end + 2));
  const from = fields
    .filter(({ name }) => name === 'from')
    .flatMap(({ value }) => addressparser(value, { flatten: true }));
  const nameOf = (address: string): string => {
    const own = from.find((mailbox) => addressKey(mailbox.address) === address);
    return decodeWords(own?.name ?? '').trim() || nameFromLocalPart(address);
  };
  const person = (address: string): Person | null => {
    const key = addressKey(address);
    if (!council.domains.includes(domainOf(key))) return null;
    return {
      id: key,
      council: council.id,
      name: nameOf(key),
      class: 'member',
      addresses: [key],
      delegateOf: [],
      personalAddresses: [],
      ward: null,
      group: null,
      officeFrom: null,
      officeUntil: null,
      suspended: null,
    };
  };
  const login = request.authenticatedAs ? person(request.authenticatedAs) : null;
  return { byAddress: person, of: () => (login ? [login] : []) };
}

function nameFromLocalPart(address: string): string {
  return (address.split('@')[0] ?? '')
    .split(/[._-]+/)
    .filter((word) => !/^(cllr|councillor)$/.test(word))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function resultOf(request: InspectRequest, examination: Examination) {
  const { decision, actor } = examination;
  const acting = decision.recipients.flatMap(({ hits }) => hits);
  return {
    file: request.file,
    actor: actor.address || null,
    gate: decision.gate,
    protection: decision.protection,
    marking: decision.marking,
    recipients: decision.recipients.map(({ address, gate, protection, hits }) => ({
      address,
      gate,
      protection,
      rules: [...new Set(hits.map(({ rule }) => rule))],
    })),
    findings: decision.findings.map((finding, index) => {
      const hit = acting.find(({ findings }) => findings.includes(index));
      return {
        kind: finding.kind,
        type: finding.type,
        score: finding.score,
        recipient: finding.recipient,
        rule: hit?.rule ?? null,
        clause: hit ? `${hit.clause.council}, ${hit.clause.document}, ${hit.clause.section}` : null,
        summary: finding.summary,
        evidence: finding.evidence,
      };
    }),
  };
}
