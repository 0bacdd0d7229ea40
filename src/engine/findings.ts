// What becomes of what the analysis has found? Signals are offered first; then all of it is stored, shown and counted.
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import type { Happenings } from './happenings.ts';
import type { Instrument } from '../market/instrument.ts';
import { createOffering } from './offering.ts';
import type { Log } from '../ops/log.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { abridge } from '../scan/layout.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import type { StageTimes } from './stage-times.ts';
import { StandingDensities, type StandingDensity } from './standing.ts';
import type { Chronicle } from '../store/rows/chronicle.ts';
import type { Tenant, Tenants } from './tenants.ts';
import type { Trader } from './trader.ts';

export interface FindingsPorts {
  readonly memory: AnalysisMemory;
  readonly clock: Clock;
  readonly log: Log;
  readonly tenants: Tenants;
  readonly chronicle: Chronicle;
  readonly happenings: Happenings;
  readonly times: StageTimes | undefined;
  /** Undefined: the engine only watches. */
  readonly trader: () => Trader | undefined;
  /** After the engine itself has handled it. Where nobody listens less is told. */
  readonly onEvent: ((event: AnalysisEvent, instrument: Instrument) => void) | undefined;
}

export interface FindingCounts {
  /** Densities confirmed so far, and how many of them stand now. */
  readonly densities: number;
  readonly standing: number;
  /** Signals that nothing refused so far; candidates so far; signals refused, by reason. */
  readonly signals: number;
  readonly candidates: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Signals that became orders. */
  readonly entries: number;
}

/** A signal, and the symbol by whose parameters it is judged. */
interface Offering {
  readonly event: AnalysisEvent;
  readonly symbol: string;
  readonly tenant: Tenant;
}

export class Findings {
  readonly #ports: FindingsPorts;
  readonly #offer: (batch: Offering[]) => void;
  readonly #standing = new StandingDensities();
  readonly #counts = { densities: 0, signals: 0, candidates: 0, entries: 0 };
  readonly #refused: Record<string, number> = {};
  /** Read, and not dealt with yet. */
  #signals: Offering[] = [];
  #others: AnalysisEvent[] = [];
  /** When the first of the pending signals was read. */
  #signalsReadAt = 0 as Ms;

  constructor(ports: FindingsPorts) {
    this.#ports = ports;
    const { books, lives } = ports.memory;
    if (ports.onEvent === undefined) abridge(lives);
    this.#offer = createOffering<Offering>({
      books,
      now: () => ports.clock.monotonic(),
      trader: ports.trader,
      told: (offered, refusal, detail) => this.#judged(offered, refusal, detail),
    });
  }

  /** Signals go first: whatever else the same scan reports is handled after them. */
  take(event: AnalysisEvent): void {
    const { tenants, times, clock } = this.#ports;
    if (this.#signals.length === 0 && this.#others.length === 0) queueMicrotask(this.handle);
    if (event.kind !== 'signal') {
      this.#others.push(event);
      return;
    }
    times?.told(event.receivedMs);
    const tenant = tenants.of(event);
    if (this.#signals.length === 0) this.#signalsReadAt = clock.monotonic();
    this.#signals.push({ event, symbol: tenant.instrument.symbol, tenant });
  }

  get isSignalled(): boolean {
    return this.#signals.length > 0;
  }

  /** The signals of one loop turn, or of one scan in line, and then all other events of it. */
  readonly handle = (): void => {
    const { tenants, onEvent } = this.#ports;
    const batch = this.#signals;
    const others = this.#others;
    this.#signals = [];
    this.#others = [];
    if (batch.length > 0) this.#offer(batch);
    for (const { event } of batch) onEvent?.(event, tenants.of(event).instrument);
    for (const event of others) this.#note(event);
  };

  /** Densities whose end was lost. Labels that are still on their way are read first, with `flush`. */
  endLost(flush: () => void): void {
    const ended = this.#standing.ended(this.#ports.memory.lives);
    if (ended.length === 0) return;
    flush();
    this.handle();
    for (const density of ended) {
      this.#standing.forget(density);
      this.#ports.chronicle.lost(density);
    }
  }

  standing(): Iterable<StandingDensity> {
    return this.#standing.all(this.#ports.memory.lives);
  }

  counts(): FindingCounts {
    return { ...this.#counts, standing: this.#standing.count, refused: { ...this.#refused } };
  }

  #judged({ event, symbol, tenant }: Offering, refusal: string | undefined, detail: string): void {
    const { chronicle, happenings, log, times } = this.#ports;
    const isTraded = this.#ports.trader() !== undefined;
    if (refusal !== undefined) this.#refused[refusal] = (this.#refused[refusal] ?? 0) + 1;
    else {
      this.#counts.signals++;
      if (isTraded) this.#counts.entries++;
    }
    const signalId = chronicle.signal(event, tenant.instrument, tenant.strategy, refusal);
    happenings.judged(event, tenant.instrument, signalId, isTraded ? undefined : refusal);
    const { signal: kind, priority } = event;
    log.info({ symbol, signalId, kind, priority, outcome: refusal ?? 'good', detail }, 'signal.judged');
    if (!isTraded) return;
    times?.judged(this.#signalsReadAt, refusal === undefined ? detail : undefined);
    happenings.decided(symbol, signalId, refusal, detail);
  }

  #note(event: AnalysisEvent): void {
    const { tenants, chronicle, happenings, onEvent } = this.#ports;
    const { instrument, strategy } = tenants.of(event);
    if (event.kind === 'candidate') {
      this.#counts.candidates++;
      happenings.judged(event, instrument, chronicle.signal(event, instrument, strategy));
    } else {
      if (this.#standing.note(event, instrument)) this.#counts.densities++;
      chronicle.density(event, instrument, strategy);
      happenings.ended(event, instrument);
    }
    onEvent?.(event, instrument);
  }
}
