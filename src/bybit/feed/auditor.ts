// Which book is compared with REST when, and what follows from two bad comparisons? (B18)
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { agree, Look } from './audit.ts';
import type { Finding } from './audit.ts';
import { BybitError } from '../bybit-error.ts';
import type { IngestPort } from '../frames/ingest-port.ts';
import type { PublicRest } from '../rest/rest.ts';
import type { RestBook } from '../rest/rest-rows.ts';
import { IS_LOOKED_AT } from './roster.ts';
import type { Roster } from './roster.ts';
import { Round } from './round.ts';
import type { Watched } from './watched.ts';

export interface AuditCounts {
  equal: number;
  wrong: number;
  /** REST was behind our first copy, or the stream behind it, the question failed, or the book was resynced meanwhile. */
  inconclusive: number;
  mismatches: number;
}

interface Running {
  readonly look: Look;
  rest: RestBook | undefined;
  deadline: Timer | undefined;
}

export interface AuditorOptions {
  readonly clock: Clock;
  readonly ingest: IngestPort;
  readonly rest: PublicRest;
  readonly roster: Roster;
  readonly periodMs: Ms;
  /** Two looks in a row accuse the same book. */
  readonly mismatch: (watched: Watched, finding: Finding & { kind: 'wrong' }) => void;
  readonly offGrid: (watched: Watched) => void;
}

/** Time for the stream to come as far as REST was. */
const FOLLOW_MS = 3_000 as Ms;
const SECOND_LOOK_MS = 2_000 as Ms;
const RUNNING_MAX = 8;

export class Auditor {
  readonly counts: AuditCounts = { equal: 0, wrong: 0, inconclusive: 0, mismatches: 0 };
  readonly #options: AuditorOptions;
  readonly #round: Round;
  readonly #running = new Map<Watched, Running>();
  readonly #accused = new Map<Watched, { readonly finding: Finding; readonly again: Timer }>();

  constructor(options: AuditorOptions) {
    this.#options = options;
    const { clock, periodMs, roster } = options;
    this.#round = new Round(
      clock,
      periodMs,
      () => roster.symbols,
      (symbol) => this.visit(symbol),
    );
  }

  start(): void {
    this.#round.start();
  }

  stop(): void {
    this.#round.stop();
    for (const watched of this.#running.keys()) this.forget(watched);
    for (const watched of this.#accused.keys()) this.forget(watched);
  }

  visit(symbol: string): void {
    const watched = this.#options.roster.of(symbol);
    if (watched === undefined || !watched.isLive) return;
    if (this.#running.has(watched) || this.#running.size >= RUNNING_MAX) return;
    void this.#look(watched);
  }

  /** The book of a slot under a look has changed. */
  changed(watched: Watched): void {
    const running = this.#running.get(watched);
    if (running === undefined) return;
    running.look.add(this.#options.ingest.copyBook(watched.slot, watched.depth));
    if (running.rest !== undefined) this.#judge(watched, running, false);
  }

  /** The book was replaced or is gone: what was seen so far proves nothing any more. */
  forget(watched: Watched): void {
    const running = this.#running.get(watched);
    if (running !== undefined) {
      this.counts.inconclusive++;
      this.#end(watched, running);
    }
    this.#accused.get(watched)?.again.cancel();
    this.#accused.delete(watched);
  }

  async #look(watched: Watched): Promise<void> {
    const { clock, ingest, rest, roster, offGrid } = this.#options;
    const { slot, depth } = watched;
    const running: Running = {
      look: new Look(ingest.copyBook(slot, depth), depth),
      rest: undefined,
      deadline: undefined,
    };
    this.#running.set(watched, running);
    roster.attention[slot] = (roster.attention[slot] as number) | IS_LOOKED_AT;
    const isCurrent = (): boolean => this.#running.get(watched) === running;
    try {
      const book = await rest.book(watched.listed.instrument, depth);
      if (!isCurrent()) return;
      if (book === 'off-grid') {
        this.forget(watched);
        offGrid(watched);
        return;
      }
      running.rest = book;
      running.deadline = clock.after(FOLLOW_MS, () => this.#judge(watched, running, true));
      this.#judge(watched, running, false);
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      // The client has retried; the next round asks again.
      if (isCurrent()) this.forget(watched);
    }
  }

  #judge(watched: Watched, running: Running, isFinal: boolean): void {
    const finding = running.look.judge(running.rest as RestBook, isFinal);
    if (finding === undefined) return;
    this.#end(watched, running);
    const earlier = this.#accused.get(watched);
    earlier?.again.cancel();
    this.#accused.delete(watched);
    switch (finding.kind) {
      case 'equal':
        this.counts.equal++;
        return;
      case 'unknown':
        this.counts.inconclusive++;
        return;
      case 'wrong': {
        this.counts.wrong++;
        if (earlier !== undefined && agree(earlier.finding, finding)) {
          this.counts.mismatches++;
          this.#options.mismatch(watched, finding);
          return;
        }
        const again = this.#options.clock.after(SECOND_LOOK_MS, () => this.visit(watched.symbol));
        this.#accused.set(watched, { finding, again });
      }
    }
  }

  #end(watched: Watched, running: Running): void {
    const { attention } = this.#options.roster;
    running.deadline?.cancel();
    this.#running.delete(watched);
    if (watched.isWatched) attention[watched.slot] = (attention[watched.slot] as number) & ~IS_LOOKED_AT;
  }
}
