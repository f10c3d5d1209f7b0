-- Which numbers of a model's rows are metrics: the name of each metric by the field it is, and fields that tell series apart.
CREATE TABLE metrics.row_metric (
    cloud      text NOT NULL,
    model      text NOT NULL,
    fields     jsonb NOT NULL,
    dimensions text[] NOT NULL,
    since      bigint NOT NULL, -- ms since 1970
    PRIMARY KEY (cloud, model)
);
