// Whom does a report of the exchange concern? Orders, executions and positions go to the actor of their symbol, each execution
// once; and what they say of the account itself is seen on the way.
import type { Ms } from '../lib/brand.ts';
import { ownerOf, parseLinkId } from '../order/link-id.ts';
import type { Fill, OrderReport, PositionReport } from '../order/words.ts';
import type { Core } from './core.ts';
import type { Roster } from './roster.ts';

/** No entries before an operator has looked, as after damage to the journal. */
const OLD_JOURNAL = 'journal.corrupt';

export class Reports {
  readonly #core: Core;
  readonly #roster: Roster;

  constructor(core: Core, roster: Roster) {
    this.#core = core;
    this.#roster = roster;
  }

  order(report: OrderReport, source: 'read' | 'stream'): void {
    this.#checkTwin(report.linkId, report.updatedMs);
    this.#roster.concerned(report.symbol)?.onOrder(report, source);
  }

  fill(fill: Fill): void {
    const actor = this.#roster.concerned(fill.symbol);
    if (actor === undefined || !this.#core.applied.apply(fill.execId)) return;
    this.#core.equity.heard(fill, actor.ledger.contract.instrument);
    this.checkMaker(fill);
    actor.onFill(fill);
  }

  position(report: PositionReport, source: 'read' | 'stream'): void {
    this.checkMode(report);
    this.#roster.concerned(report.symbol)?.onPosition(report, source);
  }

  /** A stop that is missing does not wait until the whole account is read, or for the next reading where this one fails (P01). */
  seeNaked(positions: readonly PositionReport[]): void {
    for (const report of positions) {
      const actor = this.#roster.find(report.symbol);
      // Of any other size than was held, or was to be: whose it is only the executions say, which come with the whole reading.
      const isAsKnown =
        actor?.isIdle === false && [0, actor.ledger.expected].includes(report.lots - actor.holding.size);
      if (isAsKnown && report.stop === undefined) this.position(report, 'read');
    }
  }

  /** Hedge mode would open a second leg where we mean to close one (O14). */
  checkMode({ isOneWay, symbol }: PositionReport): void {
    if (isOneWay || this.#core.guard.mode.latch !== undefined) return;
    this.#core.tell('critical', 'account.hedge_mode', symbol);
    this.#core.guard.stepMode({ kind: 'halt', reason: 'hedge_mode' });
  }

  /**
   * What this directory has entered, or closed in an emergency, after the last that its journal knows: the journal is an old one,
   * and a pause or a kill may have come after it.
   */
  checkMaker({ linkId, timeMs }: Fill): void {
    const core = this.#core;
    const isBefore = timeMs < (core.begunServerMs ?? 0);
    // A close leaves with its record: after a crash it may be executed without one.
    if (!core.isUnrecorded(linkId, isBefore ? ['E', 'X'] : ['E'], timeMs)) return this.#checkTwin(linkId, timeMs);
    if (!isBefore) return this.#meetTwin(linkId);
    if (!core.guard.mode.blocks.has(OLD_JOURNAL)) core.tell('error', OLD_JOURNAL, undefined, { linkId });
    core.guard.block(OLD_JOURNAL, true, true);
  }

  /** An order with an id of ours that this engine did not send: another instance trades the account (R09). */
  #checkTwin(linkId: string, timeMs: Ms): void {
    const core = this.#core;
    if (ownerOf(linkId, core.options) !== 'twin') return;
    const isOld = core.adopted.has(parseLinkId(linkId)?.instance ?? '') || timeMs < (core.begunServerMs ?? 0);
    if (!isOld) this.#meetTwin(linkId);
  }

  #meetTwin(linkId: string): void {
    const core = this.#core;
    if (core.isTwinSeen) return;
    core.isTwinSeen = true;
    core.tell('critical', 'lease.twin', undefined, { linkId });
    core.guard.block('lease.twin', true, true);
  }
}
