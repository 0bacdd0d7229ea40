// What is known of the engine right now? The last digest, what shared memory adds to it, and what the page is shown of both.
import { DEAD, readTrust, TRUST_NAMES } from '../../book/trust.ts';
import type { Clock } from '../../lib/clock.ts';
import { conditionOf, type Condition } from '../metrics/health.ts';
import { MarketViews } from './market-views.ts';
import type { Memory } from './memory.ts';
import type { DeskDigest, Digest, ToOperator, WatchedSymbol } from '../port.ts';
import { positionView } from './positions.ts';
import type { SymbolView, Trust } from '../page/protocol-market.ts';
import type { PositionView, SessionView, StatusView } from '../page/protocol-status.ts';
import { Recent } from './recent.ts';
import { RateWindow } from '../metrics/rate-window.ts';

export interface Surface {
  readonly clients: number;
  readonly dropped: number;
  readonly utilization: number;
}

const HOUR_MS = 3_600_000;
const SECONDS_MS = 5_000;
const UNKNOWN = { mid: undefined, mark: undefined };

export class Board {
  readonly markets: MarketViews;
  readonly recent: Recent;
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #signals = new RateWindow(HOUR_MS);
  readonly #frames = new RateWindow(SECONDS_MS);
  readonly #scans = new RateWindow(SECONDS_MS);
  #digest: Omit<Digest, 'symbols'> | undefined;
  #symbols: readonly WatchedSymbol[] = [];
  #bySymbol: ReadonlyMap<string, WatchedSymbol> = new Map();
  #heardAt: number;

  /** `startedMs`: of the run. */
  constructor(memory: Memory, clock: Clock, startedMs: number = clock.wall()) {
    this.#memory = memory;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#heardAt = this.#startedAt;
    this.recent = new Recent(startedMs);
    this.markets = new MarketViews(memory, clock, () => this.#digest?.feed.clockOffsetMs ?? 0);
  }

  get digest(): Omit<Digest, 'symbols'> | undefined {
    return this.#digest;
  }

  get symbols(): readonly WatchedSymbol[] {
    return this.#symbols;
  }

  symbol(name: string): WatchedSymbol | undefined {
    return this.#bySymbol.get(name);
  }

  /** Since main has last spoken, or since this thread was started. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#heardAt;
  }

  get signalsLastHour(): number {
    return this.#signals.growth;
  }

  /** True where mode, blocks or positions are others than before: a page wants to know at once. */
  take({ digest, symbols }: Extract<ToOperator, { kind: 'digest' }>): boolean {
    const before = this.#digest;
    this.#digest = digest;
    this.#heardAt = this.#clock.monotonic();
    if (symbols !== undefined) {
      this.#symbols = symbols;
      this.#bySymbol = new Map(symbols.map((watched) => [watched.instrument.symbol, watched]));
    }
    this.#signals.add(this.#heardAt, digest.analysis.signals);
    this.#frames.add(this.#heardAt, digest.feed.frames);
    this.#scans.add(this.#heardAt, digest.analysis.scans);
    const equity = digest.desk?.account?.equity;
    if (equity !== undefined) this.recent.equity(digest.atMs, Number(equity));
    return gist(before?.desk) !== gist(digest.desk);
  }

  books(): Readonly<Record<Trust, number>> {
    const books = { dead: 0, syncing: 0, live: 0, suspect: 0, stale: 0 };
    for (const { slot } of this.#symbols) books[TRUST_NAMES[readTrust(this.#memory.books, slot) ?? DEAD]]++;
    return books;
  }

  condition(): Condition {
    return conditionOf(this.#digest, this.silentMs, this.books());
  }

  get isEnding(): boolean {
    return this.#digest?.isEnding === true;
  }

  session(): SessionView | undefined {
    return this.#digest?.session;
  }

  positions(): PositionView[] {
    return (this.#digest?.desk?.positions ?? []).map((position) => {
      const watched = this.#bySymbol.get(position.symbol);
      return positionView(position, watched === undefined ? UNKNOWN : this.markets.prices(watched));
    });
  }

  symbolViews(): SymbolView[] {
    const held = new Set((this.#digest?.desk?.positions ?? []).map(({ symbol }) => symbol));
    const excluded = new Set(this.#digest?.analysis.excluded);
    return this.#symbols.map((watched) =>
      this.markets.symbol(watched, held.has(watched.instrument.symbol), excluded.has(watched.slot)),
    );
  }

  /** Undefined until main has spoken. */
  status(surface: Surface): StatusView | undefined {
    const digest = this.#digest;
    if (digest === undefined) return undefined;
    const { desk, store, feed, analysis, loop } = digest;
    const { isReady, reasons } = this.condition();
    return {
      kind: 'status',
      atMs: this.#clock.wall(),
      mainSilentMs: Math.round(this.silentMs),
      session: digest.session,
      ready: isReady,
      unready: reasons.map(({ name, detail }) => `${name}: ${detail}`),
      mode: desk?.mode,
      latch: desk?.latch,
      isKilled: desk?.isKilled ?? false,
      blocks: desk?.blocks ?? [],
      reconciledMs: desk?.reconciledMs,
      links: desk?.links ?? {},
      account: accountOf(desk),
      positionsMax: desk?.positionsMax ?? 0,
      tooSmall: desk?.tooSmall ?? [],
      positions: this.positions(),
      unread: desk?.unread ?? [],
      books: this.books(),
      ...feed,
      framesPerSecond: this.#frames.perSecond,
      analysis: { ...analysis, scansPerSecond: this.#scans.perSecond, signalsLastHour: this.signalsLastHour },
      store: store && { ...store, written: sum(store.written), dropped: sum(store.dropped) },
      loop,
      memoryBytes: digest.memoryBytes,
      warnings: digest.warnings,
      ordersSent: desk?.ordersSent ?? 0,
      orderRefusals: desk?.orderRefusals ?? {},
      journalRecords: desk?.journalRecords ?? 0,
      surface,
    };
  }
}

function accountOf(desk: DeskDigest | undefined): StatusView['account'] {
  const account = desk?.account;
  if (account === undefined) return undefined;
  const { equity, free, dayProfit, exposure, exposureMax } = account;
  return {
    equity: Number(equity),
    free: Number(free),
    dayProfit: Number(dayProfit),
    exposure: Number(exposure),
    exposureMax: exposureMax === undefined ? undefined : Number(exposureMax),
  };
}

/** What of the desk nobody should have to wait for. */
function gist(desk: DeskDigest | undefined): string {
  if (desk === undefined) return '';
  const positions = desk.positions.map(({ symbol, state, size, stop, closing }) => [
    symbol,
    state,
    size,
    stop,
    closing,
  ]);
  const { mode, latch, isKilled, blocks, unread } = desk;
  return JSON.stringify([mode, latch, isKilled, blocks.map(({ reason }) => reason), positions, unread]);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
