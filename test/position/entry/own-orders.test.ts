// What is remembered of our own orders must end some day, whatever became of them.
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Lot, Slot, Tick } from '../../../src/market/units.ts';
import { emptyJournal } from '../../../src/order/journal.ts';
import { Actor } from '../../../src/position/actor.ts';
import { Core } from '../../../src/position/core.ts';
import type { MarketPort } from '../../../src/position/watch/market-port.ts';
import type { Trade } from '../../../src/position/trade/trade.ts';
import { contractOf, RULES, SETTINGS, WALL } from '../desk-room.ts';

const HOUR_MS = 3_600_000;

test('a day after it came to nothing an entry is forgotten, also where no trade has ever ended in its symbol', () => {
  const moment = (hour: number) => ({ mono: (hour * HOUR_MS) as Ms, wall: (WALL + hour * HOUR_MS) as Ms });
  const options = {
    instance: 'test',
    epoch: 1,
    settings: () => SETTINGS,
    rules: () => RULES,
    recovered: emptyJournal(),
    haltedFor: undefined,
    market: {} as MarketPort,
  };
  const core = new Core(options, moment(0));
  core.contracts.set('SOLUSDT', contractOf(createInstrument('SOLUSDT', '0.01', '0.1') as Instrument));
  core.slots.set('SOLUSDT', 0 as Slot);
  const actor = new Actor('SOLUSDT', core);
  const stop = { tick: 9_900 as Tick, by: 'mark' } as const;
  for (let hour = 1; hour <= 72; hour++) {
    core.now = moment(hour);
    const id = core.nextLinkId('E');
    const trade = { id, symbol: 'SOLUSDT', side: 'long', lots: 1 as Lot, stop, initialStop: stop, rules: RULES.exit };
    actor.opening.submit(id, { trade: trade as Trade, notional: 0n, approval: undefined });
    actor.opening.abort();
  }
  expect(actor.orders.entry).toBeUndefined();
  expect([...actor.orders.all()]).toHaveLength(25);
});
