-- What some columns mean, as it is: comments alone, no row and no column changes.

-- Up Migration

COMMENT ON TABLE market_stats IS 'The last day of every perpetual that was ever ranked; who is in the newest ranking has a rank.';
COMMENT ON COLUMN market_stats.is_active IS 'It is watched, by the newest ranking.';
COMMENT ON COLUMN market_stats.rank IS 'Place by change in the newest ranking; NULL: it is not in it.';
COMMENT ON COLUMN densities.price IS 'The original design''s price_level; of a cluster its largest level.';
COMMENT ON COLUMN trades.stop_loss_price IS 'The stop that it was entered with; where it stood later, system_events tell (stop.set, position.breakeven).';
COMMENT ON COLUMN trades.parameters_snapshot IS 'The parameters in force at entry, under their names in config.yaml.';
COMMENT ON COLUMN trades.details IS 'isComplete: every execution of it is known.';
COMMENT ON COLUMN system_events.message IS 'Of the original design, and NULL: event_type and details say it.';

-- Down Migration

COMMENT ON TABLE market_stats IS 'The last day of every perpetual, as it was ranked last.';
COMMENT ON COLUMN market_stats.is_active IS 'It was watched.';
COMMENT ON COLUMN market_stats.rank IS 'Place by change; NULL: not ranked.';
COMMENT ON COLUMN densities.price IS 'The original design''s price_level; of a cluster its level nearest to the touch.';
COMMENT ON COLUMN trades.stop_loss_price IS 'As read back at the exchange when the position was last told of; NULL: there was none.';
COMMENT ON COLUMN trades.parameters_snapshot IS 'The parameters in force at entry.';
COMMENT ON COLUMN trades.details IS 'What else was known: the signal''s numbers, slippage, who closed.';
COMMENT ON COLUMN system_events.message IS 'A sentence, where the name does not say enough.';
