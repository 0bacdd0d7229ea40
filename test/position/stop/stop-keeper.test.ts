// May a stop be moved away from the market? (I-08)
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { StopPrice } from '../../../src/market/stop-price.ts';
import type { Slot, Tick } from '../../../src/market/units.ts';
import { StopKeeper } from '../../../src/position/stop/stop-keeper.ts';
import { StandingStop } from '../../../src/position/stop/standing-stop.ts';
import type { Trade } from '../../../src/position/trade/trade.ts';
import { roomWithCore } from '../room-with-core.ts';

test('P05: a stop is only ever moved nearer, whoever asks for more: else nothing is sent', () => {
  const { core, room } = roomWithCore();
  const { instrument } = room.exchange.place('SOLUSDT');
  const ticks = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.constantFrom('long', 'short'), ticks, ticks, (side, stands, asked) => {
      const price = (tick: number): StopPrice => ({ tick: tick as Tick, by: 'mark' });
      const stop = price(stands);
      const guarded = { symbol: 'SOLUSDT', slot: 0 as Slot, instrument, side, stop, graceMs: 3_000 };
      const isMoved = new StopKeeper(core).tighten({ ...guarded, aim: price(asked) });
      const sent = core.takeEffects().filter(({ kind }) => kind === 'request');
      const isNearer = side === 'long' ? asked > stands : asked < stands;
      expect([isMoved, sent]).toMatchObject(isNearer ? [true, [{ request: { stop: { tick: asked } } }]] : [false, []]);
    }),
  );
});

test.each(['long', 'short'] as const)(
  'P05: a %s position whose stop is asked to loosen, or to stay, goes on as if nobody had asked',
  (side) => {
    const stops = vi.spyOn(StandingStop.prototype, 'isStanding');
    const { room, core } = roomWithCore();
    room.settleDown().enter('SOLUSDT', side === 'long');
    const stop = stops.mock.contexts[0] as StandingStop;
    const [trade] = stops.mock.calls[0] as [Trade, unknown];
    stops.mockRestore();
    expect(trade.side).toBe(side);
    for (const less of [0, 1, 20]) stop.tighten(trade, (trade.stop.tick - (side === 'long' ? less : -less)) as Tick);
    expect(core.takeEffects()).toEqual([]);
    expect(room.state()).toBe('protected');
  },
);
