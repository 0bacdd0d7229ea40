// Is every way out staged? Lived through by the real daemon they are in: node test/safety/exit-scenarios-run.ts
import { expect, test } from 'vitest';
import { EXIT_SCENARIOS } from './exit-scenarios.ts';

test('there is a scenario for each of the eight ways out', () => {
  expect(EXIT_SCENARIOS.map((file) => file.replace('.yaml', ''))).toEqual([
    'breakeven-stop',
    'erosion',
    'stop',
    'take-profit-counter-density',
    'take-profit-counter-flow',
    'take-profit-known-level',
    'take-profit-slowdown',
    'timeout',
  ]);
});
