create table account (
    cloud   text not null,
    name    text not null,
    created timestamptz not null,
    primary key (cloud, name)
);

create table product (
    id         text primary key,
    name       text not null,
    cloud      text not null,
    account    text not null,
    -- SHA-256 of the token devices register with, lower-case hexadecimal.
    token_hash text not null unique,
    created    timestamptz not null,
    foreign key (cloud, account) references account
);

create table device (
    id            text primary key,
    product       text not null references product,
    state         text not null check (state in ('registered', 'claimed', 'provisioned', 'blocked', 'released')),
    -- The owner, or the former owner of a released device.
    cloud         text,
    account       text,
    name          text not null,
    description   text not null,
    model         text not null,
    -- What else the device said of itself. json and not jsonb: kept as it came.
    properties    json not null,
    block_delay_seconds integer,
    registered    timestamptz not null,
    since         timestamptz not null,
    check ((state = 'registered') = (cloud is null)),
    check ((cloud is null) = (account is null)),
    check ((state = 'blocked') = (block_delay_seconds is not null)),
    foreign key (cloud, account) references account
);

create index device_owner on device (cloud, account, id);

-- SHA-256 of the tokens a device may show, lower-case hexadecimal.
create table device_token (
    hash   text primary key,
    device text not null references device on delete cascade,
    added  bigint generated always as identity
);

create index device_token_device on device_token (device, added desc);

-- What a device may connect with.
create table device_certificate (
    serial      text primary key,
    device      text not null references device on delete cascade,
    fingerprint text not null unique,
    expires     timestamptz not null,
    added       bigint generated always as identity
);

create index device_certificate_device on device_certificate (device, added desc);

-- Certificates that the certificate authority has still to be told of.
create table revocation (
    serial    text primary key,
    reason    text not null,
    requested timestamptz not null
);

create table operator (
    name          text primary key,
    password_hash text,
    token_hash    text,
    updated       timestamptz not null
);
