// Are trades and executions in the database exactly those that the exchange made? Each once, to the last unit of fee.
import { withClient } from '../../src/store/session.ts';
import type { Embedded } from '../../src/store/server/launcher.ts';
import { moneyFromDecimal } from '../../src/market/money.ts';
import type { Written } from './daemon.ts';
import type { Execution } from './truth.ts';

/** From flat to flat. */
interface RoundTrip {
  readonly symbol: string;
  readonly linkId: string;
  readonly fees: bigint;
  readonly profit: bigint;
}

export interface RowFaults {
  readonly trades: number;
  readonly executions: number;
  readonly faults: readonly string[];
}

const money = (text: string): bigint => moneyFromDecimal(text) ?? 0n;
const FINE = 8;

/** Sizes have up to eight decimals. */
function units(size: string): bigint {
  const [whole = '0', fraction = ''] = size.split('.');
  return BigInt(whole + fraction.padEnd(FINE, '0').slice(0, FINE));
}

export function roundTrips(executions: readonly Execution[]): readonly RoundTrip[] {
  const open = new Map<string, { size: bigint; linkId: string; fees: bigint; profit: bigint }>();
  const over: RoundTrip[] = [];
  for (const { symbol, side, size, value, fee, linkId, type } of executions) {
    if (type === 'Funding') continue;
    const trip = open.get(symbol) ?? { size: 0n, linkId, fees: 0n, profit: 0n };
    const sign = side === 'Buy' ? 1n : -1n;
    trip.size += sign * units(size);
    trip.fees += money(fee);
    trip.profit -= sign * money(value) + money(fee);
    open.set(symbol, trip);
    if (trip.size !== 0n) continue;
    open.delete(symbol);
    over.push({ symbol, linkId: trip.linkId, fees: trip.fees, profit: trip.profit });
  }
  return over;
}

interface TradeFound {
  readonly id: string;
  readonly symbol: string;
  readonly fees: string;
  readonly funding: string;
  readonly profit: string | null;
}

interface ExecutionFound {
  readonly id: string;
  readonly symbol: string;
  readonly price: string;
  readonly size: string;
  readonly fee: string;
}

export async function rowFaults(server: Embedded, executions: readonly Execution[]): Promise<RowFaults> {
  const [trades, stored] = await withClient(server.connection, async (client) => [
    (
      await client.query<TradeFound>(
        'SELECT trade_id AS id, symbol, fees::text, funding::text, profit_loss::text AS profit FROM trades',
      )
    ).rows,
    (
      await client.query<ExecutionFound>(
        'SELECT exec_id AS id, symbol, price::text, size::text, fee::text FROM executions',
      )
    ).rows,
  ]);
  const faults: string[] = [];
  compare('execution', executions, stored, faults, (one, row) =>
    ['price', 'size', 'fee'].every((name) => Number(one[name as 'price']) === Number(row[name as 'price'])),
  );
  const trips = roundTrips(executions).map((trip) => ({ ...trip, id: trip.linkId }));
  compare('trade', trips, trades, faults, (trip, row) => {
    const funding = money(row.funding);
    return row.profit !== null && money(row.fees) === trip.fees && money(row.profit) + funding === trip.profit;
  });
  return { trades: trips.length, executions: executions.length, faults };
}

interface Named {
  readonly id: string;
  readonly symbol: string;
}

function compare<True extends Named, Row extends Named>(
  what: string,
  truth: readonly True[],
  rows: readonly Row[],
  faults: string[],
  isSame: (one: True, row: Row) => boolean,
): void {
  const found = new Map<string, Row>();
  for (const row of rows) {
    if (found.has(row.id)) faults.push(`${what} ${row.id} is doubled`);
    found.set(row.id, row);
  }
  for (const one of truth) {
    const row = found.get(one.id);
    found.delete(one.id);
    if (row === undefined) faults.push(`${what} ${one.id} of ${one.symbol} is lost`);
    else if (!isSame(one, row)) faults.push(`${what} ${one.id} of ${one.symbol} is ${JSON.stringify(row)}`);
  }
  for (const { id, symbol } of found.values()) faults.push(`${what} ${id} of ${symbol} never happened`);
}

/** Written once and never again: what was acknowledged must be there. Trades and executions are compared one by one. */
const APPENDED = ['system_events', 'densities', 'signals', 'orderbook_snapshots'] as const;

export interface Kept {
  readonly acknowledged: number;
  readonly missing: number;
}

export async function keptRows(server: Embedded, lives: readonly Written[]): Promise<Kept> {
  return withClient(server.connection, async (client) => {
    let [acknowledged, missing] = [0, 0];
    for (const table of APPENDED) {
      const told = lives.reduce((sum, written) => sum + (written[table] ?? 0), 0);
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
      acknowledged += told;
      missing += Math.max(0, told - (rows[0]?.count ?? 0));
    }
    return { acknowledged, missing };
  });
}
