// Does a row of `coin_parameters` change one symbol’s strategy, within the same bounds as the file?
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { strategyFor } from '../../src/config/symbol-strategy.ts';

const read = parseConfig('', 'config.yaml', { env: {} });
if (!read.ok) throw new Error(read.errors.join('\n'));
const { config } = read;
const base = config.strategy;

test('a row without a word leaves the strategy as it is', () => {
  expect(strategyFor(config, {})).toEqual({ ok: true, strategy: base });
});

test('one key changes, the others stay as the file has them, be that not as shipped', () => {
  const own = { ...base, densityThresholdAbs: 20_000, maxStopPercent: 0.9 };
  const result = strategyFor({ ...config, strategy: own }, { breakout_erosion_percent: 45 });
  expect(result).toEqual({ ok: true, strategy: { ...own, breakoutErosionPercent: 45 } });
});

test('a row beyond the bounds or with an unknown key is refused whole', () => {
  expect(strategyFor(config, { breakout_erosion_percent: 450, cluster_max_level: 2 })).toEqual({
    ok: false,
    errors: [
      'breakout_erosion_percent: must be within 0 … 100 % of peak, not 450',
      'cluster_max_level: unknown key: did you mean cluster_max_levels?',
    ],
  });
});
