-- What was traded: a row a position, and below it a row an execution, both as the exchange told them. Neither is ever
-- dropped. A row may be sent any number of times: of a trade its newest revision stays, an execution is written once.

-- Up Migration

CREATE TABLE trades (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account text NOT NULL,
  trade_id text NOT NULL,
  revision bigint NOT NULL,
  session_id text NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('long', 'short')),
  signal_type text NOT NULL CHECK (signal_type IN ('breakout', 'bounce', 'unknown')),
  signal_id text,
  entry_time timestamptz NOT NULL,
  exit_time timestamptz,
  entry_price numeric NOT NULL,
  exit_price numeric,
  position_size numeric NOT NULL CHECK (position_size >= 0),
  notional numeric NOT NULL,
  leverage numeric NOT NULL,
  stop_loss_price numeric,
  stop_loss_triggered boolean NOT NULL DEFAULT false,
  exit_reason text CHECK (exit_reason IN (
    'stop_loss', 'breakeven_stop', 'take_profit_slowdown', 'take_profit_counter_density',
    'take_profit_counter_flow', 'take_profit_known_level', 'density_erosion', 'density_lost', 'timeout',
    'stop_loss_failed', 'emergency_connection_loss', 'kill_switch', 'shutdown', 'liquidation', 'adl', 'settlement',
    'manual')),
  gross_profit numeric,
  fees numeric NOT NULL DEFAULT 0,
  funding numeric NOT NULL DEFAULT 0,
  profit_loss numeric,
  profit_loss_percent numeric,
  config_hash text,
  parameters_snapshot jsonb,
  details jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL,
  UNIQUE (account, trade_id),
  CHECK ((exit_time IS NULL) = (exit_reason IS NULL))
);
COMMENT ON TABLE trades IS 'One row a position, written when it opens and again with each change until it is flat.';
COMMENT ON COLUMN trades.account IS 'Whose trade_id it is: the environment and, within it, the account.';
COMMENT ON COLUMN trades.trade_id IS 'Link id of the entry order.';
COMMENT ON COLUMN trades.revision IS 'Grows with each telling of the same trade; an older one never replaces a newer one.';
COMMENT ON COLUMN trades.session_id IS 'The session that told this revision.';
COMMENT ON COLUMN trades.signal_type IS 'unknown: a position of ours that was found at the exchange and not in the journal.';
COMMENT ON COLUMN trades.entry_time IS 'Exchange time of the first execution.';
COMMENT ON COLUMN trades.exit_time IS 'Exchange time of the last execution; NULL while the position is open.';
COMMENT ON COLUMN trades.entry_price IS 'Average over all executions that opened.';
COMMENT ON COLUMN trades.exit_price IS 'Average over all executions that closed, so far.';
COMMENT ON COLUMN trades.position_size IS 'Largest size held, in the base asset.';
COMMENT ON COLUMN trades.notional IS 'USDT: position_size at entry_price.';
COMMENT ON COLUMN trades.stop_loss_price IS 'As read back at the exchange when the position was last told of; NULL: there was none.';
COMMENT ON COLUMN trades.gross_profit IS 'USDT: of the prices alone.';
COMMENT ON COLUMN trades.fees IS 'USDT paid for executions; negative: received.';
COMMENT ON COLUMN trades.funding IS 'USDT paid at settlements of funding; negative: received.';
COMMENT ON COLUMN trades.profit_loss IS 'USDT: gross_profit less fees and funding; NULL while the position is open.';
COMMENT ON COLUMN trades.profit_loss_percent IS 'profit_loss in percent of notional.';
COMMENT ON COLUMN trades.config_hash IS 'Of the parameters in force at entry, which hold for the life of the position.';
COMMENT ON COLUMN trades.parameters_snapshot IS 'The parameters in force at entry.';
COMMENT ON COLUMN trades.details IS 'What else was known: the signal''s numbers, slippage, who closed.';
CREATE INDEX trades_symbol ON trades (symbol);
CREATE INDEX trades_entry_time ON trades (entry_time DESC);
CREATE INDEX trades_exit_time ON trades (exit_time DESC);
CREATE INDEX trades_signal_type ON trades (signal_type);
CREATE INDEX trades_open ON trades (account, symbol) WHERE exit_time IS NULL;

CREATE TABLE executions (
  account text NOT NULL,
  exec_id text NOT NULL,
  time timestamptz NOT NULL,
  session_id text NOT NULL,
  trade_id text,
  symbol text NOT NULL,
  order_id text NOT NULL,
  link_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('trade', 'funding', 'liquidation', 'adl', 'settlement', 'unknown')),
  create_type text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  price numeric NOT NULL,
  size numeric NOT NULL CHECK (size >= 0),
  closed_size numeric NOT NULL CHECK (closed_size >= 0),
  value numeric NOT NULL,
  fee numeric NOT NULL,
  fee_rate numeric,
  is_maker boolean NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (account, exec_id)
);
COMMENT ON TABLE executions IS 'One row an execution of ours, funding included, however often and by whichever way it was heard of.';
COMMENT ON COLUMN executions.account IS 'Whose exec_id it is; a simulated exchange gives the same ids again when it is started anew.';
COMMENT ON COLUMN executions.time IS 'Exchange time.';
COMMENT ON COLUMN executions.trade_id IS 'The trade it belongs to; NULL: none of ours.';
COMMENT ON COLUMN executions.link_id IS 'Of our order; empty where the exchange itself acted.';
COMMENT ON COLUMN executions.create_type IS 'What made the order, in the exchange''s word.';
COMMENT ON COLUMN executions.size IS 'Base asset.';
COMMENT ON COLUMN executions.closed_size IS 'How much of size reduced the position.';
COMMENT ON COLUMN executions.value IS 'USDT: price × size.';
COMMENT ON COLUMN executions.fee IS 'USDT paid, for kind funding the funding itself; negative: received.';
COMMENT ON COLUMN executions.sequence IS 'The exchange''s cross sequence.';
CREATE INDEX executions_trade ON executions (account, trade_id, time);
CREATE INDEX executions_time ON executions (time DESC);
CREATE INDEX executions_symbol_time ON executions (symbol, time DESC);

-- Down Migration

DROP TABLE executions;
DROP TABLE trades;
