-- What a replay came to: counts by council and rule, for the console; no message.
alter table policy_replays add column result jsonb;
