-- What a superuser prepares before Mooring's services can start: roles, schemas, outboxes, the
-- publication that change data capture reads, and the one door by which a cloud's schema is made.
--
-- Run it connected to the database `mooring` (CREATE DATABASE cannot be part of a script that may
-- run twice), as a superuser, in one transaction. Running it again changes nothing.
--
-- No role has a password here, so none can sign in until one is set:
--   ALTER ROLE mooring_sync PASSWORD '…';
-- The server needs wal_level=logical, and should bound max_slot_wal_keep_size.

-- Roles. Each service signs in as itself and owns its own schema, and nothing else.
DO $roles$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('mooring_provisioning', 'LOGIN'),
      ('mooring_certificates', 'LOGIN'),
      ('mooring_sync',         'LOGIN'),
      ('mooring_messaging',    'LOGIN'),
      ('mooring_audit',        'LOGIN'),
      ('mooring_metrics',      'LOGIN'),
      ('mooring_logs',         'LOGIN'),
      -- Change data capture: reads the write-ahead log.
      ('mooring_cdc',          'LOGIN REPLICATION'),
      -- Applications: grant this to a role of yours and it may write any cloud's tables.
      ('mooring_app',          'NOLOGIN'),
      -- People at a SQL prompt.
      ('mooring_operator',     'LOGIN')
    ) AS roles (name, attributes)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
      EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE %s', wanted.name, wanted.attributes);
    END IF;
  END LOOP;
END
$roles$;

GRANT mooring_app TO mooring_operator;
-- Commands are rows, shadows are rows: messaging writes cloud tables as any application does.
GRANT mooring_app TO mooring_messaging;

DO $database$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format(
    'GRANT CONNECT ON DATABASE %I TO mooring_provisioning, mooring_certificates, mooring_sync, mooring_messaging, mooring_audit,'
    ' mooring_metrics, mooring_logs,'
    ' mooring_cdc, mooring_app',
    current_database());
END
$database$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Schemas, one for each service that keeps state.
CREATE SCHEMA IF NOT EXISTS provisioning AUTHORIZATION mooring_provisioning;
CREATE SCHEMA IF NOT EXISTS certificates AUTHORIZATION mooring_certificates;
CREATE SCHEMA IF NOT EXISTS sync AUTHORIZATION mooring_sync;
CREATE SCHEMA IF NOT EXISTS messaging AUTHORIZATION mooring_messaging;
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION mooring_audit;
CREATE SCHEMA IF NOT EXISTS metrics AUTHORIZATION mooring_metrics;
CREATE SCHEMA IF NOT EXISTS logs AUTHORIZATION mooring_logs;
-- What lines of logs are searched by; only who may create in the database may add it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA logs;

-- Outboxes: what a service tells the world it inserts here, and deletes again in the same
-- transaction. Change data capture sees the insert; the table stays empty. They belong to the
-- superuser, so that a service can neither alter its outbox nor read another's.
CREATE SCHEMA IF NOT EXISTS outbox;
GRANT USAGE ON SCHEMA outbox TO mooring_provisioning, mooring_certificates, mooring_sync, mooring_messaging, mooring_metrics,
  mooring_logs, mooring_cdc;

DO $outboxes$
DECLARE
  service text;
BEGIN
  FOREACH service IN ARRAY ARRAY['provisioning', 'certificates', 'sync', 'messaging', 'metrics', 'logs'] LOOP
    EXECUTE format(
      $table$
      CREATE TABLE IF NOT EXISTS outbox.%I (
        id          uuid  PRIMARY KEY,
        topic       text  NOT NULL, -- the full name of the Kafka topic, prefix included
        key         bytea NOT NULL, -- of the record; decides its partition
        payload     bytea,          -- null: a tombstone
        specversion text  NOT NULL DEFAULT '1.0',
        type        text  NOT NULL,
        source      text  NOT NULL,
        subject     text,
        cloud       text,
        account     text,
        tail        text,           -- downlink: the MQTT topic past the receiver's own part
        time        text            -- RFC 3339
      )
      $table$,
      service);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON outbox.%I TO %I', service, 'mooring_' || service);
    EXECUTE format('GRANT SELECT ON outbox.%I TO mooring_cdc', service);
  END LOOP;
END
$outboxes$;

-- The publication: whole schemas, so that a new table is captured from its first row.
DO $publication$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = 'mooring') THEN
    CREATE PUBLICATION mooring FOR TABLES IN SCHEMA outbox;
  END IF;
END
$publication$;

-- A cloud's schema. Only a superuser may publish a whole schema, hence SECURITY DEFINER, a fixed
-- search path, and a name that is checked before it becomes SQL.
CREATE OR REPLACE FUNCTION public.mooring_create_cloud(name text)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  cloud_schema text := 'cloud_' || name;
BEGIN
  IF name IS NULL OR name !~ '^[a-z][a-z0-9_]{0,40}$' THEN
    RAISE EXCEPTION 'a cloud''s name is a lower-case letter and up to 40 letters, digits or underscores, not %', quote_nullable(name)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Two at once would both find the schema missing.
  PERFORM pg_advisory_xact_lock(hashtextextended('mooring_create_cloud', 0));

  EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION mooring_sync', cloud_schema);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO mooring_app, mooring_cdc', cloud_schema);
  EXECUTE format(
    'ALTER DEFAULT PRIVILEGES FOR ROLE mooring_sync IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO mooring_app',
    cloud_schema);
  EXECUTE format(
    'ALTER DEFAULT PRIVILEGES FOR ROLE mooring_sync IN SCHEMA %I GRANT USAGE ON SEQUENCES TO mooring_app', cloud_schema);
  EXECUTE format(
    'ALTER DEFAULT PRIVILEGES FOR ROLE mooring_sync IN SCHEMA %I GRANT SELECT ON TABLES TO mooring_cdc', cloud_schema);

  IF NOT EXISTS (
    SELECT FROM pg_publication_namespace published
      JOIN pg_publication publication ON publication.oid = published.pnpubid
      JOIN pg_namespace namespace ON namespace.oid = published.pnnspid
     WHERE publication.pubname = 'mooring' AND namespace.nspname = cloud_schema) THEN
    EXECUTE format('ALTER PUBLICATION mooring ADD TABLES IN SCHEMA %I', cloud_schema);
  END IF;
END
$function$;

REVOKE ALL ON FUNCTION public.mooring_create_cloud(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.mooring_create_cloud(text) TO mooring_sync;

-- The replication slot of change data capture. It is made before anybody writes, so that nothing written
-- can be missed, and made anew when it was lost; only roles with REPLICATION may, hence SECURITY DEFINER.
-- Each in a transaction of its own that has written nothing.
CREATE OR REPLACE FUNCTION public.mooring_ensure_slot()
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'mooring') THEN
    -- To be kept on standbys as well, where they are told to (sync_replication_slots).
    PERFORM pg_create_logical_replication_slot('mooring', 'pgoutput', temporary => false, twophase => false, failover => true);
  END IF;
END
$function$;

CREATE OR REPLACE FUNCTION public.mooring_drop_slot()
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'mooring' AND NOT active;
END
$function$;

REVOKE ALL ON FUNCTION public.mooring_ensure_slot(), public.mooring_drop_slot() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.mooring_ensure_slot(), public.mooring_drop_slot() TO mooring_sync;
