-- How many audit records this service has sent. Counted in the transaction of each, so that no number is left out and a gap shows.
create table audit_sequence (
    single boolean primary key default true check (single),
    epoch  uuid not null default gen_random_uuid(),
    last   bigint not null default 0
);
insert into audit_sequence default values;
