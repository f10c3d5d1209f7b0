-- An authority need not have its key here: a root's may lie in a file that is seldom there, any may be on a token.
alter table authority
    alter column sealed_key drop not null,
    alter column master_key_id drop not null,
    -- The label of its key on the PKCS#11 token.
    add column token_label text,
    -- The certificates above it up to the self-signed one, DER; only of those that came from elsewhere.
    add column above bytea[] not null default '{}',
    -- From when on it signs. Of all of one name, the one that began last does, so nothing has to happen at that moment.
    add column active_from timestamptz,
    add column revoked timestamptz,
    add column revocation_reason text,
    add check ((sealed_key is null) = (master_key_id is null)),
    add check (sealed_key is null or token_label is null),
    add check ((revoked is null) = (revocation_reason is null));
update authority set active_from = created;
drop index one_active_authority;
alter table authority alter column active_from set not null, drop column state;
create index authority_name on authority (kind, cloud, active_from);

alter table certificate
    drop constraint certificate_purpose_check,
    add check (purpose in ('device', 'server', 'responder')),
    -- What was signed is part of the certificate: it is kept only until there is one.
    alter column prepared drop not null,
    add check (state <> 'intended' or prepared is not null);
-- Nothing is sought by it.
drop index certificate_fingerprint;
-- What the lists of revoked certificates are made of, without those long expired.
create index certificate_revoked on certificate (authority, not_after) where state = 'revoked';

-- The list of revoked certificates of each authority (RFC 5280, section 5).
create table crl (
    authority   uuid primary key references authority,
    -- How many revocations there were; counted in the transaction of each.
    revocations bigint not null default 0,
    -- How many of them the list knew of: it is complete if and only if the two are equal.
    listed      bigint not null default 0,
    number      bigint not null default 0,
    scheduled   timestamptz not null default 'epoch',
    this_update timestamptz,
    next_update timestamptz,
    der         bytea,
    check ((number = 0) = (der is null))
);
insert into crl (authority) select id from authority;
