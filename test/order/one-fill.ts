// What is an execution like, where it does not matter what it is like?
import type { Ms } from '../../src/lib/brand.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { Fill } from '../../src/order/words.ts';
import { WALL } from '../position/desk-room.ts';

export function oneFill(over: Partial<Fill>): Fill {
  return {
    symbol: 'SOLUSDT',
    execId: 'x-1',
    orderId: 'o-1',
    linkId: '',
    kind: 'trade',
    createType: 'CreateByUser',
    side: 'buy',
    tick: 10_000 as Tick,
    lots: 4 as Lot,
    closedLots: 0 as Lot,
    fee: 0n,
    feeRate: '0.00055',
    isMaker: false,
    timeMs: WALL as Ms,
    seq: 7,
    ...over,
  };
}
