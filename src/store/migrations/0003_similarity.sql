-- Salted 64-bit fingerprint of the sender's own words: near-identical mail has nearly the same, and nothing can
-- be read out of it. Counts one mailing over several sendings. Gone with erasure.
alter table messages add column fingerprint bit(64);
create index messages_mailing on messages (actor_address, received_at) where fingerprint is not null;
