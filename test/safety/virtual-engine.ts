// How does a whole engine live in virtual time? Feed, scan, desk and gateway above roads of texts, on the exchange's own clock.
import { connectBudget } from '../../src/bybit/feed/feed.ts';
import { callBudget } from '../../src/bybit/rest/rest.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Log } from '../../src/ops/log.ts';
import type { CoinParameters } from '../../src/store/read/coin-parameters.ts';
import type { DensityRow, Row, TradeRow } from '../../src/store/rows/rows.ts';
import { zeroPerTable } from '../../src/store/rows/rows.ts';
import type { Trader } from '../../src/engine/trader.ts';
import { exchangeVenue } from '../../src/engine/venue.ts';
import { Disk } from '../campaign/disk.ts';
import { publicDial } from '../campaign/public-line.ts';
import { publicRest } from '../campaign/public-rest.ts';
import { campaignWires } from '../campaign/wires.ts';
import { World } from '../campaign/world.ts';

export interface Logged {
  readonly atMs: number;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface VirtualOptions {
  readonly seed: number;
  readonly symbols: number;
  /** `section.key=value`. */
  readonly settings: readonly string[];
  /** The table `coin_parameters`, as it stands now. */
  readonly coins?: () => ReadonlyMap<string, CoinParameters>;
  readonly recorder?: EngineOptions['recorder'];
  readonly onEvent?: EngineOptions['onEvent'];
}

/** A whole minute, so that the first bar is whole. */
const START_MS = 1_786_310_820_000;
const FRAMES_A_SYMBOL = 20;

export class VirtualEngine {
  readonly world: World;
  readonly config: Config;
  readonly engine: Engine;
  readonly logged: Logged[] = [];
  /** What somebody was called for, in its order. */
  readonly alerted: string[] = [];
  /** Rows of each table that were handed over to be stored. */
  readonly stored = zeroPerTable();
  readonly densities: DensityRow[] = [];
  readonly #trades = new Map<string, TradeRow>();

  constructor({ seed, symbols, settings, coins, recorder, onEvent }: VirtualOptions) {
    const none = new Map<string, CoinParameters>();
    const world = new World({
      seed,
      symbols,
      rate: symbols * FRAMES_A_SYMBOL,
      startMs: START_MS,
      hopMsMin: 1,
      hopMsMax: 3,
    });
    this.world = world;
    const set = ['analysis.mode=inline', 'market.update_interval=10', ...settings];
    const read = parseConfig('', 'the configuration of this run', { env: {}, overrides: { set } });
    if (!read.ok) throw new Error(read.errors.join('\n'));
    const { config } = read;
    this.config = config;
    const { clock } = world;
    const say = (fields: object, event: string): void => {
      this.logged.push({ atMs: world.nowMs, event, fields: { ...fields } });
    };
    const call = (fields: object, event: string): void => {
      say(fields, event);
      this.alerted.push(event);
    };
    const log: Log = {
      debug: say,
      info: say,
      warn: say,
      error: call,
      fatal: call,
      counts: () => ({}),
      setLevel() {},
      flush() {},
      close() {},
    };
    const rng = createRng(seed);
    const disk = new Disk('5afe0001', rng.fork('disk'));
    const connects = connectBudget(config.websocket.connectBudget);
    const calls = callBudget();
    const trader = (): Trader | undefined => this.engine.trading?.trader;
    disk.epoch++;
    disk.open(clock, {
      synced: (upTo) => trader()?.synced(upTo),
      status: (journalWritable, diskFreeBytes) => trader()?.facts({ journalWritable, diskFreeBytes }),
    });
    this.engine = createEngine({
      config,
      endpoints: { rest: '', restSecond: undefined, public: 'public', private: undefined, trade: undefined },
      session: { sessionId: 'virtual', environment: 'simulator', mode: 'live', version: '', node: '', config: {} },
      clock,
      rng,
      log,
      workers: 1,
      recorder,
      ...(onEvent === undefined ? {} : { onEvent }),
      connects,
      calls,
      reach: { rest: publicRest(world), dial: publicDial(world) },
      store: {
        write: (rows) => this.#hear(rows),
        stats: () => ({
          queued: 0,
          spooled: 0,
          written: zeroPerTable(),
          dropped: zeroPerTable(),
          connected: true,
        }),
        coinParameters: () => coins?.() ?? none,
        close: () => Promise.reject(new Error('nobody closes this')),
      },
      trading: {
        venue: exchangeVenue({ wires: (serverNow) => campaignWires(world, serverNow), connects, calls }),
        account: 'virtual',
        instance: disk.instance,
        epoch: disk.epoch,
        recovered: disk.recovered(),
        haltedFor: undefined,
        takerFee: 0.00055,
        append: (record, sync) => disk.append(record, sync),
        latch: (killed) => {
          disk.isKilled = killed;
        },
        onResumed: () => undefined,
      },
    });
    trader()?.facts({ lockHeld: true, killedByFile: false });
    disk.status();
    void this.engine.start();
  }

  #hear(rows: readonly Row[]): void {
    for (const row of rows) {
      this.stored[row.table]++;
      if (row.table === 'densities') this.densities.push(row);
      if (row.table === 'trades') this.#trades.set(row.tradeId, row);
    }
  }

  /** In the order of their entries. */
  get trades(): readonly TradeRow[] {
    return [...this.#trades.values()].sort((a, b) => a.entryTime - b.entryTime);
  }

  get trader(): Trader {
    const { trading } = this.engine;
    if (trading === undefined) throw new Error('it was made to trade');
    return trading.trader;
  }

  get mayTrade(): boolean {
    const { books } = this.engine.status();
    return books.watched > 0 && books.live === books.watched && this.trader.status().mode === 'ACTIVE';
  }

  /** Lets time go on, a millisecond after the other; throws when it does not come about. */
  async until(what: string, withinMs: number, holds: () => boolean): Promise<void> {
    for (let ms = 0; !holds(); ms++) {
      if (ms >= withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
      await this.#millisecond();
    }
  }

  async run(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) await this.#millisecond();
  }

  async #millisecond(): Promise<void> {
    this.world.exchange.advance(1);
    // What was told in this millisecond is thought about before the next one.
    await new Promise<void>((next) => void setImmediate(next));
  }
}
