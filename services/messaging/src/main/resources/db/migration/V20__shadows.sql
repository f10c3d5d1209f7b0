-- Shadows: what each device is to be (desired), and says it is (reported). Applications read this table and write
-- desired and reported with SQL; the rest follows by itself. The classic shadow has the name ''.
CREATE TABLE messaging.shadow (
    cloud    text NOT NULL,
    device   text NOT NULL,
    name     text NOT NULL DEFAULT '' CHECK (name ~ '^[$a-zA-Z0-9:_-]{0,64}$'),
    desired  jsonb,
    reported jsonb,
    -- {"desired": …, "reported": …} of the same form, with {"timestamp": seconds} in the place of each value.
    metadata jsonb NOT NULL DEFAULT '{}',
    version  bigint NOT NULL DEFAULT 1,
    updated  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cloud, device, name)
);

-- Versions of shadows that were deleted; for 48 hours, a new one of that name goes on after it.
CREATE TABLE messaging.deleted_shadow (
    cloud   text NOT NULL,
    device  text NOT NULL,
    name    text NOT NULL,
    version bigint NOT NULL,
    deleted timestamptz NOT NULL,
    PRIMARY KEY (cloud, device, name)
);
CREATE INDEX deleted_shadow_deleted ON messaging.deleted_shadow (deleted);

-- What the service is configured with, as it says at each start; the rules below hold for whoever writes with SQL.
CREATE TABLE messaging.shadow_setting (
    id             boolean PRIMARY KEY DEFAULT true CHECK (id),
    document_bytes integer NOT NULL,
    levels         integer NOT NULL,
    named_shadows  integer NOT NULL,
    topic          text NOT NULL
);

-- How far requests of devices have been taken, so that none is taken twice. The topic by its id: one made anew counts anew.
CREATE TABLE messaging.uplink_position (
    topic     text NOT NULL,
    partition integer NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- How many objects and arrays are within each other.
CREATE FUNCTION messaging.json_levels(value jsonb) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  RETURN CASE jsonb_typeof(value)
    WHEN 'object' THEN 1 + coalesce((SELECT max(messaging.json_levels(e.value)) FROM jsonb_each(value) AS e), 0)
    WHEN 'array' THEN 1 + coalesce((SELECT max(messaging.json_levels(e)) FROM jsonb_array_elements(value) AS e), 0)
    ELSE 0 END;
END $f$;

-- The length of compact JSON in UTF-8.
CREATE FUNCTION messaging.json_bytes(value jsonb) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  RETURN CASE jsonb_typeof(value)
    WHEN 'object' THEN greatest(2, 1 + coalesce(
      (SELECT sum(octet_length(to_jsonb(e.key)::text) + 2 + messaging.json_bytes(e.value)) FROM jsonb_each(value) AS e), 0))
    WHEN 'array' THEN greatest(2, 1 + coalesce(
      (SELECT sum(1 + messaging.json_bytes(e)) FROM jsonb_array_elements(value) AS e), 0))
    ELSE octet_length(value::text) END;
END $f$;

-- Metadata of a new value: stamps of what is as it was stay, the rest is new.
CREATE FUNCTION messaging.shadow_stamps(stamps jsonb, was jsonb, value jsonb, seconds bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF jsonb_typeof(value) = 'object' THEN
    IF jsonb_typeof(was) IS DISTINCT FROM 'object' THEN
      stamps := NULL;
      was := NULL;
    END IF;
    RETURN coalesce(
      (SELECT jsonb_object_agg(e.key, messaging.shadow_stamps(stamps -> e.key, was -> e.key, e.value, seconds))
         FROM jsonb_each(value) AS e), '{}');
  ELSIF was = value AND stamps IS NOT NULL THEN
    RETURN stamps;
  ELSIF jsonb_typeof(value) = 'array' THEN
    RETURN coalesce(
      (SELECT jsonb_agg(messaging.shadow_stamps(NULL, NULL, e.value, seconds) ORDER BY e.place)
         FROM jsonb_array_elements(value) WITH ORDINALITY AS e (value, place)), '[]');
  END IF;
  RETURN jsonb_build_object('timestamp', seconds);
END $f$;

-- A section as it is kept: without nulls; none, if it is empty.
CREATE FUNCTION messaging.shadow_section(name text, section jsonb, levels integer) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF section IS NULL OR jsonb_typeof(section) = 'null' THEN
    RETURN NULL;
  ELSIF jsonb_typeof(section) <> 'object' THEN
    RAISE EXCEPTION '% must be an object', name USING ERRCODE = 'check_violation';
  ELSIF messaging.json_levels(section) > levels THEN
    RAISE EXCEPTION '% contains too many levels of nesting; maximum is %', name, levels USING ERRCODE = 'check_violation';
  ELSIF section @? 'strict $.** ? (@.type() == "array")[*] ? (@ == null)' THEN
    RAISE EXCEPTION '% contains an array with a null', name USING ERRCODE = 'check_violation';
  END IF;
  section := jsonb_strip_nulls(section);
  RETURN CASE WHEN section = '{}' THEN NULL ELSE section END;
END $f$;

-- Before somebody's row is written: checked, numbered, stamped.
CREATE FUNCTION messaging.shadow_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  setting messaging.shadow_setting;
  seconds bigint := extract(epoch FROM clock_timestamp());
  state jsonb;
BEGIN
  SELECT * INTO STRICT setting FROM messaging.shadow_setting;
  NEW.desired := messaging.shadow_section('desired', NEW.desired, setting.levels);
  NEW.reported := messaging.shadow_section('reported', NEW.reported, setting.levels);
  state := jsonb_strip_nulls(jsonb_build_object('desired', NEW.desired, 'reported', NEW.reported));
  IF messaging.json_bytes(state) > setting.document_bytes THEN
    RAISE EXCEPTION 'a shadow holds % bytes of state at most', setting.document_bytes USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT FROM messaging.device d WHERE d.id = NEW.device AND d.cloud = NEW.cloud) THEN
      RAISE EXCEPTION 'cloud % has no device %', NEW.cloud, NEW.device USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF NEW.name <> '' AND (SELECT count(*) FROM messaging.shadow s WHERE s.cloud = NEW.cloud AND s.device = NEW.device
        AND s.name NOT IN ('', NEW.name)) >= setting.named_shadows THEN
      RAISE EXCEPTION 'a device has % named shadows at most', setting.named_shadows USING ERRCODE = 'check_violation';
    END IF;
    NEW.version := 1 + coalesce((SELECT d.version FROM messaging.deleted_shadow d WHERE d.cloud = NEW.cloud
      AND d.device = NEW.device AND d.name = NEW.name AND d.deleted > clock_timestamp() - interval '48 hours'), 0);
    NEW.metadata := '{}';
  ELSE
    IF (NEW.cloud, NEW.device, NEW.name) <> (OLD.cloud, OLD.device, OLD.name) THEN
      RAISE EXCEPTION 'a shadow stays what it is the shadow of' USING ERRCODE = 'check_violation';
    ELSIF NEW.desired IS NOT DISTINCT FROM OLD.desired AND NEW.reported IS NOT DISTINCT FROM OLD.reported THEN
      RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.metadata := OLD.metadata;
  END IF;
  NEW.metadata := jsonb_strip_nulls(jsonb_build_object(
    'desired', messaging.shadow_stamps(
      NEW.metadata -> 'desired', CASE TG_OP WHEN 'UPDATE' THEN OLD.desired END, NEW.desired, seconds),
    'reported', messaging.shadow_stamps(
      NEW.metadata -> 'reported', CASE TG_OP WHEN 'UPDATE' THEN OLD.reported END, NEW.reported, seconds)));
  IF NEW.desired IS NULL THEN NEW.metadata := NEW.metadata - 'desired'; END IF;
  IF NEW.reported IS NULL THEN NEW.metadata := NEW.metadata - 'reported'; END IF;
  NEW.updated := clock_timestamp();
  RETURN NEW;
END $f$;

CREATE FUNCTION messaging.shadow_document(shadow messaging.shadow) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT jsonb_build_object(
    'state', jsonb_strip_nulls(jsonb_build_object('desired', shadow.desired, 'reported', shadow.reported)),
    'metadata', coalesce(shadow.metadata, '{}'),
    'version', coalesce(shadow.version, 0))
$f$;

-- After somebody's row was written: told, by the outbox as everything else.
CREATE FUNCTION messaging.shadow_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  setting messaging.shadow_setting;
  was messaging.shadow;
  shadow messaging.shadow;
  message uuid := gen_random_uuid();
  body jsonb;
BEGIN
  IF TG_OP <> 'INSERT' THEN was := OLD; END IF;
  IF TG_OP <> 'DELETE' THEN shadow := NEW; ELSE shadow := OLD; END IF;
  IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
    RETURN NULL;
  END IF;
  DELETE FROM messaging.deleted_shadow d WHERE (d.cloud, d.device, d.name) = (shadow.cloud, shadow.device, shadow.name);
  body := jsonb_build_object(
    'device', shadow.device,
    'shadow', shadow.name,
    'by', 'sql/' || session_user,
    'timestamp', extract(epoch FROM clock_timestamp())::bigint,
    'previous', messaging.shadow_document(was));
  IF TG_OP = 'DELETE' THEN
    INSERT INTO messaging.deleted_shadow VALUES (OLD.cloud, OLD.device, OLD.name, OLD.version, clock_timestamp());
  ELSE
    body := body || jsonb_build_object('current', messaging.shadow_document(NEW));
  END IF;
  SELECT * INTO STRICT setting FROM messaging.shadow_setting;
  INSERT INTO outbox.messaging (id, topic, key, payload, type, source, subject, cloud, account, time)
  SELECT message, setting.topic, convert_to(shadow.device, 'UTF8'), convert_to(body::text, 'UTF8'),
    CASE TG_OP WHEN 'DELETE' THEN 'io.mooring.shadow.deleted' ELSE 'io.mooring.shadow.updated' END,
    '/database', 'device/' || shadow.device, shadow.cloud,
    (SELECT d.account FROM messaging.device d WHERE d.id = shadow.device AND d.cloud = shadow.cloud),
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  DELETE FROM outbox.messaging o WHERE o.id = message;
  RETURN NULL;
END $f$;

REVOKE ALL ON FUNCTION messaging.shadow_write(), messaging.shadow_tell() FROM PUBLIC;

-- The service itself has decided already, and tells by itself.
CREATE TRIGGER shadow_write BEFORE INSERT OR UPDATE ON messaging.shadow
  FOR EACH ROW WHEN (session_user <> 'mooring_messaging') EXECUTE FUNCTION messaging.shadow_write();
CREATE TRIGGER shadow_tell AFTER INSERT OR UPDATE OR DELETE ON messaging.shadow
  FOR EACH ROW WHEN (session_user <> 'mooring_messaging') EXECUTE FUNCTION messaging.shadow_tell();

GRANT USAGE ON SCHEMA messaging TO mooring_app;
GRANT SELECT, DELETE, INSERT (cloud, device, name, desired, reported), UPDATE (desired, reported)
  ON messaging.shadow TO mooring_app;

-- Whoever gets a device next inherits nothing of its shadows.
CREATE FUNCTION messaging.device_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  DELETE FROM messaging.shadow WHERE device = OLD.id AND cloud = OLD.cloud;
  DELETE FROM messaging.deleted_shadow WHERE device = OLD.id AND cloud = OLD.cloud;
  RETURN NULL;
END $f$;
CREATE TRIGGER device_gone AFTER DELETE ON messaging.device
  FOR EACH ROW EXECUTE FUNCTION messaging.device_changed();
CREATE TRIGGER device_changed AFTER UPDATE ON messaging.device FOR EACH ROW
  WHEN (OLD.cloud <> NEW.cloud OR OLD.account IS DISTINCT FROM NEW.account OR NEW.state = 'released')
  EXECUTE FUNCTION messaging.device_changed();
