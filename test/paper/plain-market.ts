// What may a paper account have got, and what must it have in its wallet? Maps and sums, written without the code under test.
import type { Fill, OrderReport } from '../../src/order/words.ts';
import type { Levels } from './room.ts';

interface Level {
  readonly shown: number;
  left: number;
}

/** One tick × one lot of the room's contract is 0.001 USDT; the fee is 0.055 % of it. */
const UNIT = 100_000n;
const FEE_A_UNIT = 55n;
export const FUNDING_RATE = 12_345n;

export class PlainMarket {
  isLive = false;
  mark = 0;
  cash: bigint;
  /** Signed lots, and what they cost. */
  lots = 0;
  cost = 0n;
  readonly complaints: string[] = [];
  readonly #sides = { buy: new Map<number, Level>(), sell: new Map<number, Level>() };
  readonly #seen = new Set<string>();

  constructor(cash: bigint) {
    this.cash = cash;
  }

  /** Buyers take asks, sellers bids. A level that still shows its size is the same one. */
  show(bids: Levels, asks: Levels): void {
    this.isLive = true;
    for (const [side, levels] of [['buy', asks] as const, ['sell', bids] as const]) {
      const before = this.#sides[side];
      this.#sides[side] = new Map(
        levels.map(([tick, shown]) => {
          const same = before.get(tick);
          return [tick, same?.shown === shown ? same : { shown, left: shown }];
        }),
      );
    }
  }

  fill({ execId, kind, side, tick, lots, fee, closedLots }: Fill, cap: number): void {
    if (this.#seen.has(execId)) this.complaints.push(`${execId} came twice`);
    this.#seen.add(execId);
    this.cash -= fee;
    if (kind === 'funding') return this.agree('funding', fee, this.#fundingDue());
    if (fee !== BigInt(tick * lots) * FEE_A_UNIT) this.complaints.push(`fee ${fee} of ${lots}@${tick}`);
    if (side === 'buy' ? tick > cap : tick < cap) this.complaints.push(`${side} at ${tick}, worse than ${cap}`);
    if (kind === 'trade') this.#take(side, tick, lots);
    this.#settle(lots * (side === 'buy' ? 1 : -1), tick, closedLots);
  }

  agree(what: string, told: bigint | number, ours: bigint | number): void {
    if (told !== ours) this.complaints.push(`${what}: told ${told}, must be ${ours}`);
  }

  /** Was everything taken that it might have had? */
  end({ status, side, lots, filledLots }: OrderReport, cap: number): void {
    if (status === 'filled' ? filledLots !== lots : filledLots >= lots)
      this.complaints.push(`${status} ${filledLots}/${lots}`);
    if (status !== 'cancelled' || !this.isLive) return;
    for (const [tick, { left }] of this.#sides[side])
      if (left > 0 && (side === 'buy' ? tick <= cap : tick >= cap))
        this.complaints.push(`left ${left}@${tick} untaken`);
  }

  #fundingDue(): bigint {
    return (BigInt(this.lots * this.mark) * UNIT * FUNDING_RATE) / 100_000_000n;
  }

  #take(side: 'buy' | 'sell', tick: number, lots: number): void {
    if (!this.isLive) this.complaints.push('filled in a book that nobody believes');
    const level = this.#sides[side].get(tick);
    if (level === undefined || level.left < lots)
      this.complaints.push(`${side} ${lots}@${tick}, shown ${level?.left ?? 0}`);
    else level.left -= lots;
    for (const [other, { left }] of this.#sides[side])
      if (left > 0 && (side === 'buy' ? other < tick : other > tick)) this.complaints.push(`${tick} before ${other}`);
  }

  #settle(signed: number, tick: number, closedLots: number): void {
    const open = Math.abs(this.lots);
    const closes = Math.sign(signed) === -Math.sign(this.lots) ? Math.min(open, Math.abs(signed)) : 0;
    if (closes !== closedLots) this.complaints.push(`closed ${closedLots}, not ${closes}`);
    if (closes > 0) {
      const part = (this.cost * BigInt(closes)) / BigInt(open);
      const gain = BigInt(tick * closes) * UNIT - part;
      this.cash += this.lots > 0 ? gain : -gain;
      this.cost -= part;
    }
    this.cost += BigInt(tick * (Math.abs(signed) - closes)) * UNIT;
    this.lots += signed;
  }
}
