-- How many chunks of a catch-up were sent, and how many of them the device has acknowledged: it is not sent more
-- than it takes. Which of a device's catch-ups a receipt speaks of.
CREATE SEQUENCE sync.catch_up_begun;
ALTER TABLE sync.catch_up
    ADD COLUMN begun        bigint NOT NULL DEFAULT nextval('sync.catch_up_begun'),
    ADD COLUMN chunks_sent  bigint NOT NULL DEFAULT 0,
    ADD COLUMN chunks_heard bigint NOT NULL DEFAULT 0;
