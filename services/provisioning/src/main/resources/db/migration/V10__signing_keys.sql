-- Keys that devices' tokens are signed with. Served as long as a token may live that one of them signed.
create table signing_key (
    id          text primary key,
    algorithm   text not null,
    -- JSON Web Key (RFC 7517), the public part.
    public_key  text not null,
    -- PKCS#8, sealed under a key derived from the master key of this id.
    private_key bytea not null,
    master_key  text not null,
    signs_from  timestamptz not null,
    signs_until timestamptz not null,
    check (signs_from < signs_until)
);
