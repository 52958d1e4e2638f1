-- Refused sign-ins go once their time is over, and are found without a walk over the rest of the journal, which stays.
CREATE INDEX change_refused ON change (id) WHERE action = 'session.refused';
