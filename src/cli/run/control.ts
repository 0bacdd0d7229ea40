// What does the running engine tell its operator, and what may he ask of it?
import { moneyText } from '../../market/money.ts';
import type { Engine } from '../../engine/engine.ts';
import type { CommandAnswer } from '../../engine/trader.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Log } from '../../ops/log.ts';
import { openControl, type Control } from '../../ops/control.ts';
import type { StatusView } from '../../ops/control-view.ts';
import type { Command } from '../../position/desk-event.ts';
import { viewOfTrading } from './views.ts';

export interface ControlledRun {
  readonly stateDir: string;
  readonly engine: Engine;
  readonly facts: { readonly version: string; readonly environment: string; readonly trading: string };
  /** Bytes, as they are and as many as there may be. */
  readonly memory: () => { readonly taken: number; readonly limit: number };
  readonly command: (command: Command) => Promise<CommandAnswer>;
  /** As it stands in the file KILL. */
  readonly killReason: () => string;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export function openRunControl(run: ControlledRun): Promise<Control> {
  const { stateDir, engine, facts, memory, command, killReason, log } = run;
  const startedMs = systemClock.wall();
  const { trading } = engine;
  const view = () => (trading === undefined ? undefined : viewOfTrading(trading, killReason()));

  const status = (): StatusView => {
    const { books, leftOut, densities, signals, entries } = engine.status();
    const wallet = trading?.trader.status().wallet;
    const tooSmall = [...(trading?.check(engine.feed.symbols(), undefined).tooSmall ?? [])];
    return {
      engine: { pid: process.pid, startedMs, ...facts },
      desk: view()?.desk ?? null,
      ...(trading === undefined
        ? {}
        : { sizeBelowMinimum: Object.fromEntries(tooSmall.map(([symbol, size]) => [symbol, moneyText(size)])) }),
      ...(wallet === undefined
        ? {}
        : { account: { balance: moneyText(wallet.balance), unrealised: moneyText(wallet.unrealised) } }),
      leftOut: [...leftOut],
      memory: memory(),
      market: { watched: books.watched, live: books.live, late: books.late, densities, signals, entries },
    };
  };

  return openControl(
    stateDir,
    {
      status,
      positions: () => view()?.positions ?? [],
      command,
    },
    { clock: systemClock, log },
  );
}
