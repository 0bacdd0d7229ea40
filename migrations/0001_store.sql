-- Tables of the engine core. The large ones are hypertables where the database has TimescaleDB, else native
-- partitions of one day; the unique keys let any batch be sent again without doubling a row.

-- Up Migration

CREATE FUNCTION has_timescale() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb');
$$;

-- Policies exist only under the Timescale licence; an Apache build has hypertables but answers with an error here.
CREATE FUNCTION has_timescale_policies() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT has_timescale() AND coalesce(current_setting('timescaledb.license', true), '') = 'timescale';
$$;

-- Makes the missing partitions of one UTC day each that cover [from_time, until_time]; answers how many it made.
CREATE FUNCTION ensure_partitions(parent text, from_time timestamptz, until_time timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  day timestamptz := date_bin('1 day', from_time, timestamptz '2000-01-01 00:00:00+00');
  child text;
  made integer := 0;
BEGIN
  IF has_timescale() THEN RETURN 0; END IF;
  -- Two callers at once would both find a partition missing.
  PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'), hashtext(parent));
  WHILE day <= until_time LOOP
    child := parent || '_' || to_char(day AT TIME ZONE 'UTC', 'YYYYMMDD');
    IF to_regclass(quote_ident(child)) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     child, parent, day, day + interval '24 hours');
      made := made + 1;
    END IF;
    day := day + interval '24 hours';
  END LOOP;
  RETURN made;
END $$;

-- Drops what lies wholly before that moment; answers how many partitions or chunks went.
CREATE FUNCTION drop_partitions(parent text, before_time timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  child record;
  dropped integer := 0;
BEGIN
  IF has_timescale_policies() THEN RETURN 0; END IF;
  IF has_timescale() THEN
    EXECUTE format('SELECT count(*) FROM drop_chunks(%L::regclass, older_than => %L::timestamptz)', parent, before_time)
      INTO dropped;
    RETURN dropped;
  END IF;
  FOR child IN
    SELECT c.oid::regclass AS name,
           substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz AS until_time
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(quote_ident(parent))
  LOOP
    IF child.until_time <= before_time THEN
      EXECUTE format('DROP TABLE %s', child.name);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END $$;

CREATE TABLE sessions (
  session_id text PRIMARY KEY,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  environment text NOT NULL,
  mode text NOT NULL,
  version text NOT NULL,
  node text NOT NULL,
  config jsonb NOT NULL,
  totals jsonb
);
CREATE INDEX sessions_started_at ON sessions (started_at DESC);

CREATE TABLE system_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time timestamptz NOT NULL DEFAULT now(),
  session_id text NOT NULL,
  ordinal bigint NOT NULL,
  event_type text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  symbol text,
  details jsonb,
  message text,
  UNIQUE (session_id, ordinal)
);
CREATE INDEX system_events_time ON system_events (time DESC);
CREATE INDEX system_events_severity ON system_events (severity);
CREATE INDEX system_events_type ON system_events (event_type);

CREATE TABLE market_stats (
  symbol text PRIMARY KEY,
  volume_24h numeric, -- turnover, USDT
  price_change_24h_percent numeric,
  current_price numeric,
  is_active boolean NOT NULL DEFAULT false,
  rank integer,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX market_stats_active ON market_stats (is_active, rank);

-- A column left NULL leaves that parameter to the configuration; `parameters` takes any strategy key.
CREATE TABLE coin_parameters (
  symbol text PRIMARY KEY,
  density_threshold_abs numeric CHECK (density_threshold_abs >= 0),
  density_threshold_relative numeric CHECK (density_threshold_relative >= 0),
  density_threshold_percent numeric CHECK (density_threshold_percent BETWEEN 0 AND 100),
  breakout_eaten_percent numeric CHECK (breakout_eaten_percent BETWEEN 0 AND 100),
  bounce_density_stable_percent numeric CHECK (bounce_density_stable_percent BETWEEN 0 AND 100),
  preferred_strategy text NOT NULL DEFAULT 'both' CHECK (preferred_strategy IN ('breakout', 'bounce', 'both')),
  enabled boolean NOT NULL DEFAULT true,
  updated_at timestamptz NOT NULL DEFAULT now(),
  notes text,
  parameters jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object')
);

DO $$
DECLARE
  tail text := CASE WHEN has_timescale() THEN '' ELSE 'PARTITION BY RANGE (time)' END;
  kept record;
BEGIN
  EXECUTE format($table$
    CREATE TABLE densities (
      time timestamptz NOT NULL,
      session_id text NOT NULL,
      life_id text NOT NULL,
      moment text NOT NULL CHECK (moment IN ('confirmed', 'erosion', 'closed')),
      ordinal integer NOT NULL,
      symbol text NOT NULL,
      side text NOT NULL CHECK (side IN ('bid', 'ask')),
      price numeric NOT NULL,
      low_price numeric NOT NULL,
      high_price numeric NOT NULL,
      notional numeric NOT NULL, -- USDT, as are initial, peak, eaten, pulled, refilled, rpi_eaten
      volume numeric NOT NULL, -- base asset
      volume_percent numeric, -- share of the side
      relative_strength numeric, -- times the typical neighbour
      is_cluster boolean NOT NULL DEFAULT false,
      is_round boolean NOT NULL DEFAULT false,
      state text NOT NULL,
      label text,
      appeared_at timestamptz NOT NULL,
      confirmed_at timestamptz,
      disappeared_at timestamptz,
      initial_notional numeric NOT NULL,
      peak_notional numeric NOT NULL,
      eaten numeric NOT NULL,
      pulled numeric NOT NULL,
      refilled numeric NOT NULL,
      rpi_eaten numeric NOT NULL,
      touches integer NOT NULL,
      crossed boolean NOT NULL,
      criteria jsonb NOT NULL,
      PRIMARY KEY (session_id, life_id, moment, ordinal, time)
    ) %s $table$, tail);
  CREATE INDEX densities_symbol_time ON densities (symbol, time DESC);
  CREATE INDEX densities_price ON densities (price);

  EXECUTE format($table$
    CREATE TABLE signals (
      time timestamptz NOT NULL,
      session_id text NOT NULL,
      signal_id text NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('signal', 'candidate')),
      reason text,
      kind text NOT NULL CHECK (kind IN ('breakout', 'bounce')),
      direction text NOT NULL CHECK (direction IN ('long', 'short')),
      symbol text NOT NULL,
      life_id text NOT NULL,
      price numeric NOT NULL,
      mid numeric,
      priority numeric,
      relative_strength numeric,
      update_id bigint NOT NULL,
      exchange_ms bigint NOT NULL,
      received_ms bigint NOT NULL,
      scanned_ms bigint,
      criteria jsonb NOT NULL,
      PRIMARY KEY (session_id, signal_id, time)
    ) %s $table$, tail);
  CREATE INDEX signals_symbol_time ON signals (symbol, time DESC);
  CREATE INDEX signals_outcome_time ON signals (outcome, time DESC);

  EXECUTE format($table$
    CREATE TABLE orderbook_snapshots (
      time timestamptz NOT NULL,
      session_id text NOT NULL,
      symbol text NOT NULL,
      bids jsonb NOT NULL, -- [["price", "size"], …] from the touch outward
      asks jsonb NOT NULL,
      total_bid_volume numeric,
      total_ask_volume numeric,
      mid_price numeric,
      update_id bigint NOT NULL,
      sequence bigint NOT NULL,
      PRIMARY KEY (symbol, session_id, time)
    ) %s $table$, tail);
  CREATE INDEX orderbook_snapshots_symbol_time ON orderbook_snapshots (symbol, time DESC);

  IF has_timescale() THEN
    FOR kept IN
      SELECT * FROM (VALUES ('orderbook_snapshots', interval '30 days'), ('densities', interval '60 days'),
                            ('signals', interval '60 days')) AS v (name, keep)
    LOOP
      EXECUTE format('SELECT create_hypertable(%L::regclass, ''time'')', kept.name);
      IF has_timescale_policies() THEN
        EXECUTE format('SELECT add_retention_policy(%L::regclass, %L::interval)', kept.name, kept.keep);
      END IF;
    END LOOP;
  END IF;
END $$;

-- Down Migration

DROP TABLE orderbook_snapshots;
DROP TABLE signals;
DROP TABLE densities;
DROP TABLE coin_parameters;
DROP TABLE market_stats;
DROP TABLE system_events;
DROP TABLE sessions;
DROP FUNCTION drop_partitions(text, timestamptz);
DROP FUNCTION ensure_partitions(text, timestamptz, timestamptz);
DROP FUNCTION has_timescale_policies();
DROP FUNCTION has_timescale();
