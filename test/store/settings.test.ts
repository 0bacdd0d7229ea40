// Is what the configuration says by default what storage does by default?
import { expect, test } from 'vitest';
import { STORE_DEFAULTS, storeSettings } from '../../src/store/settings.ts';
import { configOf } from '../config-of.ts';

test('the shipped configuration asks for what storage does where it is told nothing', () => {
  expect(storeSettings(configOf([]).database)).toEqual(STORE_DEFAULTS);
});

test('each key of the section reaches storage', () => {
  const settings = [
    'database.statement_timeout_ms=700',
    'database.keep_snapshots_days=3',
    'database.keep_densities_days=9',
    'database.spool_max_mb=64',
    'database.min_free_disk_mb=0',
    'database.flush_rows_per_second=900',
  ];
  expect(storeSettings(configOf(settings).database)).toEqual({
    statementMsMax: 700,
    keepDays: { orderbook_snapshots: 3, densities: 9, signals: 9 },
    spoolBytesMax: 64 << 20,
    freeBytesMin: 0,
    flushRowsPerSecond: 900,
  });
});
