-- Whether a device, when it last said where it stands, said that it understands several rows in one message.
ALTER TABLE sync.device_claim ADD COLUMN row_batches boolean NOT NULL DEFAULT false;
