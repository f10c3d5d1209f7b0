-- What a device last said of where it stands, and in which record. A catch-up counts as received only
-- while the request it answers is the last one: a device that asks again may not have got it.
CREATE TABLE sync.device_claim (
    device text PRIMARY KEY,
    since  text NOT NULL,
    origin text NOT NULL
);

ALTER TABLE sync.device_position ADD COLUMN origin text NOT NULL DEFAULT '';
ALTER TABLE sync.catch_up ADD COLUMN origin text NOT NULL DEFAULT '';
