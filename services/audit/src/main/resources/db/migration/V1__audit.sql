-- The trail as it is taken in, searched and archived. What is archived lies in log files that cannot be changed; these rows
-- are an index to them, and a waiting room.

-- One row: how many records were taken. Whoever adds some holds it until the commit, so that records are committed in the
-- order of their places, and what is below the last one is complete.
CREATE TABLE audit.tail (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last   bigint NOT NULL DEFAULT 0
);
INSERT INTO audit.tail DEFAULT VALUES;

CREATE TABLE audit.event (
    place      bigint PRIMARY KEY,
    id         uuid NOT NULL UNIQUE,
    at         timestamptz NOT NULL,
    taken      timestamptz NOT NULL,
    name       text NOT NULL,
    source     text NOT NULL,
    who        text NOT NULL,
    who_type   text NOT NULL,
    device     text,
    address    text NOT NULL,
    cloud      text NOT NULL,
    error_code text NOT NULL,
    read_only  boolean NOT NULL,
    -- The record itself, byte for byte as in its log file.
    record     bytea NOT NULL
);
-- Not compressed: log files are, and are made of these.
ALTER TABLE audit.event ALTER COLUMN record SET STORAGE EXTERNAL;
CREATE INDEX event_at ON audit.event (at, place);
CREATE INDEX event_who ON audit.event (who, at, place);
CREATE INDEX event_device ON audit.event (device, at, place) WHERE device IS NOT NULL;
CREATE INDEX event_name ON audit.event (name, at, place);

-- What each source has said: the numbers of its records. Whatever lies between two of them is missing.
CREATE TABLE audit.source (
    source   text NOT NULL,
    epoch    text NOT NULL,
    seen     int8multirange NOT NULL,
    -- Numbers that came once more with another record: the source was set back, or somebody speaks for it.
    repeated int8multirange NOT NULL DEFAULT '{}',
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (source, epoch)
);

-- Up to where the topic was read, in the transaction of what was read: a database that is set back reads again.
CREATE TABLE audit.position (
    topic_id  text NOT NULL,
    partition integer NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (topic_id, partition)
);

CREATE TABLE audit.signing_key (
    fingerprint text PRIMARY KEY,
    -- base64 of an RSAPublicKey.
    public_key  text NOT NULL,
    -- Encrypted with the master key. Null: found in the store, from a time that this database does not know of.
    private_key bytea,
    since       timestamptz NOT NULL,
    until       timestamptz
);

-- Made here first, then stored: after a crash the same file is stored again.
CREATE TABLE audit.log_file (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object  text NOT NULL UNIQUE,
    -- The records in it, both included.
    first   bigint NOT NULL,
    last    bigint NOT NULL CHECK (last >= first),
    oldest  timestamptz,
    newest  timestamptz,
    -- Null until it is stored.
    sha256  text,
    digest  bigint
);
CREATE INDEX log_file_open ON audit.log_file (id) WHERE digest IS NULL;
CREATE UNIQUE INDEX log_file_records ON audit.log_file (first);

CREATE TABLE audit.digest (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object      text NOT NULL UNIQUE,
    start_time  timestamptz NOT NULL,
    end_time    timestamptz NOT NULL UNIQUE,
    document    bytea NOT NULL,
    sha256      text NOT NULL,
    signature   text NOT NULL,
    fingerprint text NOT NULL REFERENCES audit.signing_key,
    stored      boolean NOT NULL DEFAULT false,
    announced   boolean NOT NULL DEFAULT false,
    -- Null: not asked for, or not had yet.
    stamped     timestamptz
);
CREATE UNIQUE INDEX digest_open ON audit.digest ((true)) WHERE NOT announced;

-- What was found to be wrong with the trail itself.
CREATE TABLE audit.incident (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    code   text NOT NULL,
    detail text NOT NULL
);
