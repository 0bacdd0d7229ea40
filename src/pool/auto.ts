// Where are books scanned when the load decides: on main while that is cheap, in the pool above that?
import type { Ms } from '../lib/brand.ts';
import type { Timer } from '../lib/clock.ts';
import type { Slot } from '../market/units.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import type { Analysis, AnalysisStats, OnEvent, OnNotice } from './analysis.ts';
import { InlineAnalysis } from './inline.ts';
import { PoolAnalysis, type PoolOptions } from './pool.ts';

/**
 * Share of one core that scans may take from main, and the share at which they come back. Frames cost main nearly as much again: up
 * to here what comes waits less for main than for a thread to wake (`npm run bench -- path`), and beyond it main soon falls behind.
 */
const LOAD_HIGH = 0.45;
const LOAD_LOW = 0.25;
/** Looks in a row that must agree. */
const LOOKS_UP = 2;
const LOOKS_DOWN = 10;
const LOOK_MS = 1_000 as Ms;

export class AutoAnalysis implements Analysis {
  readonly #inline: InlineAnalysis;
  readonly #pool: PoolAnalysis;
  readonly #onNotice: OnNotice;
  readonly #look: Timer;
  #current: InlineAnalysis | PoolAnalysis;
  #scans = 0;
  #agreeing = 0;
  #returning = false;

  constructor(memory: AnalysisMemory, options: PoolOptions, onEvent: OnEvent, onNotice: OnNotice) {
    this.#inline = new InlineAnalysis(memory, onEvent, options.times?.(0), options.onScan);
    this.#pool = new PoolAnalysis(memory, options, onEvent, onNotice);
    this.#onNotice = onNotice;
    this.#current = this.#inline;
    this.#look = options.clock.every(LOOK_MS, () => this.#judge());
  }

  scan(slot: Slot): void {
    // Main alone hands out books: once every thread is idle none of them touches a life until the next hand-over. What has
    // killed a thread is never scanned on main.
    if (this.#returning && this.#pool.takeovers === 0 && this.#pool.isIdle()) {
      this.#pool.flush(); // what they told comes before what main will see
      this.#move(this.#inline);
    }
    this.#current.scan(slot);
  }

  flush(): void {
    this.#pool.flush();
  }

  settled(): Promise<void> {
    return this.#pool.settled();
  }

  async close(): Promise<void> {
    this.#look.cancel();
    await this.#pool.stop();
    this.#inline.end();
  }

  stats(): AnalysisStats {
    const { mode, scanMs, isDown } = this.#current.stats();
    const { takeovers, excluded, scans, eventsLost } = this.#pool.stats();
    const main = this.#inline.stats();
    return {
      mode,
      scans: scans + main.scans,
      scanMs,
      eventsLost: eventsLost + main.eventsLost,
      takeovers,
      isDown,
      excluded,
    };
  }

  #judge(): void {
    const { scans, scanMs } = this.stats();
    const load = ((scans - this.#scans) * scanMs) / LOOK_MS;
    this.#scans = scans;
    const isInline = this.#current === this.#inline;
    const wantsMove = isInline ? load > LOAD_HIGH : load < LOAD_LOW;
    this.#agreeing = wantsMove ? this.#agreeing + 1 : 0;
    if (!wantsMove) this.#returning = false;
    if (this.#agreeing < (isInline ? LOOKS_UP : LOOKS_DOWN)) return;
    if (isInline) this.#move(this.#pool, load);
    else this.#returning = true;
  }

  #move(to: InlineAnalysis | PoolAnalysis, load?: number): void {
    this.#returning = false;
    this.#current = to;
    this.#agreeing = 0;
    const { mode, scans } = this.stats();
    const details = { mode, scans, ...(load === undefined ? {} : { load }) };
    this.#onNotice({ event: 'analysis.mode', severity: 'info', details });
  }
}
