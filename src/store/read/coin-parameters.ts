// What does the operator want different for one coin? Rows of `coin_parameters`, read at start, when the
// database says that they changed, and every 30 s, should it not be able to say so.
import type pg from 'pg';

export interface CoinParameters {
  readonly enabled: boolean;
  readonly preferredStrategy: 'breakout' | 'bounce' | 'both';
  /** Strategy keys as the configuration spells them (`density_threshold_abs`, …) and this symbol's value. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

interface Found {
  readonly symbol: string;
  readonly enabled: boolean;
  readonly preferred_strategy: CoinParameters['preferredStrategy'];
  readonly parameters: Record<string, unknown>;
  readonly [column: string]: unknown;
}

/** Column → strategy key. A column goes before the same key in `parameters`. */
export const KEYS = {
  density_threshold_abs: 'density_threshold_abs',
  density_threshold_relative: 'density_threshold_relative',
  density_threshold_percent: 'density_threshold_percent',
  breakout_eaten_percent: 'breakout_erosion_percent',
  bounce_density_stable_percent: 'bounce_density_stable_percent',
} as const;

function overridesOf(row: Found): Record<string, unknown> {
  // A column is the plainer statement of the two and wins over the same key in `parameters`.
  const overrides: Record<string, unknown> = { ...row.parameters };
  for (const [column, key] of Object.entries(KEYS)) {
    const value = row[column];
    if (value !== null && value !== undefined) overrides[key] = Number(value);
  }
  return overrides;
}

export async function readCoinParameters(client: pg.ClientBase): Promise<ReadonlyMap<string, CoinParameters>> {
  const { rows } = await client.query<Found>(
    `SELECT symbol, enabled, preferred_strategy, parameters, ${Object.keys(KEYS).join(', ')}
     FROM coin_parameters ORDER BY symbol`,
  );
  return new Map(
    rows.map((row) => [
      row.symbol,
      { enabled: row.enabled, preferredStrategy: row.preferred_strategy, overrides: overridesOf(row) },
    ]),
  );
}
