import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateKey } from 'openpgp';
import { DEMO_PGP_ADDRESS } from './cli/demo-messages.ts';
import type { DemoAccess } from './cli/demo-run.ts';
import { readPeople } from './cli/people-file.ts';
import type { Config } from './config.ts';
import { ownCertificates } from './embedded/certificates.ts';
import { startDemoDestination, type DemoDestination } from './embedded/demo-destination.ts';
import { hashPassword } from './mail/password.ts';
import { inspectKey } from './pgp/keys.ts';
import { policyFromFiles } from './policy/policy-from-files.ts';
import { loadPolicy } from './policy/load.ts';
import { londonDate, openElections } from './policy/elections.ts';
import { transaction, type Database } from './store/connect.ts';
import { listKeys, saveKey, setKeyState } from './store/keys.ts';
import { importPeople } from './store/people.ts';
import { activatePolicy, activePolicy } from './store/policies.ts';

const COUNCIL = 'merebrook';
const PEOPLE = new URL('./embedded/demo-people.csv', import.meta.url);

/** What `npm run demo` needs to reach the running demo; written at its start. */
export interface DemoState extends DemoAccess {
  mailDir: string;
}

/** The demo's own world, and the configuration that leads the gateway into it and nowhere else. */
export interface Demo {
  config: Config;
  destination: DemoDestination;
  password: string;
  caFile: string;
}

/** Lays the demo over a configuration: mail can then go to the demo's servers on loopback only. */
export async function startDemoWorld(config: Config, at: Date): Promise<Demo> {
  const dir = path.join(config.stateDir, 'demo');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const destination = await startDemoDestination(dir, at);
  const { servers, caFile } = await ownCertificates(path.join(dir, 'tls'), ['localhost'], at);
  const certificate = servers['localhost'];
  if (!certificate) throw new Error('The demo certificate is missing');
  return {
    destination,
    caFile,
    password: await demoPassword(dir),
    config: {
      ...config,
      policy: { ...config.policy, councils: [COUNCIL] },
      submission: { ...config.submission, tls: certificate },
      connectors: [
        {
          name: 'merebrook-exchange',
          council: COUNCIL,
          addresses: ['127.0.0.1/32'],
          requireTls: false,
          clientCertificate: null,
          tenantHeader: null,
        },
      ],
      routes: {
        [COUNCIL]: {
          outward: { kind: 'mx' },
          inward: {
            kind: 'smarthost',
            ...destination.inward,
            tls: 'opportunistic',
            protects: false,
          },
          domains: {},
          dkim: null,
          pgp: null,
        },
      },
      delivery: { ...config.delivery, port: destination.smtpPort },
      dns: { servers: [destination.dnsServer], trustAd: false },
      tls: { caFile: destination.caFile },
    },
  };
}

async function demoPassword(dir: string): Promise<string> {
  const file = path.join(dir, 'password');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const password = randomBytes(12).toString('base64url');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return password;
  }
}

/** Policy, people and one trusted key of the demo, before any mail is taken. */
export async function prepareDemo(
  db: Database,
  config: Config,
  password: string,
  at: Date,
): Promise<void> {
  const policy = demoPolicy(config.policy.dir, at);
  const active = await activePolicy(db, { at });
  if (active?.version !== policy.version) {
    const { version, files } = policy;
    await transaction(db, (tx) => activatePolicy(tx, { version, files, at, by: 'demo' }));
  }
  const people = readPeople('demo-people.csv', await readFile(PEOPLE, 'utf8'), COUNCIL);
  const passwordHash = await hashPassword(password, randomBytes(16));
  await transaction(db, (tx) =>
    importPeople(
      tx,
      people.map(({ password: _none, ...person }) => ({ ...person, passwordHash })),
    ),
  );
  const keys = await listKeys(db);
  if (!keys.some(({ addresses }) => addresses.includes(DEMO_PGP_ADDRESS)))
    await trustDemoKey(db, at);
}

/** The policy folder, with a by-election in it that is open today whatever the day is. */
function demoPolicy(dir: string, at: Date) {
  const policy = loadPolicy(dir);
  if (openElections(policy, COUNCIL, at).length > 0) return policy;
  const day = (days: number): string => londonDate(new Date(at.getTime() + days * 86_400_000));
  // By whole months, so that a restart on another day is not another policy.
  const month = day(0).slice(0, 7);
  const timetable = [
    'id: merebrook-demo-by-election',
    `name: By-election of the demo, ${month}`,
    `council: ${COUNCIL}`,
    'kind: other',
    'nation: england',
    'zone: Europe/London',
    `noticePublishedAt: "${month}-01T00:00"`,
    `poll: "${day(28)}"`,
    'wards: []',
    '',
  ].join('\n');
  return policyFromFiles({
    ...policy.files,
    'elections/merebrook-demo-by-election.yaml': timetable,
  });
}

async function trustDemoKey(db: Database, at: Date): Promise<void> {
  const { publicKey } = await generateKey({
    userIDs: [{ name: 'Jo of the refuge', email: DEMO_PGP_ADDRESS }],
    date: new Date(at.getTime() - 60_000),
  });
  const inspection = await inspectKey(publicKey, at);
  if (inspection.kind === 'refused')
    throw new Error(`The demo key is refused: ${inspection.advice}`);
  const { fingerprint, addresses, expiresAt } = inspection.key;
  const key = {
    fingerprint,
    addresses,
    expiresAt,
    armored: publicKey,
    source: 'demo',
    addedAt: at,
  };
  await transaction(db, async (tx) => {
    await saveKey(tx, key);
    await setKeyState(tx, { fingerprint, state: 'trusted', by: 'demo', at });
  });
}

/** The file by which the demo's commands find the running gateway. */
export function demoStateFile(config: Config): string {
  return path.join(config.stateDir, 'demo', 'running.json');
}
