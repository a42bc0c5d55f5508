-- Links in notices to the page that shows where a message is. Only the hash is kept: the record
-- opens nothing.
create table status_links (
  token_hash bytea primary key,
  queue_id text not null references messages (queue_id),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index status_links_message on status_links (queue_id);

-- The sender asks for a second look.
alter table case_actions drop constraint case_actions_action_check;
alter table case_actions
  add constraint case_actions_action_check check (action in ('release', 'release-encrypted',
    'reject', 'return-for-pgp', 'deliver-inward', 'ask', 'answer', 'appeal', 'withdraw', 'claim',
    'unclaim', 'assign', 'escalate', 'urgent', 'not-urgent', 'note', 'undo', 'end'));
alter table officer_alerts drop constraint officer_alerts_kind_check;
alter table officer_alerts add constraint officer_alerts_kind_check
  check (kind in ('urgent', 'overdue', 'ends-soon', 'stuck', 'assigned', 'appeal'));
