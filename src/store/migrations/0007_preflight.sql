-- A draft that was sent to the preflight address is no mail: nothing counts it.
alter table messages drop constraint messages_origin_check;
alter table messages add constraint messages_origin_check
  check (origin in ('received', 'internal', 'preflight'));
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check (kind in
  ('held', 'diverted', 'refused', 'nudge', 'delayed', 'undelivered', 'released', 'expired',
   'returned', 'question', 'preflight'));
