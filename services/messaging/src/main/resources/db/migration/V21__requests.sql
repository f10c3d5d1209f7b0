-- Which application answers what the devices of a product ask by some name.
CREATE TABLE messaging.request_handler (
    cloud       text NOT NULL,
    product     text NOT NULL,
    name        text NOT NULL,
    application text NOT NULL REFERENCES messaging.application (id) ON DELETE CASCADE,
    created     timestamptz NOT NULL,
    PRIMARY KEY (cloud, product, name)
);
CREATE INDEX request_handler_application ON messaging.request_handler (application);

-- Requests between devices and applications: until they are answered or too old, and an hour for whoever looks again.
CREATE TABLE messaging.request (
    id          text PRIMARY KEY,
    -- up: a device asks an application; down: an application asks a device.
    direction   text NOT NULL CHECK (direction IN ('up', 'down')),
    cloud       text NOT NULL,
    device      text NOT NULL,
    account     text,
    application text NOT NULL,
    name        text NOT NULL,
    -- The asker's own number; of an application that asks over HTTP, none.
    seq         text,
    body        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'answered', 'timedOut')),
    answer      text,
    created     timestamptz NOT NULL,
    deadline    timestamptz NOT NULL
);
CREATE INDEX request_deadline ON messaging.request (deadline);
CREATE INDEX request_waiting ON messaging.request (application, created) WHERE state = 'waiting' AND direction = 'up';
CREATE INDEX request_device ON messaging.request (device) WHERE state = 'waiting';
