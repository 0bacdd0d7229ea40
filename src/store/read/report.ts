// Which trades are in the report?
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import { atOneMoment } from './one-moment.ts';
import { exchangeStood } from './simulated.ts';
import type { ReportTrade } from './trade-figures.ts';

export interface Span {
  /** From the beginning where it is absent. */
  readonly from?: Ms | undefined;
  readonly until: Ms;
  /** Accounts whose name begins so; all where it is absent. */
  readonly account?: string | undefined;
}

export interface TradesFound {
  /** Finished in the span, in the order of their ends. */
  readonly trades: readonly ReportTrade[];
  /** Positions that are open now. */
  readonly open: number;
}

export const BEGINNING = new Date(0);

/** The mid of the signal is looked up where the row of the trade does not have it. */
const TRADES = `
  SELECT account, trade_id AS "tradeId", t.symbol, side, signal_type AS "signalType", exit_reason AS "exitReason",
         entry_time AS "entryTime", exit_time AS "exitTime", entry_price AS "entryPrice",
         coalesce(expected_price, s.mid) AS "expectedPrice", position_size AS "positionSize", notional,
         coalesce(profit_loss, 0) AS "profitLoss", fees, funding
  FROM trades t LEFT JOIN LATERAL (
    SELECT mid FROM signals WHERE t.expected_price IS NULL AND symbol = t.symbol AND signal_id = t.signal_id
      AND time BETWEEN t.entry_time - interval '1 minute' AND t.entry_time + interval '1 minute'
    ORDER BY time DESC LIMIT 1) s ON true
  WHERE exit_time >= $1 AND exit_time < $2 AND starts_with(account, $3)
  ORDER BY exit_time, account, trade_id`;

const OPEN = `
  SELECT count(*)::int AS open FROM trades
  WHERE exit_time IS NULL AND starts_with(account, $1) AND ${exchangeStood(`'infinity'`)}`;

type Raw = Omit<ReportTrade, 'entryTime' | 'exitTime'> & { readonly entryTime: Date; readonly exitTime: Date };

export async function readTrades(
  connection: pg.ClientConfig,
  { from, until, account = '' }: Span,
): Promise<TradesFound> {
  return atOneMoment(connection, async (client) => {
    const span = [from === undefined ? BEGINNING : new Date(from), new Date(until), account];
    const { rows } = await client.query<Raw>(TRADES, span);
    const { rows: counted } = await client.query<{ open: number }>(OPEN, [account]);
    const trades = rows.map((row) => ({
      ...row,
      entryTime: row.entryTime.getTime() as Ms,
      exitTime: row.exitTime.getTime() as Ms,
    }));
    return { trades, open: counted[0]?.open ?? 0 };
  });
}
