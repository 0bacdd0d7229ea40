// A market that fills real arenas: the simulated exchange under time by hand, the engine's own core behind it.
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createLatencies, recordLatency } from '../../src/operator/metrics/latency.ts';
import type { OperatorArenas, WatchedSymbol } from '../../src/operator/port.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { createVirtualExchange, type VirtualExchange } from '../../src/simulator/virtual.ts';
import { createTape } from '../../src/tape/layout.ts';

const CONNECTION = 1;
const DEPTH = 200;
/** Small walls are densities too, so that something is to be seen soon. */
const SETTINGS = ['strategy.density_threshold_abs=5000', 'strategy.trend_min_change_percent=0.1'];

export class FakeMarket {
  readonly exchange: VirtualExchange;
  readonly symbols: readonly WatchedSymbol[];
  readonly arenas: OperatorArenas;
  readonly #latencies = createLatencies();
  readonly #ingest: Ingest;
  readonly analysis: InlineAnalysis;
  frames = 0;

  constructor(
    seed: number,
    count: number,
    onEvent: (event: AnalysisEvent, instrument: Instrument) => void,
    startMs = Date.now(),
  ) {
    const exchange = createVirtualExchange(seed, { symbols: count, startMs });
    this.exchange = exchange;
    const { contracts } = { contracts: exchange.market.listings.filter(({ traded }) => traded) };
    const instruments = contracts.map(({ symbol }) => exchange.market.contract(symbol)?.instrument as Instrument);
    // One more, for a symbol whose book has not come.
    const slots = instruments.length + 1;
    const memory = { books: createBooks(slots), tape: createTape(slots), lives: createLives(slots) };
    this.arenas = {
      slots,
      books: memory.books.buffer,
      tape: memory.tape.buffer,
      lives: memory.lives.buffer,
      latencies: this.#latencies.buffer,
    };
    this.#ingest = new Ingest(memory.books, memory.tape);
    this.analysis = new InlineAnalysis(memory, (event) => onEvent(event, instruments[event.slot] as Instrument));
    const loaded = parseConfig('', 'the fake main', { env: {}, overrides: { set: SETTINGS } });
    if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
    const { strategy } = loaded.config;
    this.symbols = instruments.map((instrument, slot) => {
      this.#ingest.attach(slot as Slot, instrument, DEPTH);
      this.#ingest.bind(slot as Slot, CONNECTION);
      writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, strategy, instrument);
      return { slot: slot as Slot, instrument, depth: DEPTH, socket: 'public-1', resyncs: 0 };
    });
    const client = exchange.open('public', { send: (text) => this.#hear(text), cut: () => undefined });
    for (const { symbol } of instruments) {
      const args = [`orderbook.${DEPTH}.${symbol}`, `publicTrade.${symbol}`, `tickers.${symbol}`];
      client.receive(JSON.stringify({ op: 'subscribe', args }));
    }
  }

  get counts(): Ingest['counts'] {
    return this.#ingest.counts;
  }

  advance(ms: number): void {
    this.exchange.advance(ms);
  }

  #hear(text: string | Buffer): void {
    const received = performance.now();
    const outcome = this.#ingest.frame(Buffer.from(text), CONNECTION, received as Ms);
    this.frames++;
    recordLatency(this.#latencies, 'frame', performance.now() - received);
    recordLatency(this.#latencies, 'wire', 2 + (this.frames % 7));
    if (outcome !== 'delta' && outcome !== 'snapshot') return;
    this.analysis.scan(this.#ingest.slot as Slot);
    recordLatency(this.#latencies, 'scan', performance.now() - received);
  }
}
