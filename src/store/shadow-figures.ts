import { clauseRef } from '../policy/decide.ts';
import type { CouncilPolicy, Enforcement, Policy } from '../policy/policy.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import type { Gate, Protection } from '../mail/disposition.ts';
import { json, type Db } from './connect.ts';
import { policyOfVersion, ranUntil } from './policies.ts';

/** A clause of the policy that runs which is in shadow, as it stands there. */
export interface ShadowEntry {
  council: string;
  rule: string;
  document: string;
  section: string;
  quote: string | null;
  /** What it would do. */
  gate: Gate;
  protection: Protection;
  nudge: boolean;
  parameters: Enforcement['parameters'];
}

/** What an entry in shadow did: counts of messages, nothing of any message. */
export interface ShadowFigures extends ShadowEntry {
  /** Since when it runs in shadow as it stands now, or the time asked for if later. */
  since: Date;
  matched: number;
  /** Would have been held or refused, diverted to other hands, nudged. */
  stopped: number;
  diverted: number;
  nudged: number;
  /** Of those it matched: the acting policy kept them back too, for the same recipient. */
  alsoStopped: number;
  /** Of these: what officers then let go, and what they refused. */
  released: number;
  refused: number;
}

/** Everything of a policy that is in shadow, in the order of its files. */
export function shadowEntries(policy: Policy, council: string | null): ShadowEntry[] {
  return [...policy.councils.values()]
    .filter(({ id }) => council === null || id === council)
    .flatMap(entriesOf);
}

function entriesOf(council: CouncilPolicy): ShadowEntry[] {
  return council.clauses.flatMap((clause) => {
    const { enforcement } = clause;
    if (enforcement.kind !== 'rule' || !enforcement.shadow) return [];
    const { document, section, quote } = clauseRef(council, clause);
    const { rule, gate, protection, nudge, parameters } = enforcement;
    const does = { gate, protection, nudge, parameters };
    return [{ council: council.id, rule: rule.id, document, section, quote, ...does }];
  });
}

/**
 * The figures of every entry in shadow, those that matched nothing too. An entry whose parameters
 * or effect were changed counts from then on. Looks at mail on whose decision is still kept.
 * @param since not before then; `null`: as long as each entry runs
 */
export async function shadowFigures(
  db: Db,
  policy: Policy,
  { since, council, at }: { since: Date | null; council: string | null; at: Date },
): Promise<ShadowFigures[]> {
  const entries = shadowEntries(policy, council);
  if (entries.length === 0) return [];
  const began = await shadowSince(db, entries, at);
  const asked = entries.map((entry, index) => {
    const start = began[index] ?? at;
    return { ...entry, since: since !== null && since > start ? since : start };
  });
  const counts = await countsOf(db, asked);
  return asked.map((entry, index) => ({
    ...entry,
    ...(counts.get(index) ?? NOTHING),
  }));
}

const NOTHING = {
  matched: 0,
  stopped: 0,
  diverted: 0,
  nudged: 0,
  alsoStopped: 0,
  released: 0,
  refused: 0,
};

async function countsOf(
  db: Db,
  asked: readonly (ShadowEntry & { since: Date })[],
): Promise<Map<number, typeof NOTHING>> {
  const wanted = asked.map(({ council, rule, document, section, quote, since }, place) => {
    return { place, council, rule, document, section, quote, since };
  });
  const rows = await db<({ place: number } & typeof NOTHING)[]>`
    with wanted as (
      select * from jsonb_to_recordset(${json(wanted)}::text::jsonb) as w(place int, council text,
        rule text, document text, section text, quote text, since timestamptz)
    ), hits as (
      select w.place, m.queue_id, r.status,
        h.hit->>'gate' as gate, (h.hit->>'nudge')::boolean as nudge,
        d.decided->>'gate' <> 'release' as kept_back, r.gate = 'hold' as was_held
      from messages m
      cross join lateral jsonb_array_elements(m.decision->'recipients')
        with ordinality as d(decided, place)
      cross join lateral jsonb_array_elements(d.decided->'hits') as h(hit)
      join wanted w on w.council = m.council and m.received_at >= w.since
        and w.rule = h.hit->>'rule' and w.document = h.hit->'clause'->>'document'
        and w.section = h.hit->'clause'->>'section'
        and w.quote is not distinct from h.hit->'clause'->>'quote'
      left join recipients r on r.queue_id = m.queue_id and r.position = d.place - 1
      where m.origin = 'received' and h.hit->>'inert' = 'shadow'
        and m.received_at >= (select min(since) from wanted)
    )
    select place, count(distinct queue_id)::int as matched,
      count(distinct queue_id) filter (where gate in ('hold', 'reject'))::int as stopped,
      count(distinct queue_id) filter (where gate = 'divert')::int as diverted,
      count(distinct queue_id) filter (where nudge)::int as nudged,
      count(distinct queue_id) filter (where kept_back)::int as also_stopped,
      count(distinct queue_id) filter (where kept_back and was_held
        and status in ('queued', 'deferred', 'delivered', 'bounced'))::int as released,
      count(distinct queue_id) filter (where kept_back and was_held
        and status = 'rejected')::int as refused
    from hits group by place`;
  return new Map(rows.map(({ place, ...counts }) => [place, counts]));
}

/**
 * Since when each entry has run without a break, by the versions that ran: back from `at` while
 * they hold the same entry. `null` where it does not run.
 */
async function shadowSince(
  db: Db,
  entries: readonly ShadowEntry[],
  at: Date,
): Promise<(Date | null)[]> {
  const since = entries.map((): Date | null => null);
  const keys = entries.map((entry) => JSON.stringify(entry));
  let open = keys.map((_, index) => index);
  for (const { version, tookEffectAt } of await ranUntil(db, at)) {
    const had = await keysOf(db, version);
    open = open.filter((index) => had.has(keys[index] ?? ''));
    if (open.length === 0) break;
    for (const index of open) since[index] = tookEffectAt;
  }
  return since;
}

/** Versions whose entries are kept, those read last. */
const KNOWN_VERSIONS = 100;
// A version is the hash of its files: what it holds in shadow never changes, and is slow to read.
const known = new Map<string, ReadonlySet<string>>();

/** An old version that this release cannot read holds nothing that can be told. */
async function keysOf(db: Db, version: string): Promise<ReadonlySet<string>> {
  const had = known.get(version);
  if (had) return had;
  const stored = await policyOfVersion(db, version);
  if (!stored) return new Set();
  const keys = new Set(keysIn(stored.files));
  known.set(version, keys);
  const [oldest] = known.keys();
  if (known.size > KNOWN_VERSIONS && oldest !== undefined) known.delete(oldest);
  return keys;
}

function keysIn(files: Record<string, string>): string[] {
  try {
    return shadowEntries(policyFromFiles(files), null).map((each) => JSON.stringify(each));
  } catch {
    return [];
  }
}
