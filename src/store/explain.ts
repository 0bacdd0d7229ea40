// Why did the engine call a symbol's walls what it called them, and why did it signal or not? Read back from the tables.
import type pg from 'pg';
import type { Criterion } from './rows.ts';
import { migrationStatus } from './migrate.ts';
import { withClient } from './session.ts';

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

export interface Explanation {
  readonly symbol: string;
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
  FROM signals WHERE symbol = $1 ORDER BY time DESC, signal_id DESC LIMIT $2`;

/** The last stored moment of each of the lives that changed last. */
const DENSITIES = `
  WITH lives AS (
    SELECT session_id, life_id, max(time) AS time FROM densities WHERE symbol = $1
    GROUP BY session_id, life_id ORDER BY max(time) DESC LIMIT $2)
  SELECT DISTINCT ON (lives.time, d.session_id, d.life_id)
         d.time, d.session_id, d.life_id, moment, side, price, low_price, high_price, notional, peak_notional,
         volume_percent, relative_strength, is_cluster, is_round, state, label, appeared_at, disappeared_at,
         eaten, pulled, refilled, touches, crossed, criteria
  FROM densities d JOIN lives USING (session_id, life_id, time)
  WHERE d.symbol = $1
  ORDER BY lives.time DESC, d.session_id, d.life_id, d.ordinal DESC`;

/** Sums are over the newest of them, so that weeks of rows do not make the answer slow. */
const SUMMED_MAX = 10_000;
const RECENT = `
  WITH recent AS (SELECT outcome, criteria FROM signals WHERE symbol = $1 ORDER BY time DESC LIMIT ${SUMMED_MAX})`;

const COUNTS = `${RECENT}
  SELECT count(*)::int AS looked, count(*) FILTER (WHERE outcome = 'signal')::int AS signalled FROM recent`;

const FAILED = `${RECENT}
  SELECT c ->> 'name' AS name, count(*)::int AS times
  FROM recent, jsonb_array_elements(criteria) AS c
  WHERE outcome = 'candidate' AND NOT (c ->> 'passed')::boolean
  GROUP BY 1 ORDER BY times DESC, name`;

const OTHERS = `
  SELECT symbol FROM (SELECT symbol FROM signals UNION SELECT symbol FROM densities) AS found
  WHERE symbol <> $1 ORDER BY symbol LIMIT 20`;

/** Undefined: nothing has ever been written to this database. */
export async function explain(connection: pg.ClientConfig, symbol: string, last = 5): Promise<Explanation | undefined> {
  return withClient(connection, async (client) => {
    if ((await migrationStatus(client)).every((one) => one.appliedAt === undefined)) return undefined;
    const rows = async <T extends object>(text: string, values: readonly unknown[] = [symbol]): Promise<T[]> =>
      (await client.query<T>(text, [...values])).rows;
    // One moment for all of the queries: the engine goes on writing.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const signals = await rows<SignalFound>(SIGNALS, [symbol, last]);
    const densities = await rows<DensityFound>(DENSITIES, [symbol, last]);
    const [counts] = await rows<{ looked: number; signalled: number }>(COUNTS);
    const failed = await rows<{ name: string; times: number }>(FAILED);
    const isEmpty = signals.length === 0 && densities.length === 0;
    const others = isEmpty ? await rows<{ symbol: string }>(OTHERS) : [];
    await client.query('COMMIT');
    return {
      symbol,
      signals,
      densities,
      looked: counts?.looked ?? 0,
      signalled: counts?.signalled ?? 0,
      failed,
      others: others.map((other) => other.symbol),
    };
  });
}
