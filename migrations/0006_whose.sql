-- Whose executions they are, and which averages are told when: comments alone, no row and no column changes.

-- Up Migration

COMMENT ON COLUMN trades.entry_price IS 'Average over what was opened of ours.';
COMMENT ON COLUMN trades.exit_price IS 'Average over what was closed of ours, by whomever; NULL while the position is open, also where a part of it is closed.';
COMMENT ON TABLE executions IS 'One row an execution in the account that we heard of, funding included, a person''s beside ours too, however often and by whichever way it was heard of; ours alone: trade_id IS NOT NULL.';
COMMENT ON COLUMN executions.trade_id IS 'The trade of ours that it belongs to; NULL: it is a person''s and touched nothing of ours, its trade is not known yet, or it is of before the state was lost.';
COMMENT ON COLUMN executions.link_id IS 'The name that its sender gave the order, us or a person; empty where none was given, as where the exchange acts: of a stop, a liquidation or a payment.';

-- Down Migration

COMMENT ON COLUMN trades.entry_price IS 'Average over all executions that opened.';
COMMENT ON COLUMN trades.exit_price IS 'Average over all executions that closed, so far.';
COMMENT ON TABLE executions IS 'One row an execution of ours, funding included, however often and by whichever way it was heard of.';
COMMENT ON COLUMN executions.trade_id IS 'The trade it belongs to; NULL: none of ours.';
COMMENT ON COLUMN executions.link_id IS 'Of our order; empty where the exchange itself acted.';
