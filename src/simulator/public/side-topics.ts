// Which public topics has a contract beside its book, trades and ticker? Candles, price limits and liquidations.
import { getOrInsert } from '../../lib/get-or-insert.ts';
import type { OrderSide } from '../venue/model.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import type { Lot, Tick } from '../../market/units.ts';
import type { Contract } from '../contract.ts';
import type { Frame } from '../frame-writer.ts';
import { candleAfter, candlesOf, candleStart, candleText, isInterval } from './candle.ts';

const CANDLE_MS = 1_000;
const LIMIT_MS = 300;
const LIQUIDATION_MS = 500;

export interface Liquidation {
  readonly timeMs: number;
  /** Side of the position: `Buy` is a long that was liquidated. */
  readonly side: OrderSide;
  readonly lots: number;
  /** Bankruptcy price. */
  readonly tick: number;
}

export interface SideFacts {
  contract(symbol: string): Contract | undefined;
  /** [highest price to buy at, lowest to sell at], ticks. */
  priceLimits(symbol: string): readonly [number, number];
}

interface Subscription {
  readonly topic: string;
  readonly name: 'kline' | 'priceLimit' | 'allLiquidation';
  readonly interval: string;
  readonly symbol: string;
  readers: number;
  dueMs: number;
  /** Start of the candle that was sent last. */
  startMs: number;
}

export class SideTopics {
  readonly #facts: SideFacts;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #liquidations = new Map<string, Liquidation[]>();
  #dueMs = Infinity;

  constructor(facts: SideFacts) {
    this.#facts = facts;
  }

  /** When `step` has anything to do. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** One more reader; the first message comes at the topic's next time, never at once. */
  subscribe(topic: string, nowMs: number): void {
    const known = this.#subscriptions.get(topic);
    if (known !== undefined) {
      known.readers++;
      return;
    }
    const parts = sideTopic(topic);
    if (parts === undefined) return;
    const startMs = candleStart(parts.interval, nowMs);
    const subscription = { topic, ...parts, readers: 1, startMs, dueMs: 0 };
    subscription.dueMs = nextDue(subscription, nowMs);
    this.#subscriptions.set(topic, subscription);
    this.#settleDue();
  }

  unsubscribe(topic: string): void {
    const subscription = this.#subscriptions.get(topic);
    if (subscription === undefined) return;
    subscription.readers--;
    if (subscription.readers === 0) this.#subscriptions.delete(topic);
    this.#settleDue();
  }

  liquidated(symbol: string, liquidation: Liquidation): void {
    if (!this.#subscriptions.has(`allLiquidation.${symbol}`)) return;
    getOrInsert(this.#liquidations, symbol, () => []).push(liquidation);
  }

  step(nowMs: number, emit: (frame: Frame) => void): void {
    for (const subscription of this.#subscriptions.values()) {
      if (nowMs < subscription.dueMs) continue;
      const contract = this.#facts.contract(subscription.symbol);
      const message = contract === undefined ? undefined : this.#message(subscription, contract, nowMs);
      subscription.dueMs = nextDue(subscription, nowMs);
      if (message === undefined) continue;
      const bytes = Buffer.from(JSON.stringify(message), 'latin1');
      emit({ topic: subscription.topic, symbol: subscription.symbol, depth: 0, kind: 'side', bytes });
    }
    this.#settleDue();
  }

  #message(subscription: Subscription, contract: Contract, nowMs: number): object | undefined {
    if (subscription.name === 'kline') return candleMessage(subscription, contract, nowMs);
    const { topic, symbol } = subscription;
    if (subscription.name === 'priceLimit') {
      const [buyLmt, sellLmt] = this.#facts
        .priceLimits(symbol)
        .map((tick) => priceText(tick as Tick, contract.instrument));
      return { topic, data: { symbol, buyLmt, sellLmt }, ts: nowMs };
    }
    const waiting = this.#liquidations.get(symbol);
    if (waiting === undefined) return undefined;
    this.#liquidations.delete(symbol);
    const data = waiting.map(({ timeMs, side, lots, tick }) => ({
      T: timeMs,
      s: symbol,
      S: side,
      v: sizeText(lots as Lot, contract.instrument),
      p: priceText(tick as Tick, contract.instrument),
    }));
    return { topic, type: 'snapshot', ts: nowMs, data };
  }

  #settleDue(): void {
    let due = Infinity;
    for (const { dueMs } of this.#subscriptions.values()) due = Math.min(due, dueMs);
    this.#dueMs = due;
  }
}

/** The candle as it stands; at its close two elements: the closed one and the fresh one. */
function candleMessage(subscription: Subscription, contract: Contract, nowMs: number): object {
  const { topic, interval } = subscription;
  contract.candles.roll(nowMs);
  const data = candlesOf(contract.candles, interval, subscription.startMs, Infinity).map((candle) => {
    const { open, close, high, low, volume, turnover } = candleText(candle, contract.instrument);
    const end = candleAfter(interval, candle.startMs) - 1;
    const span = { start: candle.startMs, end, interval };
    return { ...span, open, close, high, low, volume, turnover, confirm: end < nowMs, timestamp: nowMs };
  });
  subscription.startMs = candleStart(interval, nowMs);
  return { topic, data, ts: nowMs, type: 'snapshot' };
}

function nextDue(subscription: Subscription, nowMs: number): number {
  if (subscription.name === 'kline')
    return Math.min(nowMs + CANDLE_MS, candleAfter(subscription.interval, subscription.startMs));
  const period = subscription.name === 'priceLimit' ? LIMIT_MS : LIQUIDATION_MS;
  return (Math.floor(nowMs / period) + 1) * period;
}

/** Undefined for anything that is none of these topics. */
export function sideTopic(topic: string): Pick<Subscription, 'name' | 'interval' | 'symbol'> | undefined {
  const parts = topic.split('.');
  const [name, first = '', symbol = ''] = parts;
  if (name === 'kline' && parts.length === 3 && isInterval(first)) return { name, interval: first, symbol };
  if ((name === 'priceLimit' || name === 'allLiquidation') && parts.length === 2)
    return { name, interval: '1', symbol: first };
  return undefined;
}
