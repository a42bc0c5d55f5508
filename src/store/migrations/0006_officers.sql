-- Officers: who may sign in to the console, how, and as what. Nobody is ever deleted: audit rows and
-- decisions name officers by id.

create table officers (
  id uuid primary key,
  name text not null,
  -- The login name and all other addresses that reach this officer, as keys, the login name first.
  addresses text[] not null,
  -- Issuer and subject, where the officer comes from the council's own directory.
  oidc_issuer text,
  oidc_subject text,
  password_hash text,
  -- Sealed under the console's secret. Unconfirmed until its first code was right.
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  -- A code counts once: the time step of the last one that did.
  totp_last_step bigint not null default 0,
  failed_count int not null default 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null,
  unique (oidc_issuer, oidc_subject)
);
create unique index officers_login on officers ((addresses[1]));

create table officer_roles (
  officer_id uuid not null references officers (id),
  council text not null,
  role text not null,
  -- 'oidc' where the directory said so at the last sign-in; else the officer who gave it.
  granted_by text not null,
  granted_at timestamptz not null,
  primary key (officer_id, council, role)
);

create table officer_passkeys (
  credential_id text primary key,
  officer_id uuid not null references officers (id),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null,
  added_at timestamptz not null,
  last_used_at timestamptz
);
create index officer_passkeys_officer on officer_passkeys (officer_id);

create table officer_recovery_codes (
  officer_id uuid not null references officers (id),
  code_hash bytea not null,
  used_at timestamptz,
  primary key (officer_id, code_hash)
);

-- A link that works once: to set up an account, or to sign in to the demo.
create table officer_links (
  token_hash bytea primary key,
  officer_id uuid not null references officers (id),
  purpose text not null check (purpose in ('set-up', 'demo')),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Only the hash of a session's token is kept: who reads this table cannot become anybody.
create table console_sessions (
  token_hash bytea primary key,
  officer_id uuid not null references officers (id),
  -- What is still to be done before the session may do anything else.
  stage text not null check (stage in ('second-factor', 'enrol', 'full')),
  method text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index console_sessions_officer on console_sessions (officer_id);

-- One half of an exchange whose other half comes back once: an OpenID Connect sign-in, a passkey's challenge.
create table console_ceremonies (
  id_hash bytea primary key,
  kind text not null,
  data jsonb not null,
  expires_at timestamptz not null
);
create index console_ceremonies_expiry on console_ceremonies (expires_at);
