-- The review console: who works on which case until when, what is asked of whom, and what it rests on.

-- Partial words in subjects and addresses, over the whole record.
create extension if not exists pg_trgm;

alter table cases
  -- Of the message, so that the queue is read from one table.
  add column council text,
  add column document text,
  add column rule text,
  add column section text,
  add column marking text,
  -- Areas and queues of everything that it waits for: who may list it.
  add column areas text[] not null default '{}',
  add column queues text[] not null default '{}',
  -- Of the Returning Officer's team, which is a matter of its own.
  add column returning_officers boolean not null default false,
  -- To a lawyer, an MP, a trade union or a whistleblowing line (domain H.3).
  add column privileged boolean not null default false,
  -- Domains of the recipients that wait, the actor, and everybody whom it is from, to or about:
  -- emptied by erasure.
  add column domains text[] not null default '{}',
  add column actor_address text,
  add column parties text[] not null default '{}',
  add column four_eyes boolean not null default false,
  -- Service levels (domain H.5), worked out when the case opens.
  add column first_look_due timestamptz,
  add column looked_at timestamptz,
  add column escalate_to text,
  add column escalated_at timestamptz,
  add column overdue_told_at timestamptz,
  -- From when on the sender may release it, and when it goes by itself; null for never.
  add column sender_may_release_at timestamptz,
  add column ends_at timestamptz,
  -- One officer at a time; a claim that nobody renews runs out.
  add column claimed_by text,
  add column claimed_until timestamptz,
  add column assigned_to text,
  add column urgent_reason text,
  add column urgent_by text,
  add column urgent_at timestamptz,
  -- A question to the sender that is not answered yet.
  add column asked_at timestamptz,
  add column changed_at timestamptz;
update cases c set council = m.council, actor_address = m.actor_address, changed_at = c.opened_at,
  queues = array[c.role]
  from messages m where m.queue_id = c.queue_id;
alter table cases alter column council set not null, alter column changed_at set not null;
create index cases_queue on cases (council, due_at, opened_at, id) where closed_at is null;
create index cases_like on cases (council, rule, closed_at desc) where closed_at is not null;
create index cases_message on cases (queue_id);
create index cases_ends on cases (ends_at) where closed_at is null and ends_at is not null;

alter table case_actions drop constraint case_actions_action_check;
alter table case_actions
  add constraint case_actions_action_check check (action in ('release', 'release-encrypted',
    'reject', 'return-for-pgp', 'deliver-inward', 'ask', 'answer', 'withdraw', 'claim', 'unclaim',
    'assign', 'escalate', 'urgent', 'not-urgent', 'note', 'undo', 'end')),
  -- 'proposed' waits for a second officer; 'replaced' never came to be; 'undone' was taken back.
  add column state text not null default 'done'
    check (state in ('proposed', 'done', 'replaced', 'undone')),
  -- The first officer, where two were needed.
  add column proposed_by text,
  -- From a short list; the free text is `reason`.
  add column reason_code text,
  add column undo_until timestamptz,
  -- Made by the form: sent twice, it is still one action.
  add column request_id uuid unique;
create index case_actions_case on case_actions (case_id, id);
create index case_actions_grace on case_actions (undo_until) where undo_until is not null;

-- What an officer has looked at; a case that changed since is unread again.
create table case_reads (
  case_id text not null references cases (id),
  officer text not null,
  read_at timestamptz not null,
  primary key (case_id, officer)
);

-- Keyed hashes of the words of a held message, without positions: gone when its case closes.
create table case_words (
  case_id text primary key references cases (id),
  words tsvector not null
);
create index case_words_words on case_words using gin (words);

create table saved_views (
  id bigint generated always as identity primary key,
  officer text not null,
  name text not null,
  query jsonb not null,
  created_at timestamptz not null,
  unique (officer, name)
);

-- Mail to officers: ids and a link only.
create table officer_alerts (
  id text primary key,
  kind text not null check (kind in ('urgent', 'overdue', 'ends-soon', 'stuck', 'assigned')),
  case_id text not null references cases (id),
  role text not null,
  officer text,
  created_at timestamptz not null,
  written_at timestamptz,
  suppressed text,
  unique nulls not distinct (case_id, kind, role, officer)
);
create index officer_alerts_pending on officer_alerts (created_at)
  where written_at is null and suppressed is null;

-- A notice may wait: that of a refusal goes when its time for second thoughts is over.
alter table outbox add column not_before timestamptz;
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check (kind in
  ('held', 'diverted', 'refused', 'nudge', 'delayed', 'undelivered', 'released', 'expired',
   'returned', 'question'));

-- What a look at one person's mail rests on (St Helens 3.2.5).
create table investigations (
  id text primary key,
  council text not null,
  reference text not null,
  allegation text not null,
  authorised_by text not null,
  -- Those who may look, and nobody else.
  officers text[] not null check (officers <> '{}'),
  -- Address keys of the members in scope.
  members text[] not null check (members <> '{}'),
  -- What may be done: 'search-person', 'member-statistics', 'view-other-mail'.
  actions text[] not null check (actions <> '{}'),
  -- Receipt of the mail that may be looked at.
  mail_from timestamptz not null,
  mail_until timestamptz not null check (mail_until > mail_from),
  -- While it is open.
  opens_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > opens_at),
  opened_by text not null,
  opened_at timestamptz not null,
  closing_asked_by text,
  closing_asked_at timestamptz,
  closed_by text,
  closed_reason text,
  closed_at timestamptz
);
create index investigations_officers on investigations using gin (officers);

create index messages_subject_words on messages using gin (subject gin_trgm_ops);
create index messages_message_id on messages (message_id);
create index recipients_address_words on recipients using gin (address gin_trgm_ops);
