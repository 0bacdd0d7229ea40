// Has the exchange shown what is ours, or that nothing of it is left? Neither is believed on one word alone (P18).
import type { Ms } from '../../lib/brand.ts';
import type { PositionReport } from '../../order/words.ts';
import type { Core } from '../core.ts';
import { GoneEvidence } from './gone.ts';
import type { Holding } from '../trade/holding.ts';
import type { OwnOrders } from '../entry/own-orders.ts';

/** For how long a reading may still show the state before an entry. */
const VIEW_LATE_MS = 60_000;

export class Whereabouts {
  readonly #core: Core;
  readonly #orders: OwnOrders;
  readonly #gone = new GoneEvidence();
  #isSeen = false;
  #goneAt: Ms | undefined;

  constructor(core: Core, orders: OwnOrders) {
    this.#core = core;
    this.#orders = orders;
  }

  /** The exchange has shown it as a position. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** Since when it has been taken for gone. */
  get goneAt(): Ms | undefined {
    return this.#goneAt;
  }

  get isProvenGone(): boolean {
    return this.#gone.isComplete;
  }

  /** Should the position be read now? Answers yes once per interval. */
  get wantsRead(): boolean {
    return this.#gone.wantsRead(this.#core.now.mono);
  }

  /** The newest word about the size. */
  heard({ ours, parts }: Holding, report: PositionReport, source: 'read' | 'stream'): void {
    if (ours !== 0) {
      this.#isSeen = true;
      this.#gone.reset();
      this.#goneAt = undefined;
    }
    // A view that does not contain a fill we know of says nothing about what is left after it.
    else if (parts.every(({ fill }) => fill.seq <= report.seq) && this.#isAfterEntry(report)) this.#gone.add(source);
  }

  /** Nor does one from before an entry that is reported filled; for a while the exchange may contradict itself. */
  #isAfterEntry({ seq }: PositionReport): boolean {
    const { entry } = this.#orders;
    if (entry === undefined || entry.filled === 0 || seq > entry.baselineSeq) return true;
    return this.#core.now.mono - entry.changedAt >= VIEW_LATE_MS;
  }

  /** What was seen before it was opened says nothing of what became of it. */
  opened(): void {
    this.#gone.reset();
  }

  /** Signed lots that our entry's own report alone tells of: no execution and no position has come, and no proof that nothing is left. */
  unseen({ ours, parts }: Holding): number {
    const { entry } = this.#orders;
    if (ours !== 0 || entry === undefined || this.#isSeen || this.#gone.isComplete) return 0;
    return parts.some(({ origin }) => origin === 'entry') ? 0 : entry.filled * entry.sign;
  }

  /** Since when it is taken for gone, which is now if it was not before. */
  noteGone(): Ms {
    this.#goneAt ??= this.#core.now.mono;
    return this.#goneAt;
  }

  forget(): void {
    this.#gone.reset();
    this.#isSeen = false;
    this.#goneAt = undefined;
  }
}
