// Which trade does the first evidence make, that something of ours stands there or stood? The planned one, or a recovered one.
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { exactSizeText, nearestLots } from '../../market/size.ts';
import type { Tick } from '../../market/units.ts';
import type { Fill } from '../../order/words.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';
import type { Holding } from './holding.ts';
import { recoveredTrade } from '../entry/intention.ts';
import type { Trade } from './trade.ts';
import type { Whereabouts } from '../close/whereabouts.ts';

export class FirstEvidence {
  readonly #actor: Actor;
  readonly #core: Core;
  readonly #whereabouts: Whereabouts;
  /** Since when something of ours is known of which neither a plan nor a reading says where its stop belongs. */
  #planlessAt: Ms | undefined;

  constructor(actor: Actor, core: Core, whereabouts: Whereabouts) {
    this.#actor = actor;
    this.#core = core;
    this.#whereabouts = whereabouts;
  }

  get isPlanless(): boolean {
    return this.#planlessAt !== undefined;
  }

  /** Undefined where there is none, or it has to be read before anything is set. */
  tradeOf(holding: Holding): Trade | undefined {
    const { entry } = this.#actor.orders;
    if (
      holding.ours === 0 &&
      boughtBy(holding, this.#actor.ledger.contract.instrument) === 0 &&
      (entry === undefined || entry.filled === 0)
    ) {
      this.#planlessAt = undefined;
      return undefined;
    }
    const openedMs = firstEntry(holding)?.timeMs ?? this.#core.serverMs;
    const plan = entry?.intention?.trade;
    const trade = plan === undefined ? this.#recovered(holding, openedMs) : { ...plan, openedMs };
    if (trade === undefined) return undefined;
    this.#planlessAt = undefined;
    return trade;
  }

  /**
   * Its stop is not known from a plan: it is read. One that it came with may stand nearer than any that we would choose (I-08),
   * so where nobody tells nothing is set, and beyond the grace it is not kept (I-07). What executions tell of from its entry to its
   * end needs none.
   */
  #recovered(holding: Holding, openedMs: Ms): Trade | undefined {
    const core = this.#core;
    const { symbol, ledger } = this.#actor;
    const { report, contract } = ledger;
    const now = core.now.mono;
    const rules = core.options.rules(symbol) ?? core.anyRules;
    const isUnread = report === undefined || report.lots === 0;
    const bought = boughtBy(holding, contract.instrument);
    const isOver = holding.ours === 0 && bought !== 0;
    this.#planlessAt ??= now;
    const isOverdue = holding.ours !== 0 && now - this.#planlessAt >= (rules?.exit.stopLossGraceMs ?? 0);
    if (rules === undefined || (isUnread && !isOverdue && !isOver)) {
      if (this.#whereabouts.wantsRead) this.#actor.readPosition();
      return undefined;
    }
    const first = firstEntry(holding);
    const entryTick = (first?.tick ?? Math.round(ledger.reportedEntry)) as Tick;
    const id = first?.linkId ?? this.#actor.orders.entry?.linkId ?? `recovered-${symbol}-${openedMs}`;
    core.tell('critical', 'position.recovered', symbol, {
      id,
      size: exactSizeText(holding.exactOurs, contract.instrument),
    });
    const closing = isUnread && !isOver ? 'stop_loss_failed' : undefined;
    return {
      ...recoveredTrade(id, isOver ? bought : holding.ours, entryTick, report, rules, contract, openedMs),
      closing,
    };
  }
}

export function firstEntry({ parts }: Holding): Fill | undefined {
  return parts.find(({ origin }) => origin === 'entry')?.fill;
}

/** Signed lots that our entries have executed for us. */
function boughtBy({ parts }: Holding, instrument: Instrument): number {
  const bought = parts.reduce(
    (sum, { fill, origin, ours }) => (origin === 'entry' ? sum + (fill.side === 'buy' ? ours : -ours) : sum),
    0n,
  );
  return nearestLots(bought, instrument);
}
