-- What devices wrote and what does not stand, so that people can look at it for a while.
CREATE TABLE sync.conflict (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cloud   text NOT NULL,
    device  text NOT NULL,
    model   text NOT NULL,
    sk      text NOT NULL,
    -- When the device wrote it, by its clock; as text, since it may have sent anything.
    clock   text NOT NULL,
    -- later-write, direction, or the code of the refusal.
    reason  text NOT NULL,
    -- {field: {lost, at, standing, standingAt}}
    fields  jsonb NOT NULL,
    noted   timestamptz NOT NULL DEFAULT now()
);
-- What is sent twice is lost once, for the reason of the first time: what stands after that may be another.
CREATE UNIQUE INDEX conflict_once ON sync.conflict (device, cloud, model, md5(sk), clock);
CREATE INDEX conflict_device ON sync.conflict (cloud, device, id);
CREATE INDEX conflict_noted ON sync.conflict USING brin (noted);
