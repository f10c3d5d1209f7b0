-- Applications: people's own programs, and what each may.
CREATE TABLE messaging.application (
    id           text PRIMARY KEY,
    cloud        text NOT NULL,
    name         text NOT NULL,
    state        text NOT NULL CHECK (state IN ('active', 'revoked')),
    rights       text[] NOT NULL,
    -- Both empty: the whole cloud. Else the devices named, and those of the products named.
    products     text[] NOT NULL DEFAULT '{}',
    devices      text[] NOT NULL DEFAULT '{}',
    -- SHA-256 of each certificate's DER form, lower-case hex.
    certificates text[] NOT NULL DEFAULT '{}',
    created      timestamptz NOT NULL,
    updated      timestamptz NOT NULL
);

-- Tokens, of which only the SHA-256 is kept: they are 256 random bits, which nobody guesses from it.
CREATE TABLE messaging.application_token (
    sha256      text PRIMARY KEY,
    application text NOT NULL REFERENCES messaging.application (id) ON DELETE CASCADE,
    expires     timestamptz,
    created     timestamptz NOT NULL
);
CREATE INDEX application_token_application ON messaging.application_token (application);

-- Which application topics the devices of a product have.
CREATE TABLE messaging.product_topics (
    cloud    text NOT NULL,
    product  text NOT NULL,
    patterns jsonb NOT NULL,
    updated  timestamptz NOT NULL,
    PRIMARY KEY (cloud, product)
);

-- Devices as provisioning last spoke of them; and whether they answer commands, as they say themselves.
CREATE TABLE messaging.device (
    id      text PRIMARY KEY,
    cloud   text NOT NULL,
    account text,
    product text,
    state   text NOT NULL,
    -- Since when it is in this state: access keys issued in an earlier one are worth nothing.
    since   timestamptz
);
CREATE INDEX device_product ON messaging.device (cloud, product, id);

CREATE TABLE messaging.answering_device (
    device  text PRIMARY KEY,
    answers boolean NOT NULL
);

-- Which devices are connected, and where.
CREATE TABLE messaging.presence (
    device    text PRIMARY KEY,
    cloud     text NOT NULL,
    account   text,
    connected boolean NOT NULL,
    since     timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    -- When its last connection began; and whether that is only believed to be over, since its node says nothing.
    began     timestamptz NOT NULL,
    silenced  boolean NOT NULL DEFAULT false,
    node      text,
    session   text,
    address   text,
    protocol  text
);
CREATE INDEX presence_node ON messaging.presence (node, began) WHERE connected OR silenced;

-- Broker nodes, and when each was last heard of: by its clock, and by ours.
CREATE TABLE messaging.node (
    name    text PRIMARY KEY,
    started timestamptz NOT NULL,
    said    timestamptz NOT NULL,
    heard   timestamptz NOT NULL,
    gone    boolean NOT NULL DEFAULT false
);

-- Commands: what somebody asks of devices.
CREATE TABLE messaging.command (
    id              text PRIMARY KEY,
    cloud           text NOT NULL,
    caller          text NOT NULL,
    idempotency_key text,
    -- SHA-256 of the request: the same key with another request is a mistake.
    request_hash    text NOT NULL,
    name            text NOT NULL,
    args            jsonb,
    description     text,
    target          jsonb NOT NULL,
    state           text NOT NULL CHECK (state IN ('scheduled', 'running', 'completed', 'stopped', 'aborted')),
    starts          timestamptz NOT NULL,
    rate_per_minute integer,
    -- Stops when of those that ended more than this share failed, and at least so many ended.
    stop_share      double precision,
    stop_after      integer,
    -- How long a device may take to get it once it was sent, and how long it may say nothing then, in seconds.
    expires_seconds integer NOT NULL,
    timeout_seconds integer NOT NULL,
    next_dispatch   timestamptz,
    total           integer NOT NULL DEFAULT 0,
    ended           integer NOT NULL DEFAULT 0,
    failures        integer NOT NULL DEFAULT 0,
    created         timestamptz NOT NULL,
    finished        timestamptz
);
CREATE UNIQUE INDEX command_idempotency ON messaging.command (caller, idempotency_key);
CREATE INDEX command_due ON messaging.command (next_dispatch) WHERE next_dispatch IS NOT NULL;
CREATE INDEX command_of_cloud ON messaging.command (cloud, id);
CREATE INDEX command_finished ON messaging.command (finished);

-- What becomes of a command, for each device.
CREATE TABLE messaging.execution (
    command  text NOT NULL REFERENCES messaging.command (id) ON DELETE CASCADE,
    device   text NOT NULL,
    account  text,
    state    text NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'running', 'succeeded', 'failed',
                 'rejected', 'timedOut', 'cancelled')),
    final    boolean NOT NULL,
    -- Whether it ended by the device's own word.
    answered boolean NOT NULL DEFAULT false,
    progress double precision,
    output   jsonb,
    message  text,
    -- What the device answered after it had ended otherwise: no answer is lost.
    late     jsonb,
    -- Until when something must happen; none while it is queued, or has ended.
    deadline timestamptz,
    changed  timestamptz NOT NULL,
    PRIMARY KEY (command, device)
);
CREATE INDEX execution_queued ON messaging.execution (command, device) WHERE state = 'queued';
CREATE INDEX execution_deadline ON messaging.execution (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX execution_device ON messaging.execution (device, command);

-- How a field's value lies to what a query compares it with: negative, 0, positive, or null if neither.
-- Numbers compare as numbers; texts of digits and dots, such as versions, part by part; others as texts.
CREATE FUNCTION messaging.compare_values(value jsonb, operand text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  number  constant text := '^-?[0-9]{1,30}(\.[0-9]{1,30})?$';
  version constant text := '^[vV]?[0-9]{1,18}(\.[0-9]{1,18}){0,9}$';
  mine text := value #>> '{}';
  a numeric[];
  b numeric[];
BEGIN
  IF value IS NULL OR mine IS NULL OR operand IS NULL THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(value) = 'number' THEN
    RETURN CASE WHEN operand ~ number THEN sign(mine::numeric - operand::numeric)::integer END;
  END IF;
  IF mine ~ version AND operand ~ version THEN
    a := string_to_array(ltrim(mine, 'vV'), '.')::numeric[];
    b := string_to_array(ltrim(operand, 'vV'), '.')::numeric[];
    WHILE cardinality(a) < cardinality(b) LOOP a := a || 0::numeric; END LOOP;
    WHILE cardinality(b) < cardinality(a) LOOP b := b || 0::numeric; END LOOP;
    RETURN CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END;
  END IF;
  RETURN CASE WHEN mine COLLATE "C" < operand COLLATE "C" THEN -1 WHEN mine = operand THEN 0 ELSE 1 END;
END $f$;
