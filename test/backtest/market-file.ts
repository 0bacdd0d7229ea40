// A recording of the simulated exchange, made at once: the same market every time, as `plotnost record` would have written it.
import { klineFrom } from '../../src/bybit/rest/rest-rows.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Candle } from '../../src/record/entry.ts';
import { createRecorder } from '../../src/record/recorder.ts';
import { Agenda } from '../../src/simulator/agenda.ts';
import { createVirtualExchange, type VirtualExchange } from '../../src/simulator/virtual.ts';
import { MINUTE_MS } from '../../src/tape/layout.ts';

export interface MarketWish {
  readonly seed: number;
  readonly symbols: number;
  readonly seconds: number;
  readonly startMs?: number;
  /** Without it neither mark price nor funding is told. */
  readonly tickers?: boolean;
  /** Without it tick and lot have to be guessed. */
  readonly instruments?: boolean;
}

const DEPTH = 200;
const STEP_MS = 5;
const CONNECTION = 1;

export async function writeMarket(path: string, wish: MarketWish): Promise<void> {
  const { seed, symbols, seconds, startMs, tickers = true, instruments = true } = wish;
  const exchange = createVirtualExchange(seed, { symbols, ...(startMs === undefined ? {} : { startMs }) });
  const clock = new Agenda(exchange.market.nowMs);
  const log = { error: () => undefined };
  const recorder = await createRecorder(path, { environment: 'simulator', program: 'test', clock, log, flag: '--out' });
  const contracts = exchange.market.listings.filter(({ traded }) => traded);
  const client = exchange.open('public', {
    send: (text) => recorder.frame(Buffer.from(text), CONNECTION, clock.monotonic()),
    cut: () => undefined,
  });
  for (const { symbol } of contracts) {
    const instrument = exchange.market.contract(symbol)?.instrument as Instrument;
    if (instruments) {
      recorder.instrument(instrument);
      recorder.candles(symbol, candlesOf(exchange, instrument));
    }
    const topics = [`orderbook.${DEPTH}.${symbol}`, `publicTrade.${symbol}`];
    const args = tickers ? [...topics, `tickers.${symbol}`] : topics;
    client.receive(JSON.stringify({ op: 'subscribe', args }));
  }
  for (let ms = 0; ms < seconds * 1_000; ms += STEP_MS) {
    exchange.advance(STEP_MS);
    clock.elapse((clock.monotonic() + STEP_MS) as Ms);
  }
  await recorder.close();
}

/** As the recorder asks for them when it begins to watch a symbol. */
function candlesOf(exchange: VirtualExchange, instrument: Instrument): Candle[] {
  const query = `category=linear&symbol=${instrument.symbol}&interval=1&limit=240`;
  let text = '';
  exchange.request({ method: 'GET', path: '/v5/market/kline', query, headers: {}, body: '' }, (answer) => {
    text = answer.body;
  });
  const { result } = JSON.parse(text) as { result: { list: unknown[] } };
  return result.list.flatMap((row) => {
    const kline = klineFrom(row, instrument);
    return kline === undefined ? [] : { minute: Math.floor(kline.start / MINUTE_MS), high: kline.high, low: kline.low };
  });
}
