// Whose candles have to be read anew when the numbers of symbols change?
import { expect, test } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { createBooks } from '../../src/book/layout.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createLives } from '../../src/scan/layout.ts';
import { Strategies } from '../../src/engine/strategies.ts';
import { createTape } from '../../src/tape/layout.ts';
import { Tenants } from '../../src/engine/tenants.ts';
import { configOf } from '../config-of.ts';

const SLOT = 0 as Slot;

test('who looks back less far has no candles read anew, who looks farther again has: the older ones were forgotten', () => {
  let config = configOf(['strategy.tp_local_extrema_hours=4']);
  const tenants = new Tenants(1);
  const instrument = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
  tenants.move(SLOT, {
    tenancy: 1,
    instrument,
    strategy: config.strategy,
    coin: undefined,
    overrides: {},
    snapshotAt: 0,
    hasCandles: false,
  });
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const { present } = tenants;
  const strategies = new Strategies({ memory, present, configured: () => config, onRefused: () => undefined });
  const reloaded = (hours: Config['strategy']['tpLocalExtremaHours']): readonly string[] => {
    config = { ...config, strategy: { ...config.strategy, tpLocalExtremaHours: hours } };
    return strategies.applyAll().lookbacks;
  };
  expect([1, 1, 2, 4, 0.5].map(reloaded)).toEqual([[], [], ['SOLUSDT'], ['SOLUSDT'], []]);
});
