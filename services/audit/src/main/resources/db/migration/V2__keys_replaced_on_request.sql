-- An operator asked for another key in this one's place: the next digest is signed with that.
ALTER TABLE audit.signing_key ADD COLUMN outgoing boolean NOT NULL DEFAULT false;
