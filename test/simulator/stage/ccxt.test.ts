// Does a client that many strangers use trade here as it trades there, and is what it sees what really happened?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensurePeers, loadPeer } from '../../../bench/measure/peers.ts';
import type { LedgerLine } from '../../../src/simulator/ledger/ledger.ts';
import type { Simulator } from '../../../src/simulator/server.ts';
import { openExchange } from '../exchange-room.ts';

const SYMBOL = 'SOL/USDT:USDT';

interface Position {
  readonly contracts: number;
  readonly side: string;
  readonly entryPrice: number;
  readonly stopLossPrice?: number;
}
interface Trade {
  readonly order: string;
  readonly side: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number };
}
interface Order {
  readonly id: string;
}

/** As much of ccxt as is used here. */
interface Client {
  urls: { api: Record<string, string> };
  loadMarkets(): Promise<Record<string, { readonly precision: { readonly price: number; readonly amount: number } }>>;
  fetchTicker(symbol: string): Promise<{ readonly bid: number; readonly ask: number; readonly last: number }>;
  fetchTickers(symbols: readonly string[]): Promise<Record<string, object>>;
  fetchOrderBook(symbol: string, limit: number): Promise<{ readonly bids: number[][]; readonly asks: number[][] }>;
  fetchBalance(): Promise<Record<string, { readonly total: number }>>;
  fetchPositions(symbols?: readonly string[]): Promise<Position[]>;
  fetchMyTrades(symbol: string): Promise<Trade[]>;
  fetchOpenOrders(symbol: string): Promise<{ readonly triggerPrice?: number; readonly reduceOnly?: boolean }[]>;
  setLeverage(leverage: number, symbol: string): Promise<object>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price?: number,
    params?: object,
  ): Promise<Order>;
}

let exchange: Simulator;
let client: Client;

beforeAll(async () => {
  ensurePeers(() => {});
  const { bybit: Bybit } = loadPeer<{ bybit: new (options: object) => Client }>('ccxt');
  exchange = await openExchange();
  const [identity] = exchange.keys;
  client = new Bybit({ apiKey: identity?.key, secret: identity?.secret });
  for (const name of Object.keys(client.urls.api)) client.urls.api[name] = exchange.restUrl;
});
afterAll(() => exchange.close());

async function ledger(kind: LedgerLine['kind']): Promise<LedgerLine[]> {
  const text = await (await fetch(`${exchange.controlUrl}/ledger`)).text();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LedgerLine);
  return lines.filter((line) => line.kind === kind);
}

/** Fills of an order as the ledger has them, once there are any. */
async function fillsOf(orderId: string): Promise<LedgerLine[]> {
  let fills: LedgerLine[] = [];
  await expect
    .poll(
      async () => {
        const order = (await ledger('order')).findLast(({ id }) => id === orderId);
        fills = (await ledger('fill')).filter((fill) => fill['orderId'] === orderId);
        return order?.['status'];
      },
      { interval: 20 },
    )
    .toBe('Filled');
  return fills;
}

const told = ({ price, amount, side, fee }: Trade): object => ({ price, amount, side, fee: fee.cost });
const truth = ({ price, size, side, fee }: LedgerLine): object => ({
  price: Number(price),
  amount: Number(size),
  side: String(side).toLowerCase(),
  fee: Number(fee),
});
const byPrice = (a: object, b: object): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

test('markets, tickers and books are loaded', async () => {
  const markets = await client.loadMarkets();
  expect(markets[SYMBOL]).toMatchObject({ precision: { price: 0.01, amount: 0.1 } });
  const { bid, ask } = await client.fetchTicker(SYMBOL);
  expect(bid).toBeLessThan(ask);
  expect(Object.keys(await client.fetchTickers([SYMBOL, 'BTC/USDT:USDT']))).toHaveLength(2);
  const { bids, asks } = await client.fetchOrderBook(SYMBOL, 25);
  expect([bids.length, asks.length]).toEqual([25, 25]);
});

test('an entry with a stop is seen in positions and trades, and closed: prices, fees, stop and balance are those of the ledger', async () => {
  expect(await client.fetchPositions([SYMBOL]).then((all) => all.filter(({ contracts }) => contracts > 0))).toEqual([]);
  expect((await client.fetchBalance())['USDT']).toMatchObject({ total: 10_000 });
  await client.setLeverage(20, SYMBOL);
  const { last } = await client.fetchTicker(SYMBOL);
  const stop = Math.floor(last * 98) / 100;

  const entry = await client.createOrder(SYMBOL, 'market', 'buy', 1.3, undefined, { stopLoss: { triggerPrice: stop } });
  const entered = await fillsOf(entry.id);
  await expect.poll(async () => (await ledger('stop')).length).toBe(1);
  expect((await ledger('stop'))[0]).toMatchObject({ protects: '1.3', stopLoss: { price: stop.toFixed(3) } });
  const [position] = await client.fetchPositions([SYMBOL]);
  const value = entered.reduce((sum, { value: part }) => sum + Number(part), 0);
  expect(position).toMatchObject({ contracts: 1.3, side: 'long', stopLossPrice: stop });
  expect(position?.entryPrice).toBeCloseTo(value / 1.3, 6);
  expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ triggerPrice: stop, reduceOnly: true }]);

  const exit = await client.createOrder(SYMBOL, 'market', 'sell', 1.3, undefined, { reduceOnly: true });
  const left = await fillsOf(exit.id);
  const trades = await client.fetchMyTrades(SYMBOL);
  for (const [{ id }, fills] of [
    [entry, entered],
    [exit, left],
  ] as const) {
    const mine = trades.filter(({ order }) => order === id).map(told);
    expect(mine.toSorted(byPrice)).toEqual(fills.map(truth).toSorted(byPrice));
  }
  await expect.poll(async () => (await ledger('stop')).at(-1)).toMatchObject({ protects: '0.0', stopLoss: null });
  const [flat] = await client.fetchPositions([SYMBOL]);
  expect(flat?.contracts ?? 0).toBe(0);
  expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  const balance = (await ledger('wallet')).at(-1)?.['balance'];
  expect((await client.fetchBalance())['USDT']).toMatchObject({ total: Number(balance) });
  const units = (text: unknown): bigint => BigInt(String(text).replace('.', ''));
  const change = [...entered, ...left].reduce((sum, { pnl, fee }) => sum + units(pnl) - units(fee), 0n);
  expect(units(balance)).toBe(1_000_000_000_000n + change);
});

test('what the exchange refuses is the refusal that ccxt knows it by', async () => {
  const order = (amount: number): Promise<Order> => client.createOrder(SYMBOL, 'market', 'buy', amount);
  await expect(order(5_000)).rejects.toMatchObject({ name: 'InsufficientFunds' });
});
