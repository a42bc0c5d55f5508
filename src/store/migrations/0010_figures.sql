-- Protected deliveries by method are counted from these alone.
create index recipients_protected on recipients (status_at)
  include (queue_id, protected_by)
  where protection = 'required' and status = 'delivered';
create index cases_closed on cases (closed_at) where closed_at is not null;
create index cases_opened on cases (opened_at);
