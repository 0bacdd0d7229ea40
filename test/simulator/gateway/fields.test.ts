// Do the simulator's answers and frames have the fields of recorded real ones, spelt as they are spelt?
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { Exchange } from '../../../src/simulator/exchange.ts';
import { GatewayRoom, type Row, rowsOf } from './gateway-room.ts';
import { differences, namesInOrder } from './shape.ts';

interface Frame {
  readonly topic?: string;
  readonly type?: string;
  readonly op?: string;
  readonly data: unknown;
}

/** Differences that are known, each with its reason; none on fields of books, trades, orders or positions. */
const KNOWN: Readonly<Record<string, string>> = {
  'account/wallet-balance list.[].coin.[].free: missing': 'a field of classic spot accounts; the recording is of 2023',
  'account/wallet-balance list.[].coin.[].availableToWithdraw: empty in place of decimals 8':
    'given up by the exchange, empty since',
};

const real = (name: string): Buffer => readFileSync(new URL(`../../real/bybit/${name}`, import.meta.url));
const testnet = (name: string): Row => JSON.parse(real(`rest-testnet-hirokisan/${name}.json`).toString()) as Row;

const recorded: readonly Frame[] = gunzipSync(real('linear_BTCUSDT_DOGEUSDT_2026-08-09.jsonl.gz'))
  .toString()
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { readonly t: string; readonly data: string })
  .filter(({ t }) => t === 'recv')
  .map(({ data }) => JSON.parse(data) as Frame);

const ours: Frame[] = [];
const symbols = ['BTCUSDT', 'DOGEUSDT'] as const;
const startMs = Date.UTC(2026, 7, 9, 21, 26, 57);

beforeAll(() => {
  const exchange = new Exchange({ seed: 3, symbols: 6, startMs });
  const client = exchange.open('public', {
    send: (text) => void ours.push(JSON.parse(text.toString()) as Frame),
    cut: () => {},
  });
  const topics = ['orderbook.200', 'publicTrade', 'tickers', 'kline.1'];
  client.receive(
    JSON.stringify({ op: 'subscribe', args: symbols.flatMap((symbol) => topics.map((topic) => `${topic}.${symbol}`)) }),
  );
  exchange.advance(startMs + 70_000);
  exchange.close();
});

const unknown = (found: readonly string[]): string[] => found.filter((difference) => !(difference in KNOWN));

describe.each(symbols)('%s', (symbol) => {
  test.each([
    ['orderbook.200', 'snapshot'],
    ['orderbook.200', 'delta'],
    ['publicTrade', 'snapshot'],
    ['tickers', 'snapshot'],
    ['kline.1', 'snapshot'],
  ])('%s %s', (topic, type) => {
    const of = (frames: readonly Frame[]): Frame[] =>
      frames.filter((frame) => frame.topic === `${topic}.${symbol}` && frame.type === type);
    const pair = { real: of(recorded), ours: of(ours) };
    expect(pair.ours.length).toBeGreaterThan(0);
    expect(unknown(differences(topic, pair))).toEqual([]);
    expect(namesInOrder(pair.ours[0])).toEqual(namesInOrder(pair.real[0]));
  });

  test('what tickers tell of a change is spelt as in the whole ticker', () => {
    const of = (frames: readonly Frame[], type?: string): Frame[] =>
      frames.filter((frame) => frame.topic === `tickers.${symbol}` && (type === undefined || frame.type === type));
    const found = differences('ticker', { real: of(recorded), ours: of(ours, 'delta') });
    expect(unknown(found.filter((difference) => !difference.endsWith(': missing')))).toEqual([]);
  });
});

test('acknowledgements of subscriptions', () => {
  const of = (frames: readonly Frame[]): Frame[] => frames.filter(({ op }) => op === 'subscribe');
  const pair = { real: of(recorded), ours: of(ours) };
  expect(unknown(differences('ack', pair))).toEqual([]);
  expect(namesInOrder(pair.ours[0])).toEqual(namesInOrder(pair.real[0]));
});

describe('over REST', () => {
  const room = new GatewayRoom();
  const linear = { category: 'linear' };
  const symbol = 'BTCUSDT';
  const order = { ...linear, symbol, side: 'Buy', positionIdx: 0 };

  let placed: Row;

  beforeAll(() => {
    room.post('/v5/order/create', { ...order, orderType: 'Market', qty: '0.01' });
    room.step(20);
    room.post('/v5/order/create', { ...order, side: 'Sell', orderType: 'Market', qty: '0.01', reduceOnly: true });
    const resting = { ...order, orderType: 'Limit', qty: '0.01', price: room.price(symbol, -2_000) };
    placed = room.post('/v5/order/create', resting).body['result'] as Row;
    room.step(20);
    // The recorded wallet is one of cross margin: totals over the account mean something there.
    room.market.venue.setAccountState(room.key.uid, { marginMode: 'REGULAR_MARGIN' });
  });

  test('instruments-info, for perpetuals and dated contracts that trade', () => {
    const text = gunzipSync(real('rest_instruments-info_linear_2026-08-09.json.gz')).toString();
    const { result } = JSON.parse(text) as { readonly result: { readonly list: readonly Row[] } };
    const listed = rowsOf(room.get('/v5/market/instruments-info', linear));
    expect(unknown(differences('instrument', { real: result.list, ours: listed }))).toEqual([]);
    expect(namesInOrder(listed[0])).toEqual(namesInOrder(result.list[0]));
  });

  test.each([
    ['v5-account-get-account-info', '/v5/account/info', {}],
    ['v5-account-get-wallet-balance', '/v5/account/wallet-balance', { accountType: 'UNIFIED' }],
    ['v5-position-get-position-info', '/v5/position/list', { ...linear, symbol }],
    ['v5-execution-get-execution-list', '/v5/execution/list', { ...linear, symbol }],
    ['v5-market-get-risk-limit', '/v5/market/risk-limit', { ...linear, symbol }],
  ])('%s', (file, path, params) => {
    const { body } = room.get(path, params);
    expect(body).toMatchObject({ retCode: 0 });
    const name = path.split('/').slice(2).join('/');
    expect(unknown(differences(name, { real: [testnet(file)], ours: [body['result']], partial: true }))).toEqual([]);
  });

  test('open orders have the fields of the recorded one, which is of the spot market and spells its ids otherwise', () => {
    const [row] = rowsOf(room.get('/v5/order/realtime', { ...linear, symbol }));
    const [recordedRow] = testnet('v5-get-open-orders')['list'] as readonly [Row];
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(Object.keys(recordedRow)));
  });

  test('the answer to an order', () => {
    expect(Object.keys(placed)).toEqual(Object.keys(testnet('v5-create-order')));
  });
});

test('at most twenty differences are known, and every one has its reason', () => {
  expect(Object.keys(KNOWN).length).toBeLessThanOrEqual(20);
  expect(Object.keys(KNOWN).filter((name) => /^(orderbook|publicTrade|order|position)/.test(name))).toEqual([]);
});
