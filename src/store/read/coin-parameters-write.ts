// How does an operator change the settings of one coin?
import type pg from 'pg';
import { KEYS, readCoinParameters, type CoinParameters } from './coin-parameters.ts';

const COLUMN_OF: Readonly<Record<string, string>> = {
  enabled: 'enabled',
  preferred_strategy: 'preferred_strategy',
  ...Object.fromEntries(Object.entries(KEYS).map(([column, key]) => [key, column])),
};

export type ParamValue = string | number | boolean;

/** Undefined where the coin has no row, or the database no table yet. */
export async function readRow(client: pg.ClientBase, symbol: string): Promise<CoinParameters | undefined> {
  const { rows } = await client.query<{ found: boolean }>(`SELECT to_regclass('coin_parameters') IS NOT NULL AS found`);
  return rows[0]?.found === true ? (await readCoinParameters(client)).get(symbol) : undefined;
}

/** `key` is one of ours: it was checked before. One statement, for the row may be deleted by somebody else at any time. */
export async function writeValue(client: pg.ClientBase, symbol: string, key: string, value: ParamValue): Promise<void> {
  const column = COLUMN_OF[key];
  const [into, given, change] =
    column === undefined
      ? ['parameters', 'jsonb_build_object($2::text, $3::jsonb)', 'parameters = old.parameters || excluded.parameters']
      : [column, '$3', `${column} = excluded.${column}, parameters = old.parameters - $2::text`];
  await client.query(
    `INSERT INTO coin_parameters AS old (symbol, ${into}) VALUES ($1, ${given})
     ON CONFLICT (symbol) DO UPDATE SET ${change}, updated_at = now()`,
    [symbol, key, column === undefined ? JSON.stringify(value) : String(value)],
  );
}

/** A row without any setting left is deleted. */
export async function removeValue(client: pg.ClientBase, symbol: string, key: string): Promise<void> {
  const column = COLUMN_OF[key];
  const change = column === undefined ? '' : `${column} = DEFAULT, `;
  await client.query(
    `UPDATE coin_parameters SET ${change}parameters = parameters - $2::text, updated_at = now() WHERE symbol = $1`,
    [symbol, key],
  );
  await client.query(
    `DELETE FROM coin_parameters WHERE symbol = $1 AND enabled AND preferred_strategy = 'both' AND parameters = '{}'
     AND notes IS NULL AND num_nonnulls(${Object.keys(KEYS).join(', ')}) = 0`,
    [symbol],
  );
}

/** Was the symbol ever in the market's list? True where no list was ever stored. */
export async function isListed(client: pg.ClientBase, symbol: string): Promise<boolean> {
  const { rows } = await client.query<{ listed: boolean }>(
    `SELECT EXISTS (SELECT FROM market_stats WHERE symbol = $1) OR NOT EXISTS (SELECT FROM market_stats) AS listed`,
    [symbol],
  );
  return rows[0]?.listed !== false;
}
