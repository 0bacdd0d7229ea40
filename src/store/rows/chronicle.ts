// Which events become rows, and when?
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Instrument } from '../../market/instrument.ts';
import { type AnalysisEvent, lifeKey } from '../../scan/event.ts';
import type { Ranked } from '../../universe/select.ts';
import { KeptFacts } from './density-facts.ts';
import { densityRow, signalRow, type EventContext, type Thresholds } from './event-rows.ts';
import { marketStatRows, snapshotRow, type BookMoment } from './market-rows.ts';
import type { ExecutionRow, TradeRow } from '../../position/trade/result.ts';
import type { DensityRow, Row, SystemEventRow } from './rows.ts';
import { executionRowOf, tradeRowOf } from './trade-rows.ts';

/** Who runs, on what, with which configuration. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly environment: string;
  readonly mode: string;
  readonly version: string;
  readonly node: string;
  readonly config: unknown;
}

interface Moment {
  /** Of its facts. */
  readonly place: number;
  readonly instrument: Instrument;
  readonly thresholds: Thresholds;
  readonly ordinal: number;
}

/** More signals than positions can stand on: of one that became none the mid is forgotten. */
const MIDS_MAX = 4_096;

export class Chronicle {
  readonly #facts: SessionFacts;
  readonly #clock: Clock;
  readonly #write: (rows: readonly Row[]) => void;
  readonly #startedAt: Ms;
  /** The last stored moment of each life that has not ended, and of what its row was made. */
  readonly #moments = new Map<number, Moment>();
  readonly #kept = new KeptFacts();
  /** Of signals that were offered, by their id: what a trade upon it expected to pay. */
  readonly #mids = new Map<string, string>();
  #systemEvents = 0;
  #tellings = 0;

  constructor(facts: SessionFacts, clock: Clock, write: (rows: readonly Row[]) => void) {
    this.#facts = facts;
    this.#clock = clock;
    this.#write = write;
    this.#startedAt = clock.wall();
  }

  begin(): void {
    this.#write([{ table: 'sessions', ...this.#facts, startedAt: this.#startedAt }]);
  }

  end(totals: unknown): void {
    const endedAt = this.#clock.wall();
    this.#write([{ table: 'sessions', ...this.#facts, startedAt: this.#startedAt, endedAt, totals }]);
  }

  /** Lives that were confirmed: at confirmation, at each tenth of erosion, at the end. Others are only counted. */
  density(event: AnalysisEvent, instrument: Instrument, thresholds: Thresholds): void {
    const moment = momentOf(event);
    if (moment === undefined) return;
    const key = lifeKey(event);
    const last = this.#moments.get(key);
    const ordinal = (last?.ordinal ?? 0) + 1;
    if (moment !== 'closed')
      this.#moments.set(key, { place: this.#kept.keep(event, last?.place), instrument, thresholds, ordinal });
    else if (last !== undefined) this.#forget(key, last);
    this.#write([densityRow(event, moment, event.label, this.#context(instrument, thresholds, ordinal))]);
  }

  /** A density whose end was lost. Writes nothing where another event of it came meanwhile. */
  lost(density: Pick<AnalysisEvent, 'slot' | 'life'>): void {
    const key = lifeKey(density);
    const last = this.#moments.get(key);
    if (last === undefined) return;
    const time = this.#clock.wall();
    const context = this.#context(last.instrument, last.thresholds, last.ordinal + 1);
    const row = densityRow(this.#kept.read(last.place), 'closed', 'unknown', context);
    this.#forget(key, last);
    this.#write([{ ...row, time, disappearedAt: time }]);
  }

  #forget(key: number, { place }: Moment): void {
    this.#moments.delete(key);
    this.#kept.free(place);
  }

  /** A candidate, a signal, or with a `reason` a signal that was refused; its id. */
  signal(event: AnalysisEvent, instrument: Instrument, thresholds: Thresholds, reason?: string): string {
    const row = signalRow(event, reason, this.#context(instrument, thresholds, ++this.#tellings));
    this.#write([row]);
    if (row.outcome === 'signal' && row.mid !== undefined) this.#remember(row.signalId, row.mid);
    return row.signalId;
  }

  #remember(signalId: string, mid: string): void {
    this.#mids.set(signalId, mid);
    for (const oldest of this.#mids.keys()) {
      if (this.#mids.size <= MIDS_MAX) return;
      this.#mids.delete(oldest);
    }
  }

  happened(eventType: string, severity: SystemEventRow['severity'], symbol: string | undefined, details: object): void {
    const row: SystemEventRow = {
      table: 'system_events',
      time: this.#clock.wall(),
      sessionId: this.#facts.sessionId,
      ordinal: ++this.#systemEvents,
      eventType,
      severity,
      ...(symbol === undefined ? {} : { symbol }),
      details,
    };
    this.#write([row]);
  }

  /** `account`: whose, over restarts. Of two tellings of the same trade the one of the higher revision stands. */
  trade(trade: TradeRow, account: string, revision: number): void {
    const expected = this.#mids.get(trade.signalId);
    this.#write([tradeRowOf(trade, this.#owner(account), revision, this.#clock.wall(), expected)]);
  }

  execution(execution: ExecutionRow, account: string): void {
    this.#write([executionRowOf(execution, this.#owner(account))]);
  }

  #owner(account: string): { readonly account: string; readonly sessionId: string } {
    return { account, sessionId: this.#facts.sessionId };
  }

  ranking(ranked: readonly Ranked[]): void {
    this.#write(marketStatRows(ranked, this.#clock.wall()));
  }

  book(instrument: Instrument, moment: BookMoment): void {
    const row = snapshotRow(this.#facts.sessionId, instrument, moment);
    if (row !== undefined) this.#write([row]);
  }

  #context(instrument: Instrument, thresholds: Thresholds, ordinal: number): EventContext {
    const wallShift = this.#clock.wall() - this.#clock.monotonic();
    return { sessionId: this.#facts.sessionId, instrument, ordinal, thresholds, wallShift };
  }
}

function momentOf(event: AnalysisEvent): DensityRow['moment'] | undefined {
  if (event.confirmedMs === 0) return undefined;
  if (event.kind === 'label') return 'closed';
  if (event.kind === 'erosion') return 'erosion';
  // Confirmed anew after an erosion is no new moment.
  const isFirst = event.kind === 'state' && event.state === 'confirmed' && event.confirmedMs === event.exchangeMs;
  return isFirst ? 'confirmed' : undefined;
}
