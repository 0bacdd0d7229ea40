// Everything that an engine wrote down and told, with what must never be seen in it.
import type { Engine } from '../../src/engine/engine.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import type { CoinParameters } from '../../src/store/read/coin-parameters.ts';
import type { Store, StoreStats } from '../../src/store/write/client.ts';
import { type Row, type SystemEventRow, zeroPerTable } from '../../src/store/rows/rows.ts';

const NO_PARAMETERS: ReadonlyMap<string, CoinParameters> = new Map();

export class Ledger implements Store {
  readonly rows: Row[] = [];
  readonly told: AnalysisEvent[] = [];
  /** Signals that were offered while their book was not live. */
  readonly fromDeadBooks: string[] = [];
  offered = 0;
  /** Called at once for every system event, before the engine goes on. */
  onHappened: (row: SystemEventRow) => void = () => undefined;
  readonly #behind: Store | undefined;
  readonly #engine: () => Engine;

  /** Rows go on to `behind` where there is one. */
  constructor(engine: () => Engine, behind?: Store) {
    this.#engine = engine;
    this.#behind = behind;
  }

  write(rows: readonly Row[]): void {
    for (const row of rows) {
      this.rows.push(row);
      if (row.table === 'system_events') this.onHappened(row);
      if (row.table !== 'signals' || row.outcome !== 'signal') continue;
      this.offered++;
      const trust = this.#engine().book(row.symbol)?.trust;
      if (trust !== 'live') this.fromDeadBooks.push(`${row.signalId}: ${trust}`);
    }
    this.#behind?.write(rows);
  }

  happened(type: string, symbol?: string): SystemEventRow[] {
    return this.rows.filter(
      (row): row is SystemEventRow =>
        row.table === 'system_events' && row.eventType === type && (symbol === undefined || row.symbol === symbol),
    );
  }

  /** Lives that were not born once and labelled once, in this order. */
  oddLives(): string[] {
    const lives = new Map<string, string>();
    for (const { kind, slot, life } of this.told) {
      if (kind !== 'birth' && kind !== 'label') continue;
      const key = `${slot} ${life}`;
      lives.set(key, `${lives.get(key) ?? ''} ${kind}`);
    }
    return [...lives].filter(([, course]) => course !== ' birth label').map(([key, course]) => `${key}:${course}`);
  }

  /** Stored moments that do not count 1, 2, 3 … up to one `closed`. */
  oddMoments(): string[] {
    const lives = new Map<string, string>();
    for (const row of this.rows) {
      if (row.table !== 'densities') continue;
      lives.set(row.lifeId, `${lives.get(row.lifeId) ?? ''} ${row.ordinal}${row.moment === 'closed' ? '.' : ''}`);
    }
    return [...lives].filter(([, moments]) => !isCounted(moments)).map(([id, moments]) => `${id}:${moments}`);
  }

  stats(): StoreStats {
    const none = { queued: 0, spooled: 0, written: zeroPerTable(), dropped: zeroPerTable(), connected: false };
    return this.#behind?.stats() ?? none;
  }

  coinParameters(): ReadonlyMap<string, CoinParameters> {
    return this.#behind?.coinParameters() ?? NO_PARAMETERS;
  }

  async close(deadlineMs?: number): Promise<StoreStats> {
    return this.#behind === undefined ? this.stats() : this.#behind.close(deadlineMs);
  }
}

function isCounted(moments: string): boolean {
  const count = moments.trim().split(' ').length;
  const counted = Array.from({ length: count }, (_, i) => `${i + 1}`).join(' ');
  return moments === ` ${counted}.`;
}
