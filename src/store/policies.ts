import { laxerThan } from '../policy/laxer.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import type { Policy } from '../policy/policy.ts';
import { json, type Db } from './connect.ts';

/** A policy set as it is kept: by its hash, with its files. */
export interface StoredPolicy {
  /** SHA-256 over the files, hex. */
  version: string;
  /** Path to text, as activated. */
  files: Record<string, string>;
}

export interface ActivePolicy extends StoredPolicy {
  /** When it took effect, and who asked for it. */
  activatedAt: Date;
  activatedBy: string;
}

/** Where an activation stands at a time. */
export const ACTIVATION_STATES = [
  'active',
  'superseded',
  'scheduled',
  'awaiting-approval',
  'withdrawn',
] as const;
export type ActivationState = (typeof ACTIVATION_STATES)[number];

export interface Activation {
  id: number;
  version: string;
  state: ActivationState;
  requestedBy: string;
  requestedAt: Date;
  /** When it takes or took effect; not before it is approved, where it must be. */
  effectiveAt: Date;
  approvedBy: string | null;
  withdrawnBy: string | null;
}

export interface ActivationRequest extends StoredPolicy {
  at: Date;
  by: string;
  /** Not before; at once where left out. */
  effectiveAt?: Date;
  /** A second officer must approve it before it takes effect. */
  needsApproval?: boolean;
  /** Goes back to a version that ran. */
  isRollBack?: boolean;
}

/**
 * Keeps a policy set and asks that it run: from `effectiveAt` on, once approved where that is
 * needed. Audit row `policy-activated`. The caller has checked the files.
 * @returns the activation's id
 */
export async function activatePolicy(tx: Db, request: ActivationRequest): Promise<number> {
  const { version, files, at, by, effectiveAt = at, needsApproval = false } = request;
  const told = {
    version,
    effectiveAt: effectiveAt.toISOString(),
    needsApproval,
    ...(request.isRollBack && { rollBack: true }),
  };
  const [row] = await tx<{ id: number }[]>`
    with kept as (
      insert into policy_versions (version, files, added_at, added_by)
      values (${version}, ${json(files)}::text::jsonb, ${at}, ${by})
      on conflict (version) do nothing
    ), told as (
      insert into audit (event, actor, data)
      values ('policy-activated', ${by}, ${json(told)}::text::jsonb)
    )
    insert into policy_activations
      (version, requested_by, requested_at, effective_at, needs_approval)
    values (${version}, ${by}, ${at}, ${effectiveAt}, ${needsApproval})
    returning id::int as id`;
  if (!row) throw new Error('The activation was not recorded');
  return row.id;
}

/** Keeps a policy set by its hash without asking that it run. */
export async function keepPolicy(
  tx: Db,
  { version, files, at, by }: StoredPolicy & { at: Date; by: string },
): Promise<void> {
  await tx`
    insert into policy_versions (version, files, added_at, added_by)
    values (${version}, ${json(files)}::text::jsonb, ${at}, ${by})
    on conflict (version) do nothing`;
}

/** What became of an approval or a withdrawal; nothing changed unless `done`. */
export type ActivationOutcome = 'done' | 'unknown' | 'not-open' | 'same-officer';

/** A second officer's approval: the activation takes effect now, or at its time. */
export async function approveActivation(
  tx: Db,
  { id, by, at }: { id: number; by: string; at: Date },
): Promise<ActivationOutcome> {
  const [row] = await tx<{ open: boolean; requestedBy: string; version: string }[]>`
    select needs_approval and approved_at is null and withdrawn_at is null as open,
      requested_by, version
    from policy_activations where id = ${id} for update`;
  if (!row) return 'unknown';
  if (!row.open) return 'not-open';
  if (row.requestedBy.toLowerCase() === by.toLowerCase()) return 'same-officer';
  const told = json({ activation: id, version: row.version });
  await tx`
    with told as (
      insert into audit (event, actor, data)
      values ('policy-approved', ${by}, ${told}::text::jsonb)
    )
    update policy_activations set approved_by = ${by}, approved_at = ${at} where id = ${id}`;
  return 'done';
}

/** Takes back an activation that has not taken effect yet. */
export async function withdrawActivation(
  tx: Db,
  { id, by, at }: { id: number; by: string; at: Date },
): Promise<ActivationOutcome> {
  const [row] = await tx<{ open: boolean; version: string }[]>`
    select withdrawn_at is null and (
        (needs_approval and approved_at is null) or effective_at > ${at}) as open, version
    from policy_activations where id = ${id} for update`;
  if (!row) return 'unknown';
  if (!row.open) return 'not-open';
  const told = json({ activation: id, version: row.version });
  await tx`
    with told as (
      insert into audit (event, actor, data)
      values ('policy-withdrawn', ${by}, ${told}::text::jsonb)
    )
    update policy_activations set withdrawn_by = ${by}, withdrawn_at = ${at} where id = ${id}`;
  return 'done';
}

/**
 * The policy that runs at `at`; `null` where none was ever activated, or where it is `known`
 * already.
 */
export async function activePolicy(
  db: Db,
  { at, known = '' }: { at: Date; known?: string },
): Promise<ActivePolicy | null> {
  const [row] = await db<ActivePolicy[]>`
    select v.version, v.files, a.took_effect_at as activated_at, a.requested_by as activated_by
    from (${tookEffect(db, at)} limit 1) as a join policy_versions v using (version)
    where a.version <> ${known}`;
  return row ?? null;
}

/** The version to go back to: what ran before the one that runs. `null` where there was none. */
export async function previousPolicy(db: Db, at: Date): Promise<StoredPolicy | null> {
  const [row] = await db<StoredPolicy[]>`
    with ran as (${tookEffect(db, at)}), current as (select * from ran limit 1)
    select v.version, v.files from ran join policy_versions v using (version)
    where ran.version <> (select version from current)
    order by ran.took_effect_at desc, ran.id desc limit 1`;
  return row ?? null;
}

export type RollBack =
  | { kind: 'done' }
  /** It may be laxer than what runs, in these ways: a second officer must approve it first. */
  | { kind: 'awaiting-approval'; activation: number; laxer: string[] }
  | { kind: 'unknown' }
  /** A proposal is no version to go back to. */
  | { kind: 'never-ran' };

/**
 * Goes back to a version that ran: at once where it asks at least as much as the one that runs.
 * Where it may be laxer, and activations take two officers, so does this: else one person could let
 * through by going back what two had stopped.
 * @throws {PolicyError} where this release cannot read it any more; nothing is changed
 */
export async function rollBackTo(
  tx: Db,
  to: { version: string; at: Date; by: string; secondOfficer: boolean },
): Promise<RollBack> {
  const { version, at, by } = to;
  const target = await policyOfVersion(tx, version);
  if (!target) return { kind: 'unknown' };
  if (!(await ranUntil(tx, at)).some((each) => each.version === version)) {
    return { kind: 'never-ran' };
  }
  const policy = policyFromFiles(target.files);
  const laxer = to.secondOfficer ? laxerThan(await runningPolicy(tx, at), policy, at) : [];
  const needsApproval = laxer.length > 0;
  const asked = needsApproval ? await awaitingApproval(tx, to) : null;
  if (asked !== null) return { kind: 'awaiting-approval', activation: asked, laxer };
  const request = { ...target, at, by, needsApproval, isRollBack: true };
  const activation = await activatePolicy(tx, request);
  return needsApproval ? { kind: 'awaiting-approval', activation, laxer } : { kind: 'done' };
}

/** The same, asked for by the same officer before: a button pressed twice asks once. */
async function awaitingApproval(
  tx: Db,
  { version, by, at }: { version: string; by: string; at: Date },
): Promise<number | null> {
  const found = (await listActivations(tx, at)).find(
    (each) =>
      each.state === 'awaiting-approval' && each.version === version && each.requestedBy === by,
  );
  return found?.id ?? null;
}

/** @throws {PolicyError} where it cannot be read, so that nothing can be compared with it */
async function runningPolicy(tx: Db, at: Date): Promise<Policy> {
  const running = await activePolicy(tx, { at });
  if (!running) throw new Error('A version ran, and none runs');
  return policyFromFiles(running.files);
}

/** The versions that ran until then, the one that runs first. */
export async function ranUntil(
  db: Db,
  at: Date,
): Promise<{ id: number; version: string; tookEffectAt: Date }[]> {
  return db<{ id: number; version: string; tookEffectAt: Date }[]>`
    select id::int as id, version, took_effect_at from (${tookEffect(db, at)}) as ran
    order by took_effect_at desc, ran.id desc`;
}

/** Activations that have taken effect by then, the newest first. */
function tookEffect(db: Db, at: Date) {
  return db`
    select id, version, requested_by, greatest(effective_at, approved_at) as took_effect_at
    from policy_activations
    where withdrawn_at is null and (approved_at is not null or not needs_approval)
      and greatest(effective_at, approved_at) <= ${at}
    order by took_effect_at desc, id desc`;
}

/** Policy sets whose hash begins so: one, none, or several where the beginning is too short. */
export async function policiesLike(db: Db, prefix: string): Promise<StoredPolicy[]> {
  return db<StoredPolicy[]>`
    select version, files from policy_versions
    where starts_with(version, ${prefix.toLowerCase()}) order by version limit 2`;
}

/** The policy set of exactly this hash; `null` where the record has none. */
export async function policyOfVersion(db: Db, version: string): Promise<StoredPolicy | null> {
  const [row] = await db<StoredPolicy[]>`
    select version, files from policy_versions where version = ${version}`;
  return row ?? null;
}

/** All activations, the newest request first, as they stand at `at`. */
export async function listActivations(db: Db, at: Date): Promise<Activation[]> {
  return db<Activation[]>`
    with newest as (${tookEffect(db, at)} limit 1)
    select a.id::int as id, version, requested_by, requested_at,
      greatest(effective_at, approved_at) as effective_at, approved_by, withdrawn_by,
      case when withdrawn_at is not null then 'withdrawn'
        when a.needs_approval and approved_at is null then 'awaiting-approval'
        when greatest(effective_at, approved_at) > ${at} then 'scheduled'
        when a.id = (select id from newest) then 'active'
        else 'superseded' end as state
    from policy_activations a order by requested_at desc, a.id desc`;
}
