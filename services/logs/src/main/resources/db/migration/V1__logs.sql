-- Devices as provisioning last spoke of them.
CREATE TABLE logs.device (
    id         text PRIMARY KEY,
    cloud      text NOT NULL,
    account    text,
    product    text,
    state      text NOT NULL,
    since      timestamptz
);

-- Applications, as messaging last spoke of them, and the SHA-256 of their tokens.
CREATE TABLE logs.application (
    id       text PRIMARY KEY,
    cloud    text NOT NULL,
    rights   text[] NOT NULL,
    products text[] NOT NULL,
    devices  text[] NOT NULL
);
CREATE TABLE logs.application_token (
    sha256      text PRIMARY KEY,
    application text NOT NULL REFERENCES logs.application (id) ON DELETE CASCADE,
    expires     timestamptz
);
CREATE INDEX application_token_application ON logs.application_token (application);

-- How far each partition of a topic has been taken. The topic by its id: one made anew counts anew.
CREATE TABLE logs.position (
    topic     text NOT NULL,
    partition integer NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- Batches and rows that were taken, so that what is sent again is kept once.
CREATE TABLE logs.batch (
    device text NOT NULL,
    id     text NOT NULL,
    taken  timestamptz NOT NULL,
    PRIMARY KEY (device, id)
);
CREATE INDEX batch_taken ON logs.batch (taken);

-- For how many days lines of a product are kept; '' is all of a cloud.
CREATE TABLE logs.retention (
    cloud   text NOT NULL,
    product text NOT NULL,
    days    smallint NOT NULL,
    PRIMARY KEY (cloud, product)
);

-- The number of the next line. Whoever adds lines holds it until the commit, so lines become visible in the order of
-- their numbers, and whoever follows them misses none.
CREATE TABLE logs.counter (
    next bigint NOT NULL
);
INSERT INTO logs.counter VALUES (1);

-- Lines, by how long they are kept and by day: what is over is dropped as a whole. "at" is in ms since 1970.
CREATE TABLE logs.line (
    keep    smallint NOT NULL,
    at      bigint NOT NULL,
    seq     bigint NOT NULL,
    cloud   text NOT NULL,
    product text NOT NULL,
    device  text NOT NULL,
    level   smallint NOT NULL,
    source  text NOT NULL,
    text    text NOT NULL,
    fields  text
) PARTITION BY LIST (keep);
CREATE INDEX line_seq ON logs.line (seq);
CREATE INDEX line_cloud ON logs.line (cloud, at, seq);
CREATE INDEX line_product ON logs.line (product, at, seq);
CREATE INDEX line_device ON logs.line (device, at, seq);
-- Few lines are warnings or worse, and most questions are about them.
CREATE INDEX line_bad ON logs.line (cloud, at, seq) WHERE level >= 3;
-- Any part of a text (ADR 41). pg_trgm is where whoever prepared the database put it.
DO $text$
BEGIN
  EXECUTE format(
    'CREATE INDEX line_text ON logs.line USING gin (text %I.gin_trgm_ops)',
    (SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'pg_trgm'));
END
$text$;

-- Up to which line all was handed on, to each receiver, and up to where the next part reaches that was begun.
CREATE TABLE logs.export (
    target  text PRIMARY KEY,
    upto    bigint NOT NULL,
    planned bigint NOT NULL
);
