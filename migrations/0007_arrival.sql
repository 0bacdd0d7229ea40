-- TimescaleDB may be installed after our tables have been made: partitions they are then, and partitions they stay.

-- Up Migration

CREATE OR REPLACE FUNCTION has_timescale() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
     AND NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass('densities'));
$$;

-- Down Migration

CREATE OR REPLACE FUNCTION has_timescale() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb');
$$;
