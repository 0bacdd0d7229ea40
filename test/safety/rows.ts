// What stands in the tables of a state directory? Through the daemon's own server, or one started for the time of the question.
import { reachDatabase } from '../../src/store/read/reach.ts';
import type { ExecutionRow, TradeRow } from '../../src/store/rows/rows.ts';
import { withClient } from '../../src/store/session.ts';
import { readRows } from '../../src/store/rows/tables.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

export interface Kept {
  readonly trades: readonly TradeRow[];
  readonly executions: readonly ExecutionRow[];
}

export async function keptIn(stateDir: string): Promise<Kept> {
  const { connection, close } = await reachDatabase({ stateDir, existing: true }, QUIET);
  try {
    return await withClient(connection, async (client) => ({
      trades: await readRows(client, 'trades', 'true ORDER BY entry_time', []),
      executions: await readRows(client, 'executions', 'true ORDER BY time, sequence', []),
    }));
  } finally {
    await close();
  }
}
