-- Up to when windows have been handed on, to each receiver.
CREATE TABLE metrics.export (
    target text PRIMARY KEY,
    upto   bigint NOT NULL -- seconds since 1970
);
