// What does an operator command, and what is the answer? Each command once, by its id (Y09).
import type { Core } from './core.ts';
import { DAILY_LOSS } from './guard.ts';
import type { Command } from './desk-event.ts';
import { haltRunaway } from './entry/refusal.ts';
import type { Roster } from './roster.ts';

const IDS_KEPT = 1_000;
export const KILL = 'kill_switch';
const PAUSED = 'operator.paused';
const FLATTENED = 'operator.flattened';

/** Whether the command is accepted, and the text of the answer. */
type Said = readonly [boolean, string];

export class Commands {
  readonly #core: Core;
  readonly #roster: Roster;
  readonly #seen = new Map<string, Said>();

  constructor(core: Core, roster: Roster) {
    this.#core = core;
    this.#roster = roster;
  }

  take(command: Command): void {
    const before = this.#seen.get(command.id);
    const answer = before ?? this.#carryOut(command);
    const [accepted, text] = answer;
    this.#seen.set(command.id, answer);
    if (this.#seen.size > IDS_KEPT) for (const oldest of this.#seen.keys()) if (this.#seen.delete(oldest)) break;
    this.#core.emit({ kind: 'command-answer', id: command.id, accepted, text, isRepeat: before !== undefined });
  }

  /** Entries have been off since the flatten, over restarts: a position of ours that turns up now is older, and is closed too. */
  act(): void {
    if (this.#core.guard.mode.blocks.has(FLATTENED))
      for (const actor of this.#roster.all()) actor.leave('manual', true);
  }

  /** Also for a latch that was found on disk. */
  kill(): string {
    const core = this.#core;
    if (core.guard.isKilled) return 'killed already: positions are being closed, or are flat; `resume` clears it';
    core.tell('critical', 'kill.ordered', undefined);
    // The latch's record is synced and holds EMERGENCY too: a restart after a crash finds both.
    core.guard.stepMode({ kind: 'emergency', reason: KILL });
    core.guard.latchKill(true);
    for (const actor of this.#roster.all()) {
      actor.opening.abort();
      actor.leave(KILL, true);
    }
    return 'entries are off, all positions of ours are being closed; HALTED when the exchange says that they are flat';
  }

  /** The record may still get there, and nobody knows. */
  get #lasts(): string {
    const isWritable = !this.#core.guard.mode.blocks.has('journal');
    return isWritable ? 'over restarts' : 'but not over a restart while the journal cannot be written';
  }

  #carryOut(command: Command): Said {
    const core = this.#core;
    core.tell('warning', 'command.taken', undefined, { id: command.id, command: command.kind });
    switch (command.kind) {
      case 'pause':
        core.guard.block(PAUSED, true, true);
        return [true, `entries are off, ${this.#lasts}; positions are managed; \`resume\` lifts it`];
      case 'resume':
        return this.#resume();
      case 'kill':
        return [true, this.kill()];
      case 'flatten': {
        core.guard.block(FLATTENED, true, true);
        const held = [...this.#roster.all()].filter(({ trade }) => trade !== undefined);
        for (const actor of this.#roster.all()) actor.opening.abort();
        this.act();
        const { unread } = this.#roster;
        const later = unread.length === 0 ? '' : `, and what is left of ${unread.join(', ')} as soon as it is read`;
        return [
          true,
          `${held.length} positions are being closed${later}; entries are off, ${this.#lasts}, until \`resume\``,
        ];
      }
      case 'close': {
        if (this.#roster.unread.includes(command.symbol))
          return [
            false,
            `what is left of ${command.symbol} is not read yet: nothing was done, say it again when it is`,
          ];
        const actor = this.#roster.find(command.symbol);
        if (actor?.trade === undefined) return [false, `no position of ours in ${command.symbol}`];
        const isCalm = actor.state === 'protected' || actor.state === 'amending';
        actor.leave('manual', !isCalm);
        return [true, `${command.symbol} is being closed`];
      }
    }
  }

  #resume(): Said {
    const core = this.#core;
    const { latch, blocks } = core.guard.mode;
    if (latch?.kind === 'EMERGENCY') {
      return [false, `${latch.reason}: positions are not all flat yet, resume when the mode is HALTED`];
    }
    // A day that was lost ends by the calendar alone (Y01).
    const keeps = core.guard.losses.tripped ? [DAILY_LOSS] : [];
    const lifted = [...blocks].filter(([reason, { sticky }]) => sticky && !keeps.includes(reason));
    const cleared = [...(latch === undefined ? [] : [latch.reason]), ...lifted.map(([reason]) => reason)];
    core.guard.latchKill(false);
    core.isTwinSeen = false;
    core.guard.stepRates({ kind: 'resumed' });
    core.guard.stepLosses({ kind: 'resumed' });
    core.guard.stepMode({ kind: 'resume', keeps });
    haltRunaway(core);
    const said = cleared.length === 0 ? undefined : `cleared: ${cleared.join(', ')}`;
    if (keeps.length === 0) return [true, said ?? 'nothing stood in the way'];
    return [true, `${said ?? 'nothing was cleared'}; ${DAILY_LOSS} stays until the day is over (UTC)`];
  }
}
