-- The clouds there are, and which version of their schema is in force.
CREATE TABLE sync.cloud (
    name           text PRIMARY KEY,
    schema_version integer NOT NULL,
    -- Devices that stand before this place of the stream get everything anew.
    resync_epoch   integer NOT NULL DEFAULT 0,
    resync_next    bigint NOT NULL DEFAULT 0,
    created        timestamptz NOT NULL DEFAULT now()
);

-- Every version of every cloud's schema, as its owner wrote it (JSON5), and the core models it was merged with.
CREATE TABLE sync.schema_version (
    cloud   text NOT NULL REFERENCES sync.cloud (name),
    version integer NOT NULL,
    source  text NOT NULL,
    core    text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cloud, version)
);

-- Devices as provisioning last spoke of them.
CREATE TABLE sync.device (
    id           text PRIMARY KEY,
    cloud        text NOT NULL,
    account      text,
    product      text,
    state        text NOT NULL,
    -- As for clouds: set when the device changes hands.
    resync_epoch integer NOT NULL DEFAULT 0,
    resync_next  bigint NOT NULL DEFAULT 0
);
CREATE INDEX device_account ON sync.device (cloud, account);

-- How far each device has followed: the place of its last completed catch-up.
CREATE TABLE sync.device_position (
    device text PRIMARY KEY,
    epoch  integer NOT NULL,
    next   bigint NOT NULL
);

-- The one stream of changes: which epoch it is in, which topic it is, and what is indexed of it.
CREATE TABLE sync.stream (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    integer NOT NULL,
    topic_id text,
    next     bigint NOT NULL,
    -- The replication slot: not yet made, made, or being made anew.
    slot_state text NOT NULL DEFAULT 'NONE' CHECK (slot_state IN ('NONE', 'MADE', 'RENEWING'))
);
INSERT INTO sync.stream (epoch, topic_id, next) VALUES (1, NULL, 0);

-- The last change of every row that goes down, by whom it concerns. Receivers as in ce_subject.
CREATE TABLE sync.change_index (
    cloud    text NOT NULL,
    receiver text NOT NULL,
    model    text NOT NULL,
    sk       text NOT NULL,
    place    bigint NOT NULL,
    PRIMARY KEY (cloud, receiver, model, sk)
);
CREATE INDEX change_index_place ON sync.change_index (cloud, receiver, place);

-- Devices that asked for what they missed and have not got all of it yet.
CREATE TABLE sync.catch_up (
    device       text PRIMARY KEY,
    cloud        text NOT NULL,
    account      text,
    since        text NOT NULL,
    asked        bigint NOT NULL DEFAULT 1,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    requested    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX catch_up_lease ON sync.catch_up (leased_until);

-- Triggers of cloud tables look up a device's account through functions that run as this role.
COMMENT ON SCHEMA sync IS 'Owned by the sync service';
