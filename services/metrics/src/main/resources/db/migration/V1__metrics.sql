-- Devices as provisioning last spoke of them. The generation counts how often one changed hands.
CREATE TABLE metrics.device (
    id         text PRIMARY KEY,
    cloud      text NOT NULL,
    account    text,
    product    text,
    state      text NOT NULL,
    since      timestamptz,
    generation integer NOT NULL DEFAULT 0
);

-- Applications, as messaging last spoke of them, and the SHA-256 of their tokens.
CREATE TABLE metrics.application (
    id       text PRIMARY KEY,
    cloud    text NOT NULL,
    rights   text[] NOT NULL,
    products text[] NOT NULL,
    devices  text[] NOT NULL
);
CREATE TABLE metrics.application_token (
    sha256      text PRIMARY KEY,
    application text NOT NULL REFERENCES metrics.application (id) ON DELETE CASCADE,
    expires     timestamptz
);
CREATE INDEX application_token_application ON metrics.application_token (application);

-- How far each partition of a topic has been taken. The topic by its id: one made anew counts anew.
CREATE TABLE metrics.position (
    topic     text NOT NULL,
    partition integer NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- Batches that were taken, so that one that is sent again counts once.
CREATE TABLE metrics.batch (
    device text NOT NULL,
    id     text NOT NULL,
    taken  timestamptz NOT NULL,
    PRIMARY KEY (device, id)
);
CREATE INDEX batch_taken ON metrics.batch (taken);

-- Series. Dimensions as one text, and as JSON for people who look.
CREATE TABLE metrics.series (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cloud      text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('device', 'product', 'cloud')),
    owner      text NOT NULL,
    generation integer NOT NULL DEFAULT 0,
    metric     text NOT NULL,
    dimensions text NOT NULL,
    labels     jsonb NOT NULL,
    seen       date NOT NULL DEFAULT CURRENT_DATE,
    UNIQUE (cloud, kind, owner, generation, metric, dimensions)
);
CREATE INDEX series_metric ON metrics.series (cloud, metric, kind);
CREATE INDEX series_seen ON metrics.series (seen);

-- How many series each owner has; the owner of kind 'total' is the cloud with all that is in it.
CREATE TABLE metrics.owner (
    cloud  text NOT NULL,
    kind   text NOT NULL,
    owner  text NOT NULL,
    series integer NOT NULL DEFAULT 0,
    PRIMARY KEY (cloud, kind, owner)
);

-- The spans. Windows of one that begin before "closed" take no more points.
CREATE TABLE metrics.span (
    span   smallint PRIMARY KEY,
    bucket bigint NOT NULL,
    closed bigint NOT NULL
);

-- Windows that begin before "folded" are in the next span. Apart from "closed", which whoever adds points holds on to.
CREATE TABLE metrics.fold (
    span   smallint PRIMARY KEY REFERENCES metrics.span (span),
    folded bigint NOT NULL
);
-- The tables of windows, one for each span, are made with the spans (db/SpanStore), and their partitions as time goes on.
