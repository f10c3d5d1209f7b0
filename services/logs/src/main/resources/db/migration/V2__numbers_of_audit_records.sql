-- How many audit records of changes this service has sent. Counted in the transaction of each, so that no number is left out and a gap shows.
CREATE TABLE logs.audit_sequence (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch  uuid NOT NULL DEFAULT gen_random_uuid(),
    last   bigint NOT NULL DEFAULT 0
);
INSERT INTO logs.audit_sequence DEFAULT VALUES;
