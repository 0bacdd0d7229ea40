// What can be heard of a contract beside its book, trades and ticker? Candles, price limits and liquidations.
import type { OrderSide } from '../venue/words.ts';
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

interface Heard {
  readonly topic: string;
  readonly name: 'kline' | 'priceLimit' | 'allLiquidation';
  readonly interval: string;
  readonly symbol: string;
  readers: number;
  dueMs: number;
  /** Of a candle: the one that was told last. */
  startMs: number;
}

export class SideTopics {
  readonly #facts: SideFacts;
  readonly #heard = new Map<string, Heard>();
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
    const known = this.#heard.get(topic);
    if (known !== undefined) {
      known.readers++;
      return;
    }
    const parts = sideTopic(topic);
    if (parts === undefined) return;
    const startMs = candleStart(parts.interval, nowMs);
    const heard = { topic, ...parts, readers: 1, startMs, dueMs: 0 };
    heard.dueMs = nextDue(heard, nowMs);
    this.#heard.set(topic, heard);
    this.#settleDue();
  }

  unsubscribe(topic: string): void {
    const heard = this.#heard.get(topic);
    if (heard === undefined) return;
    heard.readers--;
    if (heard.readers === 0) this.#heard.delete(topic);
    this.#settleDue();
  }

  liquidated(symbol: string, liquidation: Liquidation): void {
    if (!this.#heard.has(`allLiquidation.${symbol}`)) return;
    const waiting = this.#liquidations.get(symbol) ?? [];
    waiting.push(liquidation);
    this.#liquidations.set(symbol, waiting);
  }

  step(nowMs: number, emit: (frame: Frame) => void): void {
    for (const heard of this.#heard.values()) {
      if (nowMs < heard.dueMs) continue;
      const contract = this.#facts.contract(heard.symbol);
      const message = contract === undefined ? undefined : this.#message(heard, contract, nowMs);
      heard.dueMs = nextDue(heard, nowMs);
      if (message === undefined) continue;
      const bytes = Buffer.from(JSON.stringify(message), 'latin1');
      emit({ topic: heard.topic, symbol: heard.symbol, depth: 0, kind: 'side', bytes });
    }
    this.#settleDue();
  }

  #message(heard: Heard, contract: Contract, nowMs: number): object | undefined {
    if (heard.name === 'kline') return candleMessage(heard, contract, nowMs);
    const { topic, symbol } = heard;
    if (heard.name === 'priceLimit') {
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
    for (const { dueMs } of this.#heard.values()) due = Math.min(due, dueMs);
    this.#dueMs = due;
  }
}

/** The candle as it stands; at its close two elements: the closed one and the fresh one. */
function candleMessage(heard: Heard, contract: Contract, nowMs: number): object {
  const { topic, interval } = heard;
  contract.candles.roll(nowMs);
  const data = candlesOf(contract.candles, interval, heard.startMs, Infinity).map((candle) => {
    const { open, close, high, low, volume, turnover } = candleText(candle, contract.instrument);
    const end = candleAfter(interval, candle.startMs) - 1;
    const span = { start: candle.startMs, end, interval };
    return { ...span, open, close, high, low, volume, turnover, confirm: end < nowMs, timestamp: nowMs };
  });
  heard.startMs = candleStart(interval, nowMs);
  return { topic, data, ts: nowMs, type: 'snapshot' };
}

function nextDue(heard: Heard, nowMs: number): number {
  if (heard.name === 'kline') return Math.min(nowMs + CANDLE_MS, candleAfter(heard.interval, heard.startMs));
  const period = heard.name === 'priceLimit' ? LIMIT_MS : LIQUIDATION_MS;
  return (Math.floor(nowMs / period) + 1) * period;
}

/** Undefined for anything that is none of these topics. */
export function sideTopic(topic: string): Pick<Heard, 'name' | 'interval' | 'symbol'> | undefined {
  const parts = topic.split('.');
  const [name, first = '', symbol = ''] = parts;
  if (name === 'kline' && parts.length === 3 && isInterval(first)) return { name, interval: first, symbol };
  if ((name === 'priceLimit' || name === 'allLiquidation') && parts.length === 2)
    return { name, interval: '1', symbol: first };
  return undefined;
}
