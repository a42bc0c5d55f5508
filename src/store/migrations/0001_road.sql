-- The record of the road. Status lives per recipient; every change of it writes an audit row in the
-- same transaction. Addresses, subjects and evidence stand in columns that erasure empties; the audit
-- rows carry ids only, so they may outlive the content.

create table people (
  id uuid primary key,
  council text not null,
  name text not null,
  class text not null check (class in ('member', 'officer', 'returning-officer', 'system', 'unknown')),
  addresses text[] not null,
  delegate_of text[] not null default '{}',
  personal_addresses text[] not null default '{}',
  ward text,
  "group" text,
  office_from date,
  office_until date,
  suspended text,
  suspended_by text,
  suspended_at timestamptz,
  password_hash text,
  updated_at timestamptz not null default now()
);
create index people_council on people (council);

-- One owner for each address: a login or a From must never be ambiguous.
create table person_addresses (
  address text primary key,
  person_id uuid not null references people (id) on delete cascade
);

create table messages (
  queue_id text primary key,
  council text not null,
  -- 'received' passes inspection; 'internal' is a notice or a diverted copy that the gateway made itself.
  origin text not null check (origin in ('received', 'internal')),
  arrival jsonb,
  envelope jsonb,
  actor_id uuid,
  actor_address text,
  subject text,
  message_id text,
  size_bytes bigint not null,
  -- Of the bytes as received, before our Received field.
  sha256 bytea not null,
  -- The spool's data key, wrapped by the public half. Emptied by erasure: without it the spool file is noise.
  wrapped_key bytea,
  received_at timestamptz not null,
  -- Counted before the work begins: the third start of one message holds it without another look.
  inspection_starts int not null default 0,
  inspecting_until timestamptz,
  decided_at timestamptz,
  policy_version text,
  inputs_hash text,
  facts jsonb,
  decision jsonb,
  retention_class text not null check (retention_class in ('delivered', 'kept')),
  erase_after timestamptz not null,
  erased_at timestamptz,
  -- When the spool file was known to be gone. Until then the next erasure removes it again.
  spool_removed_at timestamptz
);
create index messages_unremoved on messages (erased_at) where erased_at is not null and spool_removed_at is null;
create index messages_received on messages (received_at);
create index messages_undecided on messages (received_at) where decided_at is null and origin = 'received';
create index messages_erasable on messages (erase_after) where erased_at is null;
create index messages_actor on messages (actor_address, received_at);

create table recipients (
  id bigint generated always as identity primary key,
  queue_id text not null references messages (queue_id),
  -- Order of the RCPT TO commands, from 0.
  position int not null,
  address text,
  domain text,
  internal boolean not null,
  orcpt text,
  notify text[] not null default '{}',
  status text not null check (status in
    ('spooled', 'held', 'diverted', 'queued', 'deferred', 'delivered', 'rejected', 'bounced', 'expired', 'withdrawn')),
  gate text check (gate in ('release', 'hold', 'divert', 'reject')),
  protection text not null default 'none' check (protection in ('none', 'required')),
  -- 'outward' to the recipient's mail server or the smarthost; 'inward' to the council's own mail system.
  route text not null default 'outward' check (route in ('outward', 'inward')),
  next_attempt_at timestamptz,
  give_up_at timestamptz,
  attempt_count int not null default 0,
  leased_until timestamptz,
  lease_token uuid,
  -- Last reply or cause, without content: what the notice and the operator are told.
  last_result text,
  delay_notice_due timestamptz,
  protected_by text,
  status_at timestamptz not null,
  unique (queue_id, position)
);
create index recipients_due on recipients (next_attempt_at) where status in ('queued', 'deferred');
create index recipients_delay on recipients (delay_notice_due)
  where delay_notice_due is not null and status in ('queued', 'deferred');
create index recipients_waiting on recipients (status, status_at) where status in ('spooled', 'held', 'diverted');

-- One try at one next hop for some recipients of one message. Written before DATA, closed after.
create table attempts (
  id bigint generated always as identity primary key,
  queue_id text not null references messages (queue_id),
  recipient_ids bigint[] not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  host text,
  remote_address text,
  -- The lease under which it was made: its outcome is known by that.
  lease_token uuid,
  -- L0 to L4 of domain B.6, with protocol, cipher, certificate fingerprint and what proved it.
  evidence jsonb,
  outcome text check (outcome in ('delivered', 'deferred', 'bounced', 'unprotected')),
  reply text
);
create index attempts_queue on attempts (queue_id);

create table cases (
  id text primary key,
  queue_id text not null references messages (queue_id),
  kind text not null check (kind in ('hold', 'divert')),
  -- The role that decides it (domain H.1).
  role text not null,
  reason text not null,
  opened_at timestamptz not null,
  due_at timestamptz,
  closed_at timestamptz,
  unique (queue_id, kind)
);
create index cases_open on cases (opened_at) where closed_at is null;

-- An officer's decision on some recipients of a case; its outcome is read from the recipients.
create table case_actions (
  id bigint generated always as identity primary key,
  case_id text not null references cases (id),
  action text not null check (action in ('release', 'reject', 'deliver-inward')),
  recipient_ids bigint[] not null,
  -- An officer's own words, emptied by erasure.
  reason text,
  officer text not null,
  at timestamptz not null
);

-- Notices to be written. The row's id becomes the queue id of the notice, so a second run makes no second notice.
create table outbox (
  id text primary key,
  kind text not null check (kind in
    ('held', 'diverted', 'refused', 'nudge', 'delayed', 'undelivered', 'released', 'expired')),
  queue_id text not null references messages (queue_id),
  council text not null,
  to_address text,
  -- What the template needs, ids and clause references only.
  data jsonb,
  -- Same (to, key) on the same day: one notice (the cap and the digest of domain C.5).
  dedupe_key text unique,
  created_at timestamptz not null,
  written_at timestamptz,
  suppressed text
);
create index outbox_pending on outbox (created_at) where written_at is null and suppressed is null;
create index outbox_queue on outbox (queue_id);
create index outbox_actor on outbox (to_address, created_at);

create table pgp_keys (
  fingerprint text primary key,
  addresses text[] not null,
  armored text not null,
  state text not null check (state in ('candidate', 'trusted', 'revoked')),
  source text not null,
  expires_at timestamptz,
  trusted_by text,
  trusted_at timestamptz,
  added_at timestamptz not null
);

create table legal_holds (
  id text primary key,
  council text not null,
  kind text not null check (kind in ('foi', 'eir', 'dsar', 'litigation', 'investigation', 'police')),
  reference text not null,
  -- A standing query, evaluated again at each erasure: actor addresses, dates, queue ids; empty means all.
  actors text[] not null default '{}',
  queue_ids text[] not null default '{}',
  received_from timestamptz,
  received_until timestamptz,
  request_received_on date not null,
  review_on date,
  reason text not null,
  set_by text not null,
  set_at timestamptz not null,
  lifted_by text,
  lifted_reason text,
  lifted_at timestamptz
);

-- What outlives the content: no words, no addresses.
create table tombstones (
  queue_id text primary key,
  council text not null,
  sha256 bytea not null,
  received_at timestamptz not null,
  erased_at timestamptz not null,
  retention_class text not null,
  rules text[] not null,
  gate text,
  policy_version text
);

create table policy_versions (
  version text primary key,
  -- The files as they were: path to text.
  files jsonb not null,
  activated_at timestamptz not null,
  activated_by text not null
);
create index policy_versions_latest on policy_versions (activated_at desc);

create table audit_batches (
  -- Counted by the one sealer, without gaps, so that a batch that is gone is missed.
  id bigint primary key,
  sealed_at timestamptz not null,
  rows int not null,
  -- SHA-256 over the previous batch's hash and the batch's rows in order.
  hash bytea not null,
  previous_hash bytea not null,
  signature bytea not null
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  event text not null,
  queue_id text,
  recipient_id bigint,
  -- Officer, role or component; never a councillor's address.
  actor text not null,
  data jsonb not null default '{}',
  batch_id bigint references audit_batches (id)
);
create index audit_unsealed on audit (id) where batch_id is null;
create index audit_batch on audit (batch_id, id);
create index audit_queue on audit (queue_id);

-- Append-only: the only change a row may ever see is being sealed, once.
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.batch_id is null and new.batch_id is not null
    and (to_jsonb(old) - 'batch_id') = (to_jsonb(new) - 'batch_id') then
    return new;
  end if;
  raise exception 'audit is append-only';
end $$;
create trigger audit_append_only before update or delete on audit
  for each row execute function audit_is_append_only();
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_no_truncate before truncate on audit
  for each statement execute function refuse_change();
create trigger audit_batches_append_only before update or delete on audit_batches
  for each row execute function refuse_change();
create trigger audit_batches_no_truncate before truncate on audit_batches
  for each statement execute function refuse_change();

-- A hold may be lifted, once, and its review moved; it is never deleted, and its scope never narrowed.
create function legal_hold_stands() returns trigger language plpgsql as $$
declare
  lifting constant text[] := '{lifted_by,lifted_reason,lifted_at,review_on}';
begin
  if tg_op = 'UPDATE' and old.lifted_at is null
    and (to_jsonb(old) - lifting) = (to_jsonb(new) - lifting) then
    return new;
  end if;
  raise exception 'A legal hold is lifted, never changed or deleted';
end $$;
create trigger legal_holds_stand before update or delete on legal_holds
  for each row execute function legal_hold_stands();
create trigger legal_holds_no_truncate before truncate on legal_holds
  for each statement execute function refuse_change();
