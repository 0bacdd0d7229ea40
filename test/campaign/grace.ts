// Is a position that has lost its stop closed when its grace is over? By the exchange's own books, from the first evidence on.
//
// The grace runs from the first text that tells a running, reconciled engine that the stop is missing. At its end either the
// exchange holds a stop again, or nothing, or a close has left and others follow it in the rhythm of the ladder: a close that
// was lost, refused or filled in part is not the engine's doing, to stop trying is. Where every path is dead, to have tried
// them counts; time in which the engine was dead, stalled or not yet reconciled does not.

/** An answer that takes two seconds, the longest pause of the ladder, and the roads. */
const RHYTHM_MS = 4_300;
/** A timer of the engine. */
const SLACK_MS = 150;

export class Grace {
  /** From the first evidence to a stop or to nothing: the longest. */
  longestMs = 0;
  /** Positions that had to be closed because their grace was over. */
  closed = 0;
  readonly #from = new Map<string, { readonly evidenceMs: number; startMs: number }>();
  readonly #triedAt = new Map<string, number>();

  forget(): void {
    this.#from.clear();
    this.#triedAt.clear();
  }

  evidence(symbol: string, now: number): void {
    if (!this.#from.has(symbol)) this.#from.set(symbol, { evidenceMs: now, startMs: now });
  }

  /** A close has left, or a dead path was tried with it. */
  tried(symbol: string, now: number): void {
    this.#triedAt.set(symbol, now);
  }

  /** The exchange holds its stop again, or nothing. */
  ended(symbol: string, now: number, isFlat: boolean): void {
    const from = this.#from.get(symbol);
    if (from === undefined) return;
    this.#from.delete(symbol);
    this.longestMs = Math.max(this.longestMs, now - from.evidenceMs);
    if (isFlat && now - from.startMs >= SLACK_MS) this.closed++;
  }

  /** How long nothing has left that should have; 0 while all is as it must be. */
  late(symbol: string, now: number, graceMs: number, isExcused: boolean): number {
    const from = this.#from.get(symbol);
    if (from === undefined) return 0;
    if (isExcused) from.startMs = now;
    const overMs = now - from.startMs - graceMs - SLACK_MS;
    const sinceMs = now - (this.#triedAt.get(symbol) ?? -Infinity);
    return overMs <= 0 || sinceMs <= RHYTHM_MS ? 0 : Math.min(overMs, sinceMs);
  }
}
