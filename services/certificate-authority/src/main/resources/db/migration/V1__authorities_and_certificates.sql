-- Authorities that ever were. One of each name is active: the one that signs.
create table authority (
    id          uuid primary key,
    kind        text not null check (kind in ('root', 'servers', 'cloud')),
    cloud       text not null default '' check ((kind = 'cloud') = (cloud <> '')),
    issuer      uuid references authority,
    state       text not null check (state in ('active', 'retired')),
    serial      text not null unique,
    certificate bytea not null,
    -- The private key, sealed under the master key that master_key_id names.
    sealed_key  bytea not null,
    master_key_id text not null,
    not_after   timestamptz not null,
    created     timestamptz not null
);

create unique index one_active_authority on authority (kind, cloud) where state = 'active';

-- Every certificate an issuing authority may ever have signed. The row is there, with the exact bytes
-- to be signed, before the signature is made: a crash leaves an intention, never an unknown certificate.
create table certificate (
    serial      text primary key,
    authority   uuid not null references authority,
    purpose     text not null check (purpose in ('device', 'server')),
    cloud       text not null default '',
    subject     text not null,
    state       text not null check (state in ('intended', 'issued', 'revoked')),
    prepared    bytea not null,
    certificate bytea,
    fingerprint text,
    requested_by text not null,
    not_before  timestamptz not null,
    not_after   timestamptz not null,
    intended    timestamptz not null,
    issued      timestamptz,
    revoked     timestamptz,
    revocation_reason text,
    check (state <> 'issued' or (certificate is not null and fingerprint is not null and issued is not null)),
    check ((state = 'revoked') = (revoked is not null and revocation_reason is not null))
);

create index certificate_subject on certificate (cloud, subject, intended);
create index certificate_intended on certificate (intended) where state = 'intended';
create index certificate_fingerprint on certificate (fingerprint);
