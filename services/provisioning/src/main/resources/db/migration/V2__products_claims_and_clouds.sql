create table cloud (
    name    text primary key,
    created timestamptz not null
);

insert into cloud (name, created) select cloud, min(created) from account group by cloud;
alter table account add foreign key (cloud) references cloud;

alter table product
    add column suspended       timestamptz,
    -- Those that are there have been offered it; new ones are only if somebody says so.
    add column cloud_made_keys boolean not null default true,
    add column issued_ids_only boolean not null default false;
alter table product alter column cloud_made_keys set default false;

-- SHA-256 of the tokens devices of a product register with, lower-case hexadecimal.
create table product_token (
    hash    text primary key,
    product text not null references product,
    created timestamptz not null,
    expires timestamptz
);

create index product_token_product on product_token (product);
insert into product_token (hash, product, created) select token_hash, id, created from product;
alter table product drop column token_hash;

-- Claim ids made at the factory.
create table claim_id (
    id          text primary key,
    product     text not null references product,
    batch       text not null,
    -- SHA-256 of the secret made with it, lower-case hexadecimal.
    secret_hash text,
    issued      timestamptz not null
);

create index claim_id_product on claim_id (product, id);

-- Devices that were claimed before they ever registered.
create table expected_device (
    id       text primary key,
    product  text references product,
    cloud    text not null,
    account  text not null,
    expected timestamptz not null,
    foreign key (cloud, account) references account
);

-- Devices whose tombstone has been sent to the registry, to be sent again with the rest of it.
create table deleted_device (
    id      text primary key,
    deleted timestamptz not null
);

-- SHA-256 of the secret a device must prove to hold, and the time of the last proof taken.
alter table device
    add column secret_hash   text,
    add column secret_proven timestamptz;

-- SubjectPublicKeyInfo, Base64; empty for certificates issued before it was kept.
alter table device_certificate add column public_key text not null default '';
alter table device_certificate alter column public_key drop default;
