// What can the market and the exchange's rules do to everybody? Moves, walls, halts, grids, limits, rates, maintenance.
import { z } from 'zod';
import type { Ms } from '../../lib/brand.ts';
import { ASK, BID } from '../../market/side.ts';
import type { Contract } from '../contract.ts';
import { CONTRACT_STATUSES } from '../venue/venue.ts';
import { contractOf, COUNT, type Fault, fault, MS, SYMBOL } from './fault.ts';
import { htmlAnswer } from './requests.ts';

const SIDE = z.enum(['bid', 'ask']);
const DECIMAL = z.string().regex(/^\d+(\.\d+)?$/, 'must be a plain decimal text such as "0.05"');
const PERCENT = z.number().min(-30).max(30);
const sideOf = (name: 'bid' | 'ask'): 0 | 1 => (name === 'bid' ? BID : ASK);

/** At least one tick in the wanted direction. */
function ticksOf({ matching }: Contract, percent: number): number {
  const ticks = Math.round((matching.lastTick * percent) / 100);
  return ticks === 0 ? Math.sign(percent) : ticks;
}

export const MARKET_ACTS: Readonly<Record<string, Fault>> = {
  'push-price': fault(
    'somebody takes everything up to so many percent beyond the touch, and the price stays there',
    { symbol: SYMBOL, percent: PERCENT },
    (stage, { symbol, percent }) => {
      if (percent === 0) return 'percent: must not be 0; negative is downward';
      const contract = contractOf(stage, symbol);
      contract.outsider.push(ticksOf(contract, percent), stage.market.nowMs);
      return { lastTick: contract.matching.lastTick };
    },
  ),
  spike: fault(
    'the price jumps by so many percent and is back after ms',
    { symbol: SYMBOL, percent: PERCENT, ms: MS.default(100) },
    (stage, { symbol, percent, ms }) => {
      if (percent === 0) return 'percent: must not be 0; negative is downward';
      const { market, agenda } = stage;
      const ticks = ticksOf(contractOf(stage, symbol), percent);
      contractOf(stage, symbol).outsider.push(ticks, market.nowMs);
      agenda.after(ms as Ms, () => contractOf(stage, symbol).outsider.push(-ticks, market.nowMs));
    },
  ),
  'plant-wall': fault(
    'a wall of so many USDT comes to rest so many ticks behind the touch',
    { symbol: SYMBOL, side: SIDE, distanceTicks: z.int().min(1).max(2_000), usdt: z.int().min(1).max(100_000_000) },
    (stage, { symbol, side, distanceTicks, usdt }) =>
      contractOf(stage, symbol).outsider.plantWall(sideOf(side), distanceTicks, usdt, stage.market.nowMs)
        ? {}
        : 'distanceTicks: a wall stands at that price already',
  ),
  'pull-walls': fault(
    'every wall of a side is withdrawn',
    { symbol: SYMBOL, side: SIDE },
    (stage, { symbol, side }) => ({
      walls: contractOf(stage, symbol).outsider.pullWalls(sideOf(side), stage.market.nowMs),
    }),
  ),
  'calm-market': fault(
    'a contract has no plans any more: its walls go, nobody moves the price or takes; quotes go on',
    { symbol: SYMBOL },
    (stage, { symbol }) => contractOf(stage, symbol).outsider.calm(stage.market.nowMs),
  ),
  'freeze-market': fault(
    'nobody trades or quotes a contract for ms',
    { symbol: SYMBOL, ms: MS },
    (stage, { symbol, ms }) => {
      const { market, agenda, frozen } = stage;
      const untilMs = market.nowMs + ms;
      frozen.set(symbol, untilMs);
      contractOf(stage, symbol).halt('freeze', market.nowMs);
      agenda.after(ms as Ms, () => {
        // It may have been ordered once more since.
        if (frozen.get(symbol) === untilMs) contractOf(stage, symbol).resume('freeze', market.nowMs);
      });
    },
  ),
  'liquidation-wave': fault(
    'positions of a side are liquidated one after the other, and the price falls (Buy: longs) or rises with them',
    {
      symbol: SYMBOL,
      side: z.enum(['Buy', 'Sell']).default('Buy'),
      percent: z.number().min(0.01).max(30).default(2),
      ms: MS.default(2_000),
      count: COUNT.default(10),
    },
    (stage, { symbol, side, percent, ms, count }) => {
      const { market, agenda } = stage;
      const total = Math.max(count, Math.abs(ticksOf(contractOf(stage, symbol), percent)));
      const direction = side === 'Buy' ? -1 : 1;
      for (let i = 0; i < count; i++) {
        const ticks = Math.floor((total * (i + 1)) / count) - Math.floor((total * i) / count);
        agenda.after(Math.floor((ms * i) / count) as Ms, () => {
          const contract = contractOf(stage, symbol);
          contract.outsider.push(direction * ticks, market.nowMs);
          const { lastTick } = contract.matching;
          market.side.liquidated(symbol, { timeMs: market.nowMs, side, lots: 1 + 10 * i, tick: lastTick });
        });
      }
    },
  ),
  'mark-divergence': fault(
    'mark and last price part by so many ticks for ms',
    { symbol: SYMBOL, ticks: z.int().min(-100_000).max(100_000), ms: MS },
    ({ venue }, { symbol, ticks, ms }) => venue.divergeMark(symbol, ticks, ms),
  ),
  'funding-rate': fault(
    'the rate of the next funding',
    { symbol: SYMBOL, rate: z.string().regex(/^-?0\.\d{1,8}$/, 'must be a fraction such as "0.005" or "-0.0001"') },
    ({ venue }, { symbol, rate }) => venue.setFundingRate(symbol, rate),
  ),
  'symbol-status': fault(
    'a contract is reduce-only, delisting, unsigned, whose terms nobody has agreed to, suspended, where nobody trades and positions stand, or closed, where they are settled; trading ends it',
    { symbol: SYMBOL, status: z.enum(CONTRACT_STATUSES) },
    (stage, { symbol, status }) => {
      stage.venue.setStatus(symbol, status);
      const isLive = status !== 'closed' && status !== 'suspended';
      stage.market.relist(symbol, {
        status: isLive ? 'Trading' : status === 'closed' ? 'Closed' : 'Delivering',
        deliveryDays: status === 'delisting' ? 1 : 0,
      });
      const contract = contractOf(stage, symbol);
      if (!isLive) contract.halt('status', stage.market.nowMs);
      else contract.resume('status', stage.market.nowMs);
    },
  ),
  'tick-change': fault(
    'a contract goes over to another grid',
    { symbol: SYMBOL, tickSize: z.string().optional(), qtyStep: z.string().optional() },
    ({ market }, { symbol, tickSize, qtyStep }) =>
      market.changeGrid(symbol, tickSize, qtyStep)
        ? {}
        : 'tickSize, qtyStep: must be plain positive decimals such as "0.010"',
  ),
  'lot-limits': fault(
    'the largest sizes of a limit and a market order change',
    { symbol: SYMBOL, maxOrderQty: DECIMAL.optional(), maxMktOrderQty: DECIMAL.optional() },
    ({ market }, { symbol, maxOrderQty, maxMktOrderQty }) =>
      market.relist(symbol, { ...(maxOrderQty && { maxOrderQty }), ...(maxMktOrderQty && { maxMktOrderQty }) }),
  ),
  'price-band': fault(
    'the price band becomes so wide (0.0001 is so narrow that a close may not fill)',
    { symbol: SYMBOL, ratioX: DECIMAL, ratioY: DECIMAL },
    ({ market }, { symbol, ratioX, ratioY }) => market.relist(symbol, { bandX: ratioX, bandY: ratioY }),
  ),
  maintenance: fault(
    'announced now, begins in inMs, lasts ms: connections end, new ones are refused, HTTP answers 503',
    { inMs: z.int().min(0).max(86_400_000).default(600_000), ms: MS },
    ({ doors, agenda, connections }, { inMs, ms }) => {
      const beginMs = agenda.monotonic() + inMs;
      doors.maintenance = { beginMs, endMs: beginMs + ms };
      agenda.at(beginMs, () => {
        if (doors.maintenance?.beginMs !== beginMs) return;
        doors.shut({ status: 503 }, undefined, beginMs + ms);
        doors.bringDown(htmlAnswer(503), beginMs + ms);
        for (const connection of connections) connection.cut();
      });
      return { beginMs, endMs: beginMs + ms };
    },
  ),
};
