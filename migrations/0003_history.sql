-- The tables seen as one: books in a packed form, hours rolled up for the reports, a word to the running engine when a
-- coin's parameters change, only the indexes that a query of this program uses, and a comment on every table and column.

-- Up Migration

-- 1. Trades: what the decision expected to pay, for the slippage of the report.
ALTER TABLE trades ADD COLUMN expected_price numeric;
CREATE INDEX trades_symbol_entry_time ON trades (symbol, entry_time DESC);
DROP INDEX trades_symbol;
DROP INDEX trades_entry_time;
DROP INDEX trades_signal_type;
DROP INDEX executions_time;
DROP INDEX executions_symbol_time;

-- 2. Books: rows of before stay as they are until their day is dropped; `orderbooks` shows both kinds alike.
ALTER TABLE orderbook_snapshots
  ADD COLUMN packed_bids bytea,
  ADD COLUMN packed_asks bytea,
  ADD COLUMN price_step numeric,
  ADD COLUMN size_step numeric;
ALTER TABLE orderbook_snapshots ALTER COLUMN bids DROP NOT NULL;
ALTER TABLE orderbook_snapshots ALTER COLUMN asks DROP NOT NULL;
ALTER TABLE orderbook_snapshots ADD CONSTRAINT orderbook_snapshots_form CHECK (
  num_nulls(packed_bids, packed_asks, price_step, size_step) = CASE WHEN bids IS NULL THEN 0 ELSE 4 END
  AND (bids IS NULL) = (asks IS NULL));
-- By symbol and time a book is looked for; sent again it is known by the same columns.
ALTER TABLE orderbook_snapshots DROP CONSTRAINT orderbook_snapshots_pkey;
ALTER TABLE orderbook_snapshots ADD PRIMARY KEY (symbol, time, session_id);
DROP INDEX orderbook_snapshots_symbol_time;

-- The levels of one packed side, from the touch outward: numbers of seven bits a byte, the lowest first, the eighth bit
-- says that more follow. First price in steps, its size in steps, then for each level the distance from the level before.
CREATE FUNCTION book_side(packed bytea, price_step numeric, size_step numeric, is_ask boolean)
RETURNS TABLE (level integer, price numeric, size numeric) LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  at integer := 0;
  octet integer;
  number bigint := 0;
  shift integer := 0;
  is_size boolean := false;
  tick bigint := 0;
BEGIN
  level := 0;
  WHILE at < length(packed) LOOP
    octet := get_byte(packed, at);
    at := at + 1;
    number := number | ((octet & 127)::bigint << shift);
    shift := shift + 7;
    CONTINUE WHEN octet >= 128;
    IF is_size THEN
      level := level + 1;
      price := tick * price_step;
      size := number * size_step;
      RETURN NEXT;
    ELSE
      tick := CASE WHEN level = 0 THEN number WHEN is_ask THEN tick + number ELSE tick - number END;
    END IF;
    is_size := NOT is_size;
    number := 0;
    shift := 0;
  END LOOP;
END $$;

CREATE FUNCTION book_json(packed bytea, price_step numeric, size_step numeric, is_ask boolean)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_agg(jsonb_build_array(price::text, size::text) ORDER BY level)
  FROM book_side(packed, price_step, size_step, is_ask);
$$;

CREATE VIEW orderbooks AS
  SELECT time, session_id, symbol,
         coalesce(bids, book_json(packed_bids, price_step, size_step, false)) AS bids,
         coalesce(asks, book_json(packed_asks, price_step, size_step, true)) AS asks,
         total_bid_volume, total_ask_volume, mid_price, update_id, sequence
  FROM orderbook_snapshots;

-- 3. Indexes: by hour for the roll-up, by symbol and time for `why`.
DROP INDEX densities_price;
DROP INDEX signals_outcome_time;
CREATE INDEX densities_time ON densities USING brin (time) WITH (pages_per_range = 16);
CREATE INDEX signals_time ON signals USING brin (time) WITH (pages_per_range = 16);
CREATE INDEX system_events_symbol_time ON system_events (symbol, time DESC) WHERE symbol IS NOT NULL;
DROP INDEX system_events_severity;
DROP INDEX system_events_type;
DROP INDEX sessions_started_at;
DROP INDEX market_stats_active;

-- 4. Hours. Whoever writes rows marks their hours in `rollup_pending`; our job takes the marks and sums these hours anew,
-- so that rows that come days late count too. Kept for ever, and alike with and without TimescaleDB.
CREATE TABLE rollup_pending (hour timestamptz PRIMARY KEY);

CREATE TABLE density_hours (
  hour timestamptz NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('bid', 'ask')),
  size_from integer NOT NULL,
  births bigint NOT NULL,
  ended bigint NOT NULL,
  eaten_lives bigint NOT NULL,
  pulled_lives bigint NOT NULL,
  moved_lives bigint NOT NULL,
  absorbed_lives bigint NOT NULL,
  out_of_view_lives bigint NOT NULL,
  unknown_lives bigint NOT NULL,
  held_lives bigint NOT NULL,
  life_ms numeric NOT NULL,
  peak numeric NOT NULL,
  eaten numeric NOT NULL,
  pulled numeric NOT NULL,
  refilled numeric NOT NULL,
  touched bigint NOT NULL,
  touched_held bigint NOT NULL,
  eaten_crossed bigint NOT NULL,
  bounce_trades bigint NOT NULL,
  bounce_won bigint NOT NULL,
  breakout_trades bigint NOT NULL,
  breakout_won bigint NOT NULL,
  PRIMARY KEY (hour, symbol, side, size_from)
);

CREATE TABLE signal_hours (
  hour timestamptz NOT NULL,
  symbol text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('breakout', 'bounce')),
  direction text NOT NULL CHECK (direction IN ('long', 'short')),
  outcome text NOT NULL CHECK (outcome IN ('signal', 'candidate')),
  reason text NOT NULL,
  told bigint NOT NULL,
  PRIMARY KEY (hour, symbol, kind, direction, outcome, reason)
);

CREATE FUNCTION hour_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT date_bin('1 hour', moment, timestamptz '2000-01-01 00:00:00+00');
$$;

-- USDT from which a size class begins.
CREATE FUNCTION size_class(notional numeric) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN notional < 100000 THEN 0 WHEN notional < 250000 THEN 100000 WHEN notional < 500000 THEN 250000
              WHEN notional < 1000000 THEN 500000 ELSE 1000000 END;
$$;

-- One hour as its rows are now. A trade counts where it ended, in the class of the density that its signal was of.
CREATE FUNCTION sum_densities(of_hour timestamptz) RETURNS SETOF density_hours LANGUAGE sql STABLE AS $$
  WITH told AS (
    SELECT symbol, side, size_class(peak_notional) AS size_from, moment, label, appeared_at, disappeared_at,
           peak_notional, d.eaten, d.pulled, d.refilled, touches, crossed, NULL::text AS signal_type, NULL::boolean AS won
    FROM densities d
    WHERE time >= of_hour AND time < of_hour + interval '1 hour' AND moment IN ('confirmed', 'closed')
    UNION ALL
    SELECT t.symbol, life.side, size_class(life.peak_notional), 'trade', NULL, NULL, NULL, 0, 0, 0, 0, 0, false,
           t.signal_type, t.profit_loss > 0
    FROM trades t
    JOIN LATERAL (
      SELECT session_id, life_id FROM signals
      WHERE signal_id = t.signal_id AND symbol = t.symbol
        AND time BETWEEN t.entry_time - interval '1 minute' AND t.entry_time + interval '1 minute'
      ORDER BY abs(extract(epoch FROM time - t.entry_time)) LIMIT 1) s ON true
    JOIN LATERAL (
      SELECT side, max(peak_notional) AS peak_notional FROM densities
      WHERE session_id = s.session_id AND life_id = s.life_id AND time <= t.entry_time + interval '1 minute'
        AND time > t.entry_time - interval '1 day'
      GROUP BY side) life ON true
    WHERE t.exit_time >= of_hour AND t.exit_time < of_hour + interval '1 hour')
  SELECT of_hour, symbol, side, size_from,
         count(*) FILTER (WHERE moment = 'confirmed'),
         count(*) FILTER (WHERE moment = 'closed'),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'eaten'),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'pulled'),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'moved'),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'absorbed'),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'out_of_view'),
         count(*) FILTER (WHERE moment = 'closed' AND (label IS NULL OR label = 'unknown')),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'held'),
         coalesce(sum(extract(epoch FROM disappeared_at - appeared_at) * 1000) FILTER (WHERE moment = 'closed'), 0),
         coalesce(sum(peak_notional) FILTER (WHERE moment = 'closed'), 0),
         coalesce(sum(eaten) FILTER (WHERE moment = 'closed'), 0),
         coalesce(sum(pulled) FILTER (WHERE moment = 'closed'), 0),
         coalesce(sum(refilled) FILTER (WHERE moment = 'closed'), 0),
         count(*) FILTER (WHERE moment = 'closed' AND touches > 0),
         count(*) FILTER (WHERE moment = 'closed' AND touches > 0 AND NOT crossed),
         count(*) FILTER (WHERE moment = 'closed' AND label = 'eaten' AND crossed),
         count(*) FILTER (WHERE signal_type = 'bounce'),
         count(*) FILTER (WHERE signal_type = 'bounce' AND won),
         count(*) FILTER (WHERE signal_type = 'breakout'),
         count(*) FILTER (WHERE signal_type = 'breakout' AND won)
  FROM told GROUP BY symbol, side, size_from;
$$;

CREATE FUNCTION sum_signals(of_hour timestamptz) RETURNS SETOF signal_hours LANGUAGE sql STABLE AS $$
  SELECT of_hour, symbol, kind, direction, outcome, coalesce(reason, ''), count(*)
  FROM signals WHERE time >= of_hour AND time < of_hour + interval '1 hour'
  GROUP BY symbol, kind, direction, outcome, reason;
$$;

-- Sums the oldest marked hour that is over anew; answers it, NULL when none is left. An hour whose rows may have been
-- dropped keeps its sums of before.
CREATE FUNCTION roll_up_hour(kept_from timestamptz, until_time timestamptz)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  taken timestamptz;
BEGIN
  -- The lock on the mark waits for writers that have marked it and not committed yet; later statements see their rows.
  DELETE FROM rollup_pending WHERE hour = (
    SELECT min(hour) FROM rollup_pending WHERE hour + interval '1 hour' <= until_time) RETURNING hour INTO taken;
  IF taken IS NULL OR taken < kept_from THEN RETURN taken; END IF;
  DELETE FROM density_hours WHERE hour = taken;
  DELETE FROM signal_hours WHERE hour = taken;
  INSERT INTO density_hours SELECT * FROM sum_densities(taken);
  INSERT INTO signal_hours SELECT * FROM sum_signals(taken);
  RETURN taken;
END $$;

-- What the reports read: the sums, and the hours that are still marked as their rows are now.
CREATE VIEW densities_hourly AS
  SELECT * FROM density_hours d WHERE NOT EXISTS (SELECT FROM rollup_pending p WHERE p.hour = d.hour)
  UNION ALL
  SELECT p.hour, symbol, side, size_from, births, ended, eaten_lives, pulled_lives, moved_lives, absorbed_lives,
         out_of_view_lives, unknown_lives, held_lives, life_ms, peak, eaten, pulled, refilled, touched, touched_held,
         eaten_crossed, bounce_trades, bounce_won, breakout_trades, breakout_won
  FROM rollup_pending p CROSS JOIN LATERAL sum_densities(p.hour);

CREATE VIEW signals_hourly AS
  SELECT * FROM signal_hours s WHERE NOT EXISTS (SELECT FROM rollup_pending p WHERE p.hour = s.hour)
  UNION ALL
  SELECT p.hour, symbol, kind, direction, outcome, reason, told
  FROM rollup_pending p CROSS JOIN LATERAL sum_signals(p.hour);

INSERT INTO rollup_pending
  SELECT hour_of(time) FROM densities UNION SELECT hour_of(time) FROM signals
  UNION SELECT hour_of(exit_time) FROM trades WHERE exit_time IS NOT NULL;

-- A trade is told anew with each revision: the hour in which it ended before, if it was another, changes too.
CREATE FUNCTION mark_trade_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollup_pending
    SELECT DISTINCT hour_of(exit_time)
    FROM unnest(ARRAY[NEW.exit_time, CASE WHEN TG_OP = 'UPDATE' THEN OLD.exit_time END]) AS ended (exit_time)
    WHERE exit_time IS NOT NULL ORDER BY 1
  ON CONFLICT (hour) DO UPDATE SET hour = EXCLUDED.hour WHERE false;
  RETURN NULL;
END $$;
CREATE TRIGGER trades_marked AFTER INSERT OR UPDATE ON trades FOR EACH ROW EXECUTE FUNCTION mark_trade_hours();

-- 5. Retention as configured: under the Timescale licence the server's own policy is set to it, elsewhere our job drops.
CREATE FUNCTION keep_rows(parent text, keep interval) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  current interval;
BEGIN
  IF NOT has_timescale_policies() THEN RETURN false; END IF;
  EXECUTE 'SELECT (config ->> ''drop_after'')::interval FROM timescaledb_information.jobs
           WHERE proc_name = ''policy_retention'' AND hypertable_name = $1' INTO current USING parent;
  IF current = keep THEN RETURN false; END IF;
  EXECUTE format('SELECT remove_retention_policy(%L::regclass, if_exists => true)', parent);
  EXECUTE format('SELECT add_retention_policy(%L::regclass, %L::interval)', parent, keep);
  RETURN true;
END $$;

-- 6. The running engine listens: a changed row is in force at once.
CREATE FUNCTION tell_coin_parameters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('coin_parameters', '');
  RETURN NULL;
END $$;
CREATE FUNCTION date_coin_parameters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER coin_parameters_told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coin_parameters
  FOR EACH STATEMENT EXECUTE FUNCTION tell_coin_parameters();
CREATE TRIGGER coin_parameters_dated BEFORE UPDATE ON coin_parameters
  FOR EACH ROW EXECUTE FUNCTION date_coin_parameters();

-- 7. What everything means. Text and numeric have no limits on purpose: a coin with twelve decimals is no error.
COMMENT ON COLUMN trades.id IS 'Ours, for whoever refers to the row; a trade is known by account and trade_id.';
COMMENT ON COLUMN trades.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN trades.side IS 'Of the position.';
COMMENT ON COLUMN trades.signal_id IS 'The row of signals that it came from; NULL where that is not known.';
COMMENT ON COLUMN trades.leverage IS 'Sets the margin only, never the size; the exchange allows fractions.';
COMMENT ON COLUMN trades.stop_loss_triggered IS 'Closed by the stop at the exchange.';
COMMENT ON COLUMN trades.exit_reason IS 'NULL while it is open.';
COMMENT ON COLUMN trades.created_at IS 'When the row was first written.';
COMMENT ON COLUMN trades.updated_at IS 'When this revision was told.';
COMMENT ON COLUMN trades.expected_price IS 'The mid at the decision; what entry_price is worse than that, times position_size, is slippage.';

COMMENT ON COLUMN executions.exec_id IS 'The exchange''s id.';
COMMENT ON COLUMN executions.session_id IS 'The session that wrote it first.';
COMMENT ON COLUMN executions.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN executions.order_id IS 'The exchange''s id of the order.';
COMMENT ON COLUMN executions.kind IS 'What happened; unknown: a kind that this program has no word for.';
COMMENT ON COLUMN executions.side IS 'Of the order.';
COMMENT ON COLUMN executions.price IS 'Of this execution.';
COMMENT ON COLUMN executions.fee_rate IS 'Of value; NULL where the exchange gives none.';
COMMENT ON COLUMN executions.is_maker IS 'The order had been resting.';

COMMENT ON TABLE sessions IS 'One row a run of the engine.';
COMMENT ON COLUMN sessions.session_id IS 'Made at start.';
COMMENT ON COLUMN sessions.started_at IS 'Wall clock.';
COMMENT ON COLUMN sessions.ended_at IS 'NULL while it runs, and of one that was killed.';
COMMENT ON COLUMN sessions.environment IS 'Which exchange: simulator, testnet, demo, mainnet.';
COMMENT ON COLUMN sessions.mode IS 'trading.mode.';
COMMENT ON COLUMN sessions.version IS 'Of this program.';
COMMENT ON COLUMN sessions.node IS 'Version of Node.';
COMMENT ON COLUMN sessions.config IS 'As it was in force at start, without secrets.';
COMMENT ON COLUMN sessions.totals IS 'The last status; NULL as ended_at.';

COMMENT ON TABLE system_events IS 'What happened to the engine: once each, never dropped.';
COMMENT ON COLUMN system_events.id IS 'In the order of writing.';
COMMENT ON COLUMN system_events.time IS 'When it happened, by the wall clock.';
COMMENT ON COLUMN system_events.session_id IS 'Whose event it is.';
COMMENT ON COLUMN system_events.ordinal IS 'Counts the events of a session; with it an event that is sent again is known.';
COMMENT ON COLUMN system_events.event_type IS 'A constant name, such as feed.resync.';
COMMENT ON COLUMN system_events.severity IS 'How grave it is.';
COMMENT ON COLUMN system_events.symbol IS 'NULL where it is of none or of all.';
COMMENT ON COLUMN system_events.details IS 'The numbers that made it.';
COMMENT ON COLUMN system_events.message IS 'A sentence, where the name does not say enough.';

COMMENT ON TABLE market_stats IS 'The last day of every perpetual, as it was ranked last.';
COMMENT ON COLUMN market_stats.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN market_stats.volume_24h IS 'Turnover in USDT.';
COMMENT ON COLUMN market_stats.price_change_24h_percent IS 'Of the price a day before.';
COMMENT ON COLUMN market_stats.current_price IS 'The last price then.';
COMMENT ON COLUMN market_stats.is_active IS 'It was watched.';
COMMENT ON COLUMN market_stats.rank IS 'Place by change; NULL: not ranked.';
COMMENT ON COLUMN market_stats.updated_at IS 'When it was ranked; an older row never replaces a newer one.';

COMMENT ON TABLE coin_parameters IS 'What the operator wants different for one coin. Changes are in force within a second.';
COMMENT ON COLUMN coin_parameters.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN coin_parameters.density_threshold_abs IS 'USDT; NULL, here and below: as configured.';
COMMENT ON COLUMN coin_parameters.density_threshold_relative IS 'Times the typical neighbour.';
COMMENT ON COLUMN coin_parameters.density_threshold_percent IS 'Of the side.';
COMMENT ON COLUMN coin_parameters.breakout_eaten_percent IS 'strategy.breakout_erosion_percent.';
COMMENT ON COLUMN coin_parameters.bounce_density_stable_percent IS 'strategy.bounce_density_stable_percent.';
COMMENT ON COLUMN coin_parameters.preferred_strategy IS 'Signals of the other are refused.';
COMMENT ON COLUMN coin_parameters.enabled IS 'False: its signals are refused.';
COMMENT ON COLUMN coin_parameters.updated_at IS 'Set by the database.';
COMMENT ON COLUMN coin_parameters.notes IS 'For people.';
COMMENT ON COLUMN coin_parameters.parameters IS 'Any key of the section strategy; the columns above go before it.';

COMMENT ON TABLE densities IS 'Moments of the lives of densities that were confirmed: at confirmation, at each tenth of erosion, at the end.';
COMMENT ON COLUMN densities.time IS 'Exchange time of the moment.';
COMMENT ON COLUMN densities.session_id IS 'Who saw it.';
COMMENT ON COLUMN densities.life_id IS 'One density from birth to end, within a session.';
COMMENT ON COLUMN densities.moment IS 'Which of its moments this is.';
COMMENT ON COLUMN densities.ordinal IS 'Counts the moments of a life.';
COMMENT ON COLUMN densities.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN densities.side IS 'Of the book.';
COMMENT ON COLUMN densities.price IS 'The original design''s price_level; of a cluster its level nearest to the touch.';
COMMENT ON COLUMN densities.low_price IS 'Lowest level of a cluster, else price.';
COMMENT ON COLUMN densities.high_price IS 'Highest level of a cluster, else price.';
COMMENT ON COLUMN densities.notional IS 'USDT then.';
COMMENT ON COLUMN densities.volume IS 'Base asset then.';
COMMENT ON COLUMN densities.volume_percent IS 'Share of its side within the band.';
COMMENT ON COLUMN densities.relative_strength IS 'Times the median neighbour.';
COMMENT ON COLUMN densities.is_cluster IS 'More than one level.';
COMMENT ON COLUMN densities.is_round IS 'At a round price.';
COMMENT ON COLUMN densities.state IS 'forming, confirmed, eroding or gone.';
COMMENT ON COLUMN densities.label IS 'How it ended; NULL before that.';
COMMENT ON COLUMN densities.appeared_at IS 'First seen.';
COMMENT ON COLUMN densities.confirmed_at IS 'When it had stood long enough.';
COMMENT ON COLUMN densities.disappeared_at IS 'When it ended; NULL before that.';
COMMENT ON COLUMN densities.initial_notional IS 'USDT when first seen.';
COMMENT ON COLUMN densities.peak_notional IS 'USDT, the most so far.';
COMMENT ON COLUMN densities.eaten IS 'USDT taken by trades so far.';
COMMENT ON COLUMN densities.pulled IS 'USDT withdrawn so far.';
COMMENT ON COLUMN densities.refilled IS 'USDT that came back so far.';
COMMENT ON COLUMN densities.rpi_eaten IS 'USDT of trades at its price that met orders no book shows.';
COMMENT ON COLUMN densities.touches IS 'How often the other side came near.';
COMMENT ON COLUMN densities.crossed IS 'The price went beyond it.';
COMMENT ON COLUMN densities.criteria IS 'Each test with value, threshold and verdict.';

COMMENT ON TABLE signals IS 'Every candidate that was looked at, and every signal, with each criterion.';
COMMENT ON COLUMN signals.time IS 'Exchange time.';
COMMENT ON COLUMN signals.session_id IS 'Who saw it.';
COMMENT ON COLUMN signals.signal_id IS 'Within a session.';
COMMENT ON COLUMN signals.outcome IS 'signal: it was offered; candidate: a criterion was missing, or it was refused.';
COMMENT ON COLUMN signals.reason IS 'Why one that met every criterion was refused; else NULL.';
COMMENT ON COLUMN signals.kind IS 'Through the density, or off it.';
COMMENT ON COLUMN signals.direction IS 'Of the position that it asks for.';
COMMENT ON COLUMN signals.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN signals.life_id IS 'Of the density.';
COMMENT ON COLUMN signals.price IS 'Of the density.';
COMMENT ON COLUMN signals.mid IS 'Middle of the book then.';
COMMENT ON COLUMN signals.priority IS 'Higher goes first.';
COMMENT ON COLUMN signals.relative_strength IS 'Of the density, times the median neighbour.';
COMMENT ON COLUMN signals.update_id IS 'The message of the book that made it.';
COMMENT ON COLUMN signals.exchange_ms IS 'Time of that message at the exchange.';
COMMENT ON COLUMN signals.received_ms IS 'When it reached us.';
COMMENT ON COLUMN signals.scanned_ms IS 'When it had been scanned.';
COMMENT ON COLUMN signals.criteria IS 'Each test with value, threshold and verdict.';

COMMENT ON TABLE orderbook_snapshots IS 'Whole books at intervals, packed; the view orderbooks shows them as JSON.';
COMMENT ON COLUMN orderbook_snapshots.time IS 'Exchange time of the book.';
COMMENT ON COLUMN orderbook_snapshots.session_id IS 'Who saw it.';
COMMENT ON COLUMN orderbook_snapshots.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN orderbook_snapshots.bids IS 'Only in rows of version 0.1: [["price", "size"], …] from the touch outward.';
COMMENT ON COLUMN orderbook_snapshots.asks IS 'As bids.';
COMMENT ON COLUMN orderbook_snapshots.packed_bids IS 'For book_side().';
COMMENT ON COLUMN orderbook_snapshots.packed_asks IS 'For book_side().';
COMMENT ON COLUMN orderbook_snapshots.price_step IS 'The tick of the packed prices.';
COMMENT ON COLUMN orderbook_snapshots.size_step IS 'The quantity step of the packed sizes.';
COMMENT ON COLUMN orderbook_snapshots.total_bid_volume IS 'Base asset, over all stored levels.';
COMMENT ON COLUMN orderbook_snapshots.total_ask_volume IS 'As total_bid_volume.';
COMMENT ON COLUMN orderbook_snapshots.mid_price IS 'Between the two touches.';
COMMENT ON COLUMN orderbook_snapshots.update_id IS 'The last message in it.';
COMMENT ON COLUMN orderbook_snapshots.sequence IS 'The exchange''s cross sequence.';

COMMENT ON TABLE rollup_pending IS 'Hours whose sums are older than their rows.';
COMMENT ON COLUMN rollup_pending.hour IS 'Begin of the hour.';

COMMENT ON TABLE density_hours IS 'Densities by hour, symbol, side and size class; read it through densities_hourly.';
COMMENT ON COLUMN density_hours.hour IS 'Begin of the hour.';
COMMENT ON COLUMN density_hours.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN density_hours.side IS 'Of the book.';
COMMENT ON COLUMN density_hours.size_from IS 'USDT of peak from which the class begins: 0, 100000, 250000, 500000, 1000000.';
COMMENT ON COLUMN density_hours.births IS 'Confirmed in this hour, in the class of the peak then.';
COMMENT ON COLUMN density_hours.ended IS 'Ended in this hour, as is all below but the trades.';
COMMENT ON COLUMN density_hours.eaten_lives IS 'Of them: label eaten.';
COMMENT ON COLUMN density_hours.pulled_lives IS 'Label pulled.';
COMMENT ON COLUMN density_hours.moved_lives IS 'Label moved.';
COMMENT ON COLUMN density_hours.absorbed_lives IS 'Label absorbed.';
COMMENT ON COLUMN density_hours.out_of_view_lives IS 'Label out_of_view.';
COMMENT ON COLUMN density_hours.unknown_lives IS 'Label unknown.';
COMMENT ON COLUMN density_hours.held_lives IS 'Label held: alive when the engine ended.';
COMMENT ON COLUMN density_hours.life_ms IS 'Sum of their lives.';
COMMENT ON COLUMN density_hours.peak IS 'USDT, sum of their peaks.';
COMMENT ON COLUMN density_hours.eaten IS 'USDT.';
COMMENT ON COLUMN density_hours.pulled IS 'USDT.';
COMMENT ON COLUMN density_hours.refilled IS 'USDT.';
COMMENT ON COLUMN density_hours.touched IS 'Lives that were touched.';
COMMENT ON COLUMN density_hours.touched_held IS 'Of those: the price never went beyond.';
COMMENT ON COLUMN density_hours.eaten_crossed IS 'Eaten lives beyond which the price went.';
COMMENT ON COLUMN density_hours.bounce_trades IS 'Bounce trades that ended in this hour, in the class of their density.';
COMMENT ON COLUMN density_hours.bounce_won IS 'Of those: with a profit after fees and funding.';
COMMENT ON COLUMN density_hours.breakout_trades IS 'As bounce_trades.';
COMMENT ON COLUMN density_hours.breakout_won IS 'As bounce_won.';

COMMENT ON TABLE signal_hours IS 'Signals and candidates by hour; read it through signals_hourly.';
COMMENT ON COLUMN signal_hours.hour IS 'Begin of the hour.';
COMMENT ON COLUMN signal_hours.symbol IS 'As the exchange spells it.';
COMMENT ON COLUMN signal_hours.kind IS 'As in signals.';
COMMENT ON COLUMN signal_hours.direction IS 'As in signals.';
COMMENT ON COLUMN signal_hours.outcome IS 'As in signals.';
COMMENT ON COLUMN signal_hours.reason IS 'As in signals; empty where there is none.';
COMMENT ON COLUMN signal_hours.told IS 'How many.';

COMMENT ON VIEW densities_hourly IS 'density_hours, with marked hours as their rows are now.';
COMMENT ON VIEW signals_hourly IS 'signal_hours, with marked hours as their rows are now.';
COMMENT ON VIEW orderbooks IS 'orderbook_snapshots with bids and asks as [["price", "size"], …] from the touch outward.';

-- Down Migration

DROP TRIGGER coin_parameters_told ON coin_parameters;
DROP TRIGGER coin_parameters_dated ON coin_parameters;
DROP FUNCTION tell_coin_parameters();
DROP FUNCTION date_coin_parameters();
DROP FUNCTION keep_rows(text, interval);
DROP TRIGGER trades_marked ON trades;
DROP FUNCTION mark_trade_hours();
DROP VIEW signals_hourly;
DROP VIEW densities_hourly;
DROP FUNCTION roll_up_hour(timestamptz, timestamptz);
DROP FUNCTION sum_signals(timestamptz);
DROP FUNCTION sum_densities(timestamptz);
DROP FUNCTION size_class(numeric);
DROP FUNCTION hour_of(timestamptz);
DROP TABLE signal_hours;
DROP TABLE density_hours;
DROP TABLE rollup_pending;
CREATE INDEX market_stats_active ON market_stats (is_active, rank);
CREATE INDEX sessions_started_at ON sessions (started_at DESC);
CREATE INDEX system_events_type ON system_events (event_type);
CREATE INDEX system_events_severity ON system_events (severity);
DROP INDEX system_events_symbol_time;
DROP INDEX signals_time;
DROP INDEX densities_time;
CREATE INDEX signals_outcome_time ON signals (outcome, time DESC);
CREATE INDEX densities_price ON densities (price);
DROP VIEW orderbooks;
CREATE INDEX orderbook_snapshots_symbol_time ON orderbook_snapshots (symbol, time DESC);
ALTER TABLE orderbook_snapshots DROP CONSTRAINT orderbook_snapshots_pkey;
ALTER TABLE orderbook_snapshots ADD PRIMARY KEY (symbol, session_id, time);
ALTER TABLE orderbook_snapshots DROP CONSTRAINT orderbook_snapshots_form;
UPDATE orderbook_snapshots SET bids = book_json(packed_bids, price_step, size_step, false),
                               asks = book_json(packed_asks, price_step, size_step, true) WHERE bids IS NULL;
ALTER TABLE orderbook_snapshots ALTER COLUMN bids SET NOT NULL;
ALTER TABLE orderbook_snapshots ALTER COLUMN asks SET NOT NULL;
ALTER TABLE orderbook_snapshots
  DROP COLUMN packed_bids, DROP COLUMN packed_asks, DROP COLUMN price_step, DROP COLUMN size_step;
DROP FUNCTION book_json(bytea, numeric, numeric, boolean);
DROP FUNCTION book_side(bytea, numeric, numeric, boolean);
CREATE INDEX executions_symbol_time ON executions (symbol, time DESC);
CREATE INDEX executions_time ON executions (time DESC);
CREATE INDEX trades_signal_type ON trades (signal_type);
CREATE INDEX trades_entry_time ON trades (entry_time DESC);
CREATE INDEX trades_symbol ON trades (symbol);
DROP INDEX trades_symbol_entry_time;
ALTER TABLE trades DROP COLUMN expected_price;
