// May a stop be moved away from the market? (I-08)
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { Slot, Tick } from '../../../src/market/units.ts';
import { StopKeeper, type Guarded } from '../../../src/position/stop/stop-keeper.ts';
import { roomWithCore } from '../room-with-core.ts';

test('P05: a stop is only ever moved nearer, whoever asks for more: else nothing is sent, and nothing else is guarded', () => {
  const { core, room } = roomWithCore();
  const { instrument } = room.exchange.place('SOLUSDT');
  const ticks = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.constantFrom('long', 'short'), ticks, ticks, (side, stands, asked) => {
      const stop = { tick: stands as Tick, by: 'mark' } as const;
      const guarded: Guarded = { symbol: 'SOLUSDT', slot: 0 as Slot, instrument, side, stop, graceMs: 3_000 as Ms };
      const keeper = new StopKeeper(core);
      const isMoved = keeper.tighten(guarded, asked as Tick);
      const sent = core.takeEffects().filter(({ kind }) => kind === 'request').length;
      const isNearer = side === 'long' ? asked > stands : asked < stands;
      expect([isMoved, sent, keeper.target?.tick]).toEqual(isNearer ? [true, 1, asked] : [false, 0, undefined]);
    }),
  );
});
