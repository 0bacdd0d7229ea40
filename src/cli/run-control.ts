// What does the running engine tell its operator, and what may he ask of it?
import { moneyText } from '../market/money.ts';
import type { Engine } from '../engine.ts';
import { systemClock } from '../lib/clock.ts';
import type { Log } from '../ops/log.ts';
import { openControl, type Control } from '../ops/control.ts';
import { viewOfDesk, viewOfPosition, type PositionView, type StatusView } from '../ops/control-view.ts';
import type { Moment } from '../order/words.ts';
import { averagePrice } from '../position/average-price.ts';

export interface ControlledRun {
  readonly stateDir: string;
  readonly engine: Engine;
  readonly facts: { readonly version: string; readonly environment: string; readonly trading: string };
  /** As it stands in the file KILL. */
  readonly killReason: () => string;
  readonly log: Log;
}

export function openRunControl({ stateDir, engine, facts, killReason, log }: ControlledRun): Promise<Control> {
  const startedMs = systemClock.wall();
  const now = (): Moment => ({ mono: systemClock.monotonic(), wall: systemClock.wall() });
  const { trading } = engine;

  const status = (): StatusView => {
    const { books, densities, signals, entries } = engine.status();
    const desk = trading?.trader.status();
    const wallet = desk?.wallet;
    return {
      engine: { pid: process.pid, startedMs, ...facts },
      desk: desk === undefined ? null : viewOfDesk(desk, now(), killReason()),
      ...(wallet === undefined
        ? {}
        : { account: { balance: moneyText(wallet.balance), unrealised: moneyText(wallet.unrealised) } }),
      market: { watched: books.watched, live: books.live, densities, signals, entries },
    };
  };

  const positions = (): readonly PositionView[] =>
    (trading?.trader.status().positions ?? []).map((position) =>
      viewOfPosition(position, {
        instrument: position.instrument,
        entryPrice: averagePrice(position.average, position.instrument),
        markTick: trading?.markOf(position.symbol),
        now: now(),
      }),
    );

  return openControl(
    stateDir,
    {
      status,
      positions,
      command: (command) =>
        Promise.resolve(
          trading?.trader.command(command) ?? { accepted: false, text: 'this engine watches and does not trade' },
        ),
    },
    { clock: systemClock, log },
  );
}
