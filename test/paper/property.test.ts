// Whatever happens in whatever order: does paper never beat the book, never invent size, and never lose a unit of money?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { ONE_USDT } from '../../src/market/money.ts';
import type { Fill } from '../../src/order/words.ts';
import { FUNDING_RATE, PlainMarket } from './plain-market.ts';
import { createRoom, type Levels } from './room.ts';

const START = 2_000n * ONE_USDT;
const MID = 7_700;
const HOUR = 3_600_000 as Ms;

const side = fc.constantFrom('buy' as const, 'sell' as const);
const lots = fc.integer({ min: 1, max: 60 });
const by = fc.constantFrom('mark' as const, 'last' as const);
const off = fc.integer({ min: -8, max: 8 });
const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 0, maxLength: 6 });

const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('show' as const), mid: off, bids: sizes, asks: sizes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mark' as const), at: off }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('print' as const), at: off }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('enter' as const),
      side,
      lots,
      by,
      cap: off,
      behind: fc.integer({ min: 1, max: 12 }),
      type: fc.constantFrom('limit' as const, 'market' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), side, lots: fc.option(lots) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), at: off, by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('doubt' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 60, 200, HOUR) }) },
);
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** Places without size are gaps in the book. */
const levels = (from: number, step: 1 | -1, shown: readonly number[]): Levels =>
  shown.flatMap((size, i) => (size === 0 ? [] : [[from + step * i, size] as const]));

function play(acts: readonly Act[], seed: number): string {
  const market = new PlainMarket(START);
  const caps = new Map<string, number>();
  const room = createRoom({
    balance: START,
    latencyMsMin: 30,
    latencyMsMax: 80,
    seed,
    contract: { fundingMs: HOUR, fundingRate: FUNDING_RATE },
    hear(event) {
      const worst = ({ linkId, side: takes }: Pick<Fill, 'linkId' | 'side'>): number =>
        caps.get(linkId) ?? (takes === 'buy' ? Infinity : 0);
      if (event.kind === 'fill') market.fill(event.fill, worst(event.fill));
      else if (event.kind === 'wallet') market.agree('balance', event.report.balance, market.cash);
      else if (event.kind === 'position') market.agree('lots', event.report.lots, market.lots);
      else if (event.kind === 'order' && ['filled', 'cancelled'].includes(event.report.status))
        market.end(event.report, worst(event.report));
    },
  });
  const setMark = (tick: number): void => {
    market.mark = tick;
    room.mark(tick);
  };
  setMark(MID);
  acts.forEach((one, i) => {
    switch (one.kind) {
      case 'show': {
        const bids = levels(MID + one.mid - 1, -1, one.bids);
        const asks = levels(MID + one.mid + 1, 1, one.asks);
        market.show(bids, asks);
        room.show(bids, asks);
        break;
      }
      case 'mark':
        setMark(MID + one.at);
        break;
      case 'print':
        room.print(MID + one.at);
        break;
      case 'enter': {
        const cap = MID + one.cap;
        caps.set(`e${i}`, cap);
        room.enter({ ...one, cap, stop: cap + one.behind * (one.side === 'buy' ? -1 : 1) }, `e${i}`);
        break;
      }
      case 'leave':
        room.leave({ side: one.side, ...(one.lots === null ? {} : { lots: one.lots }) }, `c${i}`);
        break;
      case 'stop':
        room.moveStop(MID + one.at, one.by);
        break;
      case 'doubt':
        market.isLive = false;
        room.doubt();
        break;
      case 'pass':
        room.pass(one.ms);
    }
    // One that was set behind the mark of a limit order goes off with the next thing that happens.
    room.gateway.moved(room.slot);
    const { stop, lots: held = 0 } = room.position() ?? {};
    const isReached = stop?.by === 'mark' && (market.mark - stop.tick) * Math.sign(held) <= 0;
    if (isReached && market.isLive) market.complaints.push(`the stop at ${stop.tick} stands at ${market.mark}`);
    if (held === 0 && stop !== undefined) market.complaints.push('a stop without a position');
  });
  room.pass(100);
  const { balance, free } = { balance: START, free: START, ...room.wallet() };
  market.agree('balance', balance, market.cash);
  if (market.lots === 0) market.agree('free', free, balance);
  expect(market.complaints).toEqual([]);
  return JSON.stringify(room.events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

test('no fill beats the book or exceeds what it shows, and the wallet is start + profit − fees ± funding to the last unit', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 80 }), fc.nat(), (acts, seed) => void play(acts, seed)),
    { numRuns: 400 },
  );
});

test('the same market, requests and seed give the same events, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), fc.nat(), (acts, seed) => {
      expect(play(acts, seed)).toBe(play(acts, seed));
    }),
    { numRuns: 40 },
  );
});
