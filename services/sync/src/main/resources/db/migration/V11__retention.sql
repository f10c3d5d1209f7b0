-- Where the stream was, and when: by this, what is old enough to be forgotten is known by its place.
CREATE TABLE sync.stream_mark (
    at     timestamptz PRIMARY KEY,
    epoch  integer NOT NULL,
    next   bigint NOT NULL,
    pruned boolean NOT NULL DEFAULT false
);
