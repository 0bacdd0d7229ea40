// A minute of the simulated market through the engine's own core, in seconds and the same every time.
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import { ObservedLives } from '../../src/cli/score/observed-lives.ts';
import type { Judgement, ObservedLife } from '../../src/cli/score/score.ts';
import { judgeRun } from '../../src/cli/score/score.ts';
import { configSchema } from '../../src/config/schema.ts';
import { camelKeys } from '../../src/config/camel.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from '../../src/scan/layout.ts';
import { writeParams, type ScanParams } from '../../src/scan/params.ts';
import { createMarket } from '../../src/simulator/market.ts';
import { createTape } from '../../src/tape/layout.ts';

const START = 1_786_310_820_000;
const RUN_MS = 60_000;
const CONNECTION = 1;

/** The shipped defaults. */
export function defaultParams(): ScanParams {
  return (camelKeys(configSchema.parse({})) as { strategy: ScanParams }).strategy;
}

export interface SimulatedRun {
  readonly truth: readonly string[];
  readonly lives: readonly ObservedLife[];
  readonly endMs: number;
  readonly watched: readonly { symbol: string; fromMs: number; toMs: number }[];
}

export function simulate(seed: number, params: ScanParams): SimulatedRun {
  const market = createMarket({ seed, symbols: 60, startMs: START });
  const chosen = market.contracts
    .map(({ profile, ticker, listing }) => ({ profile, listing, fields: ticker.fields(market.nowMs) }))
    .filter(({ fields }) => Number(fields['turnover24h']) >= 1_000_000)
    .toSorted((x, y) => Number(y.fields['price24hPcnt']) - Number(x.fields['price24hPcnt']));
  const forty = [...chosen.slice(0, 20), ...chosen.slice(-20)];
  const memory = { books: createBooks(forty.length), tape: createTape(forty.length), lives: createLives(forty.length) };
  const ingest = new Ingest(memory.books, memory.tape);
  const observed = new ObservedLives();
  const instruments: Instrument[] = [];
  const analysis = new InlineAnalysis(memory, (event) => observed.see(event, instruments[event.slot] as Instrument));
  const take = (bytes: Uint8Array): void => {
    const outcome = ingest.frame(bytes, CONNECTION, (market.nowMs - START) as Ms);
    if (outcome === 'snapshot' || outcome === 'delta') analysis.scan(ingest.slot as Slot);
  };
  market.onFrame(({ bytes }) => take(bytes));
  for (const [index, { listing, profile }] of forty.entries()) {
    const slot = index as Slot;
    const instrument = createInstrument(listing.symbol, listing.tickSize, listing.qtyStep);
    if (instrument === undefined) throw new Error(`${listing.symbol} has a grid`);
    instruments[slot] = instrument;
    ingest.attach(slot, instrument, profile.homeDepth as 50);
    ingest.bind(slot, CONNECTION);
    writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, params, instrument);
    for (const topic of [`orderbook.${profile.homeDepth}`, 'publicTrade', 'tickers']) {
      for (const { bytes } of market.subscribe(`${topic}.${listing.symbol}`) ?? []) take(bytes);
    }
  }
  market.advance(START + RUN_MS);
  analysis.end();
  market.close();
  return {
    truth: market.truth.map((record) => JSON.stringify(record)),
    lives: [...observed.all()],
    endMs: market.nowMs,
    watched: forty.map(({ listing }) => ({ symbol: listing.symbol, fromMs: START, toMs: market.nowMs })),
  };
}

export function judge(
  { truth, lives, endMs, watched }: SimulatedRun,
  seen: readonly ObservedLife[] = lives,
): Judgement {
  return judgeRun(truth, seen, { endMs, watched });
}
