// May a stop be moved away from the market? (I-08)
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StopPrice } from '../../../src/market/stop-price.ts';
import type { Slot, Tick } from '../../../src/market/units.ts';
import { StopKeeper } from '../../../src/position/stop/stop-keeper.ts';
import { roomWithCore } from '../room-with-core.ts';

test('P05: a stop is only ever moved nearer, whoever asks for more: else nothing is sent, and nothing else is guarded', () => {
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
