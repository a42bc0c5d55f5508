-- Whom mail told that an exception of the policy ends, so that nobody is told twice.
create table exception_alerts (
  id text primary key,
  council text not null,
  exception text not null,
  until date not null,
  days integer not null,
  to_address text not null,
  written_at timestamptz not null,
  unique (council, exception, until, days, to_address)
);
