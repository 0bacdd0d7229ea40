// What is the day worth so far? Its result against the wallet, as far as marks of now allow it (Y01, Y08).
import type { Ms } from '../../lib/brand.ts';
import { MARK_AGE_MS_MAX } from '../../risk/limits.ts';
import type { Core } from '../core.ts';
import { sumOf } from './ledger.ts';
import type { Roster } from '../roster.ts';

/** Streams tell of one trade in any order, a moment apart: executions are late when they stay away for longer. */
const LATE_MS_MIN = 1_000 as Ms;
/** Longer than one word keeps a mark fresh: of a suspended contract nothing comes but the answer to each new subscription. */
const MARK_DOUBTED_MS = MARK_AGE_MS_MAX + 5_000;

export class Valuation {
  readonly #core: Core;
  readonly #roster: Roster;
  /** Since when executions of an open position have been missing. */
  #lateSince: Ms | undefined;

  constructor(core: Core, roster: Roster) {
    this.#core = core;
    this.#roster = roster;
  }

  value(): void {
    const core = this.#core;
    const held = [...this.#roster.all()].map((actor) => actor.unrealised());
    this.#lateSince = held.includes('executions.late') ? (this.#lateSince ?? core.now.mono) : undefined;
    core.guard.block(
      'executions.late',
      this.#lateSince !== undefined && core.now.mono - this.#lateSince >= LATE_MS_MIN,
    );
    if (held.includes('mark.stale')) core.guard.blockFor('mark.stale', MARK_DOUBTED_MS);
    // Which day it is, only the exchange knows.
    if (core.wallet === undefined || core.clock === undefined) return;
    const { balance, unrealised: told } = core.wallet.report;
    const unrealised = sumOf(held);
    const limitPercent = core.options.settings().maxDailyLossPercent;
    core.guard.stepLosses({ kind: 'valued', equity: balance + told, unrealised, limitPercent, timeMs: core.serverMs });
  }
}
