-- How one protected recipient's mail was protected, with everything that proves it to an outsider. Its
-- hash stands in the audit row of the delivery, so that the sealed trail vouches for it. Gone with erasure.
create table delivery_certificates (
  recipient_id bigint primary key references recipients (id),
  queue_id text not null references messages (queue_id),
  certificate jsonb not null
);
create index delivery_certificates_queue on delivery_certificates (queue_id);

-- MTA-STS policies as they were fetched: RFC 8461 rests on what was seen before an attack began.
create table sts_policies (
  domain text primary key,
  -- Id of the TXT record at that time.
  id text not null,
  policy text not null,
  fetched_at timestamptz not null
);
