// Does every way out end as named? The files that `run --scenario` takes, in virtual time; by the real daemon over real sockets:
// node test/safety/exit-scenarios-run.ts
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { playScenario, type ScenarioResult } from '../../src/simulator/scenario/play.ts';
import { readScenario } from '../../src/simulator/scenario/read-scenario.ts';
import { EXIT_SCENARIOS, pathOf } from './exit-scenarios.ts';
import { VirtualEngine } from './virtual-engine.ts';

test('there is a scenario for each of the eight ways out', () => {
  expect(EXIT_SCENARIOS).toEqual([
    'breakeven-stop.yaml',
    'erosion.yaml',
    'stop.yaml',
    'take-profit-counter-density.yaml',
    'take-profit-counter-flow.yaml',
    'take-profit-known-level.yaml',
    'take-profit-slowdown.yaml',
    'timeout.yaml',
  ]);
});

test.each(EXIT_SCENARIOS)('%s: what is traded ends as named, and nothing else is traded', async (file) => {
  const read = readScenario(readFileSync(pathOf(file), 'utf8'), file);
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  const { scenario } = read;
  const life = new VirtualEngine({
    seed: scenario.seed ?? 1,
    symbols: scenario.symbols ?? 3,
    settings: Object.entries(scenario.settings).map(([key, value]) => `${key}=${value}`),
  });
  await life.until('may trade', 30_000, () => life.mayTrade);
  const results: ScenarioResult[] = [];
  const { stage, ledger } = life.world.exchange;
  playScenario(scenario, stage, ledger, (result) => void results.push(result));
  await life.until('the scenario is over', scenario.lasts + 1, () => results.length > 0);
  expect(results).toMatchObject([{ passed: true }]);
  expect(
    life.trades.map(({ symbol, side, signalType, exitReason }) => ({
      symbol,
      side,
      strategy: signalType,
      reason: exitReason,
    })),
  ).toEqual(scenario.trades);
});
