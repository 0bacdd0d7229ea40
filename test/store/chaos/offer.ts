// Rows as an engine at work offers them, each known by a number, and what the database has of them in the end.
import type { Ms } from '../../../src/lib/brand.ts';
import type { Store } from '../../../src/store/write/client.ts';
import type { Row } from '../../../src/store/rows/rows.ts';
import { NOON, density, event, execution, session, signal, snapshot, trade } from '../fixtures.ts';
import type { NetworkServer } from './network-server.ts';

/** Of twenty rows: four events, a trade told twice, an execution, a book, densities and signals. */
const KINDS = 20;
const APART_MS = 100;

export class Offer {
  readonly #store: Store;
  readonly #session: string;
  #rows = 0;
  events = 0;
  trades = 0;

  constructor(store: Store, sessionId: string) {
    this.#store = store;
    this.#session = sessionId;
    store.write([session({ sessionId })]);
  }

  write(count: number): void {
    const rows: Row[] = [];
    for (let i = 0; i < count; i++) rows.push(...this.#next());
    this.#store.write(rows);
  }

  #next(): Row[] {
    const n = this.#rows++;
    const own = { sessionId: this.#session, time: (NOON + n * APART_MS) as Ms };
    switch (n % KINDS) {
      case 0:
      case 5:
      case 10:
      case 15:
        return [event(this.events++, own)];
      case 3: {
        const ids = { account: this.#session, sessionId: this.#session, tradeId: `t-${this.trades++}` };
        const told = trade({ ...ids, entryTime: own.time, signalId: `s-${n + 10}` });
        const end = { exitTime: own.time, exitReason: 'timeout', profitLoss: '1.5' } as const;
        return [told, { ...told, revision: 2, ...end }];
      }
      case 7:
        return [execution({ ...own, account: this.#session, execId: `e-${n}` })];
      case 11:
        return [snapshot({ ...own, updateId: n })];
      case 13:
        return [signal({ ...own, signalId: `s-${n}`, outcome: 'signal' })];
      default:
        return n % 2 === 0
          ? [density({ ...own, lifeId: `l-${n}` })]
          : [signal({ ...own, signalId: `s-${n}`, outcome: 'candidate' })];
    }
  }
}

export interface Kept {
  readonly events: number;
  readonly distinctEvents: number;
  readonly trades: number;
  readonly endedTrades: number;
  readonly sessions: number;
}

/** What of a session is there: nothing that never goes may be missing, or be there twice. */
export async function keptOf(server: Pick<NetworkServer, 'sql'>, sessionId: string): Promise<Kept | undefined> {
  const [kept] = await server.sql<Kept & Record<string, unknown>>(
    `SELECT (SELECT count(*) FROM system_events WHERE session_id = $1)::int AS events,
            (SELECT count(DISTINCT ordinal) FROM system_events WHERE session_id = $1)::int AS "distinctEvents",
            (SELECT count(*) FROM trades WHERE account = $1)::int AS trades,
            (SELECT count(*) FROM trades WHERE account = $1 AND exit_time IS NOT NULL)::int AS "endedTrades",
            (SELECT count(*) FROM sessions WHERE session_id = $1)::int AS sessions`,
    [sessionId],
  );
  return kept;
}

export const expected = ({ events, trades }: Offer): Kept => ({
  events,
  distinctEvents: events,
  trades,
  endedTrades: trades,
  sessions: 1,
});
