-- Versions of rows, of the models whose schema says history: true; written by triggers of their tables, read through
-- the view _history of each cloud. Not among the cloud's tables, since those are published.
CREATE TABLE sync.row_history (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    cloud  text NOT NULL,
    model  text NOT NULL,
    -- The device or account whose row it is; empty if it is everybody's.
    owner  text NOT NULL,
    sk     text NOT NULL,
    op     text NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
    -- The role that wrote: the sync service for devices.
    role   text NOT NULL,
    -- Which fields were written when and by whom: the part of the row's clock that moved.
    clocks jsonb NOT NULL,
    -- The values that changed. Null: there was, or is, no row.
    before jsonb,
    after  jsonb
);
CREATE INDEX row_history_row ON sync.row_history (cloud, model, owner, sk, id);
CREATE INDEX row_history_at ON sync.row_history USING brin (at);
