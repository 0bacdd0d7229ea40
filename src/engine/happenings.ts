// Which events of the engine go to the dashboard? None is built where there is no dashboard.
import type { Clock } from '../lib/clock.ts';
import type { Instrument } from '../market/instrument.ts';
import { isEnding } from '../operator/board/happened.ts';
import type { Lot } from '../market/units.ts';
import type { Happening } from '../operator/port.ts';
import { isPayment } from '../position/trade/holding.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import type { Chronicle } from '../store/rows/chronicle.ts';

export type Tell = (happening: Happening) => void;

type Rows = Pick<Chronicle, 'trade' | 'execution' | 'happened'>;

export class Happenings {
  readonly #clock: Clock;
  readonly #tell: Tell | undefined;

  constructor(clock: Clock, tell: Tell | undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** A density that was confirmed, and so has rows, has ended. */
  ended(event: AnalysisEvent, instrument: Instrument): void {
    if (this.#tell === undefined || !isEnding({ event, instrument })) return;
    this.#tell({
      kind: 'analysis',
      atMs: this.#clock.wall(),
      instrument,
      event,
      signalId: undefined,
      refusal: undefined,
    });
  }

  /** A candidate, or a signal and why it was not offered. */
  judged(event: AnalysisEvent, instrument: Instrument, signalId: string, refusal?: string): void {
    this.#tell?.({ kind: 'analysis', atMs: this.#clock.wall(), instrument, event, signalId, refusal });
  }

  /** The desk's verdict on a signal. */
  decided(symbol: string, signalId: string, refusal: string | undefined, detail: string): void {
    this.#tell?.({ kind: 'verdict', atMs: this.#clock.wall(), symbol, signalId, refusal, detail });
  }

  /**
   * The same rows, each also passed on to the dashboard; of executions only those by which something of ours was bought or sold:
   * a person trades the same account, and a payment is none.
   */
  published(rows: Rows): Rows {
    const tell = this.#tell;
    if (tell === undefined) return rows;
    const clock = this.#clock;
    return {
      trade(row, account, revision) {
        rows.trade(row, account, revision);
        const { parameters: _parameters, ...told } = row;
        tell({ kind: 'trade', atMs: clock.wall(), row: told });
      },
      execution(row, account) {
        rows.execution(row, account);
        const isPaid = isPayment({ ...row, closedLots: Number(row.closedSize) as Lot });
        if (row.tradeId !== undefined && !isPaid) tell({ kind: 'execution', atMs: clock.wall(), row });
      },
      happened(name, severity, symbol, details) {
        rows.happened(name, severity, symbol, details);
        const fields = Object.entries(details).map(([key, value]: [string, unknown]) => [key, plain(value)]);
        tell({
          kind: 'told',
          atMs: clock.wall(),
          level: severity,
          name,
          symbol,
          fields: Object.fromEntries(fields) as Readonly<Record<string, string | number | boolean>>,
        });
      },
    };
  }
}

function plain(value: unknown): string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : (JSON.stringify(value) ?? '');
}
