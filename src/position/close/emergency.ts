// When is everything closed, and when is that done? After a connection loss or a kill, until the exchange confirms it.
import { KILL } from '../commands.ts';
import type { Core } from '../core.ts';
import type { LossWatch } from '../account/loss-watch.ts';
import type { Reconciler } from '../account/reconciler.ts';
import type { Roster } from '../roster.ts';

const LOST = 'emergency_connection_loss';

export class Emergency {
  readonly #core: Core;
  readonly #roster: Roster;
  readonly #losses: LossWatch;
  readonly #reconciler: Reconciler;

  constructor(core: Core, roster: Roster, losses: LossWatch, reconciler: Reconciler) {
    this.#core = core;
    this.#roster = roster;
    this.#losses = losses;
    this.#reconciler = reconciler;
  }

  judgeLoss(): void {
    const core = this.#core;
    // Also what is only remembered: that nobody says what became of it is the loss itself (P1).
    const held = [...this.#roster.all()].filter(({ isOpen }) => isOpen);
    const loss = this.#losses.judge(held.map(({ symbol, ledger }) => ({ symbol, slot: ledger.slot })));
    const { emergencyCloseAll } = core.options.settings();
    const isLost = loss.kind !== 'none';
    if (isLost && !core.guard.mode.blocks.has('connection_loss')) {
      const what = loss.kind === 'all' ? loss.what : loss.symbols.join(' ');
      core.tell('critical', 'connection.lost', undefined, { what, closes: emergencyCloseAll });
    }
    core.guard.block('connection_loss', isLost);
    if (!isLost || !emergencyCloseAll) return;
    if (loss.kind === 'all') core.guard.stepMode({ kind: 'emergency', reason: 'connection_loss' });
    else for (const symbol of loss.symbols) this.#roster.find(symbol)?.leave(LOST, true);
  }

  flatten(): void {
    const core = this.#core;
    if (!core.guard.permissions.flatten) return;
    const actors = [...this.#roster.all()];
    const reason = core.guard.isKilled ? KILL : LOST;
    for (const actor of actors) {
      actor.opening.abort();
      actor.leave(reason, true);
    }
    const isOpen =
      this.#roster.isOursUnlisted ||
      actors.some((actor) => actor.isOpen || actor.orders.isEntryOpen || actor.awaitsReading);
    // That nothing is open is only known once the account was read; the kill stays said until then (Y05).
    if (!isOpen && this.#reconciler.isHeld) core.guard.stepMode({ kind: 'flat' });
  }
}
