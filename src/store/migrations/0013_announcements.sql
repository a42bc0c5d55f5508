-- One record of whom mail told of what, whatever it is about: exceptions, investigations.
alter table exception_alerts rename to announcements;
alter table announcements rename constraint exception_alerts_pkey to announcements_pkey;
alter table announcements rename column exception to about;
alter table announcements
  add column kind text not null default 'exception',
  -- So many days before which end: one that is prolonged is announced anew.
  add column occasion text;
update announcements set occasion = concat_ws(' ', until, days);
alter table announcements
  drop constraint exception_alerts_council_exception_until_days_to_address_key,
  drop column until,
  drop column days,
  alter column kind drop default,
  alter column occasion set not null,
  add unique (council, kind, about, occasion, to_address);

-- When the clock noted that an investigation ended by itself.
alter table investigations add column ended_at timestamptz;
update investigations set ended_at = ends_at where closed_at is null and ends_at < now();
create index investigations_ends on investigations (ends_at)
  where closed_at is null and ended_at is null;
