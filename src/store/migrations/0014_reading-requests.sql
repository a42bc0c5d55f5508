-- Mail to lawyers, MPs, unions and whistleblowing lines is read once a second officer agrees
-- (domain H.3). Each look that rests on it names the request in the trail.
create table reading_requests (
  id text primary key,
  queue_id text not null references messages (queue_id),
  council text not null,
  -- Where it is to be read: in a case, under an investigation, or for a reason alone.
  case_id text references cases (id),
  investigation text references investigations (id),
  officer text not null,
  -- From the council's short list, or the investigation's id.
  reason text not null,
  asked_at timestamptz not null,
  -- Nobody agrees to what was asked long ago.
  lapses_at timestamptz not null,
  answer text check (answer in ('approved', 'refused', 'withdrawn', 'lapsed')),
  answered_by text,
  answered_at timestamptz,
  -- Why it was refused; emptied by erasure.
  words text,
  opens_until timestamptz,
  check ((answer is null) = (answered_at is null)),
  check ((answer is not distinct from 'approved') = (opens_until is not null)),
  check (answer is null or answer not in ('approved', 'refused') or answered_by <> officer)
);
-- Asked twice, it is one request.
create unique index reading_requests_asked on reading_requests
  (queue_id, officer, case_id, investigation) nulls not distinct where answer is null;
create index reading_requests_waiting on reading_requests (council, asked_at)
  where answer is null;
create index reading_requests_officer on reading_requests (officer, queue_id, asked_at desc);
