-- "Where is my e-mail?" asks for whole addresses.
create index recipients_address on recipients (lower(address));
