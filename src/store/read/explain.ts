// How were the densities of a symbol judged, and why was there a signal or none? Read back from the tables.
import type pg from 'pg';
import type { Criterion } from '../rows/rows.ts';
import type { Ms } from '../../lib/brand.ts';
import { atOneMoment } from './one-moment.ts';
import { exchangeStood } from './simulated.ts';

export interface SignalFound {
  readonly time: Date;
  readonly session_id: string;
  readonly signal_id: string;
  readonly outcome: 'signal' | 'candidate';
  readonly reason: string | null;
  readonly kind: 'breakout' | 'bounce';
  readonly direction: 'long' | 'short';
  readonly life_id: string;
  readonly price: string;
  readonly mid: string | null;
  readonly priority: string | null;
  readonly relative_strength: string | null;
  readonly criteria: readonly Criterion[];
}

export interface DensityFound {
  readonly time: Date;
  readonly session_id: string;
  readonly life_id: string;
  readonly moment: 'confirmed' | 'erosion' | 'closed';
  readonly side: 'bid' | 'ask';
  readonly price: string;
  readonly low_price: string;
  readonly high_price: string;
  readonly notional: string;
  readonly peak_notional: string;
  readonly volume_percent: string | null;
  readonly relative_strength: string | null;
  readonly is_cluster: boolean;
  readonly is_round: boolean;
  readonly state: string;
  readonly label: string | null;
  readonly appeared_at: Date;
  readonly disappeared_at: Date | null;
  readonly eaten: string;
  readonly pulled: string;
  readonly refilled: string;
  readonly touches: number;
  readonly crossed: boolean;
  readonly criteria: readonly Criterion[];
}

/** A position, and what became of it. */
export interface TradeFound {
  readonly account: string;
  readonly trade_id: string;
  readonly side: 'long' | 'short';
  readonly signal_type: string;
  readonly signal_id: string | null;
  readonly entry_time: Date;
  readonly exit_time: Date | null;
  readonly entry_price: string;
  readonly exit_price: string | null;
  readonly position_size: string;
  readonly notional: string;
  readonly stop_loss_price: string | null;
  readonly exit_reason: string | null;
  readonly profit_loss: string | null;
  readonly fees: string;
  readonly funding: string;
  /** It was a simulated one, and has ended with its run. */
  readonly is_exchange_gone: boolean;
}

/** What happened to the symbol besides: a resync, a refused parameter. */
export interface EventFound {
  readonly time: Date;
  readonly event_type: string;
  readonly severity: string;
  readonly details: unknown;
}

/** The book stored last. */
export interface BookFound {
  readonly time: Date;
  readonly mid_price: string | null;
  readonly total_bid_volume: string | null;
  readonly total_ask_volume: string | null;
}

export interface Explanation {
  readonly symbol: string;
  /** Nothing later is told; undefined: now. */
  readonly at?: Ms | undefined;
  readonly trades: readonly TradeFound[];
  readonly events: readonly EventFound[];
  readonly book: BookFound | undefined;
  readonly signals: readonly SignalFound[];
  readonly densities: readonly DensityFound[];
  /** Candidates and signals summed up (the newest 10 000 at most), and how often each criterion was missing. */
  readonly looked: number;
  readonly signalled: number;
  readonly failed: readonly { readonly name: string; readonly times: number }[];
  /** For a symbol without rows: those that have some. */
  readonly others: readonly string[];
}

const SIGNALS = `
  SELECT time, session_id, signal_id, outcome, reason, kind, direction, life_id, price, mid, priority,
         relative_strength, criteria
  FROM signals WHERE symbol = $1 AND time <= $2 ORDER BY time DESC, signal_id DESC LIMIT $3`;

/** Looked through are the newest of them, so that weeks of rows do not make the answer slow. */
const SUMMED_MAX = 10_000;

/** The last stored moment of each of the lives that changed last. */
const DENSITIES = `
  WITH lives AS (
    SELECT session_id, life_id, max(time) AS time FROM (
      SELECT session_id, life_id, time FROM densities WHERE symbol = $1 AND time <= $2
      ORDER BY time DESC LIMIT ${SUMMED_MAX}) AS newest
    GROUP BY session_id, life_id ORDER BY max(time) DESC LIMIT $3)
  SELECT DISTINCT ON (lives.time, d.session_id, d.life_id)
         d.time, d.session_id, d.life_id, moment, side, price, low_price, high_price, notional, peak_notional,
         volume_percent, relative_strength, is_cluster, is_round, state, label, appeared_at, disappeared_at,
         eaten, pulled, refilled, touches, crossed, criteria
  FROM densities d JOIN lives USING (session_id, life_id, time)
  WHERE d.symbol = $1
  ORDER BY lives.time DESC, d.session_id, d.life_id, d.ordinal DESC`;

const RECENT = `
  WITH recent AS (SELECT outcome, criteria FROM signals WHERE symbol = $1 AND time <= $2
                  ORDER BY time DESC LIMIT ${SUMMED_MAX})`;

const COUNTS = `${RECENT}
  SELECT count(*)::int AS looked, count(*) FILTER (WHERE outcome = 'signal')::int AS signalled FROM recent`;

const FAILED = `${RECENT}
  SELECT c ->> 'name' AS name, count(*)::int AS times
  FROM recent, jsonb_array_elements(criteria) AS c
  WHERE NOT (c ->> 'passed')::boolean
  GROUP BY 1 ORDER BY times DESC, name`;

/** By the sums of the hours before, and by the rows of the hour in question. */
const OTHERS = `
  SELECT symbol FROM (
    SELECT symbol FROM signals_hourly WHERE hour < hour_of($2)
    UNION SELECT symbol FROM densities_hourly WHERE hour < hour_of($2)
    UNION SELECT symbol FROM signals WHERE time BETWEEN hour_of($2) AND $2
    UNION SELECT symbol FROM densities WHERE time BETWEEN hour_of($2) AND $2) AS found
  WHERE symbol <> $1 ORDER BY symbol`;

/** Of a trade that was still open then, no end is told. */
const TRADES = `
  SELECT account, trade_id, side, signal_type, signal_id, entry_time, ended.exit_time, entry_price, ended.exit_price,
         position_size, notional, stop_loss_price, ended.exit_reason, ended.profit_loss, fees, funding,
         ${exchangeStood('$2')} IS NOT TRUE AS is_exchange_gone
  FROM trades t LEFT JOIN LATERAL (SELECT t.exit_time, t.exit_price, t.exit_reason, t.profit_loss) AS ended
    ON ended.exit_time <= $2
  WHERE symbol = $1 AND entry_time <= $2 ORDER BY entry_time DESC, trade_id LIMIT $3`;

const EVENTS = `
  SELECT time, event_type, severity, details FROM system_events
  WHERE symbol = $1 AND time <= $2 ORDER BY time DESC, id DESC LIMIT $3`;

const BOOK = `
  SELECT time, mid_price, total_bid_volume, total_ask_volume FROM orderbook_snapshots
  WHERE symbol = $1 AND time <= $2 ORDER BY time DESC LIMIT 1`;

/** What was known and decided up to `at`, or up to now. */
export async function explain(connection: pg.ClientConfig, symbol: string, last = 5, at?: Ms): Promise<Explanation> {
  return atOneMoment(connection, async (client) => {
    const until = at === undefined ? 'infinity' : new Date(at);
    const rows = async <T extends object>(text: string, values: readonly unknown[]): Promise<T[]> =>
      (await client.query<T>(text, [...values])).rows;
    const signals = await rows<SignalFound>(SIGNALS, [symbol, until, last]);
    const densities = await rows<DensityFound>(DENSITIES, [symbol, until, last]);
    const trades = await rows<TradeFound>(TRADES, [symbol, until, last]);
    const events = await rows<EventFound>(EVENTS, [symbol, until, last]);
    const [book] = await rows<BookFound>(BOOK, [symbol, until]);
    const [counts] = await rows<{ looked: number; signalled: number }>(COUNTS, [symbol, until]);
    const failed = await rows<{ name: string; times: number }>(FAILED, [symbol, until]);
    const isEmpty = signals.length === 0 && densities.length === 0;
    const others = isEmpty ? await rows<{ symbol: string }>(OTHERS, [symbol, until]) : [];
    return {
      symbol,
      at,
      signals,
      densities,
      trades,
      events,
      book,
      looked: counts?.looked ?? 0,
      signalled: counts?.signalled ?? 0,
      failed,
      others: others.map((other) => other.symbol),
    };
  });
}
