// Of a pause for garbage, how much was main at work, and how much had the machine taken the core away?
import { expect, test } from 'vitest';
import { CoreLooks } from '../../../bench/load/garbage.ts';
import { threadCpuMs } from '../../../bench/measure/thread-clock.ts';

function looked(...looks: readonly (readonly [at: number, coreMs: number])[]): CoreLooks {
  const all = new CoreLooks();
  for (const [at, coreMs] of looks) all.note(at, coreMs);
  return all;
}

test('a pause in which the core was taken away was at most as much at work as the looks around it say', () => {
  const looks = looked([0, 100], [1, 100.4], [13, 103.9], [14, 104.1]);
  expect(looks.most(1.2, 11)).toBeCloseTo(3.5);
  // Looks between begin and end of it are none around it.
  expect(looked([0, 100], [1, 100.4], [6, 101], [13, 103.9]).most(1, 11)).toBeCloseTo(3.5);
});

test('what else was done around a short pause makes it no longer than it was', () => {
  expect(looked([0, 100], [1, 101]).most(0.2, 0.3)).toBe(0.3);
});

test('a pause with no look before it, or none behind it, counts whole', () => {
  expect(looked([5, 100], [9, 101]).most(1, 6)).toBe(6);
  expect(looked([0, 100], [4, 101]).most(1, 6)).toBe(6);
  expect(looked().most(1, 6)).toBe(6);
  const many = new CoreLooks();
  for (let at = 0; at < 20_000; at++) many.note(at, at / 2);
  expect([many.most(19_000, 10), many.most(2, 10)]).toEqual([5, 10]);
});

test('a thread that sleeps is on no core, and one that works is', () => {
  const begun = [performance.now(), threadCpuMs()] as const;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  const slept = [performance.now(), threadCpuMs()] as const;
  while (threadCpuMs() - slept[1] < 5);
  expect(slept[1] - begun[1]).toBeLessThan((slept[0] - begun[0]) / 2);
  expect(performance.now() - slept[0]).toBeGreaterThanOrEqual(4.5);
});
