// What have trades brought of which nothing is left but their executions?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { moneyText } from '../../../src/market/money.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Fill } from '../../../src/order/words.ts';
import { pastTrades } from '../../../src/position/trade/past.ts';

const INSTRUMENT = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const ENTRY = 'd1-gone-1-7-E';
const CLOSE = 'd1-gone-1-9-C';
const STOP = { createType: 'CreateByStopLoss' };
const FUNDING = { kind: 'funding', closedLots: 0 as Lot } as const;

let size = 0;
let count = 0;

/** Signed lots, at a price in ticks; each costs a tenth of a USDT. */
function fill(lots: number, tick: number, own: Partial<Fill> = {}): Fill {
  const seq = ++count;
  const closed = size * lots < 0 ? Math.min(Math.abs(size), Math.abs(lots)) : 0;
  if (own.kind === undefined) size += lots;
  return {
    symbol: 'SOLUSDT',
    execId: `x-${seq}`,
    orderId: `o-${seq}`,
    linkId: '',
    kind: 'trade',
    createType: 'CreateByUser',
    side: lots > 0 ? 'buy' : 'sell',
    tick: tick as Tick,
    offGrid: undefined,
    lots: Math.abs(lots) as Lot,
    closedLots: closed as Lot,
    fee: 10_000_000n,
    feeRate: '0.00055',
    isMaker: false,
    timeMs: (1_000 * seq) as Ms,
    seq,
    ...own,
  };
}

const nets = (fills: readonly Fill[]): string[] =>
  pastTrades(fills.toReversed(), INSTRUMENT).map(({ net }) => moneyText(net));

test('a long and a short, filled in parts, ended by a stop and by us, brought what their prices say less all fees', () => {
  const long = [
    fill(60, 10_000, { linkId: ENTRY }),
    fill(40, 10_010, { linkId: ENTRY }),
    fill(-100, 9_900, { ...STOP }),
  ];
  const short = [fill(-100, 10_000, { linkId: ENTRY }), fill(100, 9_950, { linkId: CLOSE })];
  expect(nets([...long, ...short])).toEqual(['-10.7', '4.8']);
  expect(pastTrades(long, INSTRUMENT)).toEqual([
    {
      symbol: 'SOLUSDT',
      net: -1_070_000_000n,
      endedMs: long[2]?.timeMs,
      execIds: long.map(({ execId }) => execId),
    },
  ]);
});

test('a long that a person’s order turns round at two prices brought what the first of them says', () => {
  const long = fill(100, 10_000, { linkId: ENTRY });
  const turn = fill(-150, 9_900);
  const rest = fill(-50, 9_890, { seq: turn.seq, timeMs: turn.timeMs, execId: 'a' });
  expect(nets([long, turn, rest, fill(100, 9_800)])).toEqual(['-10.16666666']);
});

test('funding is paid by the trade that was open then, and by none before or after it', () => {
  const before = fill(1, 10_000, { ...FUNDING, fee: 100_000_000n });
  const entry = fill(100, 10_000, { linkId: ENTRY });
  const paid = fill(100, 10_000, { ...FUNDING, fee: 50_000_000n });
  const exit = fill(-100, 10_000, { linkId: CLOSE });
  const after = fill(1, 10_000, { ...FUNDING, fee: 100_000_000n });
  expect(nets([before, entry, paid, exit, after])).toEqual(['-0.7']);
});

test('what was opened before all that is shown is left out with its end, and misleads nobody about what came after it', () => {
  const unseen = fill(100, 10_000, { linkId: ENTRY });
  const ends = [fill(-60, 9_000, { linkId: CLOSE }), fill(-40, 9_000, { ...STOP })];
  const next = [fill(100, 10_000, { linkId: ENTRY }), fill(-100, 9_990, { ...STOP })];
  expect(unseen.closedLots).toBe(0);
  expect(nets([...ends, ...next])).toEqual(['-1.2']);
});

test('a person’s trades are his own; where he has added to ours he takes his part of it home, and of the fee', () => {
  const alone = [fill(100, 10_000), fill(-100, 9_000, { ...STOP })];
  const shared = [fill(100, 10_000, { linkId: ENTRY }), fill(300, 10_000), fill(-400, 9_900, { ...STOP })];
  expect(nets([...alone, ...shared])).toEqual(['-10.125']);
});
