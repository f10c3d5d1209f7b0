-- Topics on which applications read rows: how far each was filled with the rows there were before it. From then
-- on changes keep it up to date.
CREATE TABLE sync.row_topic (
    cloud    text NOT NULL,
    model    text NOT NULL,
    progress text NOT NULL DEFAULT '',
    filled   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (cloud, model)
);
