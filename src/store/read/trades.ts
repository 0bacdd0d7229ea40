// What was traded, read back.
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import type { TradeRow } from '../rows/rows.ts';
import { readRows } from '../rows/tables.ts';

export interface TradeSpan {
  readonly account: string;
  /** Finished at or after, and before. */
  readonly from: Ms;
  readonly until: Ms;
}

/** In the order in which they ended. As stored: exact decimals are texts, times milliseconds, and what is absent there is absent here. */
export async function finishedTrades(client: pg.ClientBase, span: TradeSpan): Promise<readonly TradeRow[]> {
  return readRows(
    client,
    'trades',
    'account = $1 AND exit_time >= $2 AND exit_time < $3 ORDER BY exit_time, trade_id',
    [span.account, new Date(span.from), new Date(span.until)],
  );
}
