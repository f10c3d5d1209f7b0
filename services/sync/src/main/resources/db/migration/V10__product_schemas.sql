-- What a product brings to its cloud's schema: every version of it, as its owner wrote it (JSON5).
CREATE TABLE sync.product_schema (
    cloud   text NOT NULL REFERENCES sync.cloud (name),
    product text NOT NULL,
    version integer NOT NULL,
    source  text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cloud, product, version)
);

-- Which versions of products' schemas a version of the cloud's was made with: an object, product to version.
ALTER TABLE sync.schema_version ADD COLUMN products jsonb NOT NULL DEFAULT '{}';
