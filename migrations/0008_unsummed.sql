-- An engine that was away for longer than rows are kept finds an hour that it has not summed up yet: it is summed before its day
-- is dropped, though it is older than what is kept.

-- Up Migration

-- Sums the first marked hour after `after_hour` that is over; answers it, NULL when none is left or another engine is at
-- it. An hour whose rows may have been dropped keeps its sums of before, where it has any.
CREATE OR REPLACE FUNCTION roll_up_hour(after_hour timestamptz, kept_from timestamptz, until_time timestamptz)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  taken record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_hour')) THEN RETURN NULL; END IF;
  SELECT hour, told INTO taken FROM rollup_pending
    WHERE hour > after_hour AND hour + interval '1 hour' <= until_time ORDER BY hour LIMIT 1;
  IF taken.hour IS NULL THEN RETURN NULL; END IF;
  IF taken.hour >= kept_from OR NOT EXISTS (
    SELECT FROM density_hours WHERE hour = taken.hour UNION ALL SELECT FROM signal_hours WHERE hour = taken.hour)
  THEN
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

CREATE OR REPLACE FUNCTION roll_up_hour(after_hour timestamptz, kept_from timestamptz, until_time timestamptz)
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
  DELETE FROM rollup_pending WHERE hour = taken.hour AND told = taken.told;
  RETURN taken.hour;
END $$;
