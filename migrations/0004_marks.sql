-- A mark counts how often rows of its hour were told. Who sums the hour up holds up no writer: the mark goes only if
-- nothing was told since the sums were begun, else it stands and the hour is summed once more.

-- Up Migration

ALTER TABLE rollup_pending ADD COLUMN told bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN rollup_pending.told IS 'Grows with each batch that holds rows of the hour.';

CREATE OR REPLACE FUNCTION mark_trade_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_pending (hour)
    SELECT DISTINCT hour_of(exit_time)
    FROM unnest(ARRAY[NEW.exit_time, CASE WHEN TG_OP = 'UPDATE' THEN OLD.exit_time END]) AS ended (exit_time)
    WHERE exit_time IS NOT NULL ORDER BY 1
  ON CONFLICT (hour) DO UPDATE SET told = rollup_pending.told + 1;
  RETURN NULL;
END $$;

DROP FUNCTION roll_up_hour(timestamptz, timestamptz);

-- Sums the first marked hour after `after_hour` that is over; answers it, NULL when none is left or another engine is at
-- it. An hour whose rows may have been dropped keeps its sums of before.
CREATE FUNCTION roll_up_hour(after_hour timestamptz, kept_from timestamptz, until_time timestamptz)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  taken record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_hour')) THEN RETURN NULL; END IF;
  SELECT hour, told INTO taken FROM rollup_pending
    WHERE hour > after_hour AND hour + interval '1 hour' <= until_time ORDER BY hour LIMIT 1;
  IF taken.hour IS NULL THEN RETURN NULL; END IF;
  IF taken.hour >= kept_from THEN
    DELETE FROM density_hours WHERE hour = taken.hour;
    DELETE FROM signal_hours WHERE hour = taken.hour;
    INSERT INTO density_hours SELECT * FROM sum_densities(taken.hour);
    INSERT INTO signal_hours SELECT * FROM sum_signals(taken.hour);
  END IF;
  -- Rows that the sums do not have were committed after they were begun, and with them a higher count. A writer that has
  -- not committed yet is waited for here, and only here.
  DELETE FROM rollup_pending WHERE hour = taken.hour AND told = taken.told;
  RETURN taken.hour;
END $$;

-- Down Migration

DROP FUNCTION roll_up_hour(timestamptz, timestamptz, timestamptz);
CREATE FUNCTION roll_up_hour(kept_from timestamptz, until_time timestamptz)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  taken timestamptz;
BEGIN
  DELETE FROM rollup_pending WHERE hour = (
    SELECT min(hour) FROM rollup_pending WHERE hour + interval '1 hour' <= until_time) RETURNING hour INTO taken;
  IF taken IS NULL OR taken < kept_from THEN RETURN taken; END IF;
  DELETE FROM density_hours WHERE hour = taken;
  DELETE FROM signal_hours WHERE hour = taken;
  INSERT INTO density_hours SELECT * FROM sum_densities(taken);
  INSERT INTO signal_hours SELECT * FROM sum_signals(taken);
  RETURN taken;
END $$;
CREATE OR REPLACE FUNCTION mark_trade_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_pending
    SELECT DISTINCT hour_of(exit_time)
    FROM unnest(ARRAY[NEW.exit_time, CASE WHEN TG_OP = 'UPDATE' THEN OLD.exit_time END]) AS ended (exit_time)
    WHERE exit_time IS NOT NULL ORDER BY 1
  ON CONFLICT (hour) DO UPDATE SET hour = EXCLUDED.hour WHERE false;
  RETURN NULL;
END $$;
ALTER TABLE rollup_pending DROP COLUMN told;
