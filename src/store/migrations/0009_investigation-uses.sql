-- What was done under an investigation is read from the trail; few rows have one.
create index audit_investigation on audit ((data ->> 'investigation'), id)
  where data ? 'investigation';
