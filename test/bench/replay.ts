// `npm run bench:replay`: `policy replay` over 10,000 messages of the record, decided twice from what was
// recorded of them. Prints seconds and messages a second. The messages are those of the corpus, again and again.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { examineBytes } from '../../src/cli/inspect-batch.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { createInspectors } from '../../src/inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { queueId } from '../../src/mail/queue-id.ts';
import { replay } from '../../src/pipeline/replay.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { connect, json, migrate, type Database } from '../../src/store/connect.ts';
import { addReplay, loadReplay } from '../../src/store/replays.ts';
import { generateSpoolKeys } from '../../src/store/spool-keys.ts';
import { openSpool } from '../../src/store/spool.ts';
import { readSamples } from '../corpus/corpus.ts';

const MESSAGES = 10_000;
const SAMPLES = 200;
const HERE = import.meta.dirname;
const START = new Date('2026-09-01T09:00:00Z');
const policy = loadPolicy(path.resolve(HERE, '../../policies'));

const dir = await mkdtemp(path.join(tmpdir(), 'bench-replay-'));
const engine = await startPostgres({ dir: path.join(dir, 'postgres') });
const db = connect(engine.url, { max: 4 });
try {
  await migrate(db);
  await fill(db);
  await measure(db);
} finally {
  await db.end();
  await engine.stop();
  await rm(dir, { recursive: true, force: true });
}

async function fill(record: Database): Promise<void> {
  const inspectors = createInspectors(policy.lists);
  const options = {
    policy,
    inspectors,
    parseLimits: DEFAULT_PARSE_LIMITS,
    people: null,
    council: 'merebrook',
    baseDir: HERE,
  };
  const rows: object[] = [];
  for (const sample of readSamples(path.resolve(HERE, '../corpus/a.jsonl')).slice(0, SAMPLES)) {
    const { facts, decision, input } = await examineBytes(
      sample.raw,
      {
        file: sample.id,
        mailFrom: sample.mailFrom ?? sample.sender,
        rcptTo: sample.rcpt,
        at: sample.date,
        ...(sample.mailFrom === null ? { authenticatedAs: sample.sender } : {}),
      },
      options,
    );
    rows.push({ facts, decision, readings: input.readings });
  }
  for (let done = 0; done < MESSAGES; done += rows.length) {
    const page = rows.map((row, index) => {
      const at = new Date(START.getTime() + (done + index) * 1000);
      const id = queueId(
        at,
        createHash('sha256')
          .update(String(done + index))
          .digest(),
      );
      return { ...row, id, at: at.toISOString() };
    });
    await record`
      insert into messages (queue_id, council, origin, size_bytes, sha256, received_at, decided_at,
        policy_version, facts, readings, decision, retention_class, erase_after)
      select id, 'merebrook', 'received', 1, decode('00', 'hex'), at, at, ${policy.version}, facts,
        readings, decision, 'kept', at + interval '2 years'
      from jsonb_to_recordset(${json(page)}::text::jsonb)
        as m(id text, at timestamptz, facts jsonb, readings jsonb, decision jsonb)`;
  }
}

async function measure(record: Database): Promise<void> {
  const until = new Date('2027-09-01T09:00:00Z');
  const asked = { fromVersion: policy.version, toVersion: policy.version, since: START, until };
  await addReplay(record, { ...asked, id: 'BENCH', reinspect: false, startedAt: START });
  const stored = await loadReplay(record, 'BENCH');
  if (!stored) throw new Error('The replay was not recorded');
  const none = () => Promise.reject(new Error('Nothing is read again in this bench'));
  const spoolKeys = generateSpoolKeys();
  const spool = await openSpool({
    dir: path.join(dir, 'spool'),
    publicKey: spoolKeys.publicKey,
    privateKeys: [],
  });
  const began = performance.now();
  await replay(
    {
      db: record,
      spool,
      from: policy,
      to: policy,
      policyOf: () => Promise.resolve(policy),
      parseLimits: DEFAULT_PARSE_LIMITS,
      attachmentReader: () => ({ reads: () => false, read: none }),
      meaningReader: { read: none },
      clock: () => until,
      by: 'bench',
    },
    stored,
  );
  const seconds = (performance.now() - began) / 1000;
  const done = await loadReplay(record, 'BENCH');
  process.stdout.write(
    `${done?.messages} messages decided twice in ${seconds.toFixed(1)} s, ` +
      `${((done?.messages ?? 0) / seconds).toFixed(0)} a second, ${done?.inspected} read again\n`,
  );
}
