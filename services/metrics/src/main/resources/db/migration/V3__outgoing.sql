-- Requests to CloudWatch, which counts what it is sent twice as two. They are written in the transaction that notes up to when
-- windows are handed on, and stay until CloudWatch has taken them.
CREATE TABLE metrics.outgoing (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made  timestamptz NOT NULL,
    -- Since when it is not known whether CloudWatch has taken it; none: it has not.
    begun timestamptz,
    -- When to deal with it next.
    due   timestamptz NOT NULL,
    body  text NOT NULL
);
CREATE INDEX outgoing_due ON metrics.outgoing (due);
