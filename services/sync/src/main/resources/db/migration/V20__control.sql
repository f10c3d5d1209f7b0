-- What was set of sync at run time, besides the schema.

-- Rises with each change of what is set; read by every transaction that depends on it.
ALTER TABLE sync.cloud ADD COLUMN control_version bigint NOT NULL DEFAULT 0;

-- Devices for which something was set. While one is paused, the place from which on it must be told.
CREATE TABLE sync.device_control (
    device      text PRIMARY KEY,
    cloud       text NOT NULL REFERENCES sync.cloud (name),
    paused      boolean NOT NULL DEFAULT false,
    since_epoch integer,
    since_next  bigint,
    changed     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX device_control_cloud ON sync.device_control (cloud, device);

-- Tables for which something was set: of a device, or, where that is empty, of the whole cloud.
CREATE TABLE sync.table_control (
    cloud      text NOT NULL REFERENCES sync.cloud (name),
    device     text NOT NULL,
    model      text NOT NULL,
    direction  text CHECK (direction IN ('up', 'down', 'both', 'none')),
    row_filter text CHECK (row_filter IN ('own', 'account', 'all')),
    changed    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cloud, device, model),
    CHECK (direction IS NOT NULL OR row_filter IS NOT NULL)
);

-- A device that stands before a place gets all of a table anew; of one device, or, where that is empty, of all.
CREATE TABLE sync.table_anew (
    cloud  text NOT NULL,
    device text NOT NULL,
    model  text NOT NULL,
    epoch  integer NOT NULL,
    next   bigint NOT NULL,
    PRIMARY KEY (cloud, device, model)
);

-- Rows of devices that are given to others are indexed for those too, and there whose they are must be said.
ALTER TABLE sync.change_index ADD COLUMN owner text;

-- Catch-ups that are cut short go on where they were: the head of the stream when it began, what it set out
-- to do, how far it is, and how many rows were sent of how many.
ALTER TABLE sync.catch_up
    -- Whether the device is told when it has all: one that did not ask may not have got what was sent.
    ADD COLUMN asked_for  boolean NOT NULL DEFAULT true,
    -- The number by which the device knows the answer to its last request.
    ADD COLUMN request    bigint,
    ADD COLUMN head_epoch integer,
    ADD COLUMN head_next  bigint,
    ADD COLUMN plan       text,
    ADD COLUMN progress   text,
    ADD COLUMN sent       bigint NOT NULL DEFAULT 0,
    ADD COLUMN total      bigint,
    ADD COLUMN started    timestamptz;
