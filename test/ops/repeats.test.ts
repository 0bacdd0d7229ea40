// Is what is said over and over written a few times, and the rest not lost but counted?
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { Repeats } from '../../src/ops/repeats.ts';

/** Two of a kind are written in ten seconds. Time stands still until it is moved, and timers run when they are told to. */
function room() {
  let now = 86_400_000; // after a day as after a second
  const timers: [ms: number, run: () => void][] = [];
  const repeats = new Repeats(
    {
      monotonic: () => now as Ms,
      wall: () => 0 as Ms,
      after: (ms, run) => {
        timers.push([ms, run]);
        return { cancel: () => undefined };
      },
      every: () => ({ cancel: () => undefined }),
    },
    2,
  );
  const written: string[] = [];
  return {
    written,
    timers,
    say: (kind: string) =>
      repeats.say(kind, (held) => written.push(held === undefined ? kind : `${held} more of ${kind}`)),
    pass: (ms: number) => void (now += ms),
    runTimers: () => {
      for (const [, run] of timers.splice(0)) run();
    },
  };
}

test('L01: what was held back is told also where main stood still when its time was over, and the next of its kind came first', () => {
  const { written, timers, say, pass, runTimers } = room();
  for (let i = 0; i < 5; i++) say('gap');
  expect(timers.map(([ms]) => ms)).toEqual([10_000]);
  pass(12_000);
  say('gap');
  runTimers();
  say('gap');
  expect(written).toEqual(['gap', 'gap', '4 more of gap', 'gap']);
});

test('what is said once more ten seconds after the first is news again, and not before', () => {
  const { written, say, pass, runTimers } = room();
  for (const ms of [0, 9_999, 1]) {
    pass(ms);
    say('gap');
  }
  say('gap');
  pass(9_999);
  say('gap');
  runTimers();
  expect(written).toEqual(['gap', 'gap', 'gap', 'gap', '1 more of gap']);
});

test('a thousand other kinds take nothing of what was held back, and do not make of an old kind a new one', () => {
  const { written, say, pass, runTimers } = room();
  for (let i = 0; i < 3; i++) say('held');
  for (let i = 0; i < 2; i++) say('full');
  pass(5_000);
  for (let i = 0; i < 1_100; i++) say(`S${i}`);
  say('full');
  pass(5_000);
  for (let i = 0; i < 1_100; i++) say(`SS${i}`);
  runTimers();
  const ours = ['held', 'held', 'full', 'full', '1 more of held', '1 more of full'];
  expect(written.filter((text) => !text.startsWith('S'))).toEqual(ours);
});
