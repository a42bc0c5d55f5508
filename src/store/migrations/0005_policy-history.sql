-- A policy set is kept by its hash; what runs is the activation that took effect last.
alter table policy_versions rename column activated_at to added_at;
alter table policy_versions rename column activated_by to added_by;
drop index policy_versions_latest;

create table policy_activations (
  id bigint generated always as identity primary key,
  version text not null references policy_versions (version),
  requested_by text not null,
  requested_at timestamptz not null,
  -- Not before; a later approval moves it.
  effective_at timestamptz not null,
  needs_approval boolean not null,
  approved_by text,
  approved_at timestamptz,
  withdrawn_by text,
  withdrawn_at timestamptz,
  -- Four eyes: whoever asks does not approve.
  check (lower(approved_by) <> lower(requested_by)),
  check ((approved_by is null) = (approved_at is null)),
  check ((withdrawn_by is null) = (withdrawn_at is null))
);

insert into policy_activations (version, requested_by, requested_at, effective_at, needs_approval)
select version, added_by, added_at, added_at, false from policy_versions order by added_at;

-- What conditions read of a message, so that it can be decided again without its bytes. Emptied by erasure.
alter table messages add column readings jsonb;

-- Past mail decided under another policy: ids and rule names only, so that it can be taken up again.
create table policy_replays (
  id text primary key,
  from_version text not null,
  to_version text not null,
  since timestamptz not null,
  until timestamptz not null,
  reinspect boolean not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- Everything up to here is done.
  cursor_received_at timestamptz,
  cursor_queue_id text,
  messages int not null default 0,
  inspected int not null default 0,
  unread int not null default 0
);

create table policy_replay_changes (
  replay_id text not null references policy_replays (id) on delete cascade,
  queue_id text not null,
  position int not null,
  council text not null,
  before_gate text not null,
  before_protection text not null,
  after_gate text not null,
  after_protection text not null,
  lost text[] not null,
  gained text[] not null,
  primary key (replay_id, queue_id, position)
);
