create table announcements (
  id text not null,
  council text not null,
  about text not null,
  to_address text not null,
  written_at timestamp with time zone not null,
  kind text not null,
  occasion text not null,
  constraint announcements_pkey PRIMARY KEY (id),
  constraint announcements_council_kind_about_occasion_to_address_key UNIQUE (council, kind, about, occasion, to_address)
);

create table attempts (
  id bigint not null generated always as identity,
  queue_id text not null,
  recipient_ids bigint[] not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  host text,
  remote_address text,
  lease_token uuid,
  evidence jsonb,
  outcome text,
  reply text,
  constraint attempts_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'deferred'::text, 'bounced'::text, 'unprotected'::text]))),
  constraint attempts_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint attempts_pkey PRIMARY KEY (id)
);
CREATE INDEX attempts_queue ON public.attempts USING btree (queue_id);

create table audit (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  event text not null,
  queue_id text,
  recipient_id bigint,
  actor text not null,
  data jsonb not null default '{}'::jsonb,
  batch_id bigint,
  constraint audit_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES audit_batches(id),
  constraint audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_batch ON public.audit USING btree (batch_id, id);
CREATE INDEX audit_investigation ON public.audit USING btree (((data ->> 'investigation'::text)), id) WHERE (data ? 'investigation'::text);
CREATE INDEX audit_queue ON public.audit USING btree (queue_id);
CREATE INDEX audit_unsealed ON public.audit USING btree (id) WHERE (batch_id IS NULL);
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table audit_batches (
  id bigint not null,
  sealed_at timestamp with time zone not null,
  rows integer not null,
  hash bytea not null,
  previous_hash bytea not null,
  signature bytea not null,
  constraint audit_batches_pkey PRIMARY KEY (id)
);
CREATE TRIGGER audit_batches_append_only BEFORE DELETE OR UPDATE ON public.audit_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_batches_no_truncate BEFORE TRUNCATE ON public.audit_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table case_actions (
  id bigint not null generated always as identity,
  case_id text not null,
  action text not null,
  recipient_ids bigint[] not null,
  reason text,
  officer text not null,
  at timestamp with time zone not null,
  state text not null default 'done'::text,
  proposed_by text,
  reason_code text,
  undo_until timestamp with time zone,
  request_id uuid,
  constraint case_actions_action_check CHECK ((action = ANY (ARRAY['release'::text, 'release-encrypted'::text, 'reject'::text, 'return-for-pgp'::text, 'deliver-inward'::text, 'ask'::text, 'answer'::text, 'appeal'::text, 'withdraw'::text, 'claim'::text, 'unclaim'::text, 'assign'::text, 'escalate'::text, 'urgent'::text, 'not-urgent'::text, 'note'::text, 'undo'::text, 'end'::text]))),
  constraint case_actions_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'done'::text, 'replaced'::text, 'undone'::text]))),
  constraint case_actions_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint case_actions_pkey PRIMARY KEY (id),
  constraint case_actions_request_id_key UNIQUE (request_id)
);
CREATE INDEX case_actions_case ON public.case_actions USING btree (case_id, id);
CREATE INDEX case_actions_decisions ON public.case_actions USING btree (at) INCLUDE (case_id, action, officer) WHERE ((state = 'done'::text) AND (action = ANY (ARRAY['release'::text, 'release-encrypted'::text, 'reject'::text, 'return-for-pgp'::text, 'deliver-inward'::text])));
CREATE INDEX case_actions_grace ON public.case_actions USING btree (undo_until) WHERE (undo_until IS NOT NULL);

create table case_reads (
  case_id text not null,
  officer text not null,
  read_at timestamp with time zone not null,
  constraint case_reads_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint case_reads_pkey PRIMARY KEY (case_id, officer)
);

create table case_words (
  case_id text not null,
  words tsvector not null,
  constraint case_words_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint case_words_pkey PRIMARY KEY (case_id)
);
CREATE INDEX case_words_words ON public.case_words USING gin (words);

create table cases (
  id text not null,
  queue_id text not null,
  kind text not null,
  role text not null,
  reason text not null,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone,
  closed_at timestamp with time zone,
  council text not null,
  document text,
  rule text,
  section text,
  marking text,
  areas text[] not null default '{}'::text[],
  queues text[] not null default '{}'::text[],
  returning_officers boolean not null default false,
  privileged boolean not null default false,
  domains text[] not null default '{}'::text[],
  actor_address text,
  parties text[] not null default '{}'::text[],
  four_eyes boolean not null default false,
  first_look_due timestamp with time zone,
  looked_at timestamp with time zone,
  escalate_to text,
  escalated_at timestamp with time zone,
  overdue_told_at timestamp with time zone,
  sender_may_release_at timestamp with time zone,
  ends_at timestamp with time zone,
  claimed_by text,
  claimed_until timestamp with time zone,
  assigned_to text,
  urgent_reason text,
  urgent_by text,
  urgent_at timestamp with time zone,
  asked_at timestamp with time zone,
  changed_at timestamp with time zone not null,
  subject text,
  received_at timestamp with time zone not null,
  constraint cases_kind_check CHECK ((kind = ANY (ARRAY['hold'::text, 'divert'::text]))),
  constraint cases_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_queue_id_kind_key UNIQUE (queue_id, kind)
);
CREATE INDEX cases_closed ON public.cases USING btree (closed_at) WHERE (closed_at IS NOT NULL);
CREATE INDEX cases_ends ON public.cases USING btree (ends_at) WHERE ((closed_at IS NULL) AND (ends_at IS NOT NULL));
CREATE INDEX cases_like ON public.cases USING btree (council, rule, closed_at DESC) WHERE (closed_at IS NOT NULL);
CREATE INDEX cases_message ON public.cases USING btree (queue_id);
CREATE INDEX cases_open ON public.cases USING btree (opened_at) WHERE (closed_at IS NULL);
CREATE INDEX cases_opened ON public.cases USING btree (opened_at);
CREATE INDEX cases_queue ON public.cases USING btree (council, due_at, opened_at, id) WHERE (closed_at IS NULL);
CREATE INDEX cases_received ON public.cases USING btree (received_at, queue_id);

create table console_ceremonies (
  id_hash bytea not null,
  kind text not null,
  data jsonb not null,
  expires_at timestamp with time zone not null,
  constraint console_ceremonies_pkey PRIMARY KEY (id_hash)
);
CREATE INDEX console_ceremonies_expiry ON public.console_ceremonies USING btree (expires_at);

create table console_sessions (
  token_hash bytea not null,
  officer_id uuid not null,
  stage text not null,
  method text not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint console_sessions_stage_check CHECK ((stage = ANY (ARRAY['second-factor'::text, 'enrol'::text, 'full'::text]))),
  constraint console_sessions_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES officers(id),
  constraint console_sessions_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX console_sessions_officer ON public.console_sessions USING btree (officer_id);

create table delivery_certificates (
  recipient_id bigint not null,
  queue_id text not null,
  certificate jsonb not null,
  constraint delivery_certificates_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint delivery_certificates_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES recipients(id),
  constraint delivery_certificates_pkey PRIMARY KEY (recipient_id)
);
CREATE INDEX delivery_certificates_queue ON public.delivery_certificates USING btree (queue_id);

create table investigations (
  id text not null,
  council text not null,
  reference text not null,
  allegation text not null,
  authorised_by text not null,
  officers text[] not null,
  members text[] not null,
  actions text[] not null,
  mail_from timestamp with time zone not null,
  mail_until timestamp with time zone not null,
  opens_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  opened_by text not null,
  opened_at timestamp with time zone not null,
  closing_asked_by text,
  closing_asked_at timestamp with time zone,
  closed_by text,
  closed_reason text,
  closed_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint investigations_actions_check CHECK ((actions <> '{}'::text[])),
  constraint investigations_check CHECK ((mail_until > mail_from)),
  constraint investigations_check1 CHECK ((ends_at > opens_at)),
  constraint investigations_members_check CHECK ((members <> '{}'::text[])),
  constraint investigations_officers_check CHECK ((officers <> '{}'::text[])),
  constraint investigations_pkey PRIMARY KEY (id)
);
CREATE INDEX investigations_ends ON public.investigations USING btree (ends_at) WHERE ((closed_at IS NULL) AND (ended_at IS NULL));
CREATE INDEX investigations_officers ON public.investigations USING gin (officers);

create table legal_holds (
  id text not null,
  council text not null,
  kind text not null,
  reference text not null,
  actors text[] not null default '{}'::text[],
  queue_ids text[] not null default '{}'::text[],
  received_from timestamp with time zone,
  received_until timestamp with time zone,
  request_received_on date not null,
  review_on date,
  reason text not null,
  set_by text not null,
  set_at timestamp with time zone not null,
  lifted_by text,
  lifted_reason text,
  lifted_at timestamp with time zone,
  constraint legal_holds_kind_check CHECK ((kind = ANY (ARRAY['foi'::text, 'eir'::text, 'dsar'::text, 'litigation'::text, 'investigation'::text, 'police'::text]))),
  constraint legal_holds_pkey PRIMARY KEY (id)
);
CREATE TRIGGER legal_holds_no_truncate BEFORE TRUNCATE ON public.legal_holds FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER legal_holds_stand BEFORE DELETE OR UPDATE ON public.legal_holds FOR EACH ROW EXECUTE FUNCTION legal_hold_stands();

create table messages (
  queue_id text not null,
  council text not null,
  origin text not null,
  arrival jsonb,
  envelope jsonb,
  actor_id uuid,
  actor_address text,
  subject text,
  message_id text,
  size_bytes bigint not null,
  sha256 bytea not null,
  wrapped_key bytea,
  received_at timestamp with time zone not null,
  inspection_starts integer not null default 0,
  inspecting_until timestamp with time zone,
  decided_at timestamp with time zone,
  policy_version text,
  inputs_hash text,
  facts jsonb,
  decision jsonb,
  retention_class text not null,
  erase_after timestamp with time zone not null,
  erased_at timestamp with time zone,
  spool_removed_at timestamp with time zone,
  fingerprint bit(64),
  readings jsonb,
  constraint messages_origin_check CHECK ((origin = ANY (ARRAY['received'::text, 'internal'::text, 'preflight'::text]))),
  constraint messages_retention_class_check CHECK ((retention_class = ANY (ARRAY['delivered'::text, 'kept'::text]))),
  constraint messages_pkey PRIMARY KEY (queue_id)
);
CREATE INDEX messages_actor ON public.messages USING btree (actor_address, received_at);
CREATE INDEX messages_erasable ON public.messages USING btree (erase_after) WHERE (erased_at IS NULL);
CREATE INDEX messages_mailing ON public.messages USING btree (actor_address, received_at) WHERE (fingerprint IS NOT NULL);
CREATE INDEX messages_message_id ON public.messages USING btree (message_id);
CREATE INDEX messages_received ON public.messages USING btree (received_at);
CREATE INDEX messages_subject_words ON public.messages USING gin (subject gin_trgm_ops);
CREATE INDEX messages_undecided ON public.messages USING btree (received_at) WHERE ((decided_at IS NULL) AND (origin = 'received'::text));
CREATE INDEX messages_unremoved ON public.messages USING btree (erased_at) WHERE ((erased_at IS NOT NULL) AND (spool_removed_at IS NULL));

create table officer_alerts (
  id text not null,
  kind text not null,
  case_id text not null,
  role text not null,
  officer text,
  created_at timestamp with time zone not null,
  written_at timestamp with time zone,
  suppressed text,
  constraint officer_alerts_kind_check CHECK ((kind = ANY (ARRAY['urgent'::text, 'overdue'::text, 'ends-soon'::text, 'stuck'::text, 'assigned'::text, 'appeal'::text]))),
  constraint officer_alerts_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint officer_alerts_pkey PRIMARY KEY (id),
  constraint officer_alerts_case_id_kind_role_officer_key UNIQUE NULLS NOT DISTINCT (case_id, kind, role, officer)
);
CREATE INDEX officer_alerts_pending ON public.officer_alerts USING btree (created_at) WHERE ((written_at IS NULL) AND (suppressed IS NULL));

create table officer_links (
  token_hash bytea not null,
  officer_id uuid not null,
  purpose text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint officer_links_purpose_check CHECK ((purpose = ANY (ARRAY['set-up'::text, 'demo'::text]))),
  constraint officer_links_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES officers(id),
  constraint officer_links_pkey PRIMARY KEY (token_hash)
);

create table officer_passkeys (
  credential_id text not null,
  officer_id uuid not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}'::text[],
  name text not null,
  added_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint officer_passkeys_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES officers(id),
  constraint officer_passkeys_pkey PRIMARY KEY (credential_id)
);
CREATE INDEX officer_passkeys_officer ON public.officer_passkeys USING btree (officer_id);

create table officer_recovery_codes (
  officer_id uuid not null,
  code_hash bytea not null,
  used_at timestamp with time zone,
  constraint officer_recovery_codes_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES officers(id),
  constraint officer_recovery_codes_pkey PRIMARY KEY (officer_id, code_hash)
);

create table officer_roles (
  officer_id uuid not null,
  council text not null,
  role text not null,
  granted_by text not null,
  granted_at timestamp with time zone not null,
  constraint officer_roles_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES officers(id),
  constraint officer_roles_pkey PRIMARY KEY (officer_id, council, role)
);

create table officers (
  id uuid not null,
  name text not null,
  addresses text[] not null,
  oidc_issuer text,
  oidc_subject text,
  password_hash text,
  totp_secret bytea,
  totp_confirmed_at timestamp with time zone,
  totp_last_step bigint not null default 0,
  failed_count integer not null default 0,
  locked_until timestamp with time zone,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint officers_pkey PRIMARY KEY (id),
  constraint officers_oidc_issuer_oidc_subject_key UNIQUE (oidc_issuer, oidc_subject)
);
CREATE UNIQUE INDEX officers_login ON public.officers USING btree ((addresses[1]));

create table outbox (
  id text not null,
  kind text not null,
  queue_id text not null,
  council text not null,
  to_address text,
  data jsonb,
  dedupe_key text,
  created_at timestamp with time zone not null,
  written_at timestamp with time zone,
  suppressed text,
  not_before timestamp with time zone,
  constraint outbox_kind_check CHECK ((kind = ANY (ARRAY['held'::text, 'diverted'::text, 'refused'::text, 'nudge'::text, 'delayed'::text, 'undelivered'::text, 'released'::text, 'expired'::text, 'returned'::text, 'question'::text, 'preflight'::text]))),
  constraint outbox_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_dedupe_key_key UNIQUE (dedupe_key)
);
CREATE INDEX outbox_actor ON public.outbox USING btree (to_address, created_at);
CREATE INDEX outbox_pending ON public.outbox USING btree (created_at) WHERE ((written_at IS NULL) AND (suppressed IS NULL));
CREATE INDEX outbox_queue ON public.outbox USING btree (queue_id);

create table people (
  id uuid not null,
  council text not null,
  name text not null,
  class text not null,
  addresses text[] not null,
  delegate_of text[] not null default '{}'::text[],
  personal_addresses text[] not null default '{}'::text[],
  ward text,
  "group" text,
  office_from date,
  office_until date,
  suspended text,
  suspended_by text,
  suspended_at timestamp with time zone,
  password_hash text,
  updated_at timestamp with time zone not null default now(),
  constraint people_class_check CHECK ((class = ANY (ARRAY['member'::text, 'officer'::text, 'returning-officer'::text, 'system'::text, 'unknown'::text]))),
  constraint people_pkey PRIMARY KEY (id)
);
CREATE INDEX people_council ON public.people USING btree (council);

create table person_addresses (
  address text not null,
  person_id uuid not null,
  constraint person_addresses_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE,
  constraint person_addresses_pkey PRIMARY KEY (address)
);

create table pgp_keys (
  fingerprint text not null,
  addresses text[] not null,
  armored text not null,
  state text not null,
  source text not null,
  expires_at timestamp with time zone,
  trusted_by text,
  trusted_at timestamp with time zone,
  added_at timestamp with time zone not null,
  constraint pgp_keys_state_check CHECK ((state = ANY (ARRAY['candidate'::text, 'trusted'::text, 'revoked'::text]))),
  constraint pgp_keys_pkey PRIMARY KEY (fingerprint)
);

create table policy_activations (
  id bigint not null generated always as identity,
  version text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  needs_approval boolean not null,
  approved_by text,
  approved_at timestamp with time zone,
  withdrawn_by text,
  withdrawn_at timestamp with time zone,
  constraint policy_activations_check CHECK ((lower(approved_by) <> lower(requested_by))),
  constraint policy_activations_check1 CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
  constraint policy_activations_check2 CHECK (((withdrawn_by IS NULL) = (withdrawn_at IS NULL))),
  constraint policy_activations_version_fkey FOREIGN KEY (version) REFERENCES policy_versions(version),
  constraint policy_activations_pkey PRIMARY KEY (id)
);

create table policy_replay_changes (
  replay_id text not null,
  queue_id text not null,
  "position" integer not null,
  council text not null,
  before_gate text not null,
  before_protection text not null,
  after_gate text not null,
  after_protection text not null,
  lost text[] not null,
  gained text[] not null,
  constraint policy_replay_changes_replay_id_fkey FOREIGN KEY (replay_id) REFERENCES policy_replays(id) ON DELETE CASCADE,
  constraint policy_replay_changes_pkey PRIMARY KEY (replay_id, queue_id, "position")
);

create table policy_replays (
  id text not null,
  from_version text not null,
  to_version text not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  reinspect boolean not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  cursor_received_at timestamp with time zone,
  cursor_queue_id text,
  messages integer not null default 0,
  inspected integer not null default 0,
  unread integer not null default 0,
  result jsonb,
  constraint policy_replays_pkey PRIMARY KEY (id)
);

create table policy_versions (
  version text not null,
  files jsonb not null,
  added_at timestamp with time zone not null,
  added_by text not null,
  constraint policy_versions_pkey PRIMARY KEY (version)
);

create table reading_requests (
  id text not null,
  queue_id text not null,
  council text not null,
  case_id text,
  investigation text,
  officer text not null,
  reason text not null,
  asked_at timestamp with time zone not null,
  lapses_at timestamp with time zone not null,
  answer text,
  answered_by text,
  answered_at timestamp with time zone,
  words text,
  opens_until timestamp with time zone,
  constraint reading_requests_answer_check CHECK ((answer = ANY (ARRAY['approved'::text, 'refused'::text, 'withdrawn'::text, 'lapsed'::text]))),
  constraint reading_requests_check CHECK (((answer IS NULL) = (answered_at IS NULL))),
  constraint reading_requests_check1 CHECK (((NOT (answer IS DISTINCT FROM 'approved'::text)) = (opens_until IS NOT NULL))),
  constraint reading_requests_check2 CHECK (((answer IS NULL) OR (answer <> ALL (ARRAY['approved'::text, 'refused'::text])) OR (answered_by <> officer))),
  constraint reading_requests_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint reading_requests_investigation_fkey FOREIGN KEY (investigation) REFERENCES investigations(id),
  constraint reading_requests_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint reading_requests_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX reading_requests_asked ON public.reading_requests USING btree (queue_id, officer, case_id, investigation) NULLS NOT DISTINCT WHERE (answer IS NULL);
CREATE INDEX reading_requests_officer ON public.reading_requests USING btree (officer, queue_id, asked_at DESC);
CREATE INDEX reading_requests_waiting ON public.reading_requests USING btree (council, asked_at) WHERE (answer IS NULL);

create table recipients (
  id bigint not null generated always as identity,
  queue_id text not null,
  "position" integer not null,
  address text,
  domain text,
  internal boolean not null,
  orcpt text,
  notify text[] not null default '{}'::text[],
  status text not null,
  gate text,
  protection text not null default 'none'::text,
  route text not null default 'outward'::text,
  next_attempt_at timestamp with time zone,
  give_up_at timestamp with time zone,
  attempt_count integer not null default 0,
  leased_until timestamp with time zone,
  lease_token uuid,
  last_result text,
  delay_notice_due timestamp with time zone,
  protected_by text,
  status_at timestamp with time zone not null,
  protected_council text,
  constraint recipients_gate_check CHECK ((gate = ANY (ARRAY['release'::text, 'hold'::text, 'divert'::text, 'reject'::text]))),
  constraint recipients_protection_check CHECK ((protection = ANY (ARRAY['none'::text, 'required'::text]))),
  constraint recipients_route_check CHECK ((route = ANY (ARRAY['outward'::text, 'inward'::text]))),
  constraint recipients_status_check CHECK ((status = ANY (ARRAY['spooled'::text, 'held'::text, 'diverted'::text, 'queued'::text, 'deferred'::text, 'delivered'::text, 'rejected'::text, 'bounced'::text, 'expired'::text, 'withdrawn'::text]))),
  constraint recipients_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint recipients_pkey PRIMARY KEY (id),
  constraint recipients_queue_id_position_key UNIQUE (queue_id, "position")
);
CREATE INDEX recipients_address ON public.recipients USING btree (lower(address));
CREATE INDEX recipients_address_words ON public.recipients USING gin (address gin_trgm_ops);
CREATE INDEX recipients_delay ON public.recipients USING btree (delay_notice_due) WHERE ((delay_notice_due IS NOT NULL) AND (status = ANY (ARRAY['queued'::text, 'deferred'::text])));
CREATE INDEX recipients_due ON public.recipients USING btree (next_attempt_at) WHERE (status = ANY (ARRAY['queued'::text, 'deferred'::text]));
CREATE INDEX recipients_failed ON public.recipients USING btree (queue_id) WHERE (status = ANY (ARRAY['rejected'::text, 'bounced'::text, 'expired'::text, 'withdrawn'::text]));
CREATE INDEX recipients_protected ON public.recipients USING btree (protected_council, status_at) INCLUDE (protected_by) WHERE ((status = 'delivered'::text) AND (protected_council IS NOT NULL));
CREATE INDEX recipients_waiting ON public.recipients USING btree (status, status_at) WHERE (status = ANY (ARRAY['spooled'::text, 'held'::text, 'diverted'::text]));

create table saved_views (
  id bigint not null generated always as identity,
  officer text not null,
  name text not null,
  query jsonb not null,
  created_at timestamp with time zone not null,
  constraint saved_views_pkey PRIMARY KEY (id),
  constraint saved_views_officer_name_key UNIQUE (officer, name)
);

create table schema_versions (
  version integer not null,
  name text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_versions_pkey PRIMARY KEY (version)
);

create table status_links (
  token_hash bytea not null,
  queue_id text not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint status_links_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES messages(queue_id),
  constraint status_links_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX status_links_message ON public.status_links USING btree (queue_id);

create table sts_policies (
  domain text not null,
  id text not null,
  policy text not null,
  fetched_at timestamp with time zone not null,
  constraint sts_policies_pkey PRIMARY KEY (domain)
);

create table tombstones (
  queue_id text not null,
  council text not null,
  sha256 bytea not null,
  received_at timestamp with time zone not null,
  erased_at timestamp with time zone not null,
  retention_class text not null,
  rules text[] not null,
  gate text,
  policy_version text,
  constraint tombstones_pkey PRIMARY KEY (queue_id)
);

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and old.batch_id is null and new.batch_id is not null
    and (to_jsonb(old) - 'batch_id') = (to_jsonb(new) - 'batch_id') then
    return new;
  end if;
  raise exception 'audit is append-only';
end $function$;

CREATE OR REPLACE FUNCTION public.legal_hold_stands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  lifting constant text[] := '{lifted_by,lifted_reason,lifted_at,review_on}';
begin
  if tg_op = 'UPDATE' and old.lifted_at is null
    and (to_jsonb(old) - lifting) = (to_jsonb(new) - lifting) then
    return new;
  end if;
  raise exception 'A legal hold is lifted, never changed or deleted';
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name;
end $function$;
