// Does the detector find what the market really planted, and does the score notice when it does not?
import { expect, test } from 'vitest';
import type { ObservedLife } from '../../src/cli/score/score.ts';
import { defaultParams, judge, simulate, type SimulatedRun } from './simulated-run.ts';

const LEAST = 0.95;
/** One run serves the example and the mutant that reads it otherwise. */
const plain = new Map<number, SimulatedRun>();
const played = (seed: number): SimulatedRun => {
  const run = plain.get(seed) ?? simulate(seed, defaultParams());
  plain.set(seed, run);
  return run;
};
const ENDINGS = ['eaten', 'pulled', 'moved', 'held'] as const;

test.each([1, 2, 3, 4, 5])('seed %i: walls are found, nothing else is, and each ending is told', (seed) => {
  const { score } = judge(played(seed));
  expect(score.planted).toBeGreaterThanOrEqual(200);
  for (const ending of ENDINGS) {
    const seen = Object.values(score.confusion[ending] ?? {}).reduce((sum, count) => sum + count, 0);
    expect(seen, ending).toBeGreaterThanOrEqual(20);
  }
  expect(score.precision).toBeGreaterThanOrEqual(LEAST);
  expect(score.recall).toBeGreaterThanOrEqual(LEAST);
  expect(score.labelAccuracy).toBeGreaterThanOrEqual(LEAST);
});

test('a detector whose thresholds are half as high again misses too many', () => {
  const params = defaultParams();
  const { score } = judge(
    simulate(1, {
      ...params,
      densityThresholdAbs: params.densityThresholdAbs * 1.5,
      densityThresholdRelative: params.densityThresholdRelative * 1.5,
      densityThresholdPercent: params.densityThresholdPercent * 1.5,
    }),
  );
  expect(score.recall).toBeLessThan(LEAST);
});

test('a detector that calls eaten pulled and pulled eaten is told so', () => {
  const run = played(1);
  const swapped = run.lives.map((life): ObservedLife => {
    if (life.label === 'eaten') return { ...life, label: 'pulled' };
    return life.label === 'pulled' ? { ...life, label: 'eaten' } : life;
  });
  const { score } = judge(run, swapped);
  expect(score.labelAccuracy).toBeLessThan(0.5);
});
