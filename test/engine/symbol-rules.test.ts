// What does the row of a coin in the database make of the rules by which it is traded?
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { CoinParameters } from '../../src/store/read/coin-parameters.ts';
import { symbolRules } from '../../src/engine/symbol-rules.ts';

const read = parseConfig('', 'the configuration of this test', { env: {} });
if (!read.ok) throw new Error(read.errors.join('\n'));
const { strategy } = read.config;
const coin = (change: Partial<CoinParameters>): CoinParameters => ({
  enabled: true,
  preferredStrategy: 'both',
  overrides: {},
  ...change,
});

test.each([
  [undefined, { isEnabled: true, breakoutAllowed: true, bounceAllowed: true }],
  [coin({}), { isEnabled: true, breakoutAllowed: true, bounceAllowed: true }],
  [coin({ preferredStrategy: 'breakout' }), { isEnabled: true, breakoutAllowed: true, bounceAllowed: false }],
  [coin({ preferredStrategy: 'bounce' }), { isEnabled: true, breakoutAllowed: false, bounceAllowed: true }],
  [coin({ enabled: false }), { isEnabled: false }],
])('a coin whose row says %o may be entered so: %o', (row, allowed) => {
  expect(symbolRules(strategy, row)).toMatchObject(allowed);
});

test('what a trade was made by is told apart by its hash: another strategy has another, the same has the same', () => {
  const { configHash } = symbolRules(strategy, undefined);
  expect(symbolRules({ ...strategy }, coin({})).configHash).toBe(configHash);
  const numbers = Object.entries(strategy).filter(([, value]) => typeof value === 'number');
  const others = numbers.map(([key, value]) => symbolRules({ ...strategy, [key]: Number(value) / 2 + 1 }, undefined));
  expect(new Set([configHash, ...others.map((rules) => rules.configHash)]).size).toBe(1 + numbers.length);
});
