import { appendAudit } from './audit.ts';
import { json, text, type Db } from './connect.ts';

export interface StoredOfficer {
  id: string;
  name: string;
  /** Address keys, the login name first. */
  addresses: string[];
  roles: { council: string; role: string; grantedBy: string }[];
  oidcSubject: string | null;
  hasPassword: boolean;
  hasTotp: boolean;
  passkeys: number;
  lockedUntil: Date | null;
  disabledAt: Date | null;
  createdAt: Date;
}

const selectOfficer = (db: Db) => db`
  select o.id, o.name, o.addresses, o.oidc_subject, o.password_hash is not null as has_password,
    o.totp_confirmed_at is not null as has_totp, o.locked_until, o.disabled_at, o.created_at,
    (select count(*)::int from officer_passkeys p where p.officer_id = o.id) as passkeys,
    coalesce((select jsonb_agg(jsonb_build_object('council', council, 'role', role, 'grantedBy',
      granted_by) order by council, role) from officer_roles r where r.officer_id = o.id), '[]')
      as roles
  from officers o`;

/** Every officer, those that were disabled last. */
export async function listOfficers(db: Db): Promise<StoredOfficer[]> {
  return db<StoredOfficer[]>`
    ${selectOfficer(db)} order by o.disabled_at is not null, o.name, o.id`;
}

/** By id, or by the login name (an address key); `null` where there is none. */
export async function findOfficer(
  db: Db,
  by: { id: string } | { login: string },
): Promise<StoredOfficer | null> {
  const [row] =
    'id' in by
      ? await db<StoredOfficer[]>`${selectOfficer(db)} where o.id = ${by.id}`
      : await db<StoredOfficer[]>`${selectOfficer(db)} where o.addresses[1] = ${text(by.login)}`;
  return row ?? null;
}

/** Those of some ids; what is no officer's id is left out. */
export async function officersOf(db: Db, ids: readonly string[]): Promise<StoredOfficer[]> {
  return db<StoredOfficer[]>`
    ${selectOfficer(db)} where o.id::text = any(${[...ids]}::text[]) order by o.name, o.id`;
}

export interface NewOfficer {
  id: string;
  name: string;
  addresses: string[];
  by: string;
  at: Date;
}

/** Adds an officer who cannot sign in yet. False where the login name is taken. */
export async function addOfficer(tx: Db, officer: NewOfficer): Promise<boolean> {
  const { id, by, at } = officer;
  const rows = await tx`
    insert into officers (id, name, addresses, created_at)
    values (${id}, ${text(officer.name)}, ${officer.addresses}::text[], ${at})
    on conflict do nothing returning id`;
  if (rows.length > 0) {
    await appendAudit(tx, { event: 'officer-added', actor: by, data: { officer: id } });
  }
  return rows.length > 0;
}

export interface RoleChange {
  officerId: string;
  council: string;
  role: string;
  by: string;
  at: Date;
}

/** Gives a role. False where the officer had it. */
export async function grantRole(tx: Db, change: RoleChange): Promise<boolean> {
  const { officerId, council, role, by, at } = change;
  const rows = await tx`
    insert into officer_roles (officer_id, council, role, granted_by, granted_at)
    values (${officerId}, ${council}, ${role}, ${by}, ${at}) on conflict do nothing
    returning officer_id`;
  return noteRole(tx, rows.length, 'officer-role-granted', change);
}

/** Takes a role away. False where the officer did not have it. */
export async function revokeRole(tx: Db, change: RoleChange): Promise<boolean> {
  const { officerId, council, role } = change;
  const rows = await tx`
    delete from officer_roles
    where officer_id = ${officerId} and council = ${council} and role = ${role}
    returning officer_id`;
  return noteRole(tx, rows.length, 'officer-role-revoked', change);
}

async function noteRole(
  tx: Db,
  changed: number,
  event: string,
  { officerId: officer, council, role, by }: RoleChange,
): Promise<boolean> {
  if (changed === 0) return false;
  await appendAudit(tx, { event, actor: by, data: { officer, council, role } });
  return true;
}

/** Makes the roles that the directory gave be exactly these; what officers gave stays. */
export async function replaceDirectoryRoles(
  tx: Db,
  officerId: string,
  roles: { council: string; role: string }[],
  at: Date,
): Promise<void> {
  const held = await tx<{ council: string; role: string }[]>`
    select council, role from officer_roles
    where officer_id = ${officerId} and granted_by = 'oidc'`;
  const same = (a: { council: string; role: string }, b: { council: string; role: string }) =>
    a.council === b.council && a.role === b.role;
  for (const each of held.filter((one) => !roles.some((other) => same(one, other)))) {
    await revokeRole(tx, { officerId, ...each, by: 'oidc', at });
  }
  for (const each of roles) await grantRole(tx, { officerId, ...each, by: 'oidc', at });
}

/** Disables or enables; a disabled officer's sessions end at once. False where nothing changed. */
export async function setDisabled(
  tx: Db,
  change: { officerId: string; disabled: boolean; by: string; at: Date },
): Promise<boolean> {
  const { officerId, disabled, by, at } = change;
  const rows = await tx`
    update officers set disabled_at = ${disabled ? at : null}
    where id = ${officerId} and (disabled_at is null) = ${disabled} returning id`;
  if (rows.length === 0) return false;
  if (disabled) await tx`delete from console_sessions where officer_id = ${officerId}`;
  const event = disabled ? 'officer-disabled' : 'officer-enabled';
  await appendAudit(tx, { event, actor: by, data: { officer: officerId } });
  return true;
}

/** Takes away every way in and every session; a new set-up link is the only way back. */
export async function resetOfficer(
  tx: Db,
  change: { officerId: string; by: string },
): Promise<void> {
  const { officerId, by } = change;
  await tx`
    update officers set password_hash = null, totp_secret = null, totp_confirmed_at = null,
      totp_last_step = 0, failed_count = 0, locked_until = null where id = ${officerId}`;
  await tx`delete from officer_passkeys where officer_id = ${officerId}`;
  await tx`delete from officer_recovery_codes where officer_id = ${officerId}`;
  await tx`delete from officer_links where officer_id = ${officerId}`;
  await tx`delete from console_sessions where officer_id = ${officerId}`;
  await appendAudit(tx, { event: 'officer-reset', actor: by, data: { officer: officerId } });
}

/** The officer of a directory's subject; made, or found by the login name, at the first sign-in. */
export async function officerOfSubject(
  tx: Db,
  seen: { id: string; issuer: string; subject: string; name: string; login: string; at: Date },
): Promise<StoredOfficer | null> {
  const { issuer, subject } = seen;
  const linked = (): Promise<StoredOfficer[]> => tx<StoredOfficer[]>`
    ${selectOfficer(tx)} where o.oidc_issuer = ${issuer} and o.oidc_subject = ${text(subject)}`;
  const [known] = await linked();
  if (known) return known;
  // An account that an administrator made waits for its owner; one in use is not taken over.
  const adopted = await tx`
    update officers set oidc_issuer = ${issuer}, oidc_subject = ${text(subject)}
    where addresses[1] = ${text(seen.login)} and oidc_subject is null and password_hash is null
    returning id`;
  if (adopted.length === 0) {
    const { id, name, login, at } = seen;
    if (!(await addOfficer(tx, { id, name, addresses: [login], by: 'oidc', at }))) return null;
    await tx`
      update officers set oidc_issuer = ${issuer}, oidc_subject = ${text(subject)}
      where id = ${id}`;
  }
  return (await linked())[0] ?? null;
}

/** A sign-in, a refusal or a change of an account; ids and reasons only. */
export async function noteSignIn(
  tx: Db,
  event: 'sign-in' | 'sign-in-refused' | 'sign-out' | 'sign-out-elsewhere' | 'account-changed',
  officerId: string | null,
  data: Record<string, unknown>,
): Promise<void> {
  const actor = officerId ?? 'unknown';
  await tx`
    insert into audit (event, actor, data)
    values (${event}, ${actor}, ${json(data)}::text::jsonb)`;
}
