-- Words are looked for in subjects of what was held. Cases repeat them, and when the message came:
-- they are few, and read newest first without going to the messages. Erased together with those.
alter table cases add column subject text, add column received_at timestamptz;
update cases c set subject = m.subject, received_at = m.received_at
from messages m where m.queue_id = c.queue_id;
alter table cases alter column received_at set not null;
create index cases_received on cases (received_at, queue_id);

-- Whose figures count a protected delivery: settled when it is made, and counted from the index.
alter table recipients add column protected_council text;
update recipients r set protected_council = m.council
from messages m where m.queue_id = r.queue_id and r.protection = 'required' and r.status = 'delivered'
  and r.route = 'outward' and r.protected_by is not null and m.origin = 'received'
  and coalesce(m.facts -> 'actor' ->> 'class',
    (select p.class from people p where p.id = m.actor_id), '') <> 'returning-officer';
drop index recipients_protected;
create index recipients_protected on recipients (protected_council, status_at)
  include (protected_by)
  where status = 'delivered' and protected_council is not null;

create index case_actions_decisions on case_actions (at) include (case_id, action, officer)
  where state = 'done'
    and action in ('release', 'release-encrypted', 'reject', 'return-for-pgp', 'deliver-inward');

-- What was not delivered, which is rare.
create index recipients_failed on recipients (queue_id)
  where status in ('rejected', 'bounced', 'expired', 'withdrawn');
