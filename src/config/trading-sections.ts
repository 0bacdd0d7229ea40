// What is traded, how much, and where does it stop?
import { z } from 'zod';
import { BOUNDS } from '../risk/limits.ts';
import { amount, choice, count, described, flag, reloadableAll } from './key.ts';

export const trading = {
  mode: choice(
    'live',
    ['off', 'paper', 'live'],
    '`off` only watches, `paper` fills orders in memory against live books, `live` sends them to the exchange: outside the simulator only with the flag --live too.',
  ),
  ...reloadableAll({
    position_size_usd: amount(25, 0.1, BOUNDS.positionSizeUsd, 'USDT', 'Notional of one position.'),
    max_concurrent_positions: count(
      10,
      1,
      BOUNDS.maxConcurrentPositions,
      'positions',
      'Most positions, open and pending together.',
    ),
    max_exposure_percent: amount(
      5,
      0.01,
      BOUNDS.maxExposurePercent,
      '% of equity',
      'Sum of the notionals of all positions of the account and of the orders that may open more, ours or not.',
    ),
  }),
  leverage: count(10, 1, 100, '×', 'Sets the margin of a position only, never its size.'),
  margin_mode: choice('ISOLATED', ['ISOLATED'], 'The margin of one position never covers another.'),
  entry_order: choice(
    'ioc_limit',
    ['ioc_limit', 'market'],
    'An immediate-or-cancel limit at the capped price, or a market order with that cap, which the exchange may refuse beside a stop: `doctor --orders` tries.',
  ),
};

export const paper = {
  starting_balance_usd: amount(10_000, 10, 100_000_000, 'USDT', 'Wallet of the paper account at every start.'),
  latency_ms_min: count(30, 0, 1_500, 'ms', 'Shortest time from sending an order until it meets the book.'),
  latency_ms_max: count(80, 0, 1_500, 'ms', 'Longest time; each order takes one between the two.'),
  taker_fee_percent: amount(0.055, 0, 1, '%', 'Fee of every fill.'),
};

export const safety = {
  ...reloadableAll({
    // Of a connection that is well nothing may be heard for 6 s: by then a private stream where nothing happens has been asked.
    connection_loss_timeout: amount(30, 10, 3_600, 's', 'Without a connection this long, positions are closed.'),
    emergency_close_all: flag(
      true,
      'Whether a lost connection closes positions; `false` alerts and stops entries only.',
    ),
  }),
  max_api_retries: count(
    5,
    0,
    20,
    'attempts',
    'Retries of a read of the market; the account is read every ten seconds anyway, and orders are never retried.',
  ),
  ...reloadableAll({
    max_daily_loss_percent: amount(
      2,
      0.01,
      BOUNDS.maxDailyLossPercent,
      '% of equity',
      'A day’s loss (UTC) that ends entries; a position counts wholly to the day on which it stands or ends.',
    ),
    max_consecutive_losses: count(5, 1, BOUNDS.maxConsecutiveLosses, 'trades', 'Losses in a row that end entries.'),
    max_orders_per_minute: count(30, 1, BOUNDS.maxOrdersPerMinute, 'orders/min', 'Entries over all symbols.'),
  }),
  require_stop_loss: described(
    z
      .literal(true, { error: 'cannot be switched off: every position has a stop; remove the line or write true' })
      .default(true),
    'Every position has a stop at the exchange. `false` is refused.',
  ),
  on_shutdown: choice(
    'leave_protected',
    ['leave_protected', 'flatten'],
    'A clean end leaves positions with their stop at the exchange, or closes them.',
  ),
  crash_loop_exits: count(
    3,
    1,
    100_000,
    'exits per 10 min',
    'So many abnormal exits halt trading until `resume`; more than 3 only on the simulator.',
  ),
};
