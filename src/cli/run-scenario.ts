// How does an engine live through a scenario? It begins when the engine may trade; the rows tell what was traded, the ledger what happened.
import type { Overrides } from '../config/override.ts';
import type { Engine } from '../engine.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { EXIT_REASONS } from '../position/reason.ts';
import type { ScenarioResult } from '../simulator/scenario/play.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { Store, StoreStats } from '../store/client.ts';
import { type TradeRow, zeroPerTable } from '../store/rows.ts';
import { CliError, EXIT } from './context.ts';
import { loadScenario, scenarioText, type ScenarioVerdict, type Traded } from './scenario.ts';

const LOOK_MS = 100 as Ms;

export class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #text: string;
  readonly #trades = new Map<string, TradeRow>();

  /** Throws a `CliError` for a file that is no scenario. */
  constructor(file: string) {
    this.#scenario = loadScenario(file);
    this.#text = scenarioText(file);
    for (const { reason } of this.#scenario.trades ?? []) {
      if (!EXIT_REASONS.some((known) => known === reason))
        throw new CliError(`${file}: "${reason}" is none of ${EXIT_REASONS.join(', ')}`, EXIT.data);
    }
  }

  /** What the scenario says of market and engine; the seed of the command line goes before. */
  overrides({ seed, ...others }: Overrides): Overrides {
    const { seed: own, symbols, settings } = this.#scenario;
    const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    if (symbols !== undefined) set.push(`simulator.symbols=${symbols}`);
    return { ...others, seed: seed ?? (own === undefined ? undefined : `${own}`), set };
  }

  /** Hears what is written, and hands it on. */
  overhear(store: Store | undefined): Store {
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

  /** Resolves when the scenario is over. `control`: where the simulated exchange is steered. */
  async play(control: string, engine: Engine, clock: Clock): Promise<ScenarioResult> {
    const address = `${control}/scenario`;
    await until(() => mayTrade(engine), clock);
    const begun = await fetch(address, { method: 'POST', body: this.#text });
    if (!begun.ok)
      throw new CliError(`--scenario: the simulated exchange refused it: ${await begun.text()}`, EXIT.data);
    let result: ScenarioResult | null = null;
    await until(async () => {
      const told = await fetch(address);
      ({ result } = (await told.json()) as { readonly result: ScenarioResult | null });
      return result !== null;
    }, clock);
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
    return { ...result, passed: result.passed && isMet, trades, fault };
  }
}

function mayTrade(engine: Engine): boolean {
  const { books } = engine.status();
  return books.watched > 0 && books.live === books.watched && engine.trading?.trader.status().mode === 'ACTIVE';
}

function isLike(wanted: object, trade: Traded): boolean {
  return Object.entries(wanted).every(([key, value]) => trade[key as keyof Traded] === value);
}

function listOf(trades: readonly { readonly symbol: string; readonly reason: string }[]): string {
  return trades.length === 0 ? 'nothing' : trades.map(({ symbol, reason }) => `${symbol} (${reason})`).join(', ');
}

async function until(holds: () => boolean | Promise<boolean>, clock: Clock): Promise<void> {
  while (!(await holds())) await new Promise<void>((next) => void clock.after(LOOK_MS, next));
}
