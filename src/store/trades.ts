// What was traded, read back: open positions, finished trades, and the executions behind one.
import type pg from 'pg';
import type { Ms } from '../lib/brand.ts';
import type { ExecutionRow, TradeRow } from './rows.ts';
import { readRows } from './tables.ts';

/** As stored: exact decimals are texts, times are milliseconds, and what is absent in the table is absent here. */
export interface TradeSpan {
  /** Of all accounts where it is absent. */
  readonly account?: string;
  /** Finished at or after, and before. */
  readonly from: Ms;
  readonly until: Ms;
}

/** Trades whose end has not been told, oldest first. */
export async function openTrades(client: pg.ClientBase, account?: string): Promise<readonly TradeRow[]> {
  return readRows(
    client,
    'trades',
    'exit_time IS NULL AND account = COALESCE($1, account) ORDER BY entry_time, account, trade_id',
    [account ?? null],
  );
}

/** In the order in which they ended. */
export async function finishedTrades(client: pg.ClientBase, span: TradeSpan): Promise<readonly TradeRow[]> {
  return readRows(
    client,
    'trades',
    'exit_time >= $2 AND exit_time < $3 AND account = COALESCE($1, account) ORDER BY exit_time, account, trade_id',
    [span.account ?? null, new Date(span.from), new Date(span.until)],
  );
}

/** In the order of the exchange. */
export async function executionsOf(
  client: pg.ClientBase,
  account: string,
  tradeId: string,
): Promise<readonly ExecutionRow[]> {
  return readRows(client, 'executions', 'account = $1 AND trade_id = $2 ORDER BY time, sequence, exec_id', [
    account,
    tradeId,
  ]);
}
