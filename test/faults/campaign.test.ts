// Faults of all kinds, one upon the other, while densities and signals are about: is what comes of it still true?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRng } from '../../src/lib/rng.ts';
import { openRoom, type Room, sometime, until } from './room.ts';

const SEED = 11;
// None that cannot be read: three of those within ten seconds end the connection, and then there is little left to break.
const KINDS = [
  'drop-delta',
  'duplicate-delta',
  'reorder-deltas',
  'crossed-book',
  'off-grid',
  'restart-u1',
  'snapshot-midstream',
] as const;
const FAULTS = 60;
const SIGNALS = 5;

let room: Room;

beforeAll(async () => {
  // Loose thresholds: reasons to enter come every second instead of every minute.
  room = await openRoom({
    seed: SEED,
    symbols: 16,
    settings: [
      'analysis.mode=pool',
      'strategy.density_threshold_abs=2000',
      'strategy.density_threshold_relative=1.5',
      'strategy.density_threshold_percent=1',
      'strategy.density_min_lifetime_ms=300',
      'strategy.bounce_stability_window_ms=500',
      'strategy.bounce_density_stable_percent=60',
      'strategy.bounce_min_time_to_eat_ms=1000',
      'strategy.trend_min_change_percent=0.1',
      'strategy.trend_min_imbalance=0',
      'strategy.signal_cooldown_ms=0',
    ],
  });
});
afterAll(() => room.close());

test(`a rain of faults with seed ${SEED}: every signal is of a live book, every life ends once, every book is right`, async () => {
  const rng = createRng(SEED);
  const { ledger, engine } = room;
  for (let fault = 0; fault < FAULTS; fault++) {
    const kind = KINDS[rng.below(KINDS.length)] as string;
    const symbol = room.symbols[rng.below(room.symbols.length)] as string;
    const heard = engine.status().frames + 50;
    await room.fault({ kind, symbol });
    await until('more frames', () => engine.status().frames > heard);
  }
  await room.fault({ kind: 'clear' });
  await until('signals', () => ledger.offered >= SIGNALS);
  // Behind a rain of them a connection may wait for its turn.
  await room.agrees(sometime());
  expect(ledger.happened('book.gap').length).toBeGreaterThan(0);
  expect(ledger.happened('book.crossed').length).toBeGreaterThan(0);
  expect(engine.status().analysis).toMatchObject({ mode: 'pool', eventsLost: 0 });
});
