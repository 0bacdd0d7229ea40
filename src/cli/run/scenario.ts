// How does an engine live through a scenario? It begins when the engine may do what it is there for: to trade, or with trading off
// to see every book. The rows tell what was traded, the ledger what happened.
import type { Overrides } from '../../config/override.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Ms } from '../../lib/brand.ts';
import { pause, type Clock } from '../../lib/clock.ts';
import { EXIT_REASONS } from '../../position/close/reason.ts';
import type { ScenarioResult } from '../../simulator/scenario/play.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import type { Store, StoreStats } from '../../store/write/client.ts';
import { type TradeRow, zeroPerTable } from '../../store/rows/rows.ts';
import { CliError, EXIT } from '../context.ts';
import { loadScenario, scenarioText, type ScenarioVerdict, type Traded } from '../scenario.ts';

const LOOK_MS = 100 as Ms;

export class ScenarioRun {
  readonly #file: string;
  readonly #scenario: Scenario;
  readonly #lineOf: ReturnType<typeof loadScenario>['lineOf'];
  readonly #text: string;
  readonly #trades = new Map<string, TradeRow>();

  /** Throws a `CliError` for a file that is no scenario. */
  constructor(file: string) {
    const { scenario, lineOf } = loadScenario(file);
    this.#file = file;
    this.#scenario = scenario;
    this.#lineOf = lineOf;
    this.#text = scenarioText(file);
    scenario.trades?.forEach(({ reason }, i) => {
      if (EXIT_REASONS.some((known) => known === reason)) return;
      const place = this.#placeOf('trades', i, 'reason');
      throw new CliError(`${place}: "${reason}" is none of ${EXIT_REASONS.join(', ')}`, EXIT.data);
    });
  }

  #placeOf(...path: readonly (string | number)[]): string {
    return `${this.#file}:${this.#lineOf(path)} ${path.join('.')}`;
  }

  /** What the scenario says of market and engine; the seed of the command line goes before. */
  overrides({ seed, ...others }: Overrides): Overrides {
    const { seed: own, symbols, settings } = this.#scenario;
    const written = Object.entries(settings).map(([key, value]) => ({
      place: this.#placeOf('settings', key),
      text: `${key}=${value}`,
    }));
    if (symbols !== undefined) written.push({ place: this.#placeOf('symbols'), text: `simulator.symbols=${symbols}` });
    if (own !== undefined) written.push({ place: this.#placeOf('seed'), text: `simulator.seed=${own}` });
    return { ...others, seed, written };
  }

  /** A store that passes everything on and keeps the trades. */
  tap(store: Store | undefined): Store {
    const none: StoreStats = {
      queued: 0,
      spooled: 0,
      written: zeroPerTable(),
      dropped: zeroPerTable(),
      connected: false,
    };
    const nobody = new Map();
    return {
      write: (rows) => {
        for (const row of rows) if (row.table === 'trades') this.#trades.set(row.tradeId, row);
        store?.write(rows);
      },
      stats: () => store?.stats() ?? none,
      coinParameters: () => store?.coinParameters() ?? nobody,
      close: async (deadlineMs) => (await store?.close(deadlineMs)) ?? none,
    };
  }

  /** Resolves when the scenario is over. `control`: where the simulated exchange is steered. Rejects where the run is over before. */
  async play(control: string, engine: Engine, clock: Clock, over: AbortSignal): Promise<ScenarioResult> {
    const address = `${control}/scenario`;
    await until(() => isReady(engine), clock, over);
    const begun = await fetch(address, { method: 'POST', body: this.#text });
    if (!begun.ok)
      throw new CliError(`${this.#file}: the simulated exchange refused it: ${await begun.text()}`, EXIT.data);
    let result: ScenarioResult | null = null;
    await until(
      async () => {
        const told = await fetch(address);
        ({ result } = (await told.json()) as { readonly result: ScenarioResult | null });
        return result !== null;
      },
      clock,
      over,
    );
    return result as unknown as ScenarioResult;
  }

  /** Asked when everything is written. */
  verdict(result: ScenarioResult): ScenarioVerdict {
    const trades = [...this.#trades.values()]
      .sort((a, b) => a.entryTime - b.entryTime)
      .map(({ symbol, side, signalType, exitReason, profitLoss }): Traded => ({
        symbol,
        side,
        strategy: signalType,
        reason: exitReason ?? 'open',
        net: profitLoss,
      }));
    const { trades: wanted } = this.#scenario;
    const isMet =
      wanted === undefined ||
      (wanted.length === trades.length && wanted.every((one, i) => isLike(one, trades[i] as Traded)));
    const fault = isMet ? '' : `traded ${listOf(trades)} where ${listOf(wanted)} was expected`;
    return { ...result, file: this.#file, passed: result.passed && isMet, trades, fault };
  }
}

function isReady(engine: Engine): boolean {
  const { trading } = engine;
  const { books } = engine.status();
  const mayTrade = trading === undefined || trading.trader.status().mode === 'ACTIVE';
  return books.watched > 0 && books.live === books.watched && mayTrade;
}

function isLike(wanted: object, trade: Traded): boolean {
  return Object.entries(wanted).every(([key, value]) => trade[key as keyof Traded] === value);
}

function listOf(trades: readonly { readonly symbol: string; readonly reason: string }[]): string {
  return trades.length === 0 ? 'nothing' : trades.map(({ symbol, reason }) => `${symbol} (${reason})`).join(', ');
}

async function until(holds: () => boolean | Promise<boolean>, clock: Clock, over: AbortSignal): Promise<void> {
  while (!(await holds())) {
    await pause(clock, LOOK_MS);
    over.throwIfAborted();
  }
}
