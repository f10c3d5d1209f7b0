-- Where the write-ahead log was when a device last said where it stands: of what it wrote before that it may have to be told.
ALTER TABLE sync.device_claim ADD COLUMN asked_lsn bigint NOT NULL DEFAULT 0;
